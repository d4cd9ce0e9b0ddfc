//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::http::edge::tls::{Clients, Files};
use crate::simulate::Population;
use crate::{audit, check, jobs, secret, simulate, startup};

/// SCIM 2.0 for Microsoft Entra ID, and its inventory in SQL.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds what is stale, serves it, and fires the jobs; what happens without a command
    Up(Options),
    /// Runs one tick of a job now, to its end
    Run {
        /// The component whose job it is
        job: String,
        #[command(flatten)]
        options: Options,
    },
    /// Tells for each function and job whether the application has the permissions it needs
    Check(Options),
    /// Builds and compiles what is stale
    Build(Options),
    /// Looks after the audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Makes secrets of callers
    #[command(subcommand)]
    Secret(Secret),
    /// Serves the tenant in a box alone
    Tenant(TenantOptions),
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Tells whether a record was removed, changed or moved since it was written
    Verify(VerifyOptions),
}

#[derive(Debug, Subcommand)]
enum Secret {
    /// Prints a random token for a caller, and its hash for the document of tenants
    New,
}

/// What `audit verify` takes.
#[derive(Args, Debug)]
pub(crate) struct VerifyOptions {
    /// A hash that is known from elsewhere, such as the last line of the log, and must be in the chain
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Option<String>,
    /// Only this tenant, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<String>,
    /// Where the databases are kept
    #[arg(long, value_name = "DIRECTORY", default_value = ".entra-scim")]
    pub(crate) state_dir: PathBuf,
}

/// What `tenant` takes.
#[derive(Args, Debug)]
pub(crate) struct TenantOptions {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4000", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// How many users it has, or the 25 of the sample
    #[arg(long, value_name = "N", default_value = "sample", value_parser = population)]
    pub(crate) users: Population,
    /// Start with the settings and faults of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Speak HTTPS, with a certificate of an authority of its own
    #[arg(long)]
    pub(crate) tls: bool,
    /// Write the certificate of that authority to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) ca_out: Option<PathBuf>,
    /// Write a token of the issuer that its application trusts to this file, as AKS does; it is good for a day
    #[arg(long, value_name = "FILE")]
    pub(crate) federated_token_out: Option<PathBuf>,
}

/// What `up`, `run`, `check` and `build` take.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Speak HTTPS with the certificate chain of this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Ask callers for a certificate that leads to an authority of this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert", conflicts_with = "client_certificates")]
    pub(crate) client_ca: Option<PathBuf>,
    /// Ask callers for a certificate: any, whose thumbprint the settings of the tenants know
    #[arg(long, value_name = "WHICH", requires = "tls_cert")]
    pub(crate) client_certificates: Option<ClientCertificates>,
    /// Only these components, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) components: Vec<String>,
    /// Where databases and compiled components are kept
    #[arg(long, value_name = "DIRECTORY", default_value = ".entra-scim")]
    pub(crate) state_dir: PathBuf,
    /// The value of a variable: NAME=VALUE, NAME=@FILE, or @FILE for a TOML or JSON file of several
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// Serve a tenant in a box beside it: with N users, or the 25 of the sample
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "sample", value_parser = population)]
    pub(crate) simulate: Option<Population>,
    /// Trust the certificate authorities of this PEM file, beside the public ones
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Write each exchange with Graph to this file, a line of JSON each, secrets blanked
    #[arg(long, value_name = "FILE")]
    pub(crate) traffic: Option<PathBuf>,
}

/// Which certificates of callers are let through to the components.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum ClientCertificates {
    /// Whichever; its caller has its key.
    Any,
}

impl Options {
    /// How TLS is spoken to callers, if it is.
    pub(crate) fn server_tls(&self) -> Option<Files> {
        let (certificate, key) = (self.tls_cert.clone()?, self.tls_key.clone()?);
        let clients = match (&self.client_ca, self.client_certificates) {
            (Some(file), _) => Clients::Authority(file.clone()),
            (None, Some(ClientCertificates::Any)) => Clients::Any,
            (None, None) => Clients::None,
        };
        Some(Files { certificate, key, clients })
    }
}

/// Does what the command line says.
///
/// # Errors
/// What went wrong, to be told in one line.
pub(crate) fn run(started: Instant) -> Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            eprintln!("{}", text.lines().next().unwrap_or("error: wrong command line"));
            return Ok(ExitCode::from(2));
        }
        Err(help) => {
            // Nobody to show it to, if standard output is closed.
            let _ = help.print();
            return Ok(ExitCode::SUCCESS);
        }
    };
    match cli.command {
        None => startup::up(&cli.options, started),
        Some(Command::Up(options)) => startup::up(&options, started),
        Some(Command::Run { job, options }) => jobs::run::run(&job, &options),
        Some(Command::Check(options)) => check::run(&options),
        Some(Command::Build(options)) => startup::build(&options),
        Some(Command::Audit(Audit::Verify(options))) => audit::verify(&options),
        Some(Command::Secret(Secret::New)) => secret::new(),
        Some(Command::Tenant(options)) => simulate::serve(&options),
    }
}

/// An IP address and port, or a name and port.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let resolved = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    resolved.ok_or_else(|| "expected HOST:PORT, such as 127.0.0.1:3000".to_owned())
}

fn population(text: &str) -> Result<Population, String> {
    if text == "sample" {
        return Ok(Population::Sample);
    }
    match text.parse() {
        Ok(users @ 1..=1_000_000) => Ok(Population::Generated(users)),
        _ => Err("expected a number of users from 1 to 1000000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        let arguments = std::iter::once("entra-scim").chain(line.split_whitespace());
        Cli::try_parse_from(arguments).map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn defaults() {
        let options = parse("").unwrap().options;
        assert_eq!(options.listen, "127.0.0.1:3000".parse().unwrap());
        assert_eq!(options.from, PathBuf::from("spin.toml"));
        assert!(options.simulate.is_none());
    }

    #[test]
    fn simulation() {
        for (line, expected) in [
            ("--simulate", Population::Sample),
            ("--simulate --listen 127.0.0.1:1", Population::Sample),
            ("--simulate 7", Population::Generated(7)),
        ] {
            assert_eq!(parse(line).unwrap().options.simulate, Some(expected), "{line}");
        }
        let Some(Command::Run { job, options }) = parse("run inventory-users --simulate 9").unwrap().command else {
            panic!("expected the command run");
        };
        assert_eq!((job.as_str(), options.simulate), ("inventory-users", Some(Population::Generated(9))));
    }

    #[test]
    fn mistakes_are_told() {
        for (line, expected) in [
            ("--listen nowhere", "invalid value 'nowhere' for '--listen <ADDRESS>': expected HOST:PORT"),
            ("--simulate 0", "expected a number of users from 1 to 1000000"),
            ("--frm x", "unexpected argument '--frm'"),
            ("tenant --ca-out ca.pem", "the following required arguments were not provided"),
            ("--tls-cert a.pem", "the following required arguments were not provided"),
            ("--client-ca a.pem", "the following required arguments were not provided"),
            ("--tls-cert a --tls-key b --client-ca c --client-certificates any", "cannot be used with"),
            ("--tls-cert a --tls-key b --client-certificates some", "invalid value 'some'"),
            ("run", "the following required arguments were not provided"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
