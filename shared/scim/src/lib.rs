#![doc = include_str!("../README.md")]

pub mod bulk;
pub mod discovery;
pub mod error;
pub mod etag;
pub mod filter;
pub mod list;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;
mod value;

// The fuzz targets and their resource types are compiled here and in `fuzz`, where this crate has its name.
#[cfg(test)]
extern crate self as scim;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod fuzz;

pub use crate::error::{Error, Result, ScimType};
