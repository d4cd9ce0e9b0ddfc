//! Attributes that nobody knows beforehand: custom security attributes, in sets that the tenant defines.
//!
//! Source: <https://learn.microsoft.com/graph/custom-security-attributes-examples>.

use scim::{
    Error, Result,
    patch::{Op, Operation},
};
use serde_json::{Map, Value, json};

use crate::{
    mapping::Mapping,
    table::{Row, Shape},
    write::Write,
};

/// What Graph calls a set that is written; it reads otherwise.
const SET: &str = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
/// What ends the names of members that tell the type of another.
const TYPE: &str = "@odata.type";

/// The rows of attributes that are open.
fn rows(mapping: &'static Mapping) -> impl Iterator<Item = &'static Row> {
    mapping.rows.iter().filter(|row| row.property.shape == Shape::Open)
}

fn row_of(mapping: &'static Mapping, operation: &Operation) -> Option<&'static Row> {
    let schema = operation.path.attribute.schema.as_deref()?;
    rows(mapping).find(|row| row.schema == Some(schema))
}

/// Takes the operations on such attributes out: they are written without a look at the rest of the object.
pub fn take(mapping: &'static Mapping, operations: &mut Vec<Operation>) -> Vec<Operation> {
    let mut open = Vec::new();
    operations.retain(|operation| {
        let is_open = row_of(mapping, operation).is_some();
        if is_open {
            open.push(operation.clone());
        }
        !is_open
    });
    open
}

/// The SCIM path of what must be read before these operations are written: it depends on the type of a value how Graph
/// is told that there is to be none.
#[must_use]
pub fn seen(mapping: &'static Mapping, operations: &[Operation]) -> Option<String> {
    let clears = |operation: &&Operation| {
        let value = operation.value.as_ref();
        let parts = value.and_then(Value::as_object).into_iter().flatten();
        value.is_none() || parts.into_iter().any(|(_, value)| value.is_null())
    };
    let operation = operations.iter().find(clears)?;
    row_of(mapping, operation)?.schema.map(str::to_owned)
}

/// Writes the operations; `object` is what was read of the object before, if it had to be.
///
/// # Errors
///
/// `invalidValue` for what is no value of such an attribute.
pub fn write(mapping: &'static Mapping, operations: &[Operation], object: &Value, write: &mut Write) -> Result<()> {
    for operation in operations {
        let Some(row) = row_of(mapping, operation) else { continue };
        let path = &operation.path.attribute;
        let known = object.get(row.property.path).and_then(|sets| sets.get(&path.name));
        let value = operation.value.as_ref().filter(|_| operation.op != Op::Remove);
        let open = Open { row, set: &path.name, known };
        match (&path.sub_attribute, value) {
            (Some(name), value) => open.put(name, value.unwrap_or(&Value::Null), write)?,
            (None, Some(Value::Object(values))) => open.put_all(values, write)?,
            (None, None) => {
                let names = known.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
                names.filter(|name| !name.contains('@')).try_for_each(|name| open.put(name, &Value::Null, write))?;
            }
            (None, Some(_)) => return Err(wrong(&path.name, "must be an object of attributes")),
        }
    }
    Ok(())
}

/// Writes what a resource has of such attributes.
pub(crate) fn create(mapping: &'static Mapping, resource: &Value, write: &mut Write) -> Result<()> {
    for row in rows(mapping) {
        let sets = row.schema.and_then(|schema| resource.get(schema)).and_then(Value::as_object);
        for (set, values) in sets.into_iter().flatten() {
            let values = values.as_object().ok_or_else(|| wrong(set, "must be an object of attributes"))?;
            Open { row, set, known: None }.put_all(values, write)?;
        }
    }
    Ok(())
}

/// A set of attributes, on its way to Graph.
struct Open<'a> {
    row: &'static Row,
    set: &'a str,
    /// What the object has of it, as far as that was read.
    known: Option<&'a Value>,
}

impl Open<'_> {
    fn put_all(&self, values: &Map<String, Value>, write: &mut Write) -> Result<()> {
        values.iter().try_for_each(|(name, value)| self.put(name, value, write))
    }

    fn put(&self, name: &str, value: &Value, write: &mut Write) -> Result<()> {
        if ![self.set, name].into_iter().all(is_name) {
            return Err(wrong(name, "is not the name of an attribute in a set"));
        }
        let type_name = type_of(value).map_err(|why| wrong(name, why))?;
        // Of many values none is an empty array, of one it is null.
        let is_many = self.known.and_then(|known| known.get(name)).is_some_and(Value::is_array);
        let value = match value {
            Value::Null if is_many => json!([]),
            Value::String(text) if text.is_empty() => Value::Null,
            value => value.clone(),
        };
        let property = write.body.entry(self.row.property.path).or_insert_with(|| json!({}));
        let Some(sets) = property.as_object_mut() else { return Ok(()) };
        let set = sets.entry(self.set).or_insert_with(|| json!({ TYPE: SET }));
        let Some(set) = set.as_object_mut() else { return Ok(()) };
        let annotation = format!("{name}{TYPE}");
        match type_name {
            Some(type_name) => set.insert(annotation, json!(type_name)),
            None => set.remove(&annotation),
        };
        set.insert(name.to_owned(), value);
        Ok(())
    }
}

/// What Graph has to be told of the type of a value, because JSON alone does not say it.
fn type_of(value: &Value) -> std::result::Result<Option<&'static str>, &'static str> {
    const WRONG: &str = "must be a text, a boolean, a whole number, or an array of texts or whole numbers";
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(None),
        Value::Number(_) if value.is_i64() => Ok(Some("#Int32")),
        Value::Array(items) if items.is_empty() => Ok(None),
        Value::Array(items) if items.iter().all(Value::is_string) => Ok(Some("#Collection(String)")),
        Value::Array(items) if items.iter().all(Value::is_i64) => Ok(Some("#Collection(Int32)")),
        _ => Err(WRONG),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|character| character.is_alphanumeric() || character == '_')
}

fn wrong(name: &str, why: &str) -> Error {
    let name: String = name.chars().take(60).collect();
    Error::invalid_value(format!("'{name}' {why}"))
}

/// Writes the sets of attributes as members, each with a comma before it.
pub(crate) fn render(text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let sets: Map<String, Value> = serde_json::from_str(text)?;
    for (set, values) in sets {
        let Value::Object(mut values) = values else { continue };
        values.retain(|name, value| !name.contains('@') && !value.is_null() && *value != json!([]));
        if !values.is_empty() {
            out.push(b',');
            serde_json::to_writer(&mut *out, &set)?;
            out.push(b':');
            serde_json::to_writer(&mut *out, &values)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
