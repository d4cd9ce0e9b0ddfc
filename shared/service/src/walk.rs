//! Where a client that pages by index is: Graph has no `$skip` for users, so the link to the next page is remembered.
//!
//! The memory is a help and never the truth: a position that is not there is found again by reading from the start.
//! It is bounded: a walk has a slot of a fixed number, and a later walk may take it over.

use runtime::KeyValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many positions of a walk are kept, so that a page can be asked for again.
const POSITIONS: usize = 4;

/// A walk over the pages of one query by one caller.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Walk {
    fingerprint: String,
    /// What Graph counted when the walk began.
    pub(crate) total: Option<u64>,
    positions: Vec<(u64, String)>,
}

impl Walk {
    /// The link that leads to the page that begins at `index`.
    pub(crate) fn link(&self, index: u64) -> Option<&str> {
        self.positions.iter().find(|(position, _)| *position == index).map(|(_, link)| link.as_str())
    }

    /// Remembers that `link` leads to the page that begins at `index`.
    pub(crate) fn remember(&mut self, index: u64, link: &str) {
        self.positions.retain(|(position, _)| *position != index);
        self.positions.push((index, link.to_owned()));
        if self.positions.len() > POSITIONS {
            self.positions.remove(0);
        }
    }
}

/// What tells queries apart: a hash of everything that a page depends on.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The walk of a query, empty when nothing is remembered of it.
pub(crate) async fn load<K: KeyValue>(store: &K, fingerprint: &str) -> Walk {
    let stored = store.get(&slot(fingerprint)).await.ok().flatten();
    let walk = stored.and_then(|bytes| serde_json::from_slice::<Walk>(&bytes).ok());
    walk.filter(|walk| walk.fingerprint == fingerprint)
        .unwrap_or_else(|| Walk { fingerprint: fingerprint.to_owned(), ..Walk::default() })
}

/// Keeps the walk for the next page. A store that fails only costs the next page some calls.
pub(crate) async fn save<K: KeyValue>(store: &K, walk: &Walk) {
    if let Ok(bytes) = serde_json::to_vec(walk) {
        let _ = store.set(&slot(&walk.fingerprint), &bytes).await;
    }
}

/// One of 4,096 slots.
fn slot(fingerprint: &str) -> String {
    format!("walk/{}", fingerprint.get(..3).unwrap_or_default())
}
