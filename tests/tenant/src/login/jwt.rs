//! Compact JWTs (RFC 7515, RFC 7519): signed, read, verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKey};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};
use serde_json::Value;

/// A token that nobody has verified yet.
pub(crate) struct Unverified<'a> {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

/// A token that is signed with RS256.
pub(crate) fn sign(header: &Value, claims: &Value, key: &KeyPair) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    // Signing fails for lack of randomness only; an empty signature is then refused by everyone.
    if key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).is_err() {
        signature.clear();
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The same without a signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The same with an HMAC, RFC 7518 section 3.2.
pub(crate) fn sign_with_secret(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = unsigned(header, claims);
    let signed = signed.trim_end_matches('.');
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The parts of a token, whoever signed it; `None` when it is none.
pub(crate) fn read(token: &str) -> Option<Unverified<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (header, claims) = (decode(header)?, decode(claims)?);
    Some(Unverified { header, claims, signed, signature: URL_SAFE_NO_PAD.decode(signature).ok()? })
}

impl Unverified<'_> {
    /// The algorithm that the header names, if it is one that is supported.
    pub(crate) fn algorithm(&self) -> Option<&'static RsaParameters> {
        match self.header("alg")? {
            "RS256" => Some(&RSA_PKCS1_2048_8192_SHA256),
            "PS256" => Some(&RSA_PSS_2048_8192_SHA256),
            _ => None,
        }
    }

    /// Whether the private half of this key signed it.
    pub(crate) fn is_signed_with(&self, key: &PublicKey, algorithm: &'static RsaParameters) -> bool {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(key);
        public.verify(algorithm, self.signed.as_bytes(), &self.signature).is_ok()
    }

    /// A text in the header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// A text among the claims.
    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A time among the claims, in seconds since 1970. RFC 7519 lets it have a fraction, and Microsoft's MSAL for Python
    /// sends one.
    pub(crate) fn time(&self, name: &str) -> Option<i64> {
        self.claims.get(name)?.as_f64().map(|time| time as i64)
    }

    /// Whom it is for: one name, or several.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().filter_map(Value::as_str).collect(),
            audience => audience.and_then(Value::as_str).into_iter().collect(),
        }
    }
}
