//! TLS for callers: the host's certificate, and theirs.
//!
//! A caller is asked for a certificate and need not have one; what one is good for is decided where callers are known. The
//! files are read anew when they change: connections that are there go on, new ones get what is new.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use std::{fmt, fs};

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
};
use tokio::time::sleep;

use crate::log;

/// How often it is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(1);

/// The largest certificate of a caller that is taken, in bytes: handed on, it must fit in a header.
const CERTIFICATE_LIMIT: usize = 8 << 10;

/// Where the certificates are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Files {
    /// The certificate chain of the host, PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key, PEM.
    pub(crate) key: PathBuf,
    pub(crate) clients: Clients,
}

/// What is asked of callers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Clients {
    /// No certificate.
    None,
    /// Any certificate, with proof that the caller has its key.
    Any,
    /// One that leads to an authority of this PEM file, if one at all.
    Authority(PathBuf),
}

/// TLS as it is now.
pub(crate) struct Tls {
    files: Files,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// The option and the file that is wrong, and why.
    pub(crate) fn new(files: Files) -> Result<Self> {
        let current = RwLock::new(Arc::new(files.read()?));
        Ok(Self { files, current })
    }

    /// What the next connection gets.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again whenever they have changed, for ever. What cannot be read is told, and leaves all as it was.
    pub(crate) async fn follow(&self) {
        let mut last = self.files.stamps();
        loop {
            sleep(LOOK).await;
            let stamps = self.files.stamps();
            if stamps == last {
                continue;
            }
            // Certificate and key are two files: half-way between them they do not fit, and it is looked again.
            match self.files.read() {
                Ok(config) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                    log::host(format_args!("tls=renewed certificate=\"{}\"", self.files.certificate.display()));
                }
                Err(error) => {
                    let error = log::one_line(&format!("{error:#}"));
                    log::host(format_args!("tls=kept error=\"{error}\""));
                }
            }
            last = stamps;
        }
    }
}

impl Files {
    /// By which a change of the files shows.
    fn stamps(&self) -> Vec<Option<(SystemTime, u64)>> {
        let authority = match &self.clients {
            Clients::Authority(file) => Some(file),
            Clients::None | Clients::Any => None,
        };
        let stamp = |file: &PathBuf| {
            let metadata = fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        [&self.certificate, &self.key].into_iter().chain(authority).map(stamp).collect()
    }

    fn read(&self) -> Result<ServerConfig> {
        let told = |option: &'static str, file: &Path| format!("{option} {}", file.display());
        let chain = certificates(&self.certificate).with_context(|| told("--tls-cert", &self.certificate))?;
        let key = key(&self.key).with_context(|| told("--tls-key", &self.key))?;
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = match &self.clients {
            Clients::None => builder.with_no_client_auth(),
            Clients::Any => builder.with_client_cert_verifier(Arc::new(Anybody::new(&provider))),
            Clients::Authority(file) => {
                let verifier = authority(file, provider).with_context(|| told("--client-ca", file))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| {
            anyhow!("--tls-cert and --tls-key do not belong together, or cannot be used: {error}: give a certificate and its own key")
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = fs::read(file).map_err(|error| anyhow!("cannot read the file: {error}"))?;
    let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| anyhow!("the file is not PEM: {error}"))?;
    if chain.is_empty() {
        bail!("the file holds no certificate in PEM");
    }
    Ok(chain)
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    let text = fs::read(file).map_err(|error| anyhow!("cannot read the file: {error}"))?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| anyhow!("the file holds no private key in PEM"))
}

fn authority(file: &Path, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| anyhow!("a certificate of the file cannot be read: {error}"))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    Ok(builder.allow_unauthenticated().build()?)
}

/// The certificate that a caller has shown, as components get it behind the host's key.
///
/// # Errors
/// None can be made of it: it is too large.
pub(crate) fn handed_on(host_key: &str, certificate: &[u8]) -> Option<HeaderValue> {
    if certificate.len() > CERTIFICATE_LIMIT {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("{host_key} {}", STANDARD.encode(certificate))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes any certificate whose key the caller has: who it is good for is decided by its thumbprint, later.
struct Anybody(WebPkiSupportedAlgorithms);

impl Anybody {
    fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl fmt::Debug for Anybody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Anybody")
    }
}

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if certificate.len() > CERTIFICATE_LIMIT {
            return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_used() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = directory.path().join(name);
            fs::write(&file, text).unwrap();
            file
        };
        let pair = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (mine, other) = (pair(), pair());
        let certificate = write("cert.pem", &mine.cert.pem());
        let key = write("key.pem", &mine.signing_key.serialize_pem());
        let other = write("other.pem", &other.signing_key.serialize_pem());
        let junk = write("junk.pem", "junk");
        let none = directory.path().join("none.pem");
        let files = |certificate: &Path, key: &Path, clients: Clients| Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            clients,
        };
        for clients in [Clients::None, Clients::Any, Clients::Authority(certificate.clone())] {
            Tls::new(files(&certificate, &key, clients)).unwrap();
        }
        for (wrong, expected) in [
            (files(&none, &key, Clients::None), "none.pem: cannot read the file: No such file"),
            (files(&junk, &key, Clients::None), "junk.pem: the file holds no certificate in PEM"),
            (files(&certificate, &none, Clients::None), "none.pem: cannot read the file: No such file"),
            (files(&certificate, &junk, Clients::None), "junk.pem: the file holds no private key in PEM"),
            (files(&certificate, &other, Clients::None), "--tls-cert and --tls-key do not belong together"),
            (files(&certificate, &key, Clients::Authority(junk.clone())), "the file holds no certificate in PEM"),
        ] {
            let error = format!("{:#}", Tls::new(wrong).err().unwrap());
            assert!(error.starts_with("--") && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn certificates_are_handed_on_behind_the_key() {
        let value = handed_on("key", b"der").unwrap();
        assert_eq!(value, "key ZGVy");
        assert!(value.is_sensitive());
        assert_eq!(handed_on("key", &[0; CERTIFICATE_LIMIT + 1]), None);
    }
}
