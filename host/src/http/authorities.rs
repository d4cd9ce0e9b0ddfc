//! Whose certificates the host trusts when it sends out over TLS: Mozilla's list, and what `--ca FILE` adds to it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// How TLS is spoken to the outside. `file` is a PEM file of authorities that are trusted beside the public ones.
///
/// # Errors
/// A line that names the file: it cannot be read, is not PEM, has no certificate in it, or one that cannot be read.
pub(crate) fn tls(file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = file {
        add(&mut roots, file).map_err(|error| error.context(format!("--ca {}", file.display())))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, file: &Path) -> Result<()> {
    let text = fs::read(file).map_err(|error| anyhow!("cannot read the file: {error}"))?;
    let is_pem = text.windows(PEM.len()).any(|window| window == PEM);
    if !is_pem {
        bail!("the file is not PEM: a certificate in it begins with -----BEGIN CERTIFICATE-----");
    }
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| anyhow!("the file is not PEM: {error}"))?;
        count += 1;
        roots.add(certificate).map_err(|error| anyhow!("certificate {count} of the file cannot be read: {error}"))?;
    }
    if count == 0 {
        bail!("the file holds no certificate, but other PEM");
    }
    Ok(())
}

/// What each section of a PEM file begins with.
const PEM: &[u8] = b"-----BEGIN ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_authorities() {
        let directory = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
        let begin = "-----BEGIN CERTIFICATE-----\n";
        let cases = [
            (certificate.clone(), Ok(1)),
            (format!("# ours\n{certificate}\n{}{certificate}", key.serialize_pem()), Ok(2)),
            (String::new(), Err("the file is not PEM: a certificate in it begins with -----BEGIN CERTIFICATE-----")),
            ("\u{0}0\u{82}".to_owned(), Err("the file is not PEM: a certificate in it begins with")),
            (key.serialize_pem(), Err("the file holds no certificate, but other PEM")),
            (format!("{begin}MIIB"), Err("the file is not PEM: ")),
            (format!("{begin}*\n-----END CERTIFICATE-----\n"), Err("the file is not PEM: ")),
            (format!("{begin}AAAA\n-----END CERTIFICATE-----\n"), Err("certificate 1 of the file cannot be read: ")),
        ];
        for (text, expected) in cases {
            let file = directory.path().join("ca.pem");
            fs::write(&file, &text).unwrap();
            let mut roots = RootCertStore::empty();
            match (add(&mut roots, &file), expected) {
                (Ok(()), Ok(count)) => assert_eq!(roots.len(), count, "{text}"),
                (Err(error), Err(expected)) => assert!(error.to_string().starts_with(expected), "{text}: {error}"),
                (result, expected) => panic!("{text}: {result:?}, not {expected:?}"),
            }
        }
        let error = format!("{:#}", tls(Some(&directory.path().join("none.pem"))).unwrap_err());
        assert!(error.starts_with("--ca ") && error.contains("none.pem: cannot read the file: "), "{error}");
        tls(None).unwrap();
    }
}
