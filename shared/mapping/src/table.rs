//! What a table of attributes is made of: a row for each pair of SCIM attribute and Graph property.

use serde_json::Value;

use crate::{
    capability::{ADVANCED_TEXT, Capability, NONE, TEXT},
    facet::Facet,
    keyed::Keyed,
};

/// Stands for the property that a deployment chooses for `externalId` of users.
pub(crate) const EXTERNAL_ID: &str = "{externalId}";
/// Stands for the property that a deployment chooses for `externalId` of groups.
pub(crate) const GROUP_EXTERNAL_ID: &str = "{groupExternalId}";

/// One SCIM attribute and the Graph property behind it.
#[derive(Debug)]
pub struct Row {
    /// The URN of the extension, or `None` for the core schema.
    pub schema: Option<&'static str>,
    /// The attribute's name.
    pub attribute: &'static str,
    /// The `type` of the element, where the attribute is multi-valued.
    pub element: Option<&'static str>,
    /// The sub-attribute's name, where the attribute is complex.
    pub sub_attribute: Option<&'static str>,
    /// The property of Graph.
    pub property: Property,
}

/// A property of a Graph object.
#[derive(Debug)]
pub struct Property {
    /// Its name, or a path such as `employeeOrgData/costCenter`.
    pub path: &'static str,
    /// How its value and SCIM's relate.
    pub shape: Shape,
    /// What `$filter` and `$orderby` can do with it.
    pub filter: Capability,
    /// What may be done with it besides reading.
    pub access: Access,
    /// The property whose value Graph is given where there is none; where both are the same, none is shown.
    pub stand_in: Option<&'static str>,
    /// The part of the object that it is in, if that has a path of its own.
    pub facet: Option<&'static Facet>,
    /// How Graph changes its elements one by one, where it is not written as a whole.
    pub keyed: Option<&'static Keyed>,
    /// The part of its elements that must be false before Graph lets one go, or get another `value`: `isEnabled`.
    pub disables: Option<&'static str>,
    /// Whether Graph wants each of its elements to come with an `id`, a GUID.
    pub identified: bool,
}

/// How a Graph value and a SCIM value relate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// The same value.
    Single,
    /// Graph keeps an array of at most one, SCIM a single value.
    First,
    /// Each item of Graph's array that starts with the prefix is an element of SCIM's.
    Many(&'static str),
    /// Graph keeps a text that is empty where there is none.
    Text,
    /// Objects that the tenant defines; the row stands for all of the extension.
    Open,
    /// Graph keeps a local time and its zone, SCIM a point in time.
    Moment,
    /// SCIM tells where the thing is that Graph keeps: below the resource, under this name.
    Address(&'static str),
    /// Objects whose members are the parts of the attribute, by the same names.
    Complex,
    /// Whether there is a value; false takes it away.
    Present,
    /// A number, less the one of the property that stands in.
    Less,
    /// Two forms of the same.
    Converted(&'static Conversion),
}

/// How a value of Graph becomes one of SCIM, and back.
#[derive(Debug)]
pub struct Conversion {
    /// From Graph's value; null where there is none.
    pub read: fn(Value) -> Value,
    /// From SCIM's value, which is not null.
    pub write: fn(Value) -> Value,
}

impl PartialEq for Conversion {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Conversion {}

/// What may be done with a property besides reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// It can be set and cleared.
    Write,
    /// It can be set, and Graph refuses null.
    Keep,
    /// It comes with a new object, and Graph takes it in no update.
    Once,
    /// Graph alone sets it.
    Read,
}

impl Shape {
    /// Whether Graph cannot be asked for what SCIM shows.
    pub(crate) fn is_converted(self) -> bool {
        matches!(self, Self::Complex | Self::Converted(_) | Self::Present | Self::Less)
    }
}

impl Row {
    pub(crate) const fn new(schema: Option<&'static str>, attribute: &'static str, property: Property) -> Self {
        Self { schema, attribute, element: None, sub_attribute: None, property }
    }

    pub(crate) const fn element(mut self, element: &'static str, sub_attribute: &'static str) -> Self {
        self.element = Some(element);
        self.sub_attribute = Some(sub_attribute);
        self
    }

    pub(crate) const fn sub(mut self, sub_attribute: &'static str) -> Self {
        self.sub_attribute = Some(sub_attribute);
        self
    }

    /// The SCIM path without value filters, as a projection names it.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.schema.map_or_else(String::new, |schema| format!("{schema}:"));
        path.push_str(self.attribute);
        if let Some(sub_attribute) = self.sub_attribute {
            path.push('.');
            path.push_str(sub_attribute);
        }
        path
    }
}

impl Property {
    pub(crate) const fn with(path: &'static str, filter: Capability) -> Self {
        Self {
            path,
            shape: Shape::Single,
            filter,
            access: Access::Write,
            stand_in: None,
            facet: None,
            keyed: None,
            disables: None,
            identified: false,
        }
    }

    pub(crate) const fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    pub(crate) const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    pub(crate) const fn stand_in(mut self, path: &'static str) -> Self {
        self.stand_in = Some(path);
        self
    }

    pub(crate) const fn in_facet(mut self, facet: &'static Facet) -> Self {
        self.facet = Some(facet);
        self
    }

    pub(crate) const fn keyed(mut self, keyed: &'static Keyed) -> Self {
        self.keyed = Some(keyed);
        self
    }

    pub(crate) const fn identified(mut self) -> Self {
        self.identified = true;
        self
    }

    pub(crate) const fn disables(mut self, part: &'static str) -> Self {
        self.disables = Some(part);
        self
    }

    /// The property that `$select` names: the first part of the path.
    #[must_use]
    pub fn root(&self) -> &'static str {
        self.path.split('/').next().unwrap_or(self.path)
    }

    /// Whether it is read for one object at a time, because another service than the directory keeps it.
    #[must_use]
    pub fn is_single_only(&self) -> bool {
        self.path == "mySite" || self.facet.is_some()
    }
}

pub(crate) const fn plain(path: &'static str) -> Property {
    Property::with(path, TEXT)
}

pub(crate) const fn advanced(path: &'static str) -> Property {
    Property::with(path, ADVANCED_TEXT)
}

pub(crate) const fn unfiltered(path: &'static str) -> Property {
    Property::with(path, NONE)
}

pub(crate) const fn read(property: Property) -> Property {
    property.access(Access::Read)
}

pub(crate) const fn once(property: Property) -> Property {
    property.access(Access::Once)
}

pub(crate) const fn keep(property: Property) -> Property {
    property.access(Access::Keep)
}

/// A row of the core schema, for a single property.
pub(crate) const fn row(attribute: &'static str, property: Property) -> Row {
    Row::new(None, attribute, property)
}
