//! Groups: `/Groups` and Graph's `/groups`.

mod attributes;
mod complete;
mod schema;
mod table;

pub use self::schema::{ENTRA_GROUP, GROUP, GROUP_SCHEMA};
use crate::mapping::Mapping;

/// Groups of every kind.
pub static GROUPS: Mapping = Mapping {
    component: "scim-groups",
    links: table::LINKS,
    facets: &[],
    rules: table::RULES,
    shown_read_only: table::SHOWN_READ_ONLY,
    complete: complete::complete,
    created: Some(&table::CREATED),
    reading: "Group.Read.All",
    writing: "Group.ReadWrite.All",
    creating: "Group.Create",
    kept: &["membershipRule", "membershipRuleProcessingState", "visibility", "securityEnabled"],
    ..Mapping::new(&GROUP, "group", "/groups", table::ROWS)
};
