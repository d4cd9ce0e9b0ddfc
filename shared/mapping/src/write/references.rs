//! The ids in an attribute that refers to other resources.

use scim::{Error, Result};
use serde_json::Value;

use super::Write;
use crate::link::Link;

/// What the resource says of a relationship.
pub(super) fn attribute_of<'a>(link: &Link, resource: &'a Value) -> Option<&'a Value> {
    let container = link.schema.map_or(Some(resource), |schema| resource.get(schema))?;
    container.get(link.attribute).filter(|value| !value.is_null())
}

/// Whether the client says in so many words that there are to be none.
pub(super) fn is_emptied(link: &Link, body: &Value) -> bool {
    let container = link.schema.map_or(Some(body), |schema| member(body, schema));
    let value = container.and_then(|container| member(container, link.attribute));
    value.is_some_and(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The ids in an array of `{"value": id}`, in one of these, or in a bare text. Where there is only the address of a
/// resource, its id is the last part.
pub(crate) fn ids(value: &Value) -> Result<Vec<String>> {
    let one = |value: &Value| {
        let address = value.get("$ref").and_then(Value::as_str).and_then(|address| address.rsplit('/').next());
        match (value.get("value"), address) {
            (Some(Value::String(id)), _) => given(id),
            (None, Some(id)) => given(id),
            (None, None) => value.as_str().map_or_else(|| Err(missing()), given),
            _ => Err(missing()),
        }
    };
    match value {
        Value::Array(elements) => elements.iter().map(one).collect(),
        Value::String(id) if id.is_empty() => Ok(Vec::new()),
        value => Ok(vec![one(value)?]),
    }
}

fn given(id: &str) -> Result<String> {
    match id.trim() {
        "" => Err(Error::invalid_value("the value of a reference is empty: give the id of the resource")),
        id => Ok(id.to_owned()),
    }
}

fn missing() -> Error {
    Error::invalid_value("a reference needs a value: the id of the resource it refers to")
}

/// Those that can be ids of Entra; the others are noted as left out.
pub(crate) fn known(link: &Link, ids: Vec<String>, write: &mut Write) -> Vec<String> {
    let (known, others): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| is_id(id));
    for other in others {
        let shown: String = other.chars().filter(char::is_ascii_graphic).take(40).collect();
        write.leave_out(format!("{}: '{shown}' is not an id of Entra", link.path()));
    }
    known
}

/// Whether it has the form of an id: 32 hexadecimal digits in five groups.
pub(crate) fn is_id(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_hexdigit())));
    groups.eq([(8, true), (4, true), (4, true), (4, true), (12, true)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_found_in_all_forms() {
        for (value, expected) in [
            (json!("1"), Some(vec!["1"])),
            (json!(""), Some(vec![])),
            (json!(["1", { "value": " 2 " }]), Some(vec!["1", "2"])),
            (json!({ "$ref": "https://h/scim/v2/Users/3" }), Some(vec!["3"])),
            (json!({ "value": "4", "$ref": "https://h/scim/v2/Users/3" }), Some(vec!["4"])),
            (json!([{ "value": null }]), None),
            (json!([{ "value": "" }]), None),
            (json!([{ "display": "Ana" }]), None),
            (json!([7]), None),
        ] {
            assert_eq!(ids(&value).ok(), expected.map(|ids| ids.into_iter().map(str::to_owned).collect()), "{value}");
        }
    }

    #[test]
    fn an_id_is_told_from_a_text() {
        assert!(is_id("f6ede700-27d0-4c42-bfb9-4DFFFF43C74A"));
        for text in
            ["", "fake-member-id", "f6ede700-27d0-4c42-bfb9-4dffff43c74", "g6ede700-27d0-4c42-bfb9-4dffff43c74a"]
        {
            assert!(!is_id(text), "{text}");
        }
    }
}
