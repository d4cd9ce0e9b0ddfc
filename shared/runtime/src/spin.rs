//! What Spin (or our own host) offers a component, behind the traits of this crate.
//!
//! The HTTP parts use the WASI 0.3 types directly: the SDK's conveniences cost a third of a request.

mod database;
mod key_value;
mod outbound;
mod serve;

pub use self::{
    database::SpinDatabase,
    key_value::SpinKeyValue,
    outbound::SpinHttp,
    serve::{RequestTooLarge, read_request, write_response},
};

use std::{future::Future, time::Duration};

use chrono::{DateTime, Utc};
use spin_sdk::{variables, wasip3};

use crate::{Clock, Random};

/// The clock of the host.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinClock;

impl Clock for SpinClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        spin_sdk::time::sleep(duration)
    }
}

/// The host's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinRandom;

impl Random for SpinRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let bytes = wasip3::random::random::get_random_bytes(buffer.len() as u64);
        buffer.copy_from_slice(&bytes);
    }
}

/// The variable `name` of this component.
///
/// # Errors
///
/// A sentence that names the variable, when the manifest does not give it or its provider fails.
pub async fn variable(name: &str) -> Result<String, String> {
    variables::get(name).await.map_err(|error| match error {
        variables::Error::Undefined(_) => {
            format!("the variable {name} is not set: give it in the component's variables in spin.toml")
        }
        other => format!("the variable {name} cannot be read: {other}"),
    })
}

/// The variable `name` of this component; empty where the manifest does not give it.
///
/// # Errors
///
/// A sentence that names the variable, when its provider fails.
pub async fn optional_variable(name: &str) -> Result<String, String> {
    match variables::get(name).await {
        Ok(value) => Ok(value),
        Err(variables::Error::Undefined(_)) => Ok(String::new()),
        Err(other) => Err(format!("the variable {name} cannot be read: {other}")),
    }
}

/// Runs `future` beside the present request, on this instance.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    wasip3::spawn(future);
}
