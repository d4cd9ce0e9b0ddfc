//! The resource types that are a table each: a file holds the schema of one, and which property is which attribute.
//!
//! A test writes this list: `UPDATE_EXPECT=1 cargo test -p mapping`.

use crate::Mapping;

pub mod contacts;
pub mod licenses;

/// Every one of them, by component.
pub static ALL: &[&[&Mapping]] = &[contacts::MAPPINGS, licenses::MAPPINGS];
