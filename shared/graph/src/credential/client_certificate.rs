//! An application that shows its certificate: it signs an assertion with the private key.
//!
//! The assertion is signed with PS256 and names the certificate by its SHA-256 thumbprint, as Entra ID recommends; the
//! library's own credential for this needs OpenSSL.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.

mod pfx;

use std::sync::Arc;

use azure_core::{Error, credentials::TokenCredential, error::ErrorKind, http::ClientOptions};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    RsaPrivateKey,
    pkcs1::DecodeRsaPrivateKey,
    pkcs8::DecodePrivateKey,
    pss::BlindedSigningKey,
    rand_core::{CryptoRng, RngCore},
    sha2::{Digest, Sha256},
    signature::{RandomizedSigner, SignatureEncoding},
    traits::PublicKeyParts,
};
use runtime::{
    Clock, Random,
    spin::{SpinClock, SpinRandom},
};
use serde_json::json;

use super::{CredentialSettings, addresses, client_assertion};

/// How long an assertion is good, in seconds; Entra ID takes it at once.
const LIFE: i64 = 600;

/// The shortest key that is used, in bytes: 2,048 bits.
const SHORTEST_KEY: usize = 256;

pub(super) fn credential(
    settings: &CredentialSettings,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let failed = |reason: String| {
        Error::with_message(ErrorKind::Credential, format!("the variable client_certificate {reason}"))
    };
    let (text, password) = (settings.client_certificate.expose(), settings.client_certificate_password.expose());
    let certificate = Certificate::read(text, password).map_err(failed)?;
    let endpoint = addresses::token_endpoint(&settings.endpoints, &settings.tenant_id);
    let now = SpinClock.now().timestamp();
    let assertion = certificate.assertion(&settings.client_id, &endpoint, now, SpinRandom).map_err(failed)?;
    client_assertion::credential(settings, assertion, client_options)
}

/// A certificate and its private key.
struct Certificate {
    key: RsaPrivateKey,
    /// `x5t#S256` of RFC 7515 section 4.1.8.
    thumbprint: String,
}

