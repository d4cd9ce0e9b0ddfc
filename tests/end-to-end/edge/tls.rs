//! TLS for callers, and the certificates that they show.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{PATIENCE, seen};
use crate::harness::{Answer, State, finish};
use crate::host::probe::{Probe, command};

/// A certificate with its key.
pub(super) struct Pair {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: KeyPair,
}

/// An authority for the tests.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// One for localhost, good for servers and clients.
    pub(super) fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Pair { certificate: params.signed_by(&key, &self.0).unwrap().der().clone(), key }
    }
}

impl Pair {
    /// Writes the two files, and gives the options that name them.
    pub(super) fn write(&self, directory: &Path) -> [String; 4] {
        let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
        let text = STANDARD.encode(&self.certificate);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        fs::write(&certificate, pem).unwrap();
        fs::write(&key, self.key.serialize_pem()).unwrap();
        ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()].map(str::to_owned)
    }
}

/// How a caller speaks TLS that trusts an authority and shows a certificate.
pub(super) fn client(authorities: &[&Authority], shown: Option<&Pair>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.der()).unwrap();
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match shown {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
            builder.with_client_auth_cert(vec![pair.certificate.clone()], key).unwrap()
        }
    })
}

/// Opens a connection; the handshake happens with the first exchange.
pub(super) fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> StreamOwned<ClientConnection, TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::clone(config), name).unwrap(), stream)
}

/// One request on a connection of its own; an error when TLS comes to nothing.
pub(super) fn get(address: SocketAddr, config: &Arc<ClientConfig>, request: &str) -> std::io::Result<Answer> {
    let mut stream = connect(address, config);
    stream.write_all(format!("{request}host: localhost\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if answer.is_empty() { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(Answer::read(&answer)) }
}

const HEADERS: &str = "GET /probe/headers HTTP/1.1\r\n";

fn start(authority: &Authority, options: &[&str]) -> Probe {
    let state = State::empty();
    let own = authority.issue(|_| {}).write(state.path());
    let options = own.iter().map(String::as_str).chain(options.iter().copied()).collect::<Vec<_>>();
    Probe::start_in(state, &options, &[], &[])
}

/// The certificate that a component was handed, and the key before it.
fn handed(address: SocketAddr, config: &Arc<ClientConfig>) -> Option<(String, Vec<u8>)> {
    let forged = format!("{HEADERS}x-entra-scim-client-certificate: forged AAAA\r\nX-ARR-ClientCert: AAAA\r\n");
    let answer = get(address, config, &forged).unwrap();
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
    let text = String::from_utf8(answer.body).unwrap();
    assert!(seen(&text, "uri").unwrap().starts_with("https://localhost/"), "{text}");
    assert!(!text.contains("forged") && seen(&text, "x-arr-clientcert").is_none(), "{text}");
    let (key, certificate) = seen(&text, "x-entra-scim-client-certificate")?.split_once(' ').unwrap();
    Some((key.to_owned(), STANDARD.decode(certificate).unwrap()))
}

#[test]
fn a_certificate_is_handed_on_behind_the_key_of_the_host() {
    let authority = Authority::new();
    let probe = start(&authority, &["--client-certificates", "any"]);
    assert_eq!(handed(probe.address, &client(&[&authority], None)), None, "none is demanded");
    // Whoever issued it: which ones are let in is for the component to say.
    for issuer in [&authority, &Authority::new()] {
        let pair = issuer.issue(|_| {});
        let shown = client(&[&authority], Some(&pair));
        let (key, certificate) = handed(probe.address, &shown).unwrap();
        assert_eq!(certificate, pair.certificate.as_ref());
        let environment = get(probe.address, &shown, "GET /probe/environment HTTP/1.1\r\n").unwrap().body;
        let environment = String::from_utf8(environment).unwrap();
        assert!(key.len() == 64 && environment.contains(&format!("ENTRA_SCIM_HOST_KEY={key}\n")), "{environment}");
    }
}

#[test]
fn who_has_not_the_key_of_a_certificate_has_nothing() {
    let authority = Authority::new();
    let probe = start(&authority, &["--client-certificates", "any"]);
    let (victim, own) = (authority.issue(|_| {}), authority.issue(|_| {}));
    // A stolen certificate, signed for with another key.
    #[derive(Debug)]
    struct Forged(Arc<rustls::sign::CertifiedKey>);
    impl rustls::client::ResolvesClientCert for Forged {
        fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
        fn has_certs(&self) -> bool {
            true
        }
    }
    let key = PrivateKeyDer::try_from(own.key.serialize_der()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let forged = Forged(Arc::new(rustls::sign::CertifiedKey::new(vec![victim.certificate], key)));
    let mut config = ClientConfig::clone(&client(&[&authority], None));
    config.client_auth_cert_resolver = Arc::new(forged);
    get(probe.address, &Arc::new(config), HEADERS).unwrap_err();
    get(probe.address, &client(&[&authority], None), HEADERS).unwrap();
}

#[test]
fn certificates_of_other_authorities_are_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let state = State::empty();
    let file = state.path().join("clients.pem");
    fs::write(&file, authority.pem()).unwrap();
    let probe = start(&authority, &["--client-ca", file.to_str().unwrap()]);
    let year = |year| move |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(year, 1, 1);
    assert_eq!(handed(probe.address, &client(&[&authority], None)), None, "none is demanded");
    let good = authority.issue(|_| {});
    assert_eq!(handed(probe.address, &client(&[&authority], Some(&good))).unwrap().1, good.certificate.as_ref());
    for bad in [other.issue(|_| {}), authority.issue(year(2020))] {
        get(probe.address, &client(&[&authority], Some(&bad)), HEADERS).unwrap_err();
    }
    // Not for clients.
    let server = authority.issue(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
    get(probe.address, &client(&[&authority], Some(&server)), HEADERS).unwrap_err();
}

#[test]
fn without_the_option_nobody_is_asked() {
    let authority = Authority::new();
    let probe = start(&authority, &[]);
    let pair = authority.issue(|_| {});
    assert_eq!(handed(probe.address, &client(&[&authority], Some(&pair))), None);
    // Who speaks no TLS is not answered in the clear.
    let mut stream = TcpStream::connect(probe.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /probe/headers HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn both_versions_of_http_are_offered() {
    let authority = Authority::new();
    let probe = start(&authority, &[]);
    for (offered, expected) in [("h2", Some("h2")), ("http/1.1", Some("http/1.1"))] {
        let mut config = ClientConfig::clone(&client(&[&authority], None));
        config.alpn_protocols = vec![offered.as_bytes().to_vec()];
        let mut stream = connect(probe.address, &Arc::new(config));
        stream.conn.complete_io(&mut stream.sock).unwrap();
        assert_eq!(stream.conn.alpn_protocol(), expected.map(str::as_bytes));
    }
}

#[test]
fn files_that_cannot_be_used_are_told() {
    let state = State::empty();
    let pair = Authority::new().issue(|_| {});
    let [_, certificate, _, key] = pair.write(state.path());
    for (options, expected) in [
        (["--tls-cert", "/nowhere", "--tls-key", &key], "--tls-cert /nowhere: cannot read the file"),
        (["--tls-cert", &certificate, "--tls-key", &certificate], "the file holds no private key in PEM"),
    ] {
        let mut command = command(&state, &["up", "--listen", "127.0.0.1:0"], &[]);
        command.args(options);
        let text = String::from_utf8(finish(command).stderr).unwrap();
        assert!(text.starts_with("error: --tls-") && text.contains(expected), "{text}");
    }
}
