//! What every inventory job does on a tick.
//!
//! A [`Job`] says what is read and where it goes. [`tick`] does it: take the lease, go on where the last tick stopped,
//! read a page of delta, store it in one transaction, read the next, until Graph has no more or the time budget is
//! spent. [`serve`] is the HTTP side of a job's component.

pub mod component;
mod context;
mod delta_page;
mod end;
mod fetch;
mod graph_source;
mod job;
mod serve;
mod source;
mod summary;
mod tick;
mod users;

pub use crate::{
    context::{Context, Settings},
    graph_source::GraphSource,
    job::Job,
    serve::serve,
    source::{DeltaSource, Link, SourceError},
    summary::{Status, Summary},
    tick::{Decision, Options, tick},
    users::users,
};
