//! All that the one interpreter knows of a resource type.

use scim::schema::{Attribute, ResourceType};
use serde_json::{Map, Value};

use crate::{
    creation::Creation,
    facet::Facet,
    keyed::Call,
    link::Link,
    rule::Rule,
    table::{Property, Row},
};

/// A SCIM resource type and the directory objects behind it.
#[derive(Debug)]
pub struct Mapping {
    /// What clients see.
    pub resource_type: &'static ResourceType,
    /// The component that serves it: `scim-users`.
    pub component: &'static str,
    /// What Graph calls such an object: `user`.
    pub graph_type: &'static str,
    /// Where Graph lists the objects: `/users`.
    pub collection: &'static str,
    /// Where Graph has each of them by its id, where that is elsewhere.
    pub objects: Option<&'static str>,
    /// How Graph lists them.
    pub listing: Listing,
    /// What cannot be done with them, and why.
    pub refused: &'static [Refused],
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
    /// How an object is made where that is not a `POST` to the collection; `None` of it for a body that is.
    pub creation: fn(&mut Map<String, Value>) -> Option<Creation>,
    /// Takes out of the body of an update what is an action of Graph's, and says which: of the object at this path.
    pub actions: fn(&str, &mut Map<String, Value>) -> Vec<Call>,
    /// The property behind `meta.created`.
    pub created: Option<&'static Property>,
    /// The least permission that reads an object.
    pub reading: &'static str,
    /// The least permission that changes or deletes an object.
    pub writing: &'static str,
    /// The least permission that makes an object.
    pub creating: &'static str,
    /// What a PUT leaves alone although the body lacks it: what Graph refuses to clear, and what is dangerous to lose.
    pub kept: &'static [&'static str],
}

/// How Graph lists a collection.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The most objects on a page; `None` where all come at once and `$top` is refused.
    pub largest: Option<u64>,
    /// Whether it counts, by `$count=true` and `/$count`.
    pub counted: bool,
    /// Whether `$filter` finds an object by its id.
    pub finds_ids: bool,
    /// Whether one is read out of the list, because the list can be had with less permission.
    pub one_of_list: bool,
    /// The most objects that are read to answer a query that Graph cannot do.
    pub scanned: u64,
}

/// The largest page of most collections of directory objects.
pub const LARGEST_PAGE: u64 = 999;

/// How many objects are read to answer one query, as a rule.
pub(crate) const SCANNED: u64 = 10 * LARGEST_PAGE;

/// Pages of up to 999 objects, counted: users, groups and most directory objects.
pub const PAGED: Listing =
    Listing { largest: Some(LARGEST_PAGE), counted: true, finds_ids: true, scanned: SCANNED, one_of_list: false };

/// All objects in one answer: directory roles, licences, domains.
pub const AT_ONCE: Listing =
    Listing { largest: None, counted: false, finds_ids: false, scanned: SCANNED, one_of_list: false };

/// Something that can be done with a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Deed {
    /// `POST`
    Create,
    /// `PUT` and `PATCH`
    Update,
    /// `DELETE`
    Delete,
}

/// Something that cannot be done with resources of a type.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// What.
    pub deed: Deed,
    /// The status of the answer: 501 where nobody can through Graph v1.0, 403 where only a person may.
    pub status: u16,
    /// Why, and what to do instead.
    pub reason: &'static str,
}

impl Mapping {
    /// A mapping of properties, read only so far.
    #[must_use]
    pub(crate) const fn new(
        resource_type: &'static ResourceType,
        graph_type: &'static str,
        collection: &'static str,
        rows: &'static [Row],
    ) -> Self {
        Self {
            resource_type,
            component: "",
            graph_type,
            collection,
            objects: None,
            listing: PAGED,
            refused: &[],
            rows,
            links: &[],
            facets: &[],
            rules: &[],
            shown_read_only: &[],
            complete: |_, _| (),
            creation: |_| None,
            actions: |_, _| Vec::new(),
            created: None,
            reading: "",
            writing: "",
            creating: "",
            kept: &[],
        }
    }

    /// Where each object is, by its id.
    #[must_use]
    pub fn objects(&self) -> &'static str {
        self.objects.unwrap_or(self.collection)
    }

    /// Whether the collection is a part of one of objects of several types, told apart by a cast. Graph counts such a part
    /// with a page of it and not apart, and has the objects of all types under one path.
    #[must_use]
    pub fn is_cast(&self) -> bool {
        self.collection.contains("/microsoft.graph.")
    }

    /// Why something cannot be done with such resources.
    #[must_use]
    pub fn refusal(&self, deed: Deed) -> Option<&'static Refused> {
        self.refused.iter().find(|refused| refused.deed == deed)
    }

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
