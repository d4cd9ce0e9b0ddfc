//! Which Microsoft Graph property is which SCIM attribute, person attribute and SQL column.
//!
//! A folder for each resource type holds the facts: its schema, a row for each pair of attribute and property, its
//! relationships. The other modules are the one interpreter that reads them: [`selection`] says what to ask Graph for,
//! [`Renderer`] turns Graph's objects into SCIM resources, [`write`] goes the other way, [`patch`] compiles a PATCH without
//! reading the object where that is safe, [`filter`] turns a SCIM filter into `$filter`, [`order`] a sort into `$orderby`.
//! Nothing here does I/O.

mod capability;
mod creation;
mod credentials;
mod deleted;
pub mod discovery;
mod facet;
pub mod filter;
mod groups;
pub mod keyed;
mod licenses;
mod link;
mod mapping;
mod members;
mod memo;
mod moment;
pub mod open;
pub mod order;
mod parts;
pub mod patch;
mod render;
pub mod resources;
mod rule;
mod selection;
mod table;
mod users;
pub mod write;

pub use crate::{
    capability::{Capability, Comparison, Support},
    creation::{Companion, Creation},
    facet::Facet,
    groups::{ENTRA_GROUP, GROUP, GROUP_SCHEMA, GROUPS},
    keyed::{Call, Keyed, KeyedChange, Verb},
    link::Link,
    mapping::{AT_ONCE, Deed, LARGEST_PAGE, Listing, Mapping, PAGED, Refused},
    members::Members,
    render::{Linked, Page, Renderer, Unreadable},
    rule::{Form, Rule},
    selection::{Reading, Selection, selection},
    table::{Conversion, Property, Row, Shape},
    users::{
        COLUMNS, Column, ColumnKind, ColumnSource, DELTA_SELECT, ENTERPRISE, ENTRA, ON_PREMISES, SECURITY, USER,
        USER_SCHEMA, USERS,
    },
    write::{Change, FacetChange, LinkChange, Write},
};

/// What a deployment chooses about the mapping.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Settings {
    /// The Graph property that holds `externalId` of users; `None` leaves the attribute unmapped.
    pub external_id: Option<String>,
    /// The same of groups.
    pub group_external_id: Option<String>,
}

impl Settings {
    /// The directory extension property of the application `client_id` that holds `externalId`, unless `property` or, for
    /// groups, `group_property` names another.
    ///
    /// Graph names such a property `extension_{application id without dashes}_{name}`
    /// (<https://learn.microsoft.com/graph/extensibility-overview#directory-extensions>).
    #[must_use]
    pub fn new(client_id: &str, property: &str, group_property: &str) -> Self {
        let chosen = |property: &str| match (property, client_id) {
            ("", "") => None,
            ("", client_id) => Some(format!("extension_{}_externalId", client_id.replace('-', ""))),
            (property, _) => Some(property.to_owned()),
        };
        Self { external_id: chosen(property), group_external_id: chosen(group_property) }
    }

    /// The Graph property of `row`: its own, or the deployment's choice for `externalId`.
    #[must_use]
    pub fn property_of<'a>(&'a self, row: &'static Row) -> Option<&'a str> {
        match row.property.path {
            table::EXTERNAL_ID => self.external_id.as_deref(),
            table::GROUP_EXTERNAL_ID => self.group_external_id.as_deref(),
            path => Some(path),
        }
    }
}
