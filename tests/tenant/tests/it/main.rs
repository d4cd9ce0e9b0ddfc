//! The tenant over HTTP.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod applications;
mod assertion;
mod batch;
mod beside;
mod callers;
mod client;
mod contract;
mod delta;
mod errors;
mod extensions;
mod facets;
mod faults;
mod generated;
mod grants;
mod groups;
mod groups_conditions;
mod groups_delta;
mod identity;
mod judged;
mod licenses;
mod list;
mod login;
mod logs;
mod members;
mod operations;
mod permissions;
mod replication;
mod revocation;
mod roles;
mod scenarios;
mod settings;
mod throttling;
mod tls;
mod units;
mod write;
