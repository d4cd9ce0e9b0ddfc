//! Where a client that pages by index is: Graph has no `$skip` for directory objects, so the link that leads to the next
//! page is remembered.
//!
//! The memory is a help and never the truth: a position that is not there is found again by reading from the start. It is
//! bounded: a position has a slot of a fixed number, and a later one may take it over. Walks share nothing but that, so
//! clients do not disturb one another.

use runtime::KeyValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where a page begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Place {
    /// The link to a page of Graph.
    pub(crate) link: String,
    /// How many objects of it come before.
    pub(crate) skip: u64,
}

/// A position of a walk, as it is kept.
#[derive(Debug, Deserialize, Serialize)]
struct Position {
    fingerprint: String,
    index: u64,
    total: Option<u64>,
    place: Place,
}

/// What tells queries apart: a hash of everything that a page depends on.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Where the page that begins at `index` is, and what Graph counted when the walk began.
pub(crate) async fn load<K: KeyValue>(store: &K, fingerprint: &str, index: u64) -> Option<(Place, Option<u64>)> {
    let bytes = store.get(&slot(fingerprint, index)).await.ok()??;
    let position: Position = serde_json::from_slice(&bytes).ok()?;
    (position.fingerprint == fingerprint && position.index == index).then_some((position.place, position.total))
}

/// Remembers where the page that begins at `index` is. A store that fails only costs the next page some calls.
pub(crate) async fn save<K: KeyValue>(store: &K, fingerprint: &str, index: u64, place: Place, total: Option<u64>) {
    let position = Position { fingerprint: fingerprint.to_owned(), index, total, place };
    if let Ok(bytes) = serde_json::to_vec(&position) {
        let _ = store.set(&slot(fingerprint, index), &bytes).await;
    }
}

/// One of 16,384 slots.
fn slot(fingerprint: &str, index: u64) -> String {
    let hash = self::fingerprint(&[fingerprint, &index.to_string()]);
    let number = u16::from_str_radix(hash.get(..4).unwrap_or_default(), 16).unwrap_or_default() & 0x3fff;
    format!("walk/{number:04x}")
}
