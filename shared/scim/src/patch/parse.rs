//! Reads a PATCH body and puts each operation into canonical form.

use serde_json::{Map, Value};

use super::{MAX_OPERATIONS, MAX_REMOVALS, Op, Operation, PATCH_SCHEMA};
use crate::error::{Error, Result};
use crate::filter::{Filter, Operator, parse_path};
use crate::path::{AttributePath, Path, Target, shorten};
use crate::resource::check_size;
use crate::schema::{Attribute, Kind, Mutability, ResourceType, Schema};
use crate::value::{canonical, is_unassigned, member, single};

/// What clients repeat beside the attributes they change, as Okta does with `id` when it renames a group.
const SENT_ALONG: [&str; 3] = ["id", "meta", "schemas"];

/// Reads the body of a PATCH request.
///
/// Accepted beside the RFC's form, since clients send it: `op` in any letter case (`Add`), `operations`, a single
/// operation without its array, booleans as strings, keys with dots and URNs in values without a path, a plain value as
/// `[{"value": …}]`, a manager as a plain string or one-element array or through `manager.value`, an empty one to clear
/// it, and removals with an array of the values to remove.
///
/// In a value without a path `id`, `meta` and `schemas` are not looked at: clients send them along. Other members that
/// only the service sets become operations too: [`apply`](super::apply) lets them pass if they say what is already so.
///
/// # Errors
/// `invalidSyntax` for a body that is no PATCH request, `invalidPath` for an unknown attribute, `invalidFilter`,
/// `invalidValue`, `noTarget` for a removal without a path, `mutability` for a path to what only the service sets.
pub fn parse(body: &Value, resource_type: &ResourceType) -> Result<Vec<Operation>> {
    parse_noting(body, resource_type, &mut Vec::new())
}

/// As [`parse`]; notes what is [`unkept`](Attribute::unkept) and therefore no operation.
///
/// # Errors
/// As [`parse`].
pub fn parse_noting(body: &Value, resource_type: &ResourceType, unkept: &mut Vec<String>) -> Result<Vec<Operation>> {
    let members = body.as_object().ok_or_else(|| Error::invalid_syntax("the body must be a JSON object"))?;
    check_size(body)?;
    check_schemas(members)?;
    let operations = match member(members, "Operations") {
        Some(Value::Array(operations)) if !operations.is_empty() => operations.as_slice(),
        Some(operation @ Value::Object(_)) => std::slice::from_ref(operation),
        _ => return Err(Error::invalid_syntax("'Operations' must be an array of operations")),
    };
    let mut parser = Parser { resource_type, operations: Vec::with_capacity(operations.len()), unkept, removals: 0 };
    if operations.len() > MAX_OPERATIONS {
        return Err(too_many());
    }
    for (index, operation) in operations.iter().enumerate() {
        parser.operation(operation).map_err(|error| at(index, error))?;
    }
    Ok(parser.operations)
}

fn check_schemas(body: &Map<String, Value>) -> Result<()> {
    let schemas = member(body, "schemas").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_patch = |schema: &Value| schema.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_SCHEMA));
    match schemas.iter().any(is_patch) {
        true => Ok(()),
        false => Err(Error::invalid_syntax(format!("'schemas' must hold {PATCH_SCHEMA}"))),
    }
}

fn at(index: usize, error: Error) -> Error {
    Error { detail: format!("operation {}: {}", index + 1, error.detail), ..error }
}

fn too_many() -> Error {
    Error::payload_too_large(format!("more than {MAX_OPERATIONS} operations; split the request"))
}

struct Parser<'a> {
    resource_type: &'a ResourceType,
    operations: Vec<Operation>,
    unkept: &'a mut Vec<String>,
    removals: usize,
}

