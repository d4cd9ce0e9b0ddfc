//! Requests to a server of the test's own, over TLS.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::{Empty, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::http::authorities;

const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate of an authority of its own, for one name.
struct Certificate {
    authority: tempfile::NamedTempFile,
    server: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Certificate {
    fn new(name: &str) -> Self {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), authority.pem()).unwrap();
        Self { authority: file, server, key }
    }

    /// A client that trusts the authority.
    fn client(&self) -> Client {
        Client::new(authorities::tls(Some(self.authority.path())).unwrap())
    }

    fn acceptor(&self, protocols: &[&[u8]], version: &'static SupportedProtocolVersion) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_protocol_versions(&[version]).unwrap().with_no_client_auth();
        let mut config = builder.with_single_cert(vec![self.server.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves connection after connection; each answer tells the version of HTTP and the number of its connection. What is
/// below `/never` is not answered.
async fn serve(acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 1.. {
            let stream = listener.accept().await.unwrap().0;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = service_fn(move |request: Request<Incoming>| async move {
                    if request.uri().path() == "/never" {
                        std::future::pending::<()>().await;
                    }
                    let text = format!("{:?} on connection {number}", request.version());
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text))))
                });
                drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await);
            });
        }
    });
    address
}

fn get(uri: &str) -> Request<WasiBody> {
    Request::get(uri).body(Empty::new().map_err(|never| match never {}).boxed_unsync()).unwrap()
}

async fn text(client: &Client, uri: &str, options: RequestOptions) -> Result<String, Error> {
    let body = client.send(get(uri), options).await?.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_version_over_tls_keeps_its_connection() {
    let cases: [(&[&[u8]], _, _); 4] = [
        (&PROTOCOLS, &rustls::version::TLS13, "HTTP/2.0"),
        (&PROTOCOLS, &rustls::version::TLS12, "HTTP/2.0"),
        (&PROTOCOLS[1..], &rustls::version::TLS13, "HTTP/1.1"),
        (&[], &rustls::version::TLS12, "HTTP/1.1"),
    ];
    for (protocols, version, expected) in cases {
        let certificate = Certificate::new("localhost");
        let address = serve(certificate.acceptor(protocols, version)).await;
        let client = certificate.client();
        for _ in 0..2 {
            let uri = format!("https://localhost:{}/", address.port());
            let text = text(&client, &uri, RequestOptions::default()).await.unwrap();
            assert_eq!(text, format!("{expected} on connection 1"), "{version:?}");
        }
    }
}

#[tokio::test]
async fn only_the_right_certificate_is_trusted() {
    let (ours, other) = (Certificate::new("localhost"), Certificate::new("localhost"));
    let elsewhere = Certificate::new("elsewhere.example");
    for (server, client) in [
        (&ours, other.client()),
        (&ours, Client::new(authorities::tls(None).unwrap())),
        (&elsewhere, elsewhere.client()),
    ] {
        let address = serve(server.acceptor(&PROTOCOLS, &rustls::version::TLS13)).await;
        let uri = format!("https://localhost:{}/", address.port());
        let error = text(&client, &uri, RequestOptions::default()).await.unwrap_err();
        assert!(matches!(error, Error::TlsCertificateError), "{error:?}");
    }
}

#[tokio::test]
async fn a_component_says_how_long_to_wait() {
    let certificate = Certificate::new("localhost");
    let client = certificate.client();
    let serving = serve(certificate.acceptor(&PROTOCOLS, &rustls::version::TLS13)).await;
    // The system accepts connections to it, but nobody speaks TLS there.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let soon = Some(Duration::from_millis(50));
    let connect = RequestOptions { connect_timeout: soon, ..RequestOptions::default() };
    let first_byte = RequestOptions { first_byte_timeout: soon, ..RequestOptions::default() };
    let error = text(&client, &format!("https://{}/", silent.local_addr().unwrap()), connect).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionTimeout), "{error:?}");
    let never = format!("https://localhost:{}/never", serving.port());
    let error = text(&client, &never, first_byte).await.unwrap_err();
    assert!(matches!(error, Error::HttpResponseTimeout), "{error:?}");
    // A connection that is there is not waited for, however long the answer takes.
    let answer = timeout(Duration::from_millis(200), text(&client, &never, connect)).await;
    assert!(answer.is_err(), "{answer:?}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(authorities::tls(None).unwrap());
    let error = text(&client, &uri, RequestOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionRefused), "{error:?}");
}
