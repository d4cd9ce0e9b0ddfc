//! The resource types that are a table each: a file holds the schema of one, and which property is which attribute.
//!
//! A test writes this list: `UPDATE_EXPECT=1 cargo test -p mapping`.

use crate::Mapping;

pub mod administrative_units;
pub mod applications;
pub mod contacts;
pub mod deleted_applications;
pub mod deleted_groups;
pub mod deleted_users;
pub mod directory_audits;
pub mod directory_roles;
pub mod domains;
pub mod licenses;
pub mod organization;
pub mod role_assignments;
pub mod role_definitions;
pub mod service_principals;
pub mod sign_ins;

/// Every one of them, by component.
pub static ALL: &[&[&Mapping]] = &[
    administrative_units::MAPPINGS,
    applications::MAPPINGS,
    contacts::MAPPINGS,
    deleted_applications::MAPPINGS,
    deleted_groups::MAPPINGS,
    deleted_users::MAPPINGS,
    directory_audits::MAPPINGS,
    directory_roles::MAPPINGS,
    domains::MAPPINGS,
    licenses::MAPPINGS,
    organization::MAPPINGS,
    role_assignments::MAPPINGS,
    role_definitions::MAPPINGS,
    service_principals::MAPPINGS,
    sign_ins::MAPPINGS,
];
