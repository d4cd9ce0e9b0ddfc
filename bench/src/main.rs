//! Measures the service beside nginx, against the tenant in a box: `bench/run`.

mod directory;
mod load;
mod process;
mod proofs;
mod record;
mod report;
mod stage;
mod subject;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::load::{Numbers, Operation};
use crate::process::computed;
use crate::proofs::Proofs;
use crate::record::{Recorded, record, rehearse};
use crate::report::{Figures, Report, Round, Row, Skipped};
use crate::stage::{Server, Stage};
use crate::subject::{NAMES, Subject};
use crate::wire::MARKER;

/// Users of the tenant, all of them members of the group that is read.
const USERS: usize = 1_000;

/// Measures the service beside nginx, against the tenant in a box
#[derive(Debug, Parser)]
struct Options {
    /// The program entra-scim, built for release
    #[arg(long, value_name = "FILE", default_value = "target/release/entra-scim")]
    program: PathBuf,
    /// The program nginx
    #[arg(long, value_name = "FILE", default_value = "/usr/sbin/nginx")]
    nginx: PathBuf,
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
    /// Only these subjects, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = NAMES)]
    only: Vec<String>,
    /// How many connections, one measurement each
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1, 16], value_parser = 1..=256)]
    connections: Vec<i64>,
    /// How long each measurement takes
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// How often each is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
}

fn main() -> ExitCode {
    match measured(&Options::parse()) {
        Ok(report) => {
            println!("{}\n{}\n{}{}", report.table(), report.notes(), report.goals(), report.proofs.text());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures until it is done, or until a signal ends it.
fn measured(options: &Options) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            report = run(options) => report,
            // The programs end with the values that hold them.
            _ = terminate.recv() => bail!("a signal stopped it"),
            _ = tokio::signal::ctrl_c() => bail!("a signal stopped it"),
        }
    })
}

/// A subject that can be measured.
struct Ready {
    name: &'static str,
    title: &'static str,
    scim: Arc<Operation>,
    graph: Arc<Operation>,
}

async fn run(options: &Options) -> Result<Report> {
    let stage = Stage::new(&options.program, &options.nginx, &options.from)?;
    eprintln!("building and compiling the components");
    stage.build()?;
    let tenant = stage.tenant(USERS)?;
    let is_wanted = |wanted: &str| options.only.is_empty() || options.only.iter().any(|name| name == wanted);
    let directory = directory::prepare(&tenant, USERS, is_wanted("group")).await?;
    let mut subjects = subject::all(&directory, &tenant.caller_token);
    subjects.retain(|subject| is_wanted(subject.name));
    eprintln!("asking the service once what it asks of Graph");
    let service = stage.service(&tenant, Some(&stage.traffic()))?;
    let (ready, skipped) = prepare(&stage, &service, &directory.token, subjects).await?;
    drop(service);

    let (service, nginx) = (stage.service(&tenant, None)?, stage.nginx(&tenant)?);
    // After its own requests: those that a number went into are made anew.
    for (subject, number) in ready.iter().zip(1..) {
        rehearse(nginx.address, &subject.graph, MARKER - 1 - number).await?;
    }
    let proofs = Proofs::measure(&stage, &tenant).await.context("proofs")?;
    let mut bench = Bench { options, service, nginx, numbers: Arc::new(AtomicU64::new(0)), rows: Vec::new() };
    bench.measure(&ready).await?;
    Ok(Report {
        rows: bench.rows,
        proofs,
        skipped,
        memory: bench.service.process.memory(),
        rounds: options.rounds as usize,
        duration: Duration::from_secs(options.seconds),
    })
}

/// Finds out what each subject asks of Graph.
async fn prepare(
    stage: &Stage,
    service: &Server,
    token: &str,
    subjects: Vec<Subject>,
) -> Result<(Vec<Ready>, Vec<Skipped>)> {
    let (mut ready, mut skipped) = (Vec::new(), Vec::new());
    for subject in subjects {
        let (name, title) = (subject.name, subject.title);
        match record(service.address, &stage.traffic(), token, subject).await.with_context(|| name.to_owned())? {
            Ok(Recorded { scim, graph }) => {
                ready.push(Ready { name, title, scim: Arc::new(scim), graph: Arc::new(graph) });
            }
            Err(reason) => skipped.push(Skipped { title, reason }),
        }
    }
    Ok((ready, skipped))
}

/// The servers at work, and what was measured of them.
struct Bench<'a> {
    options: &'a Options,
    service: Server,
    nginx: Server,
    numbers: Numbers,
    rows: Vec<Row>,
}

impl Bench<'_> {
    async fn measure(&mut self, ready: &[Ready]) -> Result<()> {
        for subject in ready {
            for connections in &self.options.connections {
                let connections = usize::try_from(*connections)?;
                let calls = subject.graph.first().map_or(0, Vec::len);
                let (name, title) = (subject.name, subject.title);
                let mut row = Row { name, title, calls, connections, rounds: Vec::new() };
                for _ in 0..self.options.rounds {
                    let round = self.round(subject, connections).await.with_context(|| subject.name.to_owned())?;
                    eprintln!(
                        "{name} with {connections}: {:.0} requests/s, nginx {:.0}",
                        round.ours.rate, round.nginx.rate
                    );
                    row.rounds.push(round);
                }
                self.rows.push(row);
            }
        }
        Ok(())
    }

    /// The one right after the other.
    async fn round(&self, subject: &Ready, connections: usize) -> Result<Round> {
        let ours = self.figures(&self.service, &subject.scim, connections).await?;
        let memory = self.service.process.memory().now;
        let nginx = self.figures(&self.nginx, &subject.graph, connections).await?;
        Ok(Round { ours, nginx, memory })
    }

    async fn figures(&self, server: &Server, operation: &Arc<Operation>, connections: usize) -> Result<Figures> {
        let processes = server.process.family();
        let duration = Duration::from_secs(self.options.seconds);
        let before = computed(&processes);
        let sample = load::measure(server.address, operation, connections, duration, &self.numbers).await?;
        let computed = computed(&processes).saturating_sub(before);
        Ok(Figures {
            rate: sample.rate,
            p50: sample.quantile(0.5).as_secs_f64() * 1e3,
            p99: sample.quantile(0.99).as_secs_f64() * 1e3,
            cpu: computed.as_secs_f64() * 1e6 / sample.count as f64,
        })
    }
}
