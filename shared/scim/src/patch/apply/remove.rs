//! `remove` of RFC 7644 section 3.5.2.2.

use serde_json::{Map, Value};

use super::set::{immutable_part, is_same};
use crate::error::{Error, Result};
use crate::filter::matches_element;
use crate::path::{Path, Target};
use crate::schema::{Attribute, Mutability};
use crate::value::is_unassigned;

/// Removes what the path leads to; what is not there is no error.
pub(super) fn remove(
    members: &mut Map<String, Value>,
    path: &Path,
    target: &Target,
    value: Option<&Value>,
) -> Result<()> {
    let attribute = target.attribute;
    let Some(existing) = members.get_mut(attribute.name) else {
        return Ok(());
    };
    match (existing, &path.filter, target.sub_attribute) {
        (Value::Array(values), filter, Some(part)) => {
            let selected =
                |value: &Value| filter.as_ref().is_none_or(|filter| matches_element(filter, value, attribute));
            for element in values.iter_mut().filter(|value| selected(value)) {
                remove_part(element, path, part)?;
            }
            values.retain(|element| !is_husk(element));
        }
        (Value::Array(values), Some(filter), None) => {
            values.retain(|element| !matches_element(filter, element, attribute));
        }
        (Value::Array(values), None, None) => match value {
            Some(Value::Array(given)) => {
                values.retain(|existing| !given.iter().any(|value| is_same(attribute, existing, value)));
            }
            _ => values.clear(),
        },
        (complex @ Value::Object(_), None, Some(part)) => remove_part(complex, path, part)?,
        (existing, ..) => *existing = Value::Null,
    }
    if members.get(attribute.name).is_some_and(is_unassigned) {
        members.remove(attribute.name);
    }
    Ok(())
}

fn remove_part(complex: &mut Value, path: &Path, part: &Attribute) -> Result<()> {
    let Some(members) = complex.as_object_mut() else { return Ok(()) };
    match members.contains_key(part.name) {
        true if part.mutability == Mutability::Immutable => Err(immutable_part(path, part)),
        true if part.required && part.name != "value" => {
            let name = &path.attribute.name;
            Err(Error::mutability(format!("'{name}.{}' is required and cannot be removed", part.name)))
        }
        _ => {
            members.remove(part.name);
            Ok(())
        }
    }
}

/// An element of which only its label is left says nothing any more.
fn is_husk(element: &Value) -> bool {
    element
        .as_object()
        .is_some_and(|members| members.keys().all(|name| matches!(name.as_str(), "type" | "primary" | "display")))
}