impl Certificate {
    /// Reads PEM, or a PFX file in base64.
    fn read(text: &str, password: &str) -> Result<Self, String> {
        let (key, der) = if text.trim_start().starts_with("-----BEGIN") { pem(text)? } else { pfx(text, password)? };
        if key.size() < SHORTEST_KEY {
            return Err(format!("has a key of {} bits: 2048 at least are needed", key.size() * 8));
        }
        Ok(Self { key, thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)) })
    }

    /// The signed assertion of the application `client`, for the token endpoint `audience`.
    fn assertion(&self, client: &str, audience: &str, now: i64, random: impl Random) -> Result<String, String> {
        let mut random = Bytes(random);
        let mut name = [0; 16];
        random.fill_bytes(&mut name);
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({ "aud": audience, "iss": client, "sub": client, "nbf": now - 60, "exp": now + LIFE,
            "jti": URL_SAFE_NO_PAD.encode(name) });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let key = BlindedSigningKey::<Sha256>::new(self.key.clone());
        let signature =
            key.try_sign_with_rng(&mut random, signed.as_bytes()).map_err(|error| format!("cannot sign: {error}"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }
}

fn pem(text: &str) -> Result<(RsaPrivateKey, Vec<u8>), String> {
    let block = |label: &str| {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let rest = text.split_once(&begin)?.1;
        let body: String = rest.split_once(&end)?.0.split_whitespace().collect();
        STANDARD.decode(body).ok()
    };
    let certificate = block("CERTIFICATE").ok_or("has no block CERTIFICATE: give the certificate and its key")?;
    if block("ENCRYPTED PRIVATE KEY").is_some() {
        return Err("has an encrypted key: give a key without a password, or a PFX in base64".to_owned());
    }
    let key = match (block("PRIVATE KEY"), block("RSA PRIVATE KEY")) {
        (Some(key), _) => RsaPrivateKey::from_pkcs8_der(&key).map_err(|error| error.to_string()),
        (None, Some(key)) => RsaPrivateKey::from_pkcs1_der(&key).map_err(|error| error.to_string()),
        (None, None) => return Err("has no block PRIVATE KEY: give the certificate and its key".to_owned()),
    };
    Ok((key.map_err(|error| format!("has a key that is not one of RSA: {error}"))?, certificate))
}

fn pfx(text: &str, password: &str) -> Result<(RsaPrivateKey, Vec<u8>), String> {
    let text: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(text).map_err(|_| "is neither PEM nor a PFX file in base64".to_owned())?;
    let pfx::Contents { key, certificate } = pfx::read(&bytes, password)?;
    let key =
        RsaPrivateKey::from_pkcs8_der(&key).map_err(|error| format!("has a key that is not one of RSA: {error}"))?;
    Ok((key, certificate))
}

/// The runtime's random numbers, as the cryptography library takes them.
struct Bytes<R>(R);

impl<R: Random> RngCore for Bytes<R> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl<R: Random> CryptoRng for Bytes<R> {}

#[cfg(test)]
mod tests {
    use rsa::{
        pss::{Signature, VerifyingKey},
        signature::Verifier,
    };

    use super::*;

    const PEM: &str = include_str!("../../../../tests/tenant/data/test-only-client.pem");
    const PFX: &[u8] = include_bytes!("../../../../tests/tenant/data/test-only-client.pfx");
    const LEGACY_PFX: &[u8] = include_bytes!("../../../../tests/tenant/data/test-only-client-legacy.pfx");
    const PASSWORD: &str = "tenant-in-a-box";

    struct Counting;

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            (1..=255).cycle().zip(buffer).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn ok_each_way_to_give_it_is_the_same_certificate() {
        let pem = Certificate::read(PEM, "").unwrap();
        for pfx in [PFX, LEGACY_PFX] {
            let pfx = Certificate::read(&STANDARD.encode(pfx), PASSWORD).unwrap();
            assert_eq!((&pfx.thumbprint, &pfx.key), (&pem.thumbprint, &pem.key));
        }
    }

    #[test]
    fn ok_an_assertion_can_be_verified() {
        let certificate = Certificate::read(PEM, "").unwrap();
        let assertion = certificate.assertion("app", "https://login/t/oauth2/v2.0/token", 1000, Counting).unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let signature = Signature::try_from(URL_SAFE_NO_PAD.decode(signature).unwrap().as_slice()).unwrap();
        let key = VerifyingKey::<Sha256>::new(certificate.key.to_public_key());
        key.verify(signed.as_bytes(), &signature).unwrap();
        let part = |index| {
            let bytes = URL_SAFE_NO_PAD.decode(signed.split('.').nth(index).unwrap()).unwrap();
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
        };
        assert_eq!(part(0)["alg"], "PS256");
        assert_eq!(part(0)["x5t#S256"], certificate.thumbprint.as_str());
        assert_eq!(
            (part(1)["aud"].as_str(), part(1)["exp"].as_i64()),
            (Some("https://login/t/oauth2/v2.0/token"), Some(1600))
        );
        assert_eq!((&part(1)["iss"], &part(1)["sub"]), (&json!("app"), &json!("app")));
    }

    #[test]
    fn ok_what_is_no_certificate_is_told_without_telling_it() {
        let key_only = PEM.replace("CERTIFICATE", "NOTHING");
        let certificate_only = PEM.replace("PRIVATE KEY", "NOTHING");
        let encrypted = PEM.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let pfx = STANDARD.encode(PFX);
        for (text, password, expected) in [
            (key_only.as_str(), "", "no block CERTIFICATE"),
            (certificate_only.as_str(), "", "no block PRIVATE KEY"),
            (encrypted.as_str(), "", "encrypted key"),
            (pfx.as_str(), "wrong", "client_certificate_password"),
            ("c2VjcmV0", "", "cannot be opened"),
            ("secret!", "", "neither PEM nor a PFX"),
        ] {
            let error = Certificate::read(text, password).err().unwrap();
            assert!(error.contains(expected) && !error.contains("secret"), "{error}");
        }
    }
}
