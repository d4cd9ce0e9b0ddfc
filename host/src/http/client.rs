//! Requests that components send: checked against the hosts they may call, over connections that are kept.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
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

/// The largest answer that is written to the traffic file, in bytes.
const RECORDED_LIMIT: usize = 64 << 20;

/// The connections of one core.
#[derive(Clone)]
pub(crate) struct Client(legacy::Client<HttpsConnector<HttpConnector>, WasiBody>);

impl Client {
    /// A client without connections. Its certificates are those of Mozilla's list.
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_keepalive(Some(KEPT));
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(connector);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(KEPT)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(connector);
        Self(client)
    }

    async fn send(&self, request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        let first_byte = options.first_byte_timeout.unwrap_or(FIRST_BYTE_TIMEOUT);
        let answer = timeout(first_byte, self.0.request(request)).await;
        let response = answer.map_err(|_| Error::HttpResponseTimeout)?.map_err(|error| {
            log::host(format_args!("outbound=failed error=\"{}\"", log::one_line(&chain(&error))));
            if error.is_connect() { Error::ConnectionRefused } else { Error::ConnectionTerminated }
        })?;
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
        let body = body.map_err(|_| Error::HttpResponseBodySize(None))?.to_bytes();
        traffic.write(&sent, &parts, &body);
        Ok(Response::from_parts(parts, whole(body)))
    }
}

/// An error and what lies under it.
fn chain(error: &legacy::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
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
