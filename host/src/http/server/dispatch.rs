//! From a request to the component of its route, within the limits, and back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use rustls::ClientConfig;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use trust::limit::Rate;
use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, ProxyHandler, TrapOrPanicError};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, WasiBody};

use super::super::answer::error;
use super::super::client::Client;
use super::super::edge::admission::{Admission, Question};
use super::super::edge::rate::{self, Buckets};
use super::super::edge::tls::Tls;
use super::super::edge::{self, Peer, Refusal, front_end, request_id, shape};
use super::super::headers::{self, Caller};
use super::activity::{Open, RECEIVE_TIMEOUT};
use super::body::{BODY_LIMIT, Bounded, Fault};
use crate::engine::INSTANCE_LIMIT;
use crate::guest::{Instances, Task, Turn};
use crate::log;
use crate::manifest::Manifest;
use crate::manifest::route::Match;
use crate::served::Served;
use crate::tenants::Tenants;

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

/// How long somebody who goes on in spite of a 429 waits for the next, and how many wait so at once.
const TARPIT: Duration = Duration::from_millis(250);
const TARPIT_LIMIT: usize = 1024;

/// How many such answers an address gets at once.
const TOLD: Rate = Rate { per_second: 2, burst: 20 };

/// What is served, on all cores.
pub(crate) struct Application {
    manifest: Arc<Manifest>,
    /// By the component's place in the manifest; none for one that was not asked for.
    components: Vec<Option<Arc<Served>>>,
    turns: Arc<Semaphore>,
    waiting: Semaphore,
    /// How components speak TLS to the outside.
    tls: ClientConfig,
    /// How callers speak TLS to the host.
    server_tls: Option<Tls>,
    host_key: String,
    admission: Admission,
    tarpit: Semaphore,
    /// Whom an answer at once was given that there were too many requests, by address.
    told: Buckets,
}

/// What an application is made of.
pub(crate) struct Parts {
    /// It has the routes and the jobs.
    pub(crate) manifest: Arc<Manifest>,
    /// In the manifest's order.
    pub(crate) components: Vec<Option<Arc<Served>>>,
    /// How components speak TLS to the outside.
    pub(crate) tls: ClientConfig,
    /// How callers speak TLS to the host, if they do.
    pub(crate) server_tls: Option<Tls>,
    /// By which components know what the host itself wrote.
    pub(crate) host_key: String,
    pub(crate) tenants: Tenants,
}

