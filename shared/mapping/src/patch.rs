//! A PATCH compiled without reading the object, where what it does cannot depend on what is there.
//!
//! Most updates set single values. They become one `PATCH /users/{id}`; only an operation on a set of values (adding one
//! of several other e-mail addresses, say) has to see the set first. An element of a fixed type, such as
//! `phoneNumbers[type eq "mobile"]`, is a single Graph property and always there to be replaced.

use scim::{
    Result,
    filter::{Filter, Operator},
    patch::{Op, Operation},
    schema::Mutability,
};
use serde_json::{Value, json};

use crate::{
    Settings, Write, keyed,
    link::Link,
    mapping::Mapping,
    table::{Access, Row, Shape},
    users::ENTRA,
    write::{Change, ids, is_id, is_only_shown, known, named as rows_named, nothing, only_shown, unknown_kind},
};

/// Takes away the operations on elements that Entra cannot keep, and says which: the path, a colon, and why.
///
/// For an object that is read first; [`blind`] does it by itself.
pub fn take_unkept(mapping: &'static Mapping, operations: &mut Vec<Operation>) -> Vec<String> {
    let mut left_out = Vec::new();
    operations.retain(|operation| match unkept(mapping, operation) {
        Some(what) => {
            left_out.extend((operation.op != Op::Remove).then_some(what));
            false
        }
        None => true,
    });
    left_out
}

/// Why an operation is on an element that Entra cannot keep, if it is.
fn unkept(mapping: &'static Mapping, operation: &Operation) -> Option<String> {
    let path = &operation.path.attribute;
    let attribute = mapping.attribute(path.schema.as_deref(), &path.name)?;
    if attribute.mutability != Mutability::ReadOnly && is_only_shown(mapping, path.schema.as_deref(), &path.name) {
        return Some(only_shown(&path.name));
    }
    let set = keyed::find(mapping, path.schema.as_deref(), &path.name);
    if set.is_some_and(|(.., keyed)| keyed.is_about_none(operation)) {
        return Some(format!("{}: what is named is not an id of Entra", path.name));
    }
    let kind = element_of(operation)??;
    let rows: Vec<_> = mapping
        .rows
        .iter()
        .filter(|row| row.schema == path.schema.as_deref() && row.attribute == path.name && row.element.is_some())
        .collect();
    // Where a row keeps many, it keeps whatever the others don't.
    let row = rows.first().filter(|_| !rows.iter().any(|row| matches!(row.property.shape, Shape::Many(_))))?;
    if let Some(what) = unknown_kind(mapping, row, &kind) {
        return Some(what);
    }
    let part = path.sub_attribute.as_deref().filter(|part| !matches!(*part, "type" | "primary"))?;
    let is_known = rows_named(mapping, path.schema.as_deref(), &path.name, &kind, Some(part)).next().is_some();
    (!is_known).then(|| format!("{}[type eq \"{kind}\"].{part}: not kept", path.name))
}

/// The writes of `operations`, or `None` where the object must be read first.
///
/// # Errors
///
/// `mutability` or `invalidValue` when a value cannot be written.
pub fn blind(mapping: &'static Mapping, settings: &Settings, operations: &[Operation]) -> Result<Option<Write>> {
    let mut write = Write::default();
    for operation in operations {
        if !apply(mapping, settings, operation, &mut write)? {
            return Ok(None);
        }
    }
    Ok(Some(write))
}

