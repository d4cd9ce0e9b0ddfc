//! From the command line to a served application.

mod granting;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs, thread};

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use self::granting::Granting;
use crate::azure::Azure;
use crate::cli::Options;
use crate::engine::Compiler;
use crate::http::authorities;
use crate::http::edge::tls::Tls;
use crate::http::server::{Application, Cores, Parts, listen};
use crate::http::traffic::Traffic;
use crate::jobs::schedule::Timer;
use crate::manifest::{Component, Manifest, select};
use crate::served::{Grants, Served};
use crate::simulate::{self, Simulator};
use crate::spin::key_value::KeyValue;
use crate::tenants::{self, Tenants};
use crate::variables::{self, Values};
use crate::{banner, building, hex, log, secret};

/// An application, ready to be served.
pub(crate) struct Prepared {
    /// The application's name.
    pub(crate) name: String,
    /// What the cores serve.
    pub(crate) application: Arc<Application>,
    /// The id of the tenant, or the names of the tenants.
    pub(crate) tenant: String,
    /// Whether callers speak TLS to the host.
    pub(crate) is_tls: bool,
    /// The tenant in a box; it lives as long as this.
    pub(crate) simulator: Option<Simulator>,
    /// The ids of the components and their routes.
    pub(crate) routes: Vec<(String, String)>,
    /// The jobs of the components.
    pub(crate) timers: Vec<Timer>,
    /// The tenants, where there is a document of them, and for each the path that tells what the application may do.
    pub(crate) checks: Vec<(Option<String>, String)>,
    /// What the host shows to components when it calls them itself.
    pub(crate) timer_token: Arc<str>,
    /// The state directory.
    pub(crate) state: PathBuf,
}

/// `entra-scim up`: serves until it is told to stop.
pub(crate) fn up(options: &Options, started: Instant) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The port first: a build that takes minutes and then cannot be served helps nobody.
    let listener = runtime.block_on(listen(options.listen))?;
    let prepared = prepare(options, |manifest| select(manifest, &options.components))?;
    let served = runtime.block_on(async {
        let cores = Arc::new(Cores::start(&prepared.application)?);
        banner::show(&prepared, listener.local_addr()?, started.elapsed());
        let mut timers = JoinSet::new();
        for timer in prepared.timers.iter().cloned() {
            timers.spawn(timer.run(Arc::clone(&cores), Arc::clone(&prepared.timer_token)));
        }
        let stop = async {
            if let Err(error) = told_to_stop().await {
                log::host(format_args!("signals=failed error=\"{error}\""));
            }
        };
        cores.serve(listener, stop).await;
        log::host(format_args!("stopping=\"requests at hand may finish; a second signal ends them\""));
        timers.abort_all();
        tokio::select! {
            () = cores.stop() => {}
            _ = told_to_stop() => {}
        }
        Ok(ExitCode::SUCCESS)
    });
    // A core that did not end in time is not waited for.
    runtime.shutdown_background();
    served
}

/// Lets one core serve an application, on no port, for as long as `work` takes or until a signal ends it.
pub(crate) fn aside<T>(prepared: &Prepared, work: impl AsyncFnOnce(&Cores) -> Result<T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let cores = Cores::start_some(&prepared.application, 1)?;
        let done = tokio::select! {
            done = work(&cores) => done,
            stopped = told_to_stop() => stopped.and_then(|()| bail!("a signal stopped it")),
        };
        cores.stop().await;
        done
    });
    // A core that did not end in time is not waited for.
    runtime.shutdown_background();
    done
}

/// `entra-scim build`: what `up` does before it serves.
pub(crate) fn build(options: &Options) -> Result<ExitCode> {
    let manifest = Manifest::read(&options.from)?;
    let selected = select(&manifest, &options.components)?;
    building::all(&manifest, components(&manifest, &selected))?;
    let compiler = Compiler::new()?;
    for component in components(&manifest, &selected) {
        compiler.load(&component.id, &component.source, &options.state_dir.join("cache"))?;
        println!("{} is built: {}", component.id, component.source.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the manifest, builds and compiles the selected ones of its components, and grants them what it says.
pub(crate) fn prepare(
    options: &Options,
    select: impl FnOnce(&Manifest) -> Result<BTreeSet<usize>>,
) -> Result<Prepared> {
    let manifest = Arc::new(Manifest::read(&options.from)?);
    let selected = select(&manifest)?;
    let tls = authorities::tls(options.ca.as_deref())?;
    let timer_token: Arc<str> = secret::random::<32>()?.into();
    let azure = Azure::new(environment());
    let (simulator, values) = values(&manifest, options, &azure, &timer_token)?;
    fs::create_dir_all(&options.state_dir)
        .with_context(|| format!("cannot make the state directory {}", options.state_dir.display()))?;
    let state = options.state_dir.canonicalize()?;
    let tenants = Tenants::read(&values)?;
    let server_tls = options.server_tls().map(Tls::new).transpose()?;
    let host_key = secret::random::<32>()?;
    let granting = Granting {
        tenants: &tenants,
        host_key: &host_key,
        // The machine's own identity is none of the business of a tenant in a box.
        azure: if simulator.is_none() { azure } else { Azure::default() },
        manifest: &manifest,
        values: &values,
        key_value: Arc::new(KeyValue::open(&state.join("key-value.db"))?),
        traffic: traffic(options, &values)?,
        state: &state,
    };
    let grants = granting.all(&selected)?;
    let timers = timers(&manifest, &selected, &values, &tenants)?;
    // Last, as it may take minutes.
    building::all(&manifest, components(&manifest, &selected))?;
    let served = compile(&manifest, grants, &state.join("cache"))?;
    let routes = manifest.routes.iter().filter(|route| selected.contains(&route.component));
    let routes =
        routes.filter_map(|route| Some((manifest.components.get(route.component)?.id.clone(), route.pattern.clone())));
    Ok(Prepared {
        name: manifest.name.clone(),
        tenant: tenants.names().or_else(|| values.get("tenant_id").cloned()).unwrap_or_default(),
        is_tls: server_tls.is_some(),
        simulator,
        routes: routes.collect(),
        timers,
        checks: checks(&manifest, &selected, &tenants),
        timer_token,
        application: Arc::new(Application::new(Parts {
            manifest: Arc::clone(&manifest),
            components: served,
            tls,
            server_tls,
            host_key,
            tenants,
        })),
        state,
    })
}

/// Waits for the first signal that ends a program.
#[cfg(unix)]
pub(crate) async fn told_to_stop() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

/// Waits for the first signal that ends a program.
#[cfg(not(unix))]
pub(crate) async fn told_to_stop() -> Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}

fn components<'a>(manifest: &'a Manifest, selected: &BTreeSet<usize>) -> impl Iterator<Item = &'a Component> {
    selected.iter().filter_map(|place| manifest.components.get(*place))
}

fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The values of all variables: the tenant's in the box, given, Azure's, default; and the host's own.
fn values(
    manifest: &Manifest,
    options: &Options,
    azure: &Azure,
    timer_token: &str,
) -> Result<(Option<Simulator>, Values)> {
    let is_declared = |name: &str| manifest.variables.contains_key(name);
    let mut given = variables::given(manifest, environment(), &options.variables)?;
    let with_azure = azure.under(&given, is_declared);
    let simulator = if is_declared("tenant_id") || options.simulate.is_some() {
        simulate::start(options, &with_azure)?
    } else {
        None
    };
    match &simulator {
        Some(simulator) => simulate::add(simulator.variables(), &mut given, is_declared),
        None => given = with_azure,
    }
    tenants::replace(&mut given, is_declared);
    if is_declared("timer_token_sha256") {
        given.insert("timer_token_sha256".to_owned(), hex::encode(Sha256::digest(timer_token)));
    }
    Ok((simulator, variables::complete(manifest, given)?))
}

/// The jobs of each tenant.
fn timers(manifest: &Manifest, selected: &BTreeSet<usize>, values: &Values, tenants: &Tenants) -> Result<Vec<Timer>> {
    let mut timers = Vec::new();
    for component in components(manifest, selected) {
        let Some(job) = &component.tool.job else { continue };
        let schedule = job.schedule.fill(values);
        for tenant in tenants.each() {
            let timer = Timer::new(&component.id, tenant, &job.path, &schedule);
            timers.push(timer.map_err(|error| manifest.error(job.schedule_place, error))?);
        }
    }
    Ok(timers)
}

/// The path that tells what the application may do, for each tenant, where a selected component has one.
fn checks(manifest: &Manifest, selected: &BTreeSet<usize>, tenants: &Tenants) -> Vec<(Option<String>, String)> {
    let path = components(manifest, selected).find_map(|component| Some(&component.tool.check.as_ref()?.0));
    let Some(path) = path else { return vec![] };
    let check = |tenant: Option<&str>| match tenant {
        Some(tenant) => (Some(tenant.to_owned()), format!("/{tenant}{path}")),
        None => (None, path.clone()),
    };
    tenants.each().into_iter().map(check).collect()
}

fn traffic(options: &Options, values: &Values) -> Result<Option<Arc<Traffic>>> {
    let Some(file) = &options.traffic else { return Ok(None) };
    let graph = values.get("graph_url").map(String::as_str).unwrap_or_default();
    Ok(Some(Arc::new(Traffic::open(file, graph)?)))
}

/// Compiles components side by side: the first time that takes a good part of a second for each.
fn compile(manifest: &Manifest, grants: Vec<Option<Arc<Grants>>>, cache: &Path) -> Result<Vec<Option<Arc<Served>>>> {
    let compiler = &Compiler::new()?;
    thread::scope(|scope| {
        let start = |(component, grants): (&Component, Option<Arc<Grants>>)| {
            let (id, source) = (component.id.clone(), component.source.clone());
            grants.map(|grants| (grants, scope.spawn(move || compiler.load(&id, &source, cache))))
        };
        let started = manifest.components.iter().zip(grants).map(start).collect::<Vec<_>>();
        let finish = |started: Option<(Arc<Grants>, thread::ScopedJoinHandle<'_, Result<_>>)>| {
            let Some((grants, thread)) = started else { return Ok(None) };
            let instances = thread.join().map_err(|_| anyhow!("component {}: the compiler failed", grants.id))??;
            Ok(Some(Arc::new(Served { instances, grants })))
        };
        started.into_iter().map(finish).collect()
    })
}
