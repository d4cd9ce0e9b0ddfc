//! Objects of Graph that are shown as they are: of each the parts that the schema names.

use scim::schema::{Attribute, Returned};
use serde_json::{Map, Value};

/// Writes `"appRoles":[{...}]` or `"info":{...}`, nothing where there is nothing to show.
pub(super) fn write(
    attribute: &Attribute,
    text: &str,
    read: Option<fn(Value) -> Value>,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let value: Value = serde_json::from_str(text)?;
    let value = read.map_or_else(|| value.clone(), |read| read(value.clone()));
    let Some(shown) = shown(attribute, value) else { return Ok(()) };
    out.extend_from_slice(b",\"");
    out.extend_from_slice(attribute.name.as_bytes());
    out.extend_from_slice(b"\":");
    serde_json::to_writer(out, &shown)
}

fn shown(attribute: &Attribute, value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(|item| shown(attribute, item)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(mut members) => {
            let part = |part: &Attribute| {
                let value = members.remove(part.name).filter(|value| !is_nothing(value))?;
                (part.returned != Returned::Never).then(|| (part.name.to_owned(), value))
            };
            let parts: Map<String, Value> = attribute.sub_attributes.iter().filter_map(part).collect();
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        value => Some(value),
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
