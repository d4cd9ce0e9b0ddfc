//! What a write changes, in the words of SCIM: for who has to allow it, and for who reads later what was done.

use scim::schema::Mutability;
use serde_json::{Map, Value, json};

use super::{Change, LinkChange, Write};
use crate::{
    Settings,
    mapping::Mapping,
    members::Members,
    table::{Access, Row, Shape},
};

/// The change of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Its SCIM paths, as a projection names it: a property of Graph may have several names, and the one that the client
    /// used comes first.
    pub names: Vec<String>,
    /// The name for a reader, which tells the elements of an attribute with many apart.
    pub label: String,
    /// Where Graph's object keeps it, such as `employeeOrgData/costCenter`; empty where a read of the object does not tell.
    pub property: String,
    /// What it becomes, as Graph has it; null where it is cleared. A secret is not shown.
    pub value: Value,
}

/// What a record shows of a secret.
const SECRET: &str = "***";

impl Changed {
    fn of(name: &str, property: &str, value: Value) -> Self {
        Self { names: vec![name.to_owned()], label: name.to_owned(), property: property.to_owned(), value }
    }
}

/// What `write` changes. Of members only those are told that are known without a look at the object.
#[must_use]
pub fn changes(mapping: &'static Mapping, settings: &Settings, write: &Write) -> Vec<Changed> {
    let mut changes = Vec::new();
    for (name, value) in &write.body {
        match value {
            Value::Object(parts) if is_divided(mapping, name) => {
                let mut leaves = Vec::new();
                divide(mapping, parts, name, &mut leaves);
                changes.extend(leaves.into_iter().map(|(path, value)| change(mapping, settings, write, &path, value)));
            }
            Value::Object(sets) if is_open(mapping, name) => changes.extend(open(mapping, name, sets)),
            Value::Object(parts) if name == "passwordProfile" => {
                changes.extend(parts.keys().map(|part| password(part)));
            }
            value => changes.push(change(mapping, settings, write, name, value)),
        }
    }
    for facet in &write.facets {
        let mut leaves = Vec::new();
        flatten(&facet.body, facet.facet.path, &mut leaves);
        changes.extend(leaves.into_iter().map(|(path, value)| {
            let change = change(mapping, settings, write, &path, value);
            Changed { property: String::new(), ..change }
        }));
    }
    for change in &write.keyed {
        let difference = &change.difference;
        let come = [difference.added.as_slice(), &difference.changed].concat();
        changes.push(Changed::of(&change.path(), "", json!({ "add": come, "remove": difference.removed })));
    }
    for LinkChange { link, change } in &write.links {
        let of_one = |value: Value| Changed::of(&link.path(), &format!("{}/id", link.navigation), value);
        changes.push(match change {
            Change::Set(id) => of_one(json!(id)),
            Change::Clear => of_one(Value::Null),
            Change::Members(Members::All(ids)) => Changed::of(&link.path(), "", json!(ids)),
            Change::Members(Members::Difference { add, remove }) => {
                Changed::of(&link.path(), "", json!({ "add": add, "remove": remove }))
            }
        });
    }
    changes
}

/// The resource types that the caller must be allowed to change for what `write` does to sets.
pub fn resources(write: &Write) -> impl Iterator<Item = &'static str> {
    write.keyed.iter().filter_map(|change| change.keyed.resource)
}

/// Whether the parts of what is at a path are attributes of their own.
fn is_divided(mapping: &'static Mapping, path: &str) -> bool {
    let below = |row: &Row| row.property.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    mapping.rows.iter().any(below)
}

/// Those parts, each with its path.
fn divide<'a>(
    mapping: &'static Mapping,
    parts: &'a Map<String, Value>,
    path: &str,
    leaves: &mut Vec<(String, &'a Value)>,
) {
    for (part, value) in parts {
        let path = format!("{path}/{part}");
        match value {
            Value::Object(parts) if is_divided(mapping, &path) => divide(mapping, parts, &path, leaves),
            value => leaves.push((path, value)),
        }
    }
}

fn is_open(mapping: &'static Mapping, name: &str) -> bool {
    mapping.rows.iter().any(|row| row.property.shape == Shape::Open && row.property.path == name)
}

fn change(mapping: &'static Mapping, settings: &Settings, write: &Write, path: &str, value: &Value) -> Changed {
    let is_meant = |row: &&'static Row| settings.property_of(row) == Some(path) && row.property.access != Access::Read;
    let mut rows: Vec<&'static Row> = mapping.rows.iter().filter(is_meant).collect();
    rows.sort_by_key(|row| !write.given.iter().any(|given| std::ptr::eq(*given, *row)));
    match rows.first() {
        Some(first) => Changed {
            names: rows.iter().map(|row| row.path()).collect(),
            label: label(first),
            property: path.to_owned(),
            value: veiled(mapping, first, value),
        },
        // No attribute is behind it: it is told by Graph's name.
        None => Changed::of(path, path, value.clone()),
    }
}

/// A value without what is only written, such as a key.
fn veiled(mapping: &'static Mapping, row: &Row, value: &Value) -> Value {
    let attribute = mapping.attribute(row.schema, row.attribute);
    let parts = attribute.map_or(&[][..], |attribute| attribute.sub_attributes);
    let secret = |name: &str| parts.iter().any(|part| part.name == name && part.mutability == Mutability::WriteOnly);
    match value {
        Value::Array(items) => items.iter().map(|item| veiled(mapping, row, item)).collect(),
        Value::Object(members) => {
            let shown = |(name, value): (&String, &Value)| match secret(name) && !value.is_null() {
                true => (name.clone(), json!(SECRET)),
                false => (name.clone(), value.clone()),
            };
            Value::Object(members.iter().map(shown).collect())
        }
        value => value.clone(),
    }
}

