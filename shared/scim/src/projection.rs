//! Which attributes a response holds: `attributes` and `excludedAttributes`. RFC 7644 section 3.9.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::boolean("active")] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::projection::Projection;
//! use serde_json::json;
//!
//! let mut user = json!({ "id": "1", "userName": "ann", "active": true });
//! Projection::parse(None, Some("id,active"), &USERS)?.apply(&mut user);
//! assert_eq!(user, json!({ "id": "1", "userName": "ann" }), "what is always returned stays");
//! # Ok::<(), scim::Error>(())
//! ```

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::schema::{Attribute, ResourceType, Returned, Schema};

/// The most names in one of the two parameters.
pub const MAX_NAMES: usize = 256;

/// Which attributes of a resource are returned.
///
/// Ask it before reading what is costly, then let it cut the resource:
///
/// ```
/// # use scim::schema::{Attribute, ResourceType, Schema};
/// # use scim::projection::Projection;
/// # static NAME: &[Attribute] = &[Attribute::string("givenName"), Attribute::string("familyName")];
/// # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
/// #     attributes: &[Attribute::string("userName").required(), Attribute::complex("name", NAME)] };
/// # static USERS: ResourceType =
/// #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
/// let projection = Projection::parse(Some("NAME.givenname"), None, &USERS)?;
/// assert!(projection.includes("name.givenName") && projection.includes("id"));
/// assert!(!projection.includes("name.familyName") && !projection.includes("userName"));
/// # Ok::<(), scim::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Projection {
    resource_type: &'static ResourceType,
    mode: Mode,
    names: Vec<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Default,
    Only,
    Except,
}

/// What a name in a parameter stands for.
#[derive(Clone, Debug)]
struct Name {
    schema: Option<&'static Schema>,
    attribute: Option<&'static Attribute>,
    part: Option<&'static Attribute>,
    /// What was written for an attribute and a part that the schema does not name.
    open: Option<(String, Option<String>)>,
}

impl Projection {
    /// What is returned when the client does not say.
    pub fn all(resource_type: &'static ResourceType) -> Self {
        Self { resource_type, mode: Mode::Default, names: Vec::new() }
    }

    /// Reads the two parameters, each a list of names joined by commas; unknown names count for nothing.
    ///
    /// # Errors
    /// 400 `invalidValue` if both are given, or one holds more than [`MAX_NAMES`] names.
    pub fn parse(
        attributes: Option<&str>,
        excluded_attributes: Option<&str>,
        resource_type: &'static ResourceType,
    ) -> Result<Self> {
        let given = |text: Option<&'_ str>| text.map(str::trim).is_some_and(|text| !text.is_empty());
        let (mode, text) = match (given(attributes), given(excluded_attributes)) {
            (true, true) => {
                return Err(Error::invalid_value("'attributes' and 'excludedAttributes' exclude each other; give one"));
            }
            (true, false) => (Mode::Only, attributes),
            (false, true) => (Mode::Except, excluded_attributes),
            (false, false) => (Mode::Default, None),
        };
        let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
        let words = words.take(MAX_NAMES + 1).collect::<Vec<_>>();
        if words.len() > MAX_NAMES {
            return Err(Error::invalid_value(format!("more than {MAX_NAMES} attribute names")));
        }
        let names = words.into_iter().filter_map(|word| Name::find(word, resource_type)).collect();
        Ok(Self { resource_type, mode, names })
    }

    /// Whether the client named the attributes it wants; a PATCH must then answer with the resource.
    pub fn is_explicit(&self) -> bool {
        self.mode == Mode::Only
    }

    /// Whether the client named attributes that it wants or does not want.
    pub fn is_cut(&self) -> bool {
        self.mode != Mode::Default
    }

    /// Whether the attribute at this path is returned, or some part of it.
    ///
    /// The path may be a whole extension (its URN) and may hold a value filter, which does not count. A path that the
    /// resource type does not have is not returned.
    pub fn includes(&self, path: &str) -> bool {
        match Name::find(path, self.resource_type) {
            Some(Name { schema, attribute: Some(attribute), part, .. }) => self.returns(schema, attribute, part),
            Some(Name { schema: Some(schema), attribute: None, .. }) => {
                schema.attributes.iter().any(|attribute| self.returns(self.extension_of(schema), attribute, None))
            }
            _ => false,
        }
    }

    /// Cuts the resource, which is in canonical form, to what is returned.
    pub fn apply(&self, resource: &mut Value) {
        let Some(members) = resource.as_object_mut() else { return };
        members.retain(|name, value| match self.resource_type.extension(name) {
            Some(schema) => {
                let Some(extension) = value.as_object_mut() else { return false };
                extension.retain(|name, value| match schema.attribute(name) {
                    Some(attribute) if attribute.open => self.cut_open(schema, attribute, name, value),
                    attribute => self.cut(Some(schema), attribute, value),
                });
                !extension.is_empty()
            }
            None => self.cut(None, self.resource_type.attribute(name), value),
        });
    }

    fn cut(&self, schema: Option<&'static Schema>, attribute: Option<&'static Attribute>, value: &mut Value) -> bool {
        let Some(attribute) = attribute.filter(|attribute| self.returns(schema, attribute, None)) else { return false };
        if attribute.sub_attributes.is_empty() {
            return true;
        }
        let keep = |members: &mut Map<String, Value>| {
            members.retain(|name, _| {
                let part = attribute.sub_attribute(name);
                part.is_some_and(|part| self.returns(schema, attribute, Some(part)))
            });
            !members.is_empty()
        };
        match value {
            Value::Object(members) => keep(members),
            Value::Array(items) => {
                let had_none = items.is_empty();
                items.retain_mut(|item| item.as_object_mut().is_none_or(keep));
                had_none || !items.is_empty()
            }
            _ => true,
        }
    }

