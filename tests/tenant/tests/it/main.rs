//! The tenant over HTTP.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod batch;
mod client;
mod contract;
mod delta;
mod errors;
mod faults;
mod generated;
mod list;
mod login;
mod permissions;
mod tls;
mod write;