fn label(row: &Row) -> String {
    let Some(element) = row.element else { return row.path() };
    let (path, part) = (row.path(), row.sub_attribute.unwrap_or("value"));
    let name = path.strip_suffix(part).and_then(|name| name.strip_suffix('.')).unwrap_or(&path);
    format!("{name}[type eq \"{element}\"].{part}")
}

/// The attributes in sets that the tenant defines.
fn open(mapping: &'static Mapping, name: &str, sets: &Map<String, Value>) -> Vec<Changed> {
    let row = mapping.rows.iter().find(|row| row.property.path == name);
    let schema = row.and_then(|row| row.schema).unwrap_or(name);
    let sets = sets.iter().filter_map(|(set, values)| Some((set, values.as_object()?)));
    let values = sets.flat_map(|(set, values)| values.iter().map(move |(attribute, value)| (set, attribute, value)));
    let told = values.filter(|(_, attribute, _)| !attribute.contains('@'));
    told.map(|(set, attribute, value)| {
        Changed::of(&format!("{schema}:{set}.{attribute}"), &format!("{name}/{set}/{attribute}"), value.clone())
    })
    .collect()
}

fn password(part: &str) -> Changed {
    match part {
        "password" => Changed::of("password", "", json!(SECRET)),
        "forceChangePasswordNextSignIn" => forced("passwordForceChangeOnNextSignIn"),
        _ => forced("passwordForceChangeOnNextSignInWithMFA"),
    }
}

fn forced(attribute: &str) -> Changed {
    Changed::of(&format!("{}:{attribute}", crate::users::ENTRA), "", json!(true))
}

fn flatten<'a>(body: &'a Map<String, Value>, path: &str, leaves: &mut Vec<(String, &'a Value)>) {
    for (name, value) in body {
        let path = format!("{path}/{name}");
        match value {
            Value::Object(inner) if !inner.contains_key("dateTime") => flatten(inner, &path, leaves),
            value => leaves.push((path, value)),
        }
    }
}

/// The value at a path of an object of Graph, null where there is none.
#[must_use]
pub fn value_at(object: &Value, path: &str) -> Value {
    path.split('/').try_fold(object, |value, name| value.get(name)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ENTERPRISE, GROUPS, SECURITY, USERS, write::create};

    fn told(mapping: &'static Mapping, resource: &Value) -> Vec<(String, String, Value)> {
        let settings = Settings::new("a-b", "", "");
        let write = create(mapping, &settings, resource).unwrap();
        let changes = changes(mapping, &settings, &write);
        changes.into_iter().map(|change| (change.label, change.property, change.value)).collect()
    }

    fn row(label: &str, property: &str, value: Value) -> (String, String, Value) {
        (label.to_owned(), property.to_owned(), value)
    }

    #[test]
    fn a_write_is_told_in_the_words_of_scim() {
        let manager = "00000000-0000-0000-0000-000000000001";
        let resource = json!({ "userName": "a@b.c", "password": "hunter2", "externalId": "7",
            "phoneNumbers": [{ "type": "mobile", "value": "+1" }],
            (ENTERPRISE): { "costCenter": "9", "manager": { "value": manager } },
            (SECURITY): { "Engineering": { "Project": ["Baker"] } } });
        let mut told = told(&USERS, &resource);
        told.sort_by(|left, right| left.0.cmp(&right.0));
        assert_eq!(
            told,
            [
                row("externalId", "extension_ab_externalId", json!("7")),
                row("password", "", json!("***")),
                row("phoneNumbers[type eq \"mobile\"].value", "mobilePhone", json!("+1")),
                row(
                    &format!("{SECURITY}:Engineering.Project"),
                    "customSecurityAttributes/Engineering/Project",
                    json!(["Baker"])
                ),
                row(&format!("{ENTERPRISE}:costCenter"), "employeeOrgData/costCenter", json!("9")),
                row(&format!("{ENTERPRISE}:manager"), "manager/id", json!(manager)),
                row("userName", "userPrincipalName", json!("a@b.c")),
            ]
        );
    }

    #[test]
    fn the_name_that_was_used_comes_first() {
        let settings = Settings::default();
        let write = create(&USERS, &settings, &json!({ "country": "NO" })).unwrap();
        let changes = changes(&USERS, &settings, &write);
        assert_eq!(changes[0].names, ["country", "addresses.country"]);
    }

    #[test]
    fn members_are_told() {
        let id = "00000000-0000-0000-0000-000000000001";
        let told = told(&GROUPS, &json!({ "displayName": "G", "members": [{ "value": id }] }));
        assert_eq!(told[1].0, "members");
        assert_eq!(told[0], row("displayName", "displayName", json!("G")));
    }

    #[test]
    fn what_was_there_is_found() {
        let object = json!({ "a": { "b": 1 } });
        assert_eq!(
            [value_at(&object, "a/b"), value_at(&object, "a/c"), value_at(&object, "x/y")],
            [json!(1), Value::Null, Value::Null]
        );
    }
}
