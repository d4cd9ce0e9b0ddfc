//! What every SCIM function does with a request: authenticate, parse, plan, execute, render.
//!
//! [`component`] is what a function hands its request to; [`handle`] is the same without the outside world, and what the
//! tests of this crate call.

mod answer;
pub mod component;
mod context;
mod cursor;
mod failure;
mod target;
mod users;
mod walk;

pub use crate::{
    context::{Context, Graph},
    users::handle,
};
