//! TLS with a certificate authority of the tenant's own, made anew at each start: what a private CA is to the connector.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What the server's certificate is for: this machine, by each of its names.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// What a client may choose from, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The server's side of TLS, and the authority that vouches for it.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The authority's certificate, for clients to trust.
    pub(crate) ca_pem: String,
}

impl Tls {
    /// Makes an authority and a certificate of the server; both keys are gone with the process.
    pub(crate) fn new() -> io::Result<Self> {
        let (authority, chain, key) = certificates().map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(io::Error::other)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: authority })
    }
}

type Chain = Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>;

/// The authority as PEM, the server's certificate, and its key.
fn certificates() -> Result<(String, Chain, PrivateKeyDer<'static>), rcgen::Error> {
    let mut params = named("Tenant in a box, authority", &[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = named("Tenant in a box", &NAMES)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict clients, such as Python's, build no chain without it.
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?;
    Ok((authority.pem(), vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into())))
}

fn named(name: &str, names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    Ok(params)
}
