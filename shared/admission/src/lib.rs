//! What every component does before and after its work: it reads what the deployment says of its tenants, lets the caller
//! in, and writes down what was done.
//!
//! [`Admitted::new`] comes before the first byte of a body is read, [`Admitted::keep`] after the last call of Graph.

mod deployment;
mod door;
mod journal;
mod path;
mod refusals;

pub use crate::{
    deployment::Deployment,
    door::{Admitted, Refusal, refusal},
    journal::{Circumstances, Entry, Journal, append_to},
    path::tenant_in,
};
