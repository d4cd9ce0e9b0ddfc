//! Microsoft Graph and Azure Resource Manager: the calls as values, and the one place that makes them.
//!
//! An [`Operation`] is a call, a [`Plan`] is what a request comes down to. [`Client::run`] makes the calls of a plan in as
//! few exchanges as can be, waits where the [`Budget`] says so, and makes again what may be made again. Whatever goes
//! wrong in the end is an [`Error`] with a [`Kind`]. [`AzureCredential`] gets the tokens.

mod answer;
mod batch;
mod budget;
mod client;
mod cloud;
mod credential;
mod error;
mod operation;
mod plan;
mod retry;
mod schedule;
#[cfg(test)]
mod testing;
mod usage;

pub use crate::{
    budget::{Budget, Cost, Lane},
    client::{Client, Response},
    cloud::{Cloud, Endpoints},
    credential::{AzureCredential, Credential, CredentialKind, CredentialSettings},
    error::{Error, Kind},
    operation::{Api, Operation, segment},
    plan::Plan,
    usage::Usage,
};
