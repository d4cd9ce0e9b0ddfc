//! From a request to the component of its route, within the limits, and back.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use rustls::ClientConfig;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, ProxyHandler, TrapOrPanicError};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, WasiBody};

use super::super::answer::error;
use super::super::client::Client;
use super::super::headers;
use super::activity::{Open, RECEIVE_TIMEOUT};
use crate::engine::INSTANCE_LIMIT;
use crate::guest::{Instances, Task, Turn};
use crate::log;
use crate::manifest::Manifest;
use crate::manifest::route::Match;
use crate::served::Served;

/// The body of one request, in bytes.
const BODY_LIMIT: u64 = 8 << 20;

/// The answer to a call of the host itself, in bytes.
const CALL_LIMIT: usize = 1 << 20;

/// How long a request may take until its answer starts, and how long a tick of a job.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
const JOB_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// How many requests are served at once, and how long others wait for their turn. Each needs an instance; the rest of
/// the instances are idle or ending.
const REQUEST_LIMIT: usize = INSTANCE_LIMIT as usize * 2 / 5;
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// How many requests may wait for their turn.
const WAITING_LIMIT: usize = 2048;

/// What is served, on all cores.
pub(crate) struct Application {
    manifest: Arc<Manifest>,
    /// By the component's place in the manifest; none for one that was not asked for.
    components: Vec<Option<Arc<Served>>>,
    turns: Arc<Semaphore>,
    waiting: Semaphore,
    /// How components speak TLS to the outside.
    tls: ClientConfig,
}

impl Application {
    /// The manifest has the routes and the jobs; the components are in the manifest's order.
    pub(crate) fn new(manifest: Arc<Manifest>, components: Vec<Option<Arc<Served>>>, tls: ClientConfig) -> Self {
        let turns = Arc::new(Semaphore::new(REQUEST_LIMIT));
        Self { manifest, components, turns, waiting: Semaphore::new(WAITING_LIMIT), tls }
    }

    /// A tick of a job may take longer than a caller would wait.
    fn time_limit(&self, component: usize, path: &str) -> Duration {
        let job = self.manifest.components.get(component).and_then(|component| component.tool.job.as_ref());
        if job.is_some_and(|job| job.path == path) { JOB_TIMEOUT } else { REQUEST_TIMEOUT }
    }

    /// A request's turn, which lasts until its instance is done with it and its answer is sent.
    async fn turn(&self) -> Option<Turn> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Some(Arc::new(turn));
        }
        let _place = self.waiting.try_acquire().ok()?;
        timeout(TURN_TIMEOUT, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok().map(Arc::new)
    }
}

/// The components on one core.
pub(super) struct Dispatcher {
    application: Arc<Application>,
    handlers: Vec<Option<ProxyHandler<Instances>>>,
}

impl Dispatcher {
    pub(super) fn new(application: Arc<Application>) -> Self {
        let client = Client::new(application.tls.clone());
        let handler = |served: &Option<Arc<Served>>| {
            let served = Arc::clone(served.as_ref()?);
            Some(ProxyHandler::new(Instances::new(served, client.clone())))
        };
        let handlers = application.components.iter().map(handler).collect();
        Self { application, handlers }
    }

    /// Answers a request that came over the network.
    pub(super) async fn answer(&self, request: Request<Incoming>, caller: SocketAddr) -> Response<Answer> {
        let is_too_long = Arc::new(AtomicBool::new(false));
        let (mut parts, body) = request.into_parts();
        headers::strip(&mut parts.headers);
        if content_length(&parts.headers) > BODY_LIMIT {
            return Answer::free(too_long());
        }
        let body = if body.is_end_stream() {
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        } else {
            Bounded { body, left: BODY_LIMIT, is_too_long: Arc::clone(&is_too_long) }.boxed_unsync()
        };
        let response = self.dispatch(Request::from_parts(parts, body), caller).await;
        // Whatever the component makes of a body that breaks off: the reason is this one.
        if is_too_long.load(Ordering::Relaxed) { Answer::free(too_long()) } else { response }
    }