    /// Cuts what the schema does not name.
    fn cut_open(&self, schema: &'static Schema, attribute: &Attribute, name: &str, value: &mut Value) -> bool {
        if !self.returns(Some(schema), attribute, None) {
            return false;
        }
        let names = || self.names.iter().filter(|name| name.covers(Some(schema), self.resource_type));
        let of_it = || names().filter_map(|known| known.open.as_ref()).filter(|(known, _)| known == name);
        if names().any(|name| name.attribute.is_none()) || of_it().any(|(_, part)| part.is_none()) {
            return true;
        }
        let Some(members) = value.as_object_mut() else { return false };
        members.retain(|name, _| of_it().any(|(_, part)| part.as_ref() == Some(name)));
        !members.is_empty()
    }

    fn returns(&self, schema: Option<&'static Schema>, attribute: &Attribute, part: Option<&Attribute>) -> bool {
        let leaf = part.unwrap_or(attribute);
        // `schemas` comes always: without it a client cannot tell what it got.
        if schema.is_none() && attribute.name == "schemas" {
            return true;
        }
        if attribute.returned == Returned::Never || leaf.returned == Returned::Never {
            return false;
        }
        match self.mode {
            Mode::Default => attribute.returned != Returned::Request && leaf.returned != Returned::Request,
            Mode::Only => self.is_wanted(schema, attribute, part),
            Mode::Except => match (attribute.returned, leaf.returned) {
                (Returned::Request, _) | (_, Returned::Request) => false,
                (_, Returned::Always) if part.is_none() => true,
                (_, returned) => !self.is_unwanted(schema, attribute, part, returned == Returned::Always),
            },
        }
    }

    /// Named itself, inside something named, or (for a whole attribute) with a part that is named.
    fn is_wanted(&self, schema: Option<&'static Schema>, attribute: &Attribute, part: Option<&Attribute>) -> bool {
        let leaf = part.unwrap_or(attribute);
        let mut wanted = attribute.returned == Returned::Always && leaf.returned != Returned::Request;
        for name in self.names.iter().filter(|name| name.covers(schema, self.resource_type)) {
            wanted |= match (name.attribute, name.part, part) {
                (None, ..) if attribute.open => true,
                (None, ..) => attribute.returned != Returned::Request && leaf.returned != Returned::Request,
                (Some(named), ..) if named.name != attribute.name => false,
                (Some(_), _, None) => true,
                (Some(_), None, Some(part)) => part.returned != Returned::Request,
                (Some(_), Some(named), Some(part)) => named.name == part.name || part.returned == Returned::Always,
            };
        }
        wanted
    }

    fn is_unwanted(
        &self,
        schema: Option<&'static Schema>,
        attribute: &Attribute,
        part: Option<&Attribute>,
        always: bool,
    ) -> bool {
        self.names.iter().filter(|name| name.covers(schema, self.resource_type)).any(|name| {
            match (name.attribute, name.part, part) {
                (None, ..) => attribute.returned != Returned::Always,
                (Some(named), ..) if named.name != attribute.name => false,
                (Some(_), None, _) => attribute.returned != Returned::Always,
                (Some(_), Some(named), Some(part)) => named.name == part.name && !always,
                (Some(_), Some(_), None) => false,
            }
        })
    }

    fn extension_of(&self, schema: &'static Schema) -> Option<&'static Schema> {
        (schema.id != self.resource_type.schema.id).then_some(schema)
    }
}

impl Name {
    /// Looks up `name.part`, `URN:name.part` or `URN`, in any letter case; a `[filter]` is skipped.
    fn find(text: &str, resource_type: &'static ResourceType) -> Option<Self> {
        let core = resource_type.schema;
        if core.id.eq_ignore_ascii_case(text) {
            return Some(Self { schema: Some(core), attribute: None, part: None, open: None });
        }
        if let Some(schema) = resource_type.extension(text) {
            return Some(Self { schema: Some(schema), attribute: None, part: None, open: None });
        }
        let (head, tail) = match (text.find('['), text.rfind(']')) {
            (Some(open), Some(close)) => (text.get(..open)?, text.get(close + 1..)?),
            _ => (text, ""),
        };
        let (urn, head) = match head.rsplit_once(':') {
            Some((urn, head)) => (Some(urn), head),
            None => (None, head),
        };
        let (name, part) = match (head.split_once('.'), tail.strip_prefix('.')) {
            (Some((name, part)), _) => (name, Some(part)),
            (None, part) => (head, part),
        };
        let (schema, attribute) = resource_type.find(urn, name)?;
        let open = attribute.open.then(|| (name.to_owned(), part.map(str::to_owned)));
        let part = match part {
            Some(part) => Some(attribute.sub_attribute(part)?),
            None => None,
        };
        Some(Self { schema, attribute: Some(attribute), part, open })
    }

    /// Whether the name is of this schema; `None` stands for the main one.
    fn covers(&self, schema: Option<&'static Schema>, resource_type: &ResourceType) -> bool {
        let id = |schema: Option<&'static Schema>| schema.map_or(resource_type.schema.id, |schema| schema.id);
        id(self.schema) == id(schema)
    }
}

#[cfg(test)]
mod tests;
