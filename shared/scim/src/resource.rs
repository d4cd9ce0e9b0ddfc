//! A whole resource: what a client sends to create or replace one, and what every resource says of itself.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::boolean("active")] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::resource::{Incoming, Meta};
//! use serde_json::json;
//!
//! let body = json!({ "schemas": [USER.id], "USERNAME": "ann", "active": "True", "id": "mine", "shoeSize": 44 });
//! let incoming = Incoming::read(&body, &USERS)?;
//! assert_eq!(incoming.resource, json!({ "schemas": [USER.id], "userName": "ann", "active": true }));
//! assert_eq!(incoming.unknown, ["shoeSize"]);
//!
//! let meta = Meta { resource_type: "User", version: Some("W/\"1\"".to_owned()), ..Meta::default() };
//! assert_eq!(meta.to_value(), json!({ "resourceType": "User", "version": "W/\"1\"" }));
//! # Ok::<(), scim::Error>(())
//! ```

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::value::{canonical, is_unassigned, member};

/// The deepest JSON of a resource: the resource, an extension, a list, an element, and values inside.
pub const MAX_DEPTH: usize = 16;
/// The most members and elements in a resource, at all levels.
pub const MAX_NODES: usize = 100_000;

/// What a client sent to create or replace a resource, in canonical form.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Names in canonical letter case, values of their type, `schemas` as carried. Without what only the service sets
    /// (`id`, `meta`) and without members that stand for no value (null, `[]`).
    pub resource: Value,
    /// Attributes that the resource type does not have or keep, as written; they are not in `resource`.
    pub unknown: Vec<String>,
}

impl Incoming {
    /// Reads the body of a POST or PUT request.
    ///
    /// # Errors
    /// `invalidSyntax` for a body that is no resource of this type, `invalidValue` for a value of the wrong type or a
    /// required one that is missing.
    pub fn read(body: &Value, resource_type: &ResourceType) -> Result<Self> {
        let body_members = body.as_object().ok_or_else(|| Error::invalid_syntax("the body must be a JSON object"))?;
        check_size(body)?;
        check_schemas(body_members, resource_type)?;
        let mut incoming = Self { resource: Value::Null, unknown: Vec::new() };
        let mut members = Map::new();
        for (name, value) in body_members {
            incoming.member(&mut members, name, value, resource_type)?;
        }
        check_required(&members, resource_type)?;
        incoming.resource = Value::Object(members);
        set_schemas(&mut incoming.resource, resource_type);
        Ok(incoming)
    }

    /// Makes a replacement (PUT) agree with what is immutable in the resource it replaces: a value that is left out stays.
    ///
    /// # Errors
    /// `mutability` for an immutable attribute with another value (RFC 7644 section 3.5.1).
    pub fn keep_immutable(&mut self, existing: &Value, resource_type: &ResourceType) -> Result<()> {
        let Some(members) = self.resource.as_object_mut() else { return Ok(()) };
        let top = resource_type.attributes().map(|attribute| (None, attribute));
        let extended = resource_type.extensions.iter().flat_map(|extension| {
            extension.schema.attributes.iter().map(|attribute| (Some(extension.schema.id), attribute))
        });
        for (schema, attribute) in top.chain(extended) {
            let container = schema.map_or(Some(existing), |id| existing.get(id));
            let before = container.and_then(|container| container.get(attribute.name));
            let (Mutability::Immutable, Some(before)) = (attribute.mutability, before) else { continue };
            let container = match schema {
                Some(id) => members.entry(id).or_insert_with(|| Value::Object(Map::new())).as_object_mut(),
                None => Some(&mut *members),
            };
            let Some(container) = container else { continue };
            if container.entry(attribute.name).or_insert_with(|| before.clone()) != before {
                return Err(Error::mutability(format!("'{}' is immutable and has another value", attribute.name)));
            }
        }
        set_schemas(&mut self.resource, resource_type);
        Ok(())
    }

    fn member(
        &mut self,
        members: &mut Map<String, Value>,
        name: &str,
        value: &Value,
        resource_type: &ResourceType,
    ) -> Result<()> {
        if let Some(schema) = resource_type.extension(name) {
            let extension = self.extension(schema, value)?;
            if !extension.is_empty() {
                members.insert(schema.id.to_owned(), Value::Object(extension));
            }
            return Ok(());
        }
        match resource_type.attribute(name).filter(|attribute| !attribute.unkept) {
            Some(attribute) => self.attribute(members, attribute, value),
            None => {
                self.unknown.push(name.to_owned());
                Ok(())
            }
        }
    }

