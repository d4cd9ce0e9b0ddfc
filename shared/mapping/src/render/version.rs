//! The version of a resource: the same as long as its attributes are, in whatever order Graph names the members of a group.

use std::{hash::Hasher, ops::Range};

use rustc_hash::FxHasher;

/// What is told apart from the rest of the text.
#[derive(Debug, Default)]
pub(super) struct Version {
    /// Of the objects in relationships.
    ids: u64,
    /// Where they are in the text.
    ranges: Vec<Range<usize>>,
}

impl Version {
    /// What stands for some ids, in whatever order, and another one.
    pub(super) fn and(ids: u64, id: &str) -> u64 {
        ids.wrapping_add(hash([id.as_bytes()]))
    }

    /// Takes in what stands for the ids of a relationship, and where its objects are in the text.
    pub(super) fn unordered(&mut self, ids: u64, range: Range<usize>) {
        // What is empty is as good as not there.
        if !range.is_empty() {
            self.ids = self.ids.rotate_left(1).wrapping_add(ids);
            self.ranges.push(range);
        }
    }

    /// The version of the resource with this id and these attributes; `meta` does not count.
    pub(super) fn of(&self, id: &str, body: &[u8]) -> u64 {
        let mut begin = 0;
        let mut pieces = vec![id.as_bytes()];
        for range in &self.ranges {
            pieces.push(body.get(begin..range.start).unwrap_or_default());
            begin = range.end;
        }
        pieces.push(body.get(begin..).unwrap_or_default());
        hash(pieces).wrapping_add(self.ids)
    }
}

fn hash<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hasher = FxHasher::default();
    for piece in pieces {
        hasher.write(piece);
    }
    hasher.finish()
}
