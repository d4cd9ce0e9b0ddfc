//! From Graph to SCIM: the text of an object becomes the text of a resource.
//!
//! A page of users is the heaviest thing that the service does, so no tree is built of it: a [`Renderer`] is laid out once
//! for a query, then each object is scanned once, the texts of the values that count are noted, and copied where they belong.

mod layout;
mod linked;
mod objects;
mod page;
mod scan;
mod version;
mod write;

use std::{fmt, sync::Arc};

use scim::projection::Projection;
use serde_json::Value;

use self::{
    layout::Layout,
    scan::{Branch, Slots},
};
pub use self::{linked::Linked, page::Page};
use crate::{Settings, mapping::Mapping, memo::Memo};

/// Renders the objects of one query.
#[derive(Debug)]
pub struct Renderer<'a> {
    mapping: &'static Mapping,
    base: &'a str,
    outline: Arc<Outline>,
    projection: &'a Projection,
}

/// Where the values of an object are, and where they go.
#[derive(Debug)]
struct Outline {
    branch: Branch,
    layout: Layout,
}

impl Outline {
    fn new(mapping: &'static Mapping, settings: &Settings, projection: &Projection) -> Self {
        let mut branch = Branch::default();
        let layout = Layout::new(mapping, settings, projection, &mut branch);
        Self { branch, layout }
    }
}

/// Why an answer of Graph cannot be rendered.
#[derive(Debug)]
pub struct Unreadable(serde_json::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the answer of Microsoft Graph cannot be read: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self(error)
    }
}

impl<'a> Renderer<'a> {
    /// For resources cut to `projection`; `base` is the address of the service, such as `https://host/scim/v2`.
    #[must_use]
    pub fn new(mapping: &'static Mapping, settings: &Settings, projection: &'a Projection, base: &'a str) -> Self {
        static WHOLE: Memo<Outline> = Memo::new();
        let make = || Outline::new(mapping, settings, projection);
        let outline = if projection.is_cut() { Arc::new(make()) } else { WHOLE.get(mapping, settings, make) };
        Self { mapping, base, outline, projection }
    }

    /// The resource of `object`, a JSON text. `parts` are texts of relationships and facets that were read apart, by name.
    ///
    /// # Errors
    ///
    /// When it is not a JSON object.
    pub fn resource(&self, object: &str, parts: &[(&str, &str)]) -> Result<String, Unreadable> {
        let mut text = Vec::with_capacity(2 * object.len());
        let mut slots = Slots::new(&self.outline.branch);
        scan::object(object, &self.outline.branch, &mut slots)?;
        for (name, part) in parts {
            slots.set(&self.outline.branch, name, part)?;
        }
        self.write(&slots, &mut text)?;
        // Every piece of it was text.
        Ok(String::from_utf8(text).unwrap_or_default())
    }

    /// The resource as a tree.
    ///
    /// # Errors
    ///
    /// As [`Renderer::resource`].
    pub fn value(&self, object: &str, parts: &[(&str, &str)]) -> Result<Value, Unreadable> {
        Ok(serde_json::from_str(&self.resource(object, parts)?)?)
    }

    /// The version of a resource that [`Renderer::resource`] rendered whole; none of one that is cut.
    #[must_use]
    pub fn version(resource: &str) -> Option<&str> {
        let (_, rest) = resource.rsplit_once(r#","version":"W/\""#)?;
        rest.strip_suffix(r#"\""}}"#)
    }

    fn write(&self, slots: &Slots<'_>, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        if !self.projection.is_cut() {
            write::resource(self, slots, out)?;
            return Ok(());
        }
        let mut text = Vec::new();
        write::resource(self, slots, &mut text)?;
        let mut resource: Value = serde_json::from_slice(&text)?;
        self.projection.apply(&mut resource);
        serde_json::to_writer(out, &resource)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
