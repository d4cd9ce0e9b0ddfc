//! The certificates that are registered on the application.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rsa::KeyPair;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::login::jwt::Unverified;
use crate::{CLIENT_PEM, EXPIRED_CLIENT_PEM};

/// A certificate that was uploaded for the application.
pub(crate) struct Certificate {
    /// The SHA-1 and the SHA-256 of the certificate.
    thumbprints: [Vec<u8>; 2],
    pub(crate) key: KeyPair,
    /// From when to when it is valid, as Entra's texts write it.
    pub(crate) validity: &'static str,
    pub(crate) has_expired: bool,
}

static REGISTERED: LazyLock<[Certificate; 2]> = LazyLock::new(|| {
    [
        Certificate::new(CLIENT_PEM, "Start=01/01/2026 00:00:00, End=01/01/2100 00:00:00", false),
        Certificate::new(EXPIRED_CLIENT_PEM, "Start=01/01/2024 00:00:00, End=01/01/2025 00:00:00", true),
    ]
});

/// What a header tells of the certificate that signed: its SHA-256, its SHA-1, or the latter once more as a key's id.
pub(crate) fn thumbprint(token: &Unverified<'_>) -> Option<Vec<u8>> {
    let encoded = token.header("x5t#S256").or_else(|| token.header("x5t"));
    match encoded {
        // Microsoft's libraries for Python leave the padding on.
        Some(encoded) => URL_SAFE.decode(encoded).or_else(|_| URL_SAFE_NO_PAD.decode(encoded)).ok(),
        None => token.header("kid").and_then(hexadecimal),
    }
}

/// The registered certificate with a thumbprint.
pub(crate) fn find(thumbprint: &[u8]) -> Option<&'static Certificate> {
    REGISTERED.iter().find(|certificate| certificate.thumbprints.iter().any(|known| known == thumbprint))
}

impl Certificate {
    #[expect(clippy::expect_used, reason = "the certificates are compiled in, and tests sign in with each")]
    fn new(pem: &str, validity: &'static str, has_expired: bool) -> Self {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).expect("a private key");
        let key = KeyPair::from_pkcs8(key.secret_pkcs8_der()).expect("an RSA key");
        let thumbprints = [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256].map(|hash| digest(hash, &certificate).as_ref().to_vec());
        Self { thumbprints, key, validity, has_expired }
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