/// Whether the operation could be applied blindly.
fn apply(mapping: &'static Mapping, settings: &Settings, operation: &Operation, write: &mut Write) -> Result<bool> {
    let Some(target) = operation.path.resolve(mapping.resource_type) else { return Ok(false) };
    // What is immutable depends on what is there.
    if [target.attribute, target.leaf()].iter().any(|attribute| attribute.mutability == Mutability::ReadOnly)
        || target.attribute.mutability == Mutability::Immutable
    {
        return Ok(false);
    }
    if let Some(what) = unkept(mapping, operation) {
        write.note_unless(operation.op == Op::Remove, what);
        return Ok(true);
    }
    if let Some(name) = password_property(operation) {
        return Ok(set_password(name, operation, write));
    }
    let attribute = &operation.path.attribute;
    if let Some(set) = keyed::find(mapping, attribute.schema.as_deref(), &attribute.name) {
        return Ok(keyed::blind(set, operation, write));
    }
    if let Some(link) = mapping.link(attribute.schema.as_deref(), &attribute.name) {
        return if link.many { set_members(link, operation, write) } else { set_one(link, operation, write) };
    }
    let rows = rows_of(mapping, operation);
    if rows.iter().any(|row| needs_sight(mapping, operation, row)) {
        return Ok(false);
    }
    let Some(element) = element_of(operation) else { return Ok(false) };
    match (target.attribute.multi_valued, element) {
        (false, None) => set_complex(mapping, settings, operation, &rows, write),
        (true, Some(element)) => {
            let rows: Vec<_> = rows.into_iter().filter(|row| row.element == Some(element.as_str())).collect();
            let writable = rows.iter().all(|row| row.property.access != Access::Read);
            let single = !rows.iter().any(|row| matches!(row.property.shape, Shape::Many(_)));
            if rows.is_empty() || !single || !writable {
                return Ok(false);
            }
            set_complex(mapping, settings, operation, &rows, write)
        }
        (true, None) if operation.path.attribute.sub_attribute.is_none() => {
            set_many(mapping, settings, operation, &rows, write)
        }
        _ => Ok(false),
    }
}

/// Whether what stands in for no value has to be known: there is to be none, or it changes itself.
fn needs_sight(mapping: &'static Mapping, operation: &Operation, row: &Row) -> bool {
    let is_none = |value: &Value| value.is_null() || value.as_str() == Some("");
    let value = match (&operation.value, row.sub_attribute, &operation.path.attribute.sub_attribute) {
        (Some(value), Some(part), None) => value.get(part),
        (value, ..) => value.as_ref(),
    };
    let is_removed = operation.op == Op::Remove || value.is_some_and(is_none);
    let is_stand_in = mapping.rows.iter().any(|other| other.property.stand_in == Some(row.property.path));
    // To add to the values of a part is to know them.
    let is_part_of_many = matches!(row.property.shape, Shape::Many(_)) && row.element.is_none();
    let is_added = row.sub_attribute.is_some() && is_part_of_many && operation.op != Op::Replace;
    let is_fixed = row.property.access == Access::Once || row.property.disables.is_some();
    is_stand_in || is_added || is_fixed || (is_removed && row.property.stand_in.is_some())
}

fn password_property(operation: &Operation) -> Option<&'static str> {
    let attribute = &operation.path.attribute;
    match (attribute.schema.as_deref(), attribute.name.as_str()) {
        (None, "password") => Some("password"),
        (Some(ENTRA), "passwordForceChangeOnNextSignIn") => Some("forceChangePasswordNextSignIn"),
        (Some(ENTRA), "passwordForceChangeOnNextSignInWithMFA") => Some("forceChangePasswordNextSignInWithMfa"),
        _ => None,
    }
}

fn set_password(name: &str, operation: &Operation, write: &mut Write) -> bool {
    let Some(value) = operation.value.clone().filter(|_| operation.op != Op::Remove) else { return false };
    let profile = write.body.entry("passwordProfile").or_insert_with(|| json!({}));
    profile.as_object_mut().map(|profile| profile.insert(name.to_owned(), value)).is_some()
}