impl Parser<'_> {
    fn operation(&mut self, operation: &Value) -> Result<()> {
        let members = operation.as_object().ok_or_else(|| Error::invalid_syntax("must be a JSON object"))?;
        let op = read_op(member(members, "op"))?;
        let path = match member(members, "path") {
            None | Some(Value::Null) => "",
            Some(Value::String(path)) => path.trim(),
            Some(_) => return Err(Error::invalid_path("'path' must be a string")),
        };
        let value = member(members, "value");
        if op != Op::Remove && value.is_none() {
            return Err(Error::invalid_value("'value' is missing"));
        }
        match (op, path) {
            (Op::Remove, "") => Err(Error::no_target("a removal needs a 'path'")),
            (_, "") => self.members(op, value),
            _ => self.at_path(op, path, value),
        }
    }

    /// A value without a path: an object of attributes.
    fn members(&mut self, op: Op, value: Option<&Value>) -> Result<()> {
        let Some(Value::Object(members)) = value else {
            return Err(Error::invalid_value("without a 'path', 'value' must be an object of attributes"));
        };
        for (name, value) in members {
            let head = name.split('.').next().unwrap_or(name);
            if SENT_ALONG.iter().any(|known| known.eq_ignore_ascii_case(head)) {
                continue;
            }
            match self.container(name) {
                Some(schema) => self.schema(op, schema, Some(value))?,
                None if self.is_unkept(name) => {}
                None => self.attribute(op, Path::parse(name, self.resource_type)?, Some(value))?,
            }
        }
        Ok(())
    }

    fn at_path(&mut self, op: Op, text: &str, value: Option<&Value>) -> Result<()> {
        if let Some(schema) = self.container(text) {
            return self.schema(op, schema, value);
        }
        if self.is_unkept(text) {
            return Ok(());
        }
        let path = Path::parse(text, self.resource_type)?;
        if path.attribute.schema.is_none() && path.attribute.name == "schemas" {
            // Which schemas a resource has follows from the attributes it carries.
            return match op {
                Op::Remove => Err(Error::mutability("'schemas' is required and cannot be removed")),
                Op::Add | Op::Replace => Ok(()),
            };
        }
        let target = self.target(&path)?;
        if [target.attribute, target.leaf()].iter().any(|attribute| attribute.mutability == Mutability::ReadOnly) {
            return Err(Error::mutability(format!("'{}' is readOnly", path.attribute)));
        }
        self.attribute(op, path, value)
    }

    /// A schema's URN as a path or as a name: an operation for each attribute given, or for all when it is to go.
    fn schema(&mut self, op: Op, schema: &'static Schema, value: Option<&Value>) -> Result<()> {
        let path = |name: &str| format!("{}:{name}", schema.id);
        match value {
            Some(Value::Object(members)) if op != Op::Remove => members.iter().try_for_each(|(name, value)| {
                // Some clients repeat the URN inside the object.
                let name = name.get(schema.id.len() + 1..).filter(|_| name.starts_with(schema.id)).unwrap_or(name);
                if name.eq_ignore_ascii_case("schemas") || self.is_unkept(&path(name)) {
                    return Ok(());
                }
                self.attribute(op, Path::parse(&path(name), self.resource_type)?, Some(value))
            }),
            None | Some(_) if op == Op::Remove => self.clear(schema),
            Some(Value::Null) => self.clear(schema),
            _ => Err(Error::invalid_value(format!("the value of {} must be an object of attributes", schema.id))),
        }
    }

    /// What cannot go stays: the client did not name it.
    fn clear(&mut self, schema: &'static Schema) -> Result<()> {
        let goes = |attribute: &&Attribute| {
            attribute.mutability == Mutability::ReadWrite && !attribute.lasting && !attribute.unkept
        };
        if schema.is_open() {
            return Err(Error::invalid_path(format!("what to remove of {} must be named", schema.id)));
        }
        for attribute in schema.attributes.iter().filter(goes) {
            let path = Path::parse(&format!("{}:{}", schema.id, attribute.name), self.resource_type)?;
            self.push(Op::Remove, path, None)?;
        }
        Ok(())
    }

    /// One attribute with its value as sent.
    fn attribute(&mut self, op: Op, mut path: Path, value: Option<&Value>) -> Result<()> {
        let mut target = self.target(&path)?;
        if points_through_value(&target) {
            // `manager.value` is the manager: what else is known of the former one must not stay.
            path.attribute.sub_attribute = None;
            target.sub_attribute = None;
        }
        if op == Op::Remove {
            return self.removal(path, &target, value.unwrap_or(&Value::Null));
        }
        let value = value.unwrap_or(&Value::Null);
        if target.attribute.mutability == Mutability::ReadOnly {
            return self.push(op, path, Some(value.clone()));
        }
        if target.leaf().mutability == Mutability::ReadOnly {
            // As inside an object, a part that only the service sets is not looked at.
            return Ok(());
        }
        match self.value(&path, &target, value)? {
            Some(value) => self.push(op, path, Some(value)),
            None if op == Op::Add && is_empty_addition(&target, value) => Ok(()),
            None => self.push(Op::Remove, path, None),
        }
    }

    fn value(&self, path: &Path, target: &Target, value: &Value) -> Result<Option<Value>> {
        let ignored = &mut Vec::new();
        let leaf = target.leaf();
        let value = if leaf.kind == Kind::Complex || leaf.multi_valued { value } else { unwrapped(value) };
        let value = match (&path.filter, path.attribute.sub_attribute.is_some()) {
            (Some(_), false) => single(leaf, value, ignored)?,
            // An empty string at the end of `emails[type eq "work"].value` clears it.
            (Some(_), true) if value.as_str() == Some("") => None,
            _ => canonical(leaf, value, ignored)?,
        };
        let emptied =
            target.sub_attribute.is_none() && leaf.required && value.as_ref().and_then(Value::as_str) == Some("");
        match emptied {
            true => Err(Error::invalid_value(format!("'{}' is required and cannot be empty", path.attribute))),
            false => Ok(value),
        }
    }

    /// A removal, with the values to remove if the client names some.
    fn removal(&mut self, path: Path, target: &Target, value: &Value) -> Result<()> {
        let whole = path.filter.is_none() && path.attribute.sub_attribute.is_none();
        if !whole || !target.attribute.multi_valued || value.is_null() {
            return self.push(Op::Remove, path, None);
        }
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        self.removals += values.len();
        if self.removals > MAX_REMOVALS {
            return Err(Error::payload_too_large(format!(
                "more than {MAX_REMOVALS} values to remove; split the request"
            )));
        }
        if target.attribute.kind != Kind::Complex {
            let value = canonical(target.attribute, value, &mut Vec::new())?.unwrap_or(Value::Array(Vec::new()));
            self.operations.push(Operation { op: Op::Remove, path, value: Some(value) });
            return Ok(());
        }
        for value in values {
            let filter = Some(selection(target.attribute, value)?);
            let path = Path { attribute: path.attribute.clone(), filter };
            self.operations.push(Operation { op: Op::Remove, path, value: None });
        }
        Ok(())
    }

    fn push(&mut self, op: Op, path: Path, value: Option<Value>) -> Result<()> {
        if self.operations.len() >= MAX_OPERATIONS + self.removals {
            return Err(too_many());
        }
        self.operations.push(Operation { op, path, value });
        Ok(())
    }

    /// The schema, if the text is the URN of one.
    fn container(&self, text: &str) -> Option<&'static Schema> {
        let core = self.resource_type.schema;
        match core.id.eq_ignore_ascii_case(text) {
            true => Some(core),
            false => self.resource_type.extension(text),
        }
    }

    /// Whether the text names what is taken and not kept; then it is noted, and what else it says is not looked at.
    fn is_unkept(&mut self, text: &str) -> bool {
        let Ok((path, _)) = parse_path(text) else { return false };
        let whole = AttributePath { sub_attribute: None, ..path.clone() };
        let Some(Target { attribute, .. }) = whole.resolve(self.resource_type) else { return false };
        let part = path.sub_attribute.and_then(|name| attribute.sub_attribute(&name));
        let is_unkept = attribute.unkept || part.is_some_and(|part| part.unkept);
        if is_unkept {
            self.unkept.push(shorten(text).to_owned());
        }
        is_unkept
    }

    fn target(&self, path: &Path) -> Result<Target> {
        let unknown = || Error::invalid_path(format!("'{}' is not an attribute", shorten(&path.to_string())));
        path.resolve(self.resource_type).ok_or_else(unknown)
    }
}

