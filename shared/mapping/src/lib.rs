//! Which Microsoft Graph property is which SCIM attribute, person attribute and SQL column.
//!
//! [`table`] holds the facts, a row a pair; the other modules are the one interpreter that reads them:
//! [`read`] turns a Graph user into a SCIM resource, [`write`] goes the other way, [`patch`] compiles a PATCH without
//! reading the user where that is safe, and [`filter`] turns a SCIM filter into `$filter`. Nothing here does I/O.

mod attributes;
mod columns;
pub mod filter;
pub mod patch;
pub mod read;
mod schema;
mod table;
pub mod write;

pub use crate::{
    columns::{COLUMNS, Column, ColumnKind, ColumnSource, DELTA_SELECT},
    read::{render, selection},
    schema::{ENTERPRISE, ENTRA, ON_PREMISES, USER, USER_SCHEMA},
    table::{Capability, Property, Row, Shape, USER_ROWS},
    write::{ManagerChange, Write},
};

/// What a deployment chooses about the mapping.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The Graph property that holds `externalId`; `None` leaves the attribute unmapped.
    pub external_id: Option<String>,
}

impl Settings {
    /// The directory extension property of the application `client_id` that holds `externalId`, unless `property` names another.
    ///
    /// Graph names such a property `extension_{application id without dashes}_{name}`
    /// (<https://learn.microsoft.com/graph/extensibility-overview#directory-extensions>).
    #[must_use]
    pub fn new(client_id: &str, property: &str) -> Self {
        let external_id = match (property, client_id) {
            ("", "") => None,
            ("", client_id) => Some(format!("extension_{}_externalId", client_id.replace('-', ""))),
            (property, _) => Some(property.to_owned()),
        };
        Self { external_id }
    }

    /// The Graph property of `row`: its own, or the deployment's choice for `externalId`.
    #[must_use]
    pub fn property_of(&self, row: &'static Row) -> Option<&str> {
        if row.property.path == table::EXTERNAL_ID { self.external_id.as_deref() } else { Some(row.property.path) }
    }
}
