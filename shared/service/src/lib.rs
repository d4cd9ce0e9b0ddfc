//! What every SCIM function does with a request: authenticate, parse, plan, execute, render.
//!
//! [`component`] is what a function hands its request to; [`handle`] and [`root`] are the same without the outside world.

mod access;
mod answer;
mod audit;
mod bulk;
mod capabilities;
pub mod component;
mod context;
mod cursor;
mod dry_run;
mod failure;
mod gated;
mod gather;
pub mod microsoft;
mod recent;
mod resources;
pub mod root;
mod target;
mod walk;

pub use crate::{
    access::{Access, Deletions},
    context::{AnyGraph, Context, Graph, Pending},
    resources::handle,
};
