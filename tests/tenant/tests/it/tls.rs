//! HTTPS with the tenant's own authority.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper::{Request, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tenant::{CLIENT_ID, CLIENT_SECRET, Options, Server, TENANT_ID};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn tls() -> Server {
    let options = Options { tls: true, ..Options::default() };
    Server::start(options, ([127, 0, 0, 1], 0).into()).unwrap()
}

/// A connection of a client that trusts this authority, speaks this protocol, and calls the server by this name.
async fn connect(server: &Server, ca: &str, protocol: &[u8], name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(server.address()).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
}

fn login(server: &Server) -> Request<Full<Bytes>> {
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope={}/.default",
        server.origin()
    );
    let path = format!("/{TENANT_ID}/oauth2/v2.0/token");
    let host = server.address().to_string();
    Request::post(path).header("host", host).body(Full::new(Bytes::from(form))).unwrap()
}

#[tokio::test]
async fn every_name_and_both_versions_of_http() {
    let server = tls();
    let ca = server.ca_pem().unwrap();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let stream = connect(&server, ca, b"http/1.1", name).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(login(&server)).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_11), "{name}");
    }

    let stream = connect(&server, ca, b"h2", "localhost").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (mut parts, body) = login(&server).into_parts();
    parts.uri = format!("{}{}", server.origin(), parts.uri.path()).parse().unwrap();
    parts.headers.remove("host");
    let answer = sender.send_request(Request::from_parts(parts, body)).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{\"access_token\""), "{body:?}");
}

#[tokio::test]
async fn only_its_own_authority_vouches_for_it() {
    let (server, other) = (tls(), tls());
    let strange = connect(&server, other.ca_pem().unwrap(), b"http/1.1", "localhost").await.unwrap_err();
    assert!(strange.to_string().contains("invalid peer certificate"), "{strange}");
    let elsewhere = connect(&server, server.ca_pem().unwrap(), b"http/1.1", "graph.microsoft.com").await.unwrap_err();
    assert!(elsewhere.to_string().contains("not valid for name"), "{elsewhere}");
}

#[test]
fn the_variables_follow_the_scheme() {
    let server = tls();
    let origin = format!("https://{}", server.address());
    assert_eq!(server.origin(), origin);
    for (name, value) in server.variables() {
        assert_eq!(value == origin, name.ends_with("_url"), "{name}: {value}");
    }
    let plain = Server::start(Options::default(), ([127, 0, 0, 1], 0).into()).unwrap();
    assert_eq!((plain.ca_pem(), plain.origin()), (None, format!("http://{}", plain.address()).as_str()));
}