    fn extension(&mut self, schema: &Schema, value: &Value) -> Result<Map<String, Value>> {
        let mut members = Map::new();
        match value {
            Value::Null => {}
            Value::Object(given) => {
                // Some clients repeat the URN inside the object, as `schemas`.
                for (name, value) in given.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
                    match schema.attribute(name).filter(|attribute| !attribute.unkept) {
                        // It goes by the name that it has here.
                        Some(attribute) if attribute.open => {
                            let value = canonical(attribute, value, &mut self.unknown)?;
                            members.extend(value.map(|value| (name.clone(), value)));
                        }
                        Some(attribute) => self.attribute(&mut members, attribute, value)?,
                        None => self.unknown.push(format!("{}:{name}", schema.id)),
                    }
                }
            }
            _ => return Err(Error::invalid_value(format!("{} must be an object of attributes", schema.id))),
        }
        Ok(members)
    }

    fn attribute(&mut self, members: &mut Map<String, Value>, attribute: &Attribute, value: &Value) -> Result<()> {
        if attribute.mutability == Mutability::ReadOnly || attribute.name == "schemas" {
            return Ok(());
        }
        if let Some(value) = canonical(attribute, value, &mut self.unknown)? {
            check_parts(attribute, &value)?;
            members.insert(attribute.name.to_owned(), value);
        }
        Ok(())
    }
}

/// Sets `schemas` to the main schema and the extensions the resource carries.
pub fn set_schemas(resource: &mut Value, resource_type: &ResourceType) {
    let Some(members) = resource.as_object_mut() else { return };
    let carried = resource_type.extensions.iter().map(|extension| extension.schema.id);
    let carried = carried.filter(|id| members.get(*id).is_some_and(|value| !is_unassigned(value)));
    let schemas = std::iter::once(resource_type.schema.id).chain(carried).map(Value::from).collect();
    members.insert("schemas".to_owned(), Value::Array(schemas));
}

/// What every resource says of itself (RFC 7643 section 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The name of the resource type.
    pub resource_type: &'static str,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// When it was last changed, RFC 3339.
    pub last_modified: Option<String>,
    /// Its absolute URL.
    pub location: Option<String>,
    /// Its version, as in the `ETag` header: `W/"3694e05e9dff590"`.
    pub version: Option<String>,
}

impl Meta {
    /// The value of `meta`.
    pub fn to_value(&self) -> Value {
        let optional = [
            ("created", &self.created),
            ("lastModified", &self.last_modified),
            ("location", &self.location),
            ("version", &self.version),
        ];
        let mut members = Map::from_iter([("resourceType".to_owned(), self.resource_type.into())]);
        for (name, value) in optional {
            if let Some(value) = value {
                members.insert(name.to_owned(), value.as_str().into());
            }
        }
        Value::Object(members)
    }
}

fn check_schemas(members: &Map<String, Value>, resource_type: &ResourceType) -> Result<()> {
    let id = resource_type.schema.id;
    let missing = || Error::invalid_syntax(format!("'schemas' must hold {id}"));
    let schemas = member(members, "schemas").and_then(Value::as_array).ok_or_else(missing)?;
    let is_known = |urn: &str| urn.eq_ignore_ascii_case(id);
    match schemas.iter().filter_map(Value::as_str).any(is_known) {
        true => Ok(()),
        false => Err(missing()),
    }
}

fn check_required(members: &Map<String, Value>, resource_type: &ResourceType) -> Result<()> {
    let missing = |attribute: &&Attribute| {
        attribute.required && attribute.mutability != Mutability::ReadOnly && attribute.name != "schemas"
    };
    for attribute in resource_type.attributes().filter(missing) {
        require(members.get(attribute.name), attribute.name)?;
    }
    for extension in resource_type.extensions {
        let id = extension.schema.id;
        let Some(carried) = members.get(id) else {
            if extension.required {
                return Err(Error::invalid_value(format!("the extension {id} is required")));
            }
            continue;
        };
        for attribute in extension.schema.attributes.iter().filter(missing) {
            require(carried.get(attribute.name), &format!("{id}:{}", attribute.name))?;
        }
    }
    Ok(())
}

fn check_parts(attribute: &Attribute, value: &Value) -> Result<()> {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    for part in attribute.sub_attributes.iter().filter(|part| part.required && part.mutability != Mutability::ReadOnly)
    {
        for element in elements {
            require(element.get(part.name), &format!("{}.{}", attribute.name, part.name))?;
        }
    }
    Ok(())
}

fn require(value: Option<&Value>, name: &str) -> Result<()> {
    match value {
        Some(Value::String(text)) if text.trim().is_empty() => {
            Err(Error::invalid_value(format!("'{name}' is required and cannot be empty")))
        }
        Some(_) => Ok(()),
        None => Err(Error::invalid_value(format!("'{name}' is required"))),
    }
}

/// Checks that the body is within [`MAX_DEPTH`] and [`MAX_NODES`].
pub(crate) fn check_size(body: &Value) -> Result<()> {
    let mut nodes = 0;
    let mut open = vec![(body, 1)];
    while let Some((value, depth)) = open.pop() {
        nodes += 1;
        if depth > MAX_DEPTH {
            return Err(Error::invalid_syntax(format!("the body is nested deeper than {MAX_DEPTH} levels")));
        }
        if nodes > MAX_NODES {
            return Err(Error::payload_too_large(format!("the body holds more than {MAX_NODES} values")));
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.iter().map(|(_, item)| (item, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
