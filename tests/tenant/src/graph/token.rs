//! The opaque tokens in links: what comes next, sealed so that nothing but this program made them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

const SEAL: &[u8] = b"tenant in a box, links, 1";
const SEAL_LENGTH: usize = 9;
/// Longer tokens are not ours.
const MAX_LENGTH: usize = 64 * 1024;

/// Seals a value into a token.
pub(crate) fn seal<T: Serialize>(value: &T) -> String {
    // The values are plain structs, which always have a JSON form.
    let content = serde_json::to_vec(value).unwrap_or_default();
    let mut sealed = mark(&content);
    sealed.extend(content);
    URL_SAFE_NO_PAD.encode(sealed)
}

/// The value of a token; `None` when this program did not seal it.
pub(crate) fn open<T: DeserializeOwned>(token: &str) -> Option<T> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (seal, content) = sealed.split_at_checked(SEAL_LENGTH)?;
    if seal != mark(content) {
        return None;
    }
    serde_json::from_slice(content).ok()
}

/// A fingerprint of the query a token belongs to.
pub(crate) fn fingerprint(path: &str, query: &str) -> String {
    let digest = Sha256::new().chain_update(path).chain_update("?").chain_update(query).finalize();
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

fn mark(content: &[u8]) -> Vec<u8> {
    let digest = Sha256::new().chain_update(SEAL).chain_update(content).finalize();
    digest.get(..SEAL_LENGTH).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_untouched_token_opens() {
        let token = seal(&("page", 7));
        assert_eq!(open::<(String, u32)>(&token), Some(("page".to_owned(), 7)));
        let tampered = token.replace(token.chars().last().unwrap(), "_");
        for bad in ["", "x", "AAAA", tampered.as_str()] {
            assert_eq!(open::<(String, u32)>(bad), None, "{bad}");
        }
    }
}
