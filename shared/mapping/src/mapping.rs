//! All that the one interpreter knows of a resource type.

use scim::schema::ResourceType;

use crate::{
    link::Link,
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
    /// The relationship shown by this attribute.
    #[must_use]
    pub fn link(&self, schema: Option<&str>, attribute: &str) -> Option<&'static Link> {
        self.links.iter().find(|link| link.schema == schema && link.attribute == attribute)
    }
}
