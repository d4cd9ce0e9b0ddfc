//! The server: one acceptor, and on each core a runtime with its own instances and its own connections to Graph.

use std::net::{SocketAddr, TcpStream};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, mem};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wasmtime_wasi_http::WasiBody;

use self::dispatch::Dispatcher;
pub(crate) use self::dispatch::{Application, Parts};
use super::edge::connections::{Connections, Place};
use crate::log;

mod activity;
mod body;
mod connection;
mod dispatch;
mod files;

/// How many connections there may be at once; more wait to be accepted.
const CONNECTION_LIMIT: usize = 4096;

/// How many threads of a core may wait for the disk at once.
const BLOCKING_THREADS: usize = 32;

/// How long to wait after a connection could not be accepted, and how often that is told.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const ACCEPT_TOLD: Duration = Duration::from_secs(10);

/// How long requests may go on after the host was told to stop.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// The cores, at work.
pub(crate) struct Cores {
    senders: Vec<mpsc::UnboundedSender<Work>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    next: AtomicUsize,
    stop: watch::Sender<bool>,
    application: Arc<Application>,
    connections: Connections,
}

/// What a core is given to do.
enum Work {
    Connection(Accepted),
    Call(Request<WasiBody>, oneshot::Sender<(StatusCode, Bytes)>),
}

/// A connection, and its share of how many there may be: of all, and of its address.
struct Accepted {
    stream: TcpStream,
    caller: SocketAddr,
    /// How TLS is spoken on it.
    tls: Option<Arc<ServerConfig>>,
    /// Whether the other end is the front end of the deployment.
    is_front_end: bool,
    share: (OwnedSemaphorePermit, Option<Place>),
}

impl Cores {
    /// Starts a runtime on each core of the machine.
    pub(crate) fn start(application: &Arc<Application>) -> Result<Self> {
        Self::start_some(application, thread::available_parallelism().map_or(1, NonZero::get))
    }

    /// Starts a runtime on so many cores.
    pub(crate) fn start_some(application: &Arc<Application>, count: usize) -> Result<Self> {
        let stop = watch::Sender::new(false);
        let (mut senders, mut threads) = (Vec::new(), Vec::new());
        for index in 0..count {
            let (sender, work) = mpsc::unbounded_channel();
            let (application, stop) = (Arc::clone(application), stop.subscribe());
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .max_blocking_threads(BLOCKING_THREADS)
                .build()?;
            let thread = thread::Builder::new().name(format!("core-{index}"));
            threads.push(thread.spawn(move || runtime.block_on(run(application, work, stop)))?);
            senders.push(sender);
        }
        let (application, connections) = (Arc::clone(application), Connections::default());
        let (threads, next) = (Mutex::new(threads), AtomicUsize::new(0));
        Ok(Self { senders, threads, next, stop, application, connections })
    }

    /// Sends a request without a body, as if over HTTP, and gives the status and the body of the answer. It takes no
    /// longer than the time limits of a request.
    pub(crate) async fn call(&self, method: Method, path: &str, token: &str) -> Result<(StatusCode, Bytes)> {
        let authorization = HeaderValue::from_str(&format!("Bearer {token}"))?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_LENGTH, 0)
            .body(Empty::new().map_err(|never| match never {}).boxed_unsync())?;
        let (sender, answer) = oneshot::channel();
        self.give(Work::Call(request, sender));
        answer.await.context("the host is stopping")
    }

    /// Accepts connections until `stop` is there, then lets the requests at hand finish.
    pub(crate) async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        // Half of the files are for what the requests need.
        let limit = usize::try_from(files::raise_limit() / 2).unwrap_or(CONNECTION_LIMIT).min(CONNECTION_LIMIT);
        let connections = Arc::new(Semaphore::new(limit));
        let accept = async {
            let mut told: Option<Instant> = None;
            // The semaphore is never closed, so there always is a share to wait for.
            while let Ok(share) = Arc::clone(&connections).acquire_owned().await {
                let accepted = listener.accept().await;
                let Err(error) = self.accepted(accepted, share) else { continue };
                if told.is_none_or(|told| told.elapsed() >= ACCEPT_TOLD) {
                    log::host(format_args!("accept=failed error=\"{error}\""));
                    told = Some(Instant::now());
                }
                // Out of file handles, mostly: it passes when connections close.
                sleep(ACCEPT_PAUSE).await;
            }
        };
        let follow = async {
            match self.application.server_tls() {
                Some(tls) => tls.follow().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = accept => {}
            () = follow => {}
            () = stop => {}
        }
    }

    /// Tells the cores to stop and waits for the requests at hand, at most `STOP_TIMEOUT`.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let threads = mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                // A core that panicked has said so.
                let _ = thread.join();
            }
        });
        let _ = timeout(STOP_TIMEOUT, joined).await;
    }

    /// Gives a connection to a core. One that its caller has given up already is no error.
    fn accepted(
        &self,
        accepted: io::Result<(tokio::net::TcpStream, SocketAddr)>,
        share: OwnedSemaphorePermit,
    ) -> io::Result<()> {
        let (stream, caller) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => return Ok(()),
            Err(error) => return Err(error),
        };
        let is_front_end = self.application.is_front_end(caller.ip());
        // The front end brings the connections of many callers.
        let place = if is_front_end { None } else { self.connections.place(caller.ip()) };
        if place.is_none() && !is_front_end {
            // Closed without a word: an answer would cost more than the question.
            return Ok(());
        }
        if stream.set_nodelay(true).is_ok() {
            let (stream, tls) = (stream.into_std()?, self.application.server_tls().map(|tls| tls.current()));
            self.give(Work::Connection(Accepted { stream, caller, tls, is_front_end, share: (share, place) }));
        }
        Ok(())
    }

    /// The cores take turns.
    fn give(&self, work: Work) {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.senders.len().max(1);
        if let Some(sender) = self.senders.get(index) {
            // A core that is gone is stopping, and what it is given is dropped.
            let _ = sender.send(work);
        }
    }
}

/// Listens on an address.
///
/// # Errors
/// A line that says what to do when the address is taken.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("address {address} is taken: stop the program that listens there, or choose another with --listen")
        }
        _ => anyhow!("cannot listen on {address}: {error}"),
    })
}

/// One core.
async fn run(application: Arc<Application>, mut work: mpsc::UnboundedReceiver<Work>, mut stop: watch::Receiver<bool>) {
    let dispatcher = Arc::new(Dispatcher::new(application));
    let http = connection::http();
    let graceful = GracefulShutdown::new();
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            given = work.recv() => match given {
                Some(Work::Connection(accepted)) => connection::serve(&dispatcher, &http, &graceful, accepted),
                Some(Work::Call(request, answer)) => {
                    let dispatcher = Arc::clone(&dispatcher);
                    calls.spawn(async move {
                        // Whoever asked may be gone.
                        let _ = answer.send(dispatcher.call(request).await);
                    });
                    while calls.try_join_next().is_some() {}
                }
                None => break,
            },
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    let requests = async {
        graceful.shutdown().await;
        calls.join_all().await;
    };
    let _ = timeout(STOP_TIMEOUT, requests).await;
}
