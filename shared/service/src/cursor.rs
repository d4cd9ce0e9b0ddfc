//! Cursors (RFC 9865): Graph's link to the next page, sealed so that it cannot be forged or used for another query.
//!
//! A cursor holds all there is to know, so any instance can go on with it. It is bound to the query and to the caller.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use runtime::{KeyValue, Random};
use scim::{Error, Result};
use sha2::{Digest, Sha256};

/// The length of a seal, in bytes.
const SEAL: usize = 32;

/// The key of a caller's cursors in a tenant.
pub(crate) fn key(tenant: &str, caller: &str, secret: &[u8; SEAL]) -> [u8; SEAL] {
    Sha256::new()
        .chain_update(b"cursor\0")
        .chain_update(tenant)
        .chain_update(b"\0")
        .chain_update(caller)
        .chain_update(b"\0")
        .chain_update(secret)
        .finalize()
        .into()
}

/// How many tenants' secrets an instance remembers.
const MOST: usize = 256;

/// The secret of a tenant's cursors, made when it is first needed and kept in the tenant's part of the store.
///
/// It is nothing that callers show: that changes in a rotation, and cursors outlive it.
pub(crate) async fn secret<K: KeyValue, R: Random>(store: &K, random: &R, tenant: &str) -> [u8; SEAL] {
    static KNOWN: Mutex<BTreeMap<String, [u8; SEAL]>> = Mutex::new(BTreeMap::new());
    let lock = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(tenant) {
        return *known;
    }
    let kept = async || store.get(SECRET).await.ok().flatten().and_then(|bytes| bytes.try_into().ok());
    let secret = match kept().await {
        Some(secret) => secret,
        None => {
            let mut fresh = [0; SEAL];
            random.fill(&mut fresh);
            // Of two that are made at once the one that was kept last counts; without a store each instance has its own.
            let _ = store.set(SECRET, &fresh).await;
            kept().await.unwrap_or(fresh)
        }
    };
    let mut known = lock();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(tenant.to_owned(), secret);
    secret
}

/// Where the secret is kept.
const SECRET: &str = "cursors";

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
        let key = key("tenant", "caller", &[7; SEAL]);
        let cursor = seal(&key, "q1", "https://graph/v1.0/users?$skiptoken=x");
        assert_eq!(open(&key, "q1", &cursor).unwrap(), "https://graph/v1.0/users?$skiptoken=x");
        assert!(open(&key, "q2", &cursor).is_err());
        for (tenant, caller, secret) in [("other", "caller", 7), ("tenant", "other", 7), ("tenant", "caller", 8)] {
            assert!(open(&super::key(tenant, caller, &[secret; SEAL]), "q1", &cursor).is_err());
        }
        assert!(open(&key, "q1", &cursor[1..]).is_err());
        assert!(open(&key, "q1", "").is_err());
        assert!(cursor.chars().all(|character| character.is_ascii_alphanumeric() || "-._~".contains(character)));
    }
}
