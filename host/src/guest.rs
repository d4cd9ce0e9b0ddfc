//! One instance of a component: what its store holds, how long it lives, how many requests it takes.
//!
//! `ProxyHandler` keeps a pool of instances and reuses them. An instance serves one request at a time: a trap then
//! takes down no request but its own, and measured no slower than several at once.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http::client::{Client, Outbound};
use crate::log::{self, Output};
use crate::served::Served;
use crate::spin::SpinView;

/// After so many requests an instance makes room for a fresh one, so that what a component leaks stays small.
const REQUESTS_PER_INSTANCE: usize = 4096;

/// How long an instance may wait for its next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a component may go on after it has answered, the sending of its body included.
const AFTERWARDS_TIMEOUT: Duration = Duration::from_secs(120);

/// A request's shares of how many there may be at once, in all and of its tenant. Its instance holds it too: who no longer waits for an answer
/// does not make room for another request before the instance does.
pub(crate) type Turn = Arc<[OwnedSemaphorePermit; 2]>;

/// What an instance is told of a request beside the request.
pub(crate) struct Task {
    /// How long it may take until its answer starts.
    pub(crate) limit: Duration,
    /// Kept until then.
    pub(crate) turn: Turn,
}

/// What a store holds for one instance.
pub(crate) struct Guest {
    served: Arc<Served>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    table: ResourceTable,
}

impl Guest {
    fn new(served: Arc<Served>, client: Client) -> wasmtime::Result<Self> {
        let grants = &served.grants;
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&grants.environment);
        wasi.stdout(Output::new(&grants.id)).stderr(Output::new(&grants.id));
        for directory in &grants.directories {
            wasi.preopened_dir(directory, directory, FsPerms::ReadOnly)?;
        }
        let outbound = Outbound::new(Arc::clone(grants), client);
        Ok(Self { wasi: wasi.build(), http: WasiHttpCtx::new(), outbound, table: ResourceTable::new(), served })
    }

    /// What Spin's interfaces see of this store.
    pub(crate) fn spin(&mut self) -> SpinView<'_> {
        SpinView { grants: &self.served.grants, table: &mut self.table }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Makes the instances of one component on one core.
pub(crate) struct Instances {
    served: Arc<Served>,
    client: Client,
}

impl Instances {
    /// The component to make instances of, and the client that they send requests with.
    pub(crate) fn new(served: Arc<Served>, client: Client) -> Self {
        Self { served, client }
    }

    /// The component.
    pub(crate) fn served(&self) -> &Served {
        &self.served
    }
}

impl HandlerState for Instances {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let instances = &self.served.instances;
        let guest = Guest::new(Arc::clone(&self.served), self.client.clone())?;
        let mut store = Store::new(instances.engine(), guest);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let proxy = Proxy::P3(instances.instantiate_async(&mut store).await?);
        let limit = Arc::new(Mutex::new(AFTERWARDS_TIMEOUT));
        let expiration = Expiration { limit: Arc::clone(&limit), timer: Box::pin(sleep(IDLE_TIMEOUT)), armed: None };
        let state = Worker { id: self.served.grants.id.clone(), limit };
        Ok(Instance { store, proxy, view: Guest::http, expiration, state })
    }
}

/// Which requests an instance takes.
pub(crate) struct Worker {
    id: String,
    /// The time limit of the request at hand.
    limit: Arc<Mutex<Duration>>,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = Task;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        match (concurrent, total) {
            (_, REQUESTS_PER_INSTANCE..) => ShouldAccept::Never,
            (0, _) => ShouldAccept::Yes,
            _ => ShouldAccept::No,
        }
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, Guest>,
        Task { limit, turn }: Task,
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
        Box::pin(async move {
            sleep(limit).await;
            drop(turn);
        })
    }

    fn drop(&self, _store: Store<Guest>, result: wasmtime::Result<()>) {
        // A core that stops drops its idle instances, which the handler takes for a panic.
        if let Err(error) = result
            && (error.to_string() != "worker panicked" || thread::panicking())
        {
            // The addresses of its code, which come before the cause, tell nobody anything.
            let cause = error.root_cause().to_string();
            log::host(format_args!("component={} trapped=\"{}\"", self.id, log::one_line(&cause)));
        }
    }
}

/// When an instance is dropped: after its request's time limit, or after a while without one.
pub(crate) struct Expiration {
    limit: Arc<Mutex<Duration>>,
    timer: Pin<Box<Sleep>>,
    armed: Option<(WorkerStatus, Instant)>,
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>, status: WorkerStatus, since: Instant) -> Poll<()> {
        if self.armed != Some((status, since)) {
            let limit = match status {
                WorkerStatus::Idle => IDLE_TIMEOUT,
                WorkerStatus::Requests => *self.limit.lock().unwrap_or_else(PoisonError::into_inner),
                WorkerStatus::PostReturn => AFTERWARDS_TIMEOUT,
            };
            self.timer.as_mut().reset((since + limit).into());
            self.armed = Some((status, since));
        }
        self.timer.as_mut().poll(context)
    }
}
