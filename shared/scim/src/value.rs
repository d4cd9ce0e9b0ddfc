//! JSON values seen through a schema: reading them leniently, putting them into canonical form.

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::path::AttributePath;
use crate::schema::{Attribute, Kind, Mutability, ResourceType};

/// The member with this name: as written first, then in any letter case.
pub(crate) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Takes the member with this name out, in any letter case.
pub(crate) fn take_member(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = members.remove(name) {
        return Some(value);
    }
    let written = members.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    members.remove(&written)
}

/// A boolean, or the string of one in any letter case, as Microsoft Entra sends it.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(boolean) => Some(*boolean),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A dateTime of RFC 7643 section 2.3.5; without an offset it is taken as UTC.
pub(crate) fn date_time(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        Some(local.and_utc().fixed_offset())
    })
}

/// The attribute that the path names, and its value in the resource.
pub(crate) fn lookup<'a>(
    path: &AttributePath,
    resource: &'a Value,
    resource_type: &ResourceType,
) -> Option<(&'static Attribute, &'a Value)> {
    let target = path.resolve(resource_type)?;
    let container = match target.extension {
        Some(schema) => member(resource.as_object()?, schema.id)?,
        None => resource,
    };
    let value = member(container.as_object()?, target.attribute.name)?;
    Some((target.attribute, value))
}

/// The part of an element; an element that is no object is its own `value`.
pub(crate) fn element_part<'a>(element: &'a Value, name: &str) -> Option<&'a Value> {
    match element {
        Value::Object(members) => member(members, name),
        simple if name.eq_ignore_ascii_case("value") => Some(simple),
        _ => None,
    }
}

/// Whether the value stands for "no value": null, an empty array, an object of nothing but such.
pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_unassigned),
        Value::Object(members) => members.values().all(is_unassigned),
        _ => false,
    }
}

/// The value of an attribute in canonical form, `None` if it stands for "no value".
///
/// Names get their canonical letter case, a single value for a multi-valued attribute becomes an array, a plain value
/// or a one-element array for a complex one becomes its `value` part, strings of booleans become booleans. What only
/// the service sets, and what the schema does not know, is left out.
///
/// # Errors
/// `invalidValue` if the value is not of the attribute's type.
pub(crate) fn canonical(attribute: &Attribute, value: &Value, unknown: &mut Vec<String>) -> Result<Option<Value>> {
    if attribute.open {
        return Ok((!value.is_null()).then(|| value.clone()));
    }
    if !attribute.multi_valued {
        return single(attribute, value, unknown);
    }
    let items = match value {
        Value::Array(items) => items.as_slice(),
        item => std::slice::from_ref(item),
    };
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        if item.is_array() {
            return Err(wrong(attribute, value));
        }
        values.extend(single(attribute, item, unknown)?);
    }
    keep_one_primary(attribute, &values)?;
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

/// One value of the attribute in canonical form.
pub(crate) fn single(attribute: &Attribute, value: &Value, unknown: &mut Vec<String>) -> Result<Option<Value>> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (_, Value::Array(items)) => match items.as_slice() {
            [] => Ok(None),
            [only] if attribute.kind == Kind::Complex && !only.is_array() => single(attribute, only, unknown),
            _ => Err(wrong(attribute, value)),
        },
        (Kind::Complex, Value::Object(members)) => complex(attribute, members, unknown),
        (Kind::Complex, _) => match (attribute.value_attribute(), value) {
            (Some(_), Value::String(text)) if text.is_empty() => Ok(None),
            (Some(part), _) => {
                let value = single(part, value, unknown)?;
                Ok(value.map(|value| Value::Object(Map::from_iter([(part.name.to_owned(), value)]))))
            }
            (None, _) => Err(wrong(attribute, value)),
        },
        (Kind::Boolean, _) => match boolean(value) {
            Some(boolean) => Ok(Some(Value::Bool(boolean))),
            None => Err(wrong(attribute, value)),
        },
        (Kind::Integer, Value::Number(number)) if !number.is_f64() => Ok(Some(value.clone())),
        (Kind::Decimal, Value::Number(_)) => Ok(Some(value.clone())),
        (Kind::DateTime, Value::String(text)) if date_time(text).is_some() => Ok(Some(value.clone())),
        (Kind::String | Kind::Reference | Kind::Binary, Value::String(_)) => Ok(Some(value.clone())),
        _ => Err(wrong(attribute, value)),
    }
}

fn complex(attribute: &Attribute, members: &Map<String, Value>, unknown: &mut Vec<String>) -> Result<Option<Value>> {
    let mut canonical_members = Map::new();
    for (name, value) in members {
        let Some(part) = attribute.sub_attribute(name).filter(|part| !part.unkept) else {
            unknown.push(format!("{}.{name}", attribute.name));
            continue;
        };
        if part.mutability == Mutability::ReadOnly {
            continue;
        }
        if let Some(value) = canonical(part, value, unknown)? {
            canonical_members.insert(part.name.to_owned(), value);
        }
    }
    // A reference to nobody clears the attribute: Entra removes a manager with `{"value": ""}`.
    let cleared = !attribute.multi_valued && canonical_members.get("value").and_then(Value::as_str) == Some("");
    Ok((!canonical_members.is_empty() && !cleared).then_some(Value::Object(canonical_members)))
}

fn keep_one_primary(attribute: &Attribute, values: &[Value]) -> Result<()> {
    let primaries = values.iter().filter(|value| value.get("primary") == Some(&Value::Bool(true))).count();
    match primaries {
        0 | 1 => Ok(()),
        _ => Err(Error::invalid_value(format!("'{}' has {primaries} primary values; only one can be", attribute.name))),
    }
}

/// The error for a value of the wrong type; it names the type, not the value, which may be personal.
pub(crate) fn wrong(attribute: &Attribute, value: &Value) -> Error {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let (name, kind) = (attribute.name, attribute.kind);
    Error::invalid_value(format!("'{name}' must be of type {kind}, found {found} that cannot be read as one"))
}
