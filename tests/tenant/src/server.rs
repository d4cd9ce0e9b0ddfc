//! The port: connections in, requests to the part of the tenant they are for.

use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::answer::{Answer, Delivery};
use crate::payload::{Broken, Payload};
use crate::tenant::{Request as TenantRequest, Tenant};
use crate::tls::Tls;
use crate::traffic::Exchange;
use crate::{
    CALLER_TOKEN, CLIENT_ID, CLIENT_SECRET, Fault, Options, Refused, TENANT_ID, control, graph, identity, login,
    sha256_hex,
};

/// The largest request body, in bytes: as much as Graph takes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A tenant that is being served; dropping it stops it.
pub struct Server {
    tenant: Tenant,
    address: SocketAddr,
    ca_pem: Option<String>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves a tenant on an address, in threads of its own, and returns when it listens; port 0 picks a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, no thread can be started, or a fault in the options makes no sense.
    pub fn start(options: Options, listen: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("tenant")
            .enable_all()
            .build()?;
        let (scheme, acceptor, ca_pem) = if options.tls {
            let tls = Tls::new()?;
            ("https", Some(tls.acceptor), Some(tls.ca_pem))
        } else {
            ("http", None, None)
        };
        let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { url_host(&address) };
        let tenant = Tenant::new(options, format!("{scheme}://{host}:{}", address.port()))
            .map_err(|refused| io::Error::new(io::ErrorKind::InvalidInput, refused))?;
        let (stop, stopped) = watch::channel(false);
        let served = tenant.clone();
        let thread = std::thread::Builder::new().name("tenant-accept".to_owned()).spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    accept(listener, acceptor, served, stopped).await;
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { tenant, address, ca_pem, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or `https` with [`Options::tls`].
    pub fn origin(&self) -> &str {
        self.tenant.origin()
    }

    /// The certificate of the authority that a client has to trust, as PEM; `None` without [`Options::tls`].
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The variables that point the connector at this tenant, by their names in `spin.toml`.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let origin = self.tenant.origin();
        vec![
            ("tenant_id", TENANT_ID.to_owned()),
            ("client_id", CLIENT_ID.to_owned()),
            ("client_secret", CLIENT_SECRET.to_owned()),
            ("graph_url", origin.to_owned()),
            ("login_url", origin.to_owned()),
            ("identity_url", origin.to_owned()),
            ("caller_token_sha256", sha256_hex(CALLER_TOKEN)),
        ]
    }

    /// The tenant itself, to look at or to change behind the connector's back.
    pub fn tenant(&self) -> Tenant {
        self.tenant.clone()
    }

    /// Adds a fault after the ones that are there.
    ///
    /// # Errors
    ///
    /// When the fault makes no sense, or a thousand wait already.
    pub fn fault(&self, fault: Fault) -> Result<(), Refused> {
        self.tenant.faults().add(fault)
    }

    /// The last exchanges with Graph, as many as [`Options::record`] says.
    pub fn requests(&self) -> Vec<Exchange> {
        self.tenant.traffic().exchanges()
    }

    /// How often each operation was called, for example `("GET /users", 3)`; operations never called are left out.
    pub fn counts(&self) -> Vec<(String, u64)> {
        self.tenant.traffic().counts()
    }

    /// Stops listening and drops what is under way.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.stop.send_replace(true);
            // A thread that panicked has nothing left to stop.
            drop(thread.join());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.halt();
    }
}

fn url_host(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    tenant: Tenant,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        if let Ok((stream, _)) = accepted {
            tokio::spawn(connect(stream, acceptor.clone(), tenant.clone()));
        }
    }
}

/// Serves one connection, after TLS where there is any.
async fn connect(stream: TcpStream, acceptor: Option<TlsAcceptor>, tenant: Tenant) {
    // Without TCP_NODELAY small answers wait; where it cannot be set they still arrive.
    drop(stream.set_nodelay(true));
    match acceptor {
        None => serve(stream, tenant).await,
        // Who does not trust the authority hangs up here, and knows why.
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                serve(stream, tenant).await;
            }
        }
    }
}

/// Serves until either side closes the connection; one that breaks concerns nobody else.
async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, tenant: Tenant) {
    let service = service_fn(move |request| {
        let tenant = tenant.clone();
        async move { respond(request, &tenant).await }
    });
    drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
}

async fn respond(request: Request<Incoming>, tenant: &Tenant) -> Result<Response<Payload>, Broken> {
    let (parts, body) = request.into_parts();
    let answer = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => {
            let headers = parts
                .headers
                .iter()
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect();
            let request = TenantRequest {
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                headers,
                body: body.to_bytes(),
            };
            answer(&request, tenant)
        }
        Err(_) => Answer::empty(413),
    };
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if answer.delivery == Delivery::Nothing { Err(Broken) } else { Ok(response(answer)) }
}

fn answer(request: &TenantRequest, tenant: &Tenant) -> Answer {
    let path = request.path.to_ascii_lowercase();
    if path.starts_with("/_tenant/") {
        return control::answer(request, tenant);
    }
    let fault = tenant.faults().meet(&request.method, &request.path, &request.query);
    if path.starts_with("/v1.0/") || path == "/v1.0" || path.starts_with("/beta/") {
        return graph::answer(request, tenant, fault.as_ref());
    }
    let answer = match fault.as_ref().and_then(Fault::plain) {
        Some(answer) => answer,
        None if path.starts_with("/metadata/identity/") || path.starts_with("/msi/") => {
            identity::answer(request, tenant)
        }
        None => login::answer(request, tenant),
    };
    match fault {
        Some(fault) => fault.spoil(answer),
        None => answer,
    }
}

fn response(answer: Answer) -> Response<Payload> {
    let mut response = Response::new(Payload::new(answer.body, answer.delivery));
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
