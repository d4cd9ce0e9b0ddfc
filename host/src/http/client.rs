//! Requests that components send: checked against the hosts they may call, over connections that are kept.

use std::error::Error as StdError;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{HttpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{CertificateError, ClientConfig};
use tokio::time::{Sleep, sleep, timeout};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::answer::whole;
use super::traffic::{Sent, Traffic};
use crate::log;
use crate::served::Grants;

/// Limits where a component sets none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(100);
const BETWEEN_BYTES_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection without a request is kept: less than the servers of Microsoft keep theirs.
const KEPT: Duration = Duration::from_secs(55);

/// How often an HTTP/2 connection that waits for an answer is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// The largest answer that is written to the traffic file, in bytes.
const RECORDED_LIMIT: usize = 64 << 20;

/// The connections of one core.
#[derive(Clone)]
pub(crate) struct Client(legacy::Client<HttpsConnector<HttpConnector>, WasiBody>);

impl Client {
    /// A client without connections.
    pub(crate) fn new(tls: ClientConfig) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_keepalive(Some(KEPT));
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(connector);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(KEPT)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http2_keep_alive_interval(PING_INTERVAL)
            .build(connector);
        Self(client)
    }

    async fn send(&self, mut request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        let target = request.uri().authority().map_or("", Authority::host).to_owned();
        let connect = options.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
        let first_byte = options.first_byte_timeout.unwrap_or(FIRST_BYTE_TIMEOUT);
        let mut connection = capture_connection(&mut request);
        let connection = async move {
            // Without a connection, the answer says why.
            connection.wait_for_connection_metadata().await.is_some()
        };
        let mut answer = pin!(self.0.request(request));
        let answer = tokio::select! {
            biased;
            answer = &mut answer => answer,
            connected = timeout(connect, connection) => {
                connected.map_err(|_| failed(&target, "there is no connection in time", Error::ConnectionTimeout))?;
                let answer = timeout(first_byte, answer).await;
                answer.map_err(|_| failed(&target, "there is no answer in time", Error::HttpResponseTimeout))?
            }
        };
        let response = answer.map_err(|error| failed(&target, &chain(&error), kind(&error)))?;
        let limit = options.between_bytes_timeout.unwrap_or(BETWEEN_BYTES_TIMEOUT);
        Ok(response.map(|body| Received { body, limit, timer: None }.boxed_unsync()))
    }

    async fn send_recorded(
        &self,
        traffic: &Traffic,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let sent = Sent::new(&parts, &body);
        let (parts, body) = self.send(Request::from_parts(parts, whole(body)), options).await?.into_parts();
        let body = Limited::new(body, RECORDED_LIMIT).collect().await;
        let body = body.map_err(|error| match error.downcast::<Error>() {
            Ok(broken_off) => *broken_off,
            Err(_) => Error::HttpResponseBodySize(None),
        })?;
        let body = body.to_bytes();
        traffic.write(&sent, &parts, &body);
        Ok(Response::from_parts(parts, whole(body)))
    }
}

/// Tells the log, and gives the error for the component.
fn failed(target: &str, reason: &str, error: Error) -> Error {
    log::host(format_args!("outbound=failed host=\"{}\" error=\"{}\"", log::one_line(target), log::one_line(reason)));
    error
}

/// What the component is told of a failure.
fn kind(error: &legacy::Error) -> Error {
    match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(_) => Error::TlsProtocolError,
        None if error.is_connect() => Error::ConnectionRefused,
        None => Error::ConnectionTerminated,
    }
}

/// An error and what lies under it, and what to do if that is known.
fn chain(error: &legacy::Error) -> String {
    let mut texts = causes(error).map(ToString::to_string).collect::<Vec<_>>();
    texts.dedup();
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    if causes(error).any(|cause| cause.downcast_ref() == Some(&unknown)) {
        texts.push("name a file with the certificate of its authority by --ca".to_owned());
    }
    texts.join(": ")
}

type Cause<'a> = &'a (dyn StdError + 'static);

fn causes<'a>(error: &'a legacy::Error) -> impl Iterator<Item = Cause<'a>> {
    fn below(error: Cause<'_>) -> Option<Cause<'_>> {
        // What an I/O error wraps is not among its sources, as it shows through.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    }
    std::iter::successors(Some(error as Cause<'a>), |error| below(*error))
}

/// The way out of one instance.
pub(crate) struct Outbound {
    grants: Arc<Grants>,
    client: Client,
}

impl Outbound {
    /// The component's grants say where it may go.
    pub(crate) fn new(grants: Arc<Grants>, client: Client) -> Self {
        Self { grants, client }
    }
}

/// Errors of the sending side, which `send` tells by its result.
type Sending = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Outbound {
    /// The client sets it, as each version of HTTP wants it.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Sending,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Sending), Error>> + Send> {
        let (grants, client) = (Arc::clone(&self.grants), self.client.clone());
        Box::new(async move {
            if !grants.allowed_hosts.allows(request.uri()) {
                let target = request.uri().authority().map_or("", |authority| authority.host());
                log::host(format_args!(
                    "component={} outbound=denied host=\"{target}\" help=\"add it to allowed_outbound_hosts\"",
                    grants.id
                ));
                return Err(Error::HttpRequestDenied);
            }
            let options = options.unwrap_or_default();
            let response = match &grants.traffic {
                Some(traffic) if traffic.records(request.uri()) => {
                    client.send_recorded(traffic, request, options).await?
                }
                _ => client.send(request, options).await?,
            };
            Ok((response, Box::new(async { Ok(()) }) as Sending))
        })
    }
}

/// A body on its way in. Dropped before its end, it closes its connection; read to its end, it gives it back.
struct Received {
    body: Incoming,
    limit: Duration,
    /// Set while the next bytes are waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Body for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(|_| Error::ConnectionTerminated)));
        }
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
