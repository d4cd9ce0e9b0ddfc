//! All that the one interpreter knows of a resource type.

use scim::schema::{Attribute, ResourceType};
use serde_json::{Map, Value};

use crate::{
    facet::Facet,
    link::Link,
    rule::Rule,
    table::{Property, Row},
};

/// A SCIM resource type and the directory objects behind it.
#[derive(Debug)]
pub struct Mapping {
    /// What clients see.
    pub resource_type: &'static ResourceType,
    /// Where Graph keeps the objects: `/users`.
    pub collection: &'static str,
    /// The properties.
    pub rows: &'static [Row],
    /// The relationships.
    pub links: &'static [Link],
    /// The parts with paths of their own.
    pub facets: &'static [&'static Facet],
    /// What Graph demands of values.
    pub rules: &'static [Rule],
    /// The attributes that `/Schemas` calls readOnly although they can be written by a client that knows how: the URN of the
    /// extension, and the name with dots.
    pub shown_read_only: &'static [(Option<&'static str>, &'static str)],
    /// Makes up what Graph demands of a new object and the client left out; is given a password, for where one is needed.
    pub complete: fn(&mut Map<String, Value>, &str),
    /// The property behind `meta.created`.
    pub created: &'static Property,
    /// The least permission that reads an object.
    pub reading: &'static str,
    /// The least permission that changes or deletes an object.
    pub writing: &'static str,
    /// The least permission that makes an object.
    pub creating: &'static str,
    /// What a PUT leaves alone although the body lacks it: what Graph refuses to clear, and what is dangerous to lose.
    pub kept: &'static [&'static str],
}

impl Mapping {
    /// The attribute of this name, of the extension or the core schema.
    #[must_use]
    pub fn attribute(&self, schema: Option<&str>, name: &str) -> Option<&'static Attribute> {
        match schema {
            Some(schema) => self.resource_type.extension(schema)?.attribute(name),
            None => self.resource_type.attribute(name),
        }
    }

    /// What Graph demands of the values of this row.
    #[must_use]
    pub fn rule(&self, row: &Row) -> Option<&'static Rule> {
        let named = |name: &str| self.rules.iter().find(|rule| rule.property == name);
        named(row.property.path).or_else(|| named(row.property.root()))
    }

    /// The relationship shown by this attribute.
    #[must_use]
    pub fn link(&self, schema: Option<&str>, attribute: &str) -> Option<&'static Link> {
        self.links.iter().find(|link| link.schema == schema && link.attribute == attribute)
    }
}
