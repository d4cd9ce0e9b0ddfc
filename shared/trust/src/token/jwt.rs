//! The compact form of a signed token, RFC 7515 section 7.1, as strictly as Entra ID writes it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    RsaPublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    sha2::Sha256,
    signature::Verifier,
};
use serde_json::{Map, Value};

use crate::strict;

/// The longest header, in bytes of JSON.
const LONGEST_HEADER: usize = 2 * 1024;

/// The longest name of a key, in bytes.
pub(super) const LONGEST_KEY_NAME: usize = 128;

/// A token that nobody has verified yet.
pub(super) struct Unverified<'a> {
    /// The name of the key that is said to have signed it.
    pub(super) key: String,
    /// What it claims.
    pub(super) claims: Map<String, Value>,
    signed: &'a [u8],
    signature: Signature,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart; `None` unless it is signed with RS256 by a key with a name.
    ///
    /// RFC 8725 section 3.1: the algorithm is ours to choose. A token that asks for another one, for none, or for an
    /// extension that has to be understood (`crit`) is none of Entra ID's.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok().filter(|header| header.len() <= LONGEST_HEADER)?;
        let header = object(&header)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let is_usual = text("alg") == Some("RS256")
            && header.get("typ").is_none_or(|kind| kind == "JWT" || kind == "at+jwt")
            && !["crit", "b64", "jwk", "jku", "x5u", "enc", "zip", "cty"].iter().any(|name| header.contains_key(*name));
        let key = text("kid").filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY_NAME)?;
        let signature = Signature::try_from(URL_SAFE_NO_PAD.decode(signature).ok()?.as_slice()).ok()?;
        let claims = object(&URL_SAFE_NO_PAD.decode(claims).ok()?)?;
        is_usual.then(|| Self { key: key.to_owned(), claims, signed: signed.as_bytes(), signature })
    }

    /// Whether the private half of `key` signed it.
    pub(super) fn is_signed_by(&self, key: &VerifyingKey<Sha256>) -> bool {
        key.verify(self.signed, &self.signature).is_ok()
    }
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    match strict::parse(json).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// A public key from the two numbers of a JSON Web Key (RFC 7518 section 6.3.1), of 2,048 to 4,096 bits.
pub(super) fn key(modulus: &str, exponent: &str) -> Option<VerifyingKey<Sha256>> {
    /// 4,096 bits in base64.
    const LONGEST: usize = 700;
    let number = |text: &str| {
        let bytes = (text.len() <= LONGEST).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        Some(rsa::BigUint::from_bytes_be(&bytes))
    };
    let (modulus, exponent) = (number(modulus)?, number(exponent)?);
    if !(2_048..=4_096).contains(&modulus.bits()) {
        return None;
    }
    RsaPublicKey::new(modulus, exponent).ok().map(VerifyingKey::new)
}
