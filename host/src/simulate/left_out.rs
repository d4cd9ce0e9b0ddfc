//! A build without the tenant in a box.

use std::fmt;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::Population;
use crate::cli::TenantOptions;

const LEFT_OUT: &str = "this build has no tenant in a box (cargo feature `simulate`): give the variable tenant_id";

/// There is none.
pub(crate) enum Simulator {}

impl Simulator {
    pub(crate) fn start(_: Population, _: SocketAddr) -> Result<Self> {
        bail!(LEFT_OUT)
    }

    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        match *self {}
    }
}

impl fmt::Display for Simulator {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// Tells that there is none.
pub(crate) fn serve(_: &TenantOptions) -> Result<ExitCode> {
    bail!(LEFT_OUT)
}
