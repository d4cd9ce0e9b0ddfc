//! A build with the tenant in a box.

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::Population;
use crate::cli::TenantOptions;

/// In seconds: how long AKS lets a token live at most.
const A_DAY: i64 = 24 * 60 * 60;

/// The tenant, as long as this lives.
pub(crate) struct Simulator {
    server: tenant::Server,
    population: Population,
}

impl Simulator {
    /// Starts it on its own threads; it listens when this returns.
    pub(crate) fn start(population: Population, listen: SocketAddr) -> Result<Self> {
        Self::of(population, listen, options())
    }

    fn of(population: Population, listen: SocketAddr, options: tenant::Options) -> Result<Self> {
        let users = match population {
            Population::Sample => tenant::Population::Sample,
            Population::Generated(users) => tenant::Population::Generated(users),
        };
        let options = tenant::Options { users, ..options };
        let server = tenant::Server::start(options, listen)
            .with_context(|| format!("the tenant in a box cannot be served on {listen}"))?;
        Ok(Self { server, population })
    }

    /// The values that lead the components to it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        self.server.variables()
    }
}

impl fmt::Display for Simulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users = match self.population {
            Population::Sample => 25,
            Population::Generated(users) => users,
        };
        let origin = self.server.origin();
        let (domain, token) = (tenant::DOMAIN, tenant::CALLER_TOKEN);
        write!(formatter, "simulated at {origin}: {users} users of {domain}, caller token {token}")
    }
}

/// The application in the box may do all that the connector can.
fn options() -> tenant::Options {
    let settings = tenant::Settings::default().with_every_permission();
    tenant::Options { settings, ..tenant::Options::default() }
}

/// Serves the tenant alone, until it is told to stop.
pub(crate) fn serve(options: &TenantOptions) -> Result<ExitCode> {
    let mut boxed = tenant::Options { tls: options.tls, ..self::options() };
    if let Some(file) = &options.scenario {
        boxed = boxed.with_scenario(tenant::Scenario::read(file)?);
    }
    let simulator = Simulator::of(options.users, options.listen, boxed)?;
    if let (Some(file), Some(pem)) = (&options.ca_out, simulator.server.ca_pem()) {
        fs::write(file, pem).with_context(|| format!("cannot write the authority to {}", file.display()))?;
    }
    if let Some(file) = &options.federated_token_out {
        let token = tenant::federated_token(A_DAY);
        fs::write(file, token).with_context(|| format!("cannot write the federated token to {}", file.display()))?;
    }
    // Whoever waits for the last of these lines finds the files complete.
    println!("{simulator}");
    for (name, value) in simulator.variables() {
        println!("  {name} = {value}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(crate::startup::told_to_stop())?;
    Ok(ExitCode::SUCCESS)
}
