//! Microsoft Graph: the calls as values, and the one place that makes them.
//!
//! An [`Operation`] is a call, a [`Plan`] is what a request comes down to. [`Client::run`] makes one call of a plan with
//! one operation, and one batch of a plan with several. Whatever goes wrong is an [`Error`] with a [`Kind`].

mod answer;
mod batch;
mod client;
mod credential;
mod error;
mod operation;
mod plan;
#[cfg(test)]
mod testing;

pub use crate::{
    client::{Client, Response},
    credential::{AzureCredential, Credential, CredentialSettings},
    error::{Error, Kind},
    operation::{Operation, segment},
    plan::Plan,
};
