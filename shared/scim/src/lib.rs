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

#[cfg(test)]
mod fixtures;

pub use crate::error::{Error, Result, ScimType};