fn read_op(op: Option<&Value>) -> Result<Op> {
    match op.and_then(Value::as_str) {
        Some(word) if word.eq_ignore_ascii_case("add") => Ok(Op::Add),
        Some(word) if word.eq_ignore_ascii_case("remove") => Ok(Op::Remove),
        Some(word) if word.eq_ignore_ascii_case("replace") => Ok(Op::Replace),
        Some(word) => {
            Err(Error::invalid_syntax(format!("'op' must be add, remove or replace, found '{}'", shorten(word))))
        }
        None => Err(Error::invalid_syntax("'op' is missing: add, remove or replace")),
    }
}

/// The plain value in `[{"value": …}]` and `{"value": …}`: Microsoft's reference code writes every value so.
fn unwrapped(value: &Value) -> &Value {
    let element = value.as_array().filter(|items| items.len() == 1).and_then(|items| items.first()).unwrap_or(value);
    let is_label = |name: &String| name == "value" || name == "$ref";
    match element.as_object().filter(|members| members.keys().all(is_label)).and_then(|members| members.get("value")) {
        Some(plain) if !plain.is_array() && !plain.is_object() => plain,
        _ => value,
    }
}

fn points_through_value(target: &Target) -> bool {
    let attribute = target.attribute;
    attribute.kind == Kind::Complex
        && !attribute.multi_valued
        && target.sub_attribute.is_some_and(|sub| sub.name == "value")
}

/// Nothing added to many values is no change; only `replace` empties an attribute that way.
fn is_empty_addition(target: &Target, value: &Value) -> bool {
    target.leaf().multi_valued && is_unassigned(value)
}

/// The filter that selects an element by what a client says of it: its `value` alone, else all that is given.
fn selection(attribute: &Attribute, element: &Value) -> Result<Filter> {
    let unclear = || Error::invalid_value(format!("which value of '{}' to remove is not said", attribute.name));
    let Some(Value::Object(members)) = single(attribute, element, &mut Vec::new())? else {
        return Err(unclear());
    };
    let pair = |(name, value): (&String, &Value)| {
        let path = AttributePath { schema: None, name: name.clone(), sub_attribute: None };
        Filter::Compare(path, Operator::Equal, value.clone())
    };
    match members.get_key_value("value") {
        Some(value) => Ok(pair(value)),
        None => Ok(Filter::all(members.iter().map(pair))),
    }
}
