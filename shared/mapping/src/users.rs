//! Users: `/Users` and Graph's `/users`.

mod attributes;
mod columns;
mod complete;
mod facets;
mod roles;
mod schema;
mod table;

pub use self::{
    columns::{COLUMNS, Column, ColumnKind, ColumnSource, DELTA_SELECT},
    schema::{ENTERPRISE, ENTRA, ON_PREMISES, SECURITY, USER, USER_SCHEMA},
};
use crate::mapping::Mapping;

/// User accounts.
pub static USERS: Mapping = Mapping {
    component: "scim-users",
    links: table::LINKS,
    facets: facets::FACETS,
    rules: table::RULES,
    shown_read_only: table::SHOWN_READ_ONLY,
    complete: complete::complete,
    created: Some(&table::CREATED),
    reading: "User.Read.All",
    writing: "User.ReadWrite.All",
    creating: "User.ReadWrite.All",
    kept: &["userType", "onPremisesImmutableId", "employeeLeaveDateTime", "mySite"],
    ..Mapping::new(&USER, "user", "/users", table::ROWS)
};
