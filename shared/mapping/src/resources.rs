//! The resource types that are a table each: a file holds the schema of one, and which property is which attribute.
//!
//! A test writes this list: `UPDATE_EXPECT=1 cargo test -p mapping`.

use crate::Mapping;

pub mod applications;
pub mod contacts;
pub mod licenses;
pub mod service_principals;

/// Every one of them, by component.
pub static ALL: &[&[&Mapping]] = &[
    applications::MAPPINGS,
    contacts::MAPPINGS,
    licenses::MAPPINGS,
    service_principals::MAPPINGS,
];