impl Application {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { manifest, components, tls, server_tls, host_key, tenants } = parts;
        Self {
            manifest,
            components,
            turns: Arc::new(Semaphore::new(REQUEST_LIMIT)),
            waiting: Semaphore::new(WAITING_LIMIT),
            tls,
            server_tls,
            host_key,
            admission: Admission::new(tenants),
            tarpit: Semaphore::new(TARPIT_LIMIT),
            told: Buckets::new(),
        }
    }

    /// How callers speak TLS to the host.
    pub(super) fn server_tls(&self) -> Option<&Tls> {
        self.server_tls.as_ref()
    }

    /// Whether an address is that of the front end of the deployment.
    pub(super) fn is_front_end(&self, address: IpAddr) -> bool {
        front_end::is_at(&self.admission.tenants().front_end, address)
    }

    /// A tick of a job may take longer than a caller would wait.
    fn time_limit(&self, component: usize, path: &str) -> Duration {
        let job = self.manifest.components.get(component).and_then(|component| component.tool.job.as_ref());
        // Before it may stand a tenant.
        if job.is_some_and(|job| path.ends_with(&job.path)) { JOB_TIMEOUT } else { REQUEST_TIMEOUT }
    }

    /// A request's turn, which lasts until its instance is done with it and its answer is sent. Its tenant's share comes
    /// first: who waits for that is in nobody else's way.
    async fn turn(&self, path: &str) -> Option<Turn> {
        let share = self.admission.share(path, TURN_TIMEOUT).await?;
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Some(Arc::new([turn, share]));
        }
        let _place = self.waiting.try_acquire().ok()?;
        let turn = timeout(TURN_TIMEOUT, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok()?;
        Some(Arc::new([turn, share]))
    }

    /// Keeps back an answer to somebody who was told before to slow down, on this connection or on many others, as long
    /// as there are not too many of them.
    async fn slow_down(&self, peer: &Peer, source: IpAddr) {
        let was_told = peer.is_flooding.swap(true, Ordering::Relaxed);
        let is_flood = || self.told.take(rate::key(source), TOLD, Instant::now()).is_err();
        if (was_told || is_flood())
            && let Ok(_place) = self.tarpit.try_acquire()
        {
            sleep(TARPIT).await;
        }
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

    /// The key by which components know what the host itself wrote.
    pub(super) fn host_key(&self) -> &str {
        &self.application.host_key
    }

    /// Answers a request that came over the network.
    pub(super) async fn answer(&self, mut request: Request<Incoming>, peer: &Peer) -> Response<Answer> {
        let is_secure = peer.is_secure(request.headers());
        let id = request_id::assign(request.headers_mut());
        let mut response = self.let_in(request, peer, is_secure).await;
        edge::finish(response.headers_mut(), id, is_secure);
        response
    }

    /// Serves a request, unless its form or the limits speak against it.
    async fn let_in(&self, request: Request<Incoming>, peer: &Peer, is_secure: bool) -> Response<Answer> {
        let (mut parts, body) = request.into_parts();
        if let Some(refusal) = peer.refused.told_by(&parts.headers) {
            return Answer::refused(refusal);
        }
        if let Err(refusal) = shape::check(&parts) {
            return Answer::refused(refusal);
        }
        let admission = &self.application.admission;
        let question = Question {
            path: parts.uri.path(),
            headers: &parts.headers,
            certificate: peer.certificate.as_ref(),
            address: peer.source(&parts.headers),
        };
        let ticket = match admission.admit(&question, Instant::now()) {
            Ok(ticket) => ticket,
            Err(wait) => {
                self.application.slow_down(peer, peer.source(&parts.headers)).await;
                return Answer::free(too_many(wait));
            }
        };
        front_end::strip(&admission.tenants().front_end, &mut parts.headers, peer.is_front_end);
        if let Some(certificate) = &peer.certificate {
            parts.headers.insert(edge::CERTIFICATE, certificate.clone());
        }
        if content_length(&parts.headers) > BODY_LIMIT {
            return Answer::free(Fault::TooLong.answer());
        }
        let fault = Arc::new(AtomicU8::new(Fault::None as u8));
        let body = if body.is_end_stream() {
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        } else {
            Bounded::new(body, Arc::clone(&fault)).boxed_unsync()
        };
        let caller = Caller { address: peer.address, is_secure };
        let response = self.dispatch(Request::from_parts(parts, body), &caller).await;
        // An error of the service says nothing of the credential.
        if response.body().is_of_component() && !response.status().is_server_error() {
            admission.learn(ticket, response.status() != StatusCode::UNAUTHORIZED, Instant::now());
        }
        // Whatever the component makes of a body that breaks off: the reason is this one.
        match Fault::of(fault.load(Ordering::Relaxed)) {
            Fault::None => response,
            fault => Answer::free(fault.answer()),
        }
    }

    /// Answers a request of the host itself, with the whole body.
    pub(super) async fn call(&self, request: Request<WasiBody>) -> (StatusCode, Bytes) {
        let caller = Caller { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), is_secure: false };
        let response = self.dispatch(request, &caller).await;
        let status = response.status();
        match timeout(RECEIVE_TIMEOUT, Limited::new(response.into_body(), CALL_LIMIT).collect()).await {
            Ok(Ok(body)) => (status, body.to_bytes()),
            _ => (StatusCode::BAD_GATEWAY, Bytes::new()),
        }
    }

    async fn dispatch(&self, request: Request<WasiBody>, caller: &Caller) -> Response<Answer> {
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
        let Some(turn) = self.application.turn(&path).await else {
            return Answer::free(error(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once: try again"));
        };
        let started = Instant::now();
        let limit = self.application.time_limit(found.route.component, &path);
        let task = Task { limit, turn: Arc::clone(&turn) };
        // The handler has the same limit; this one holds even when its instance does not come to look at the clock.
        let handled = timeout(limit + Duration::from_secs(1), handler.handle(task, Request::from_parts(parts, body)));
        match handled.await {
            Ok(Ok(response)) => response.map(|body| Answer { body, turn: Some(turn), _open: None }),
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
        return Fault::TooLong.answer();
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

fn too_many(wait: Duration) -> Response<WasiBody> {
    let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
    let detail = "too many requests: send fewer, and come back after the seconds that Retry-After tells";
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, detail);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// hyper has checked the number.
fn content_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// A body on its way out, which holds its request's turn until it is sent.
pub(super) struct Answer {
    body: WasiBody,
    turn: Option<Turn>,
    _open: Option<Open>,
}

impl Answer {
    /// Whether a component gave it.
    fn is_of_component(&self) -> bool {
        self.turn.is_some()
    }

    /// The answer to a request that is not served, after which no other is read.
    fn refused(refusal: Refusal) -> Response<Self> {
        let mut response = error(refusal.status, refusal.detail);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Self::free(response)
    }

    /// An answer of the host itself, which needs no instance.
    fn free(response: Response<WasiBody>) -> Response<Self> {
        response.map(|body| Self { body, turn: None, _open: None })
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
