//! One connection: TLS, the gate, HTTP, until it ends or nothing happens on it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Accepted;
use super::activity::Activity;
use super::dispatch::Dispatcher;
use crate::http::edge::Peer;
use crate::http::edge::gate::{Gate, Refused};
use crate::http::edge::tls;
use crate::log;

/// How long the handshake of TLS may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The headers of one request, in bytes.
const HEADER_LIMIT: usize = 64 << 10;

/// How often an HTTP/2 connection is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(60);

/// How many requests one HTTP/2 connection may have at once.
const STREAM_LIMIT: u32 = 128;

/// What serves HTTP on a connection, either version.
pub(super) type Http = auto::Builder<TokioExecutor>;

/// How HTTP is spoken.
pub(super) fn http() -> Http {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // The gate has bounded the head already.
    builder.http1().max_buf_size(2 * HEADER_LIMIT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_LIMIT as u32)
        .max_concurrent_streams(STREAM_LIMIT)
        .keep_alive_interval(PING_INTERVAL);
    builder
}

/// Serves a connection, in a task of its own.
pub(super) fn serve(dispatcher: &Arc<Dispatcher>, http: &Http, graceful: &GracefulShutdown, accepted: Accepted) {
    let Accepted { stream, caller, tls, is_front_end, share } = accepted;
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => return log::host(format_args!("accept=failed error=\"{error}\"")),
    };
    let peer = Peer {
        address: caller,
        certificate: None,
        is_tls: tls.is_some(),
        is_front_end,
        refused: Refused::default(),
        is_flooding: AtomicBool::new(false),
    };
    let (dispatcher, http) = (Arc::clone(dispatcher), http.clone());
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        match tls {
            None => over(stream, peer, dispatcher, http, watcher).await,
            Some(config) => {
                // Who speaks no TLS, or breaks off, is told so by TLS itself.
                let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(config).accept(stream)).await else {
                    return;
                };
                let Ok(certificate) = certificate(&stream, dispatcher.host_key()) else { return };
                over(stream, Peer { certificate, ..peer }, dispatcher, http, watcher).await;
            }
        }
        drop(share);
    });
}

/// The certificate that the caller showed, as it is handed on. One that cannot be handed on ends the connection: its
/// caller must not pass for one without a certificate.
fn certificate(stream: &TlsStream<TcpStream>, host_key: &str) -> io::Result<Option<http::HeaderValue>> {
    let Some(certificate) = stream.get_ref().1.peer_certificates().and_then(<[_]>::first) else { return Ok(None) };
    tls::handed_on(host_key, certificate).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

async fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: Peer,
    dispatcher: Arc<Dispatcher>,
    http: Http,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let activity = Activity::new();
    let requests = activity.clone();
    let gate = Gate::new(stream, peer.refused.clone());
    let peer = Arc::new(peer);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (dispatcher, peer, open) = (Arc::clone(&dispatcher), Arc::clone(&peer), requests.begin());
        async move {
            let answer = dispatcher.answer(request, &peer).await;
            open.answered();
            Ok::<_, std::convert::Infallible>(answer.map(|answer| answer.until_sent(open)))
        }
    });
    let connection = http.serve_connection(TokioIo::new(gate), service).into_owned();
    let connection = watcher.watch(connection);
    tokio::select! {
        // A caller that breaks off is no error of ours.
        _ = connection => {}
        () = activity.ended() => {}
    }
}
