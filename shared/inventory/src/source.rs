use std::{future::Future, time::Duration};

use bytes::Bytes;

/// Where the pages of a delta query come from.
pub trait DeltaSource {
    /// The body of the page at `link`.
    ///
    /// # Errors
    ///
    /// [`SourceError`], which says what may be done about it.
    fn page(&self, link: Link<'_>) -> impl Future<Output = Result<Bytes, SourceError>>;

    /// How many requests were made so far, retries included.
    fn calls(&self) -> u64;
}

/// Where a page is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Link<'a> {
    /// At the beginning: a path and query below Graph's version, `/users/delta?$select=…`.
    Start(&'a str),
    /// Where Graph said: an absolute next or delta link.
    Follow(&'a str),
}

/// Why there is no page.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SourceError {
    /// Graph no longer knows where the link stands: all has to be read anew.
    #[error("Graph can no longer go on from the stored link ({0})")]
    Reset(String),
    /// Graph is not there or has enough for now: the same request may succeed later.
    #[error("{detail}")]
    Unavailable {
        /// How long Graph wants to be left alone, if it says so.
        retry_after: Option<Duration>,
        /// What Graph or the network said.
        detail: String,
    },
    /// Graph refuses, and would refuse again.
    #[error("{0}")]
    Refused(String),
}
