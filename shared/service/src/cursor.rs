//! Cursors (RFC 9865): Graph's link to the next page, sealed so that it cannot be forged or used for another query.
//!
//! A cursor holds all there is to know, so any instance can go on with it. It is bound to the query and to the caller.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use scim::{Error, Result};
use sha2::{Digest, Sha256};

/// The length of a seal, in bytes.
const SEAL: usize = 32;

/// The key of a deployment's cursors.
pub(crate) fn key(tenant: &str, secret: &str) -> [u8; SEAL] {
    Sha256::new()
        .chain_update(b"cursor\0")
        .chain_update(tenant)
        .chain_update(b"\0")
        .chain_update(secret)
        .finalize()
        .into()
}

/// Seals `link` for the query whose fingerprint is `query`.
pub(crate) fn seal(key: &[u8; SEAL], query: &str, link: &str) -> String {
    let mut bytes = authenticate(key, query, link).to_vec();
    bytes.extend_from_slice(link.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The link in a cursor.
///
/// # Errors
///
/// `invalidCursor` when it was not sealed here for this query.
pub(crate) fn open(key: &[u8; SEAL], query: &str, cursor: &str) -> Result<String> {
    let invalid = || {
        Error::invalid_cursor("the cursor is not one of this query: repeat all parameters, or begin without a cursor")
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let (seal, link) = bytes.split_at_checked(SEAL).ok_or_else(invalid)?;
    let link = std::str::from_utf8(link).map_err(|_| invalid())?;
    let difference = authenticate(key, query, link).iter().zip(seal).fold(0, |sum, (left, right)| sum | (left ^ right));
    if difference == 0 { Ok(link.to_owned()) } else { Err(invalid()) }
}

/// HMAC-SHA-256 (RFC 2104) of query and link; the key is one block at most.
fn authenticate(key: &[u8; SEAL], query: &str, link: &str) -> [u8; SEAL] {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner =
        Sha256::new().chain_update(padded(0x36)).chain_update(query).chain_update(b"\0").chain_update(link).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_query() {
        let key = key("tenant", "secret");
        let cursor = seal(&key, "q1", "https://graph/v1.0/users?$skiptoken=x");
        assert_eq!(open(&key, "q1", &cursor).unwrap(), "https://graph/v1.0/users?$skiptoken=x");
        assert!(open(&key, "q2", &cursor).is_err());
        assert!(open(&super::key("other", "secret"), "q1", &cursor).is_err());
        assert!(open(&key, "q1", &cursor[1..]).is_err());
        assert!(open(&key, "q1", "").is_err());
        assert!(cursor.chars().all(|character| character.is_ascii_alphanumeric() || "-._~".contains(character)));
    }
}
