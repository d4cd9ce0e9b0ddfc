//! Custom security attributes: their definitions, and the values that users have of them.
//!
//! Source: Graph's page "Manage custom security attribute assignments". A value is kept as it is shown, with its
//! annotations.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::contract::{NAMESPACE, ObjectType};
use crate::directory::Object;
use crate::graph::error::{Error, Result};
use crate::graph::plain;
use crate::graph::{Call, filter};
use crate::login::tokens::Grant;

/// The property that has them.
pub(crate) const PROPERTY: &str = "customSecurityAttributes";
/// What shows the values to an application; without it they are null.
const READ: [&str; 2] = ["CustomSecAttributeAssignment.Read.All", WRITE];
/// What lets an application assign values.
const WRITE: &str = "CustomSecAttributeAssignment.ReadWrite.All";
/// How a body names the type of a set of values.
const WRITTEN_TYPE: &str = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
/// The longest text and the longest list.
const MAX_TEXT: usize = 64;
const MAX_ITEMS: usize = 50;

/// The definitions, and what the sample users have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    attribute_sets: Vec<Value>,
    definitions: Vec<Value>,
    custom_security_attributes: Map<String, Value>,
}

#[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
static DATA: LazyLock<Data> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/sample-facets.json")).expect("data/sample-facets.json")
});

/// `GET /directory/attributeSets` and `GET /directory/customSecurityAttributeDefinitions`, and one of them.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let (collection, all) = if call.operation.path.starts_with("/directory/attributeSets") {
        ("directory/attributeSets", &DATA.attribute_sets)
    } else {
        ("directory/customSecurityAttributeDefinitions", &DATA.definitions)
    };
    if call.key.is_empty() {
        return plain::list(call, collection, all, &["attributeSet", "id", "name", "status", "type"]);
    }
    let known = all.iter().find(|known| known.get("id").and_then(Value::as_str) == Some(&call.key));
    plain::one(call, collection, known.ok_or_else(|| Error::not_found(&call.key))?, 200)
}

/// What a sample user has.
pub(crate) fn of_sample(id: &str) -> Option<&'static Value> {
    DATA.custom_security_attributes.get(id)
}

/// Whether a token shows the values.
pub(super) fn are_shown(grant: &Grant) -> bool {
    grant.roles.iter().any(|role| READ.contains(&role.as_str()))
}

/// Refuses a body that assigns values without the permission for it.
pub(super) fn permit_write(call: &Call<'_>, body: &Value) -> Result<()> {
    if body.get(PROPERTY).is_some() && !call.has_role(&[WRITE]) { Err(Error::denied()) } else { Ok(()) }
}

/// Refuses values that are of no definition, or not of its type.
pub(super) fn check(value: &Value) -> Result<()> {
    let sets = value.as_object().ok_or_else(invalid)?;
    for (set, values) in sets.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let values = values.as_object().ok_or_else(invalid)?;
        if values.get("@odata.type").and_then(Value::as_str) != Some(WRITTEN_TYPE) {
            return Err(invalid());
        }
        for (name, value) in values.iter().filter(|(name, _)| !name.contains('@')) {
            let definition = definition(set, name).ok_or_else(|| Error::unknown_property(&format!("{set}_{name}")))?;
            let annotation = values.get(&format!("{name}@odata.type")).and_then(Value::as_str);
            if !definition.takes(value, annotation) {
                return Err(invalid());
            }
        }
    }
    Ok(())
}

/// The values after a body is written over them; null when none is left.
pub(super) fn merged(before: Value, body: &Value) -> Value {
    let mut sets = before.as_object().cloned().unwrap_or_default();
    for (set, values) in body.as_object().into_iter().flatten().filter(|(name, _)| !name.starts_with('@')) {
        let mut merged = sets.remove(set).and_then(|known| known.as_object().cloned()).unwrap_or_default();
        for (name, value) in values.as_object().into_iter().flatten().filter(|(name, _)| !name.contains('@')) {
            let annotation = format!("{name}@odata.type");
            merged.remove(&annotation);
            merged.remove(name);
            if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            let definition = definition(set, name);
            if let Some(type_name) = definition.and_then(|definition| definition.annotation()) {
                merged.insert(annotation, json!(type_name));
            }
            merged.insert(name.clone(), value.clone());
        }
        if merged.keys().any(|name| !name.contains('@')) {
            merged.insert("@odata.type".to_owned(), json!(format!("#{NAMESPACE}customSecurityAttributeValue")));
            sets.insert(set.clone(), Value::Object(merged));
        }
    }
    if sets.is_empty() { Value::Null } else { Value::Object(sets) }
}

/// Puts the values after a change among the changes.
pub(super) fn merge_into(changes: &mut Object, before: impl FnOnce() -> Value) {
    if let Some(body) = changes.get(PROPERTY).filter(|body| !body.is_null()).cloned() {
        changes.insert(PROPERTY.to_owned(), merged(before(), &body));
    }
}

/// Whether a filter may test this path, `customSecurityAttributes/{set}/{name}`, with this operator.
pub(super) fn can_be_tested(path: &str, operator: filter::Operator) -> bool {
    let mut segments = path.split('/').skip(1);
    let known = match (segments.next(), segments.next(), segments.next()) {
        (Some(set), Some(name), None) => definition(set, name).is_some(),
        _ => false,
    };
    known && matches!(operator, filter::Operator::Eq | filter::Operator::Ne | filter::Operator::StartsWith)
}

/// The definition of an attribute.
struct Definition(&'static Value);

fn definition(set: &str, name: &str) -> Option<Definition> {
    let id = format!("{set}_{name}");
    let known = DATA.definitions.iter().find(|known| known.get("id").and_then(Value::as_str) == Some(&id));
    known.map(Definition)
}

impl Definition {
    fn is_collection(&self) -> bool {
        self.0.get("isCollection") == Some(&Value::Bool(true))
    }

    fn data_type(&self) -> &'static str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The annotation that tells the type, where JSON alone does not.
    fn annotation(&self) -> Option<String> {
        let data_type = if self.data_type() == "Integer" { "Int32" } else { self.data_type() };
        match (self.is_collection(), data_type) {
            (true, data_type) => Some(format!("#Collection({data_type})")),
            (false, "Int32") => Some("#Int32".to_owned()),
            _ => None,
        }
    }

    fn takes(&self, value: &Value, annotation: Option<&str>) -> bool {
        match value {
            Value::Null => !self.is_collection(),
            Value::Array(items) if items.is_empty() => self.is_collection(),
            _ if self.annotation().is_some_and(|wanted| annotation != Some(wanted.as_str())) => false,
            Value::Array(items) => {
                self.is_collection() && items.len() <= MAX_ITEMS && items.iter().all(|item| self.holds(item))
            }
            value => !self.is_collection() && self.holds(value),
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match self.data_type() {
            "Boolean" => value.is_boolean(),
            "Integer" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            _ => value.as_str().is_some_and(|text| (1..=MAX_TEXT).contains(&text.chars().count())),
        }
    }
}

fn invalid() -> Error {
    Error::value(ObjectType::User, PROPERTY)
}
