//! Parts of an object that Graph keeps at paths of their own, such as the settings of a user's mailbox.

/// A part of an object with its own path; the properties in it begin with that path.
#[derive(Debug)]
pub struct Facet {
    /// Graph's path below the object: `mailboxSettings`.
    pub path: &'static str,
    /// The permission that a read needs.
    pub reading: &'static str,
    /// The permission that a write needs; empty where nothing of it is written.
    pub writing: &'static str,
}

impl Facet {
    /// Where a property is inside of the facet: `automaticRepliesSetting/status`.
    pub(crate) fn inner<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(self.path).map_or(path, |inner| inner.trim_start_matches('/'))
    }
}

/// Whether both are the same one.
impl PartialEq for Facet {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for Facet {}