    /// Answers a request of the host itself, with the whole body.
    pub(super) async fn call(&self, request: Request<WasiBody>) -> (StatusCode, Bytes) {
        let caller = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let response = self.dispatch(request, caller).await;
        let status = response.status();
        match timeout(RECEIVE_TIMEOUT, Limited::new(response.into_body(), CALL_LIMIT).collect()).await {
            Ok(Ok(body)) => (status, body.to_bytes()),
            _ => (StatusCode::BAD_GATEWAY, Bytes::new()),
        }
    }

    async fn dispatch(&self, request: Request<WasiBody>, caller: SocketAddr) -> Response<Answer> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let found = self.application.manifest.routes.find(&path);
        let handler = found.as_ref().and_then(|found| self.handlers.get(found.route.component)?.as_ref());
        let (Some(found), Some(handler)) = (found, handler) else {
            return Answer::free(error(StatusCode::NOT_FOUND, "no route of this service matches the path"));
        };
        if let Err(reason) = headers::complete(&mut parts, &found, caller) {
            return Answer::free(error(StatusCode::BAD_REQUEST, reason));
        }
        let Some(turn) = self.application.turn().await else {
            return Answer::free(error(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once: try again"));
        };
        let started = Instant::now();
        let limit = self.application.time_limit(found.route.component, &path);
        let task = Task { limit, turn: Arc::clone(&turn) };
        // The handler has the same limit; this one holds even when its instance does not come to look at the clock.
        let handled = timeout(limit + Duration::from_secs(1), handler.handle(task, Request::from_parts(parts, body)));
        match handled.await {
            Ok(Ok(response)) => response.map(|body| Answer { body, _turn: Some(turn), _open: None }),
            // An instance that computed until its time was up is ended like one that trapped.
            Ok(Err(cause)) if cause.is::<TrapOrPanicError>() && started.elapsed() >= limit => {
                Answer::free(failed(&found, handler, &wasmtime::Error::from(ExpirationError)))
            }
            Ok(Err(cause)) => Answer::free(failed(&found, handler, &cause)),
            Err(_) => Answer::free(failed(&found, handler, &wasmtime::Error::from(ExpirationError))),
        }
    }
}

/// Tells the log why a component did not answer, and the caller that it did not.
fn failed(found: &Match<'_>, handler: &ProxyHandler<Instances>, cause: &wasmtime::Error) -> Response<WasiBody> {
    let (status, detail) = if cause.is::<ExpirationError>() {
        (StatusCode::GATEWAY_TIMEOUT, "the service took too long to answer")
    } else if cause.is::<InstantiationError<Task>>() {
        (StatusCode::SERVICE_UNAVAILABLE, "the service has no room for another request: try again")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "the service failed while it handled the request")
    };
    if let Some(ErrorCode::HttpRequestBodySize(_)) = cause.downcast_ref() {
        return too_long();
    }
    if cause.is::<TrapOrPanicError>() {
        // The instance has told the log why.
        return error(status, detail);
    }
    log::host(format_args!(
        "component={} route=\"{}\" status={} error=\"{}\"",
        handler.state().served().grants.id,
        found.route.pattern,
        status.as_u16(),
        log::one_line(&format!("{cause:#}"))
    ));
    error(status, detail)
}

fn too_long() -> Response<WasiBody> {
    error(StatusCode::PAYLOAD_TOO_LARGE, "the body of a request may have at most 8388608 bytes")
}

/// hyper has checked the number.
fn content_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// A body on its way in that breaks off when it is too long.
struct Bounded {
    body: Incoming,
    left: u64,
    is_too_long: Arc<AtomicBool>,
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        let length = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.remaining() as u64),
            _ => 0,
        };
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => {
                self.is_too_long.store(true, Ordering::Relaxed);
                return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(BODY_LIMIT)))));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|_| Error::ConnectionTerminated)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body on its way out, which holds its request's turn until it is sent.
pub(super) struct Answer {
    body: WasiBody,
    _turn: Option<Turn>,
    _open: Option<Open>,
}

impl Answer {
    /// An answer of the host itself, which needs no instance.
    fn free(response: Response<WasiBody>) -> Response<Self> {
        response.map(|body| Self { body, _turn: None, _open: None })
    }

    /// Keeps its request open until it is sent.
    pub(super) fn until_sent(self, open: Open) -> Self {
        Self { _open: Some(open), ..self }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
