//! What happened to which object, in order, with a digest so that a position can be recognised after a restart.

use std::collections::BTreeSet;

use crate::directory::identifier::mix;
use crate::directory::relations::Relation;

/// Every change since the start.
#[derive(Clone)]
pub(crate) struct ChangeLog {
    origin: u64,
    changes: Vec<Change>,
}

/// One change of one object.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) row: u32,
    pub(crate) kind: Kind,
    digest: u64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Created, or brought back.
    Created,
    /// Changed; `manager_before` is set when the change was of the manager.
    Updated { properties: BTreeSet<String>, manager_before: Option<Option<u32>> },
    /// Given members or owners, or rid of them.
    Linked { relation: Relation, added: Vec<u32>, removed: Vec<u32> },
    /// Moved to the deleted items.
    Deleted,
    /// Deleted for good.
    Purged,
}

impl ChangeLog {
    /// An empty log of a population; equal names give equal digests in every process.
    pub(crate) fn of(population: &str) -> Self {
        Self { origin: fold(1, population), changes: Vec::new() }
    }

    /// The position after the last change, counted from zero.
    pub(crate) fn position(&self) -> u32 {
        self.changes.len() as u32
    }

    /// The digest of everything up to a position; `None` when the log does not reach that far.
    pub(crate) fn digest(&self, position: u32) -> Option<u64> {
        match position.checked_sub(1) {
            None => Some(self.origin),
            Some(last) => self.changes.get(last as usize).map(|change| change.digest),
        }
    }

    /// The changes between two positions.
    pub(crate) fn between(&self, from: u32, to: u32) -> &[Change] {
        self.changes.get(from as usize..to as usize).unwrap_or_default()
    }

    /// Notes a change; `body` only goes into the digest.
    pub(crate) fn append(&mut self, row: u32, kind: Kind, body: &str) {
        let before = self.digest(self.position()).unwrap_or(self.origin);
        let digest = fold(mix(before ^ u64::from(row)), &format!("{kind:?} {body}"));
        self.changes.push(Change { row, kind, digest });
    }
}

fn fold(seed: u64, text: &str) -> u64 {
    text.bytes().fold(mix(seed), |hash, byte| mix(hash ^ u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_histories_have_equal_digests() {
        let mut one = ChangeLog::of("sample");
        let mut other = ChangeLog::of("sample");
        assert_eq!(one.digest(0), other.digest(0));
        assert_ne!(one.digest(0), ChangeLog::of("generated 5").digest(0));
        one.append(3, Kind::Deleted, "");
        assert_eq!(other.digest(1), None);
        other.append(4, Kind::Deleted, "");
        assert_ne!(one.digest(1), other.digest(1));
        assert_eq!(one.between(0, 1).len(), 1);
        assert_eq!(one.between(1, 9).len(), 0);
    }
}
