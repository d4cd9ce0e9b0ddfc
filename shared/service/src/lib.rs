//! What every SCIM function does with a request: authenticate, parse, plan, execute, render.
//!
//! [`component`] is what a function hands its request to; [`handle`] is the same without the outside world, and what the
//! tests of this crate call.

mod answer;
mod capabilities;
pub mod component;
mod context;
mod cursor;
mod dry_run;
mod failure;
mod gated;
mod recent;
mod target;
mod users;
mod walk;

pub use crate::{
    context::{Context, Graph},
    users::handle,
};
