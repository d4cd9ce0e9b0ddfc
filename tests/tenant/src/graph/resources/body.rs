//! Whether a body may be written to a collection.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::{CONTRACT, Property};
use crate::directory::Object;
use crate::graph::error::{Error, Result};
use crate::graph::resources::Collection;
use crate::graph::validate;

/// The properties of a new object, when it has all that it needs.
pub(super) fn create(collection: &Collection, body: &Value) -> Result<Object> {
    let properties = properties(collection);
    let object = check(collection, properties, body, |property| !property.read_only)?;
    let missing = properties
        .values()
        .find(|property| property.required_on_create && object.get(&property.name).is_none_or(Value::is_null));
    missing.map_or(Ok(object), |property| Err(missing_value(collection, &property.name)))
}

/// The properties of a body that changes an object.
pub(super) fn update(collection: &Collection, body: &Value) -> Result<Object> {
    check(collection, properties(collection), body, |property| !property.read_only && !property.immutable)
}

/// The properties of the type of the objects.
pub(super) fn properties(collection: &Collection) -> &'static BTreeMap<String, Property> {
    static NONE: BTreeMap<String, Property> = BTreeMap::new();
    CONTRACT.entity(collection.entity).unwrap_or(&NONE)
}

/// 400 for a property that a new object has to have.
pub(super) fn missing_value(collection: &Collection, property: &str) -> Error {
    let resource = resource(collection);
    Error::request(format!("A value is required for property '{property}' of resource '{resource}'."))
        .about("MissingValue", property)
}

/// 400 for a value.
pub(super) fn invalid_value(collection: &Collection, property: &str) -> Error {
    Error::value_of(&resource(collection), property)
}

fn check(
    collection: &Collection,
    properties: &BTreeMap<String, Property>,
    body: &Value,
    is_writable: fn(&Property) -> bool,
) -> Result<Object> {
    let resource = resource(collection);
    let members = body.as_object().ok_or_else(|| {
        Error::syntax(format!("Invalid body: an object with the properties of a {resource} is expected."))
    })?;
    let mut object = Object::new();
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let property = properties.get(name).ok_or_else(|| Error::unknown_property(name))?;
        if !is_writable(property) {
            return Err(Error::request(format!("Property '{name}' is read-only and cannot be set."))
                .about("ReadOnlyProperty", name));
        }
        if !value.is_null() {
            validate::of_type(&resource, property, value)?;
        } else if !property.takes_null() || property.required_on_create {
            return Err(Error::value_of(&resource, name));
        }
        object.insert(name.clone(), value.clone());
    }
    Ok(object)
}

/// The name that errors give an object.
fn resource(collection: &Collection) -> String {
    let mut letters = collection.entity.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
