//! The outside world as a component sees it: small traits, and what Spin offers behind them.
//!
//! Shared code takes what it needs of these as parameters, so that a test hands in a fake and nothing
//! depends on a global. The module [`spin`] is the only place in the workspace that calls the Spin SDK for I/O.

mod clock;
mod database;
mod http;
mod key_value;
mod log;
mod prefixed;
mod random;
mod secret;
pub mod spin;

pub use crate::{
    clock::Clock,
    database::{Database, DatabaseError, Rows, Value},
    http::{Http, HttpError, Timeout},
    key_value::{KeyValue, KeyValueError},
    log::{line, log},
    prefixed::Prefixed,
    random::Random,
    secret::Secret,
};