fn rows_of(mapping: &'static Mapping, operation: &Operation) -> Vec<&'static Row> {
    let path = &operation.path.attribute;
    mapping
        .rows
        .iter()
        .filter(|row| row.schema == path.schema.as_deref() && row.attribute == path.name)
        .filter(|row| path.sub_attribute.is_none() || row.sub_attribute == path.sub_attribute.as_deref())
        .collect()
}

/// The element type that the value filter names: `Some(None)` without a filter, `None` where the filter says more.
fn element_of(operation: &Operation) -> Option<Option<String>> {
    let Some(filter) = &operation.path.filter else { return Some(None) };
    let mut element = None;
    for condition in filter.conditions() {
        match condition {
            Filter::Compare(path, Operator::Equal, Value::String(text)) if path.name == "type" => {
                element = Some(text.to_lowercase());
            }
            Filter::Compare(path, Operator::Equal, Value::Bool(true)) if path.name == "primary" => {}
            _ => return None,
        }
    }
    element.map(Some)
}

/// Sets a single value, or each given part of a complex one.
fn set_complex(
    mapping: &'static Mapping,
    settings: &Settings,
    operation: &Operation,
    rows: &[&'static Row],
    write: &mut Write,
) -> Result<bool> {
    let named = operation.path.attribute.sub_attribute.is_some();
    for row in rows {
        let value = match (&operation.value, operation.op) {
            (_, Op::Remove) | (None, _) => Some(Value::Null),
            (Some(value), _) if named || row.sub_attribute.is_none() => Some(value.clone()),
            (Some(Value::Object(parts)), op) => {
                let part = row.sub_attribute.and_then(|name| parts.get(name)).cloned();
                // A whole element that is replaced loses the parts that the new one lacks.
                part.or_else(|| (op == Op::Replace && row.element.is_some()).then_some(Value::Null))
            }
            _ => return Ok(false),
        };
        if let Some(value) = value {
            write.set(mapping, settings, row, value)?;
        }
    }
    Ok(!rows.is_empty())
}

/// Sets or clears a relationship with one object.
fn set_one(link: &'static Link, operation: &Operation, write: &mut Write) -> Result<bool> {
    let path = &operation.path;
    if path.filter.is_some() || path.attribute.sub_attribute.as_deref().is_some_and(|part| part != "value") {
        return Ok(false);
    }
    let ids = match (&operation.value, operation.op) {
        (Some(value), Op::Add | Op::Replace) => ids(value)?,
        _ => Vec::new(),
    };
    write.set_link(link, ids.into_iter().next_back().map_or(Change::Clear, Change::Set));
    Ok(true)
}

/// Changes the members of a relationship with many.
fn set_members(link: &'static Link, operation: &Operation, write: &mut Write) -> Result<bool> {
    if operation.path.attribute.sub_attribute.is_some() {
        return Ok(false);
    }
    let mut members = write.members(link);
    let given = operation.value.as_ref().map(ids).transpose()?;
    let given = match (given, operation.op) {
        (Some(given), Op::Add | Op::Replace) => {
            let was_empty = given.is_empty();
            let given = known(link, given, write);
            // A set of which nothing can be kept must not empty what is there.
            if given.is_empty() && !was_empty {
                return Ok(true);
            }
            Some(given)
        }
        (given, _) => given.map(|ids| ids.into_iter().filter(|id| is_id(id)).collect()),
    };
    match (&operation.path.filter, operation.op, given) {
        (None, Op::Add, ids) => members.add(ids.unwrap_or_default()),
        (None, Op::Remove, Some(ids)) => members.remove(ids),
        (None, Op::Replace | Op::Remove, ids) => members.replace(ids.unwrap_or_default()),
        (Some(filter), Op::Remove, _) => match named(filter) {
            Some(ids) => members.remove(ids.into_iter().filter(|id| is_id(id))),
            None => return Ok(false),
        },
        (Some(_), _, _) => return Ok(false),
    }
    if !members.is_empty() || write.change_of(link).is_some() {
        write.set_link(link, Change::Members(members));
    }
    Ok(true)
}

/// The ids that a filter such as `value eq "1" or value eq "2"` names, if it says no more than that.
fn named(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(path, Operator::Equal, Value::String(id)) if path.name == "value" => Some(vec![id.clone()]),
        Filter::Or(alternatives) => {
            let ids = alternatives.iter().map(named).collect::<Option<Vec<_>>>()?;
            Some(ids.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// Replaces or removes all the elements of a multi-valued attribute.
fn set_many(
    mapping: &'static Mapping,
    settings: &Settings,
    operation: &Operation,
    rows: &[&'static Row],
    write: &mut Write,
) -> Result<bool> {
    let attribute = &operation.path.attribute;
    let value = operation.value.clone().unwrap_or_else(|| json!([]));
    // An array of plain values is one property.
    if let [row] = rows
        && row.element.is_none()
    {
        let settable = row.property.access != Access::Read && operation.op == Op::Replace;
        if settable {
            write.set(mapping, settings, row, value)?;
        }
        return Ok(settable);
    }
    if operation.op == Op::Add {
        return Ok(false);
    }
    let mut resource = json!({ attribute.name.as_str(): value });
    if let Some(schema) = &attribute.schema {
        resource = json!({ schema.as_str(): resource });
    }
    let given = crate::write::create(mapping, settings, &resource)?;
    for row in rows.iter().filter(|row| row.property.access != Access::Read) {
        match given.body.get(row.property.root()) {
            Some(value) => {
                write.body.insert(row.property.root().to_owned(), value.clone());
            }
            None => write.set(mapping, settings, row, nothing(row))?,
        }
    }
    given.left_out.into_iter().for_each(|what| write.leave_out(what));
    Ok(!rows.is_empty())
}

#[cfg(test)]
mod tests;
