use chrono::{DateTime, Utc};
use warehouse::{Kind, RunStatus};

use crate::{fetch::FetchError, source::SourceError};

/// How a run ends, and why.
pub(crate) struct End {
    pub(crate) status: RunStatus,
    pub(crate) detail: Option<String>,
    pub(crate) retry_at: Option<DateTime<Utc>>,
    /// Whether the run is no longer this tick's to end.
    pub(crate) lease_lost: bool,
}

impl End {
    pub(crate) fn out_of_time() -> Self {
        Self::later("the time budget is spent; the next run goes on".to_owned(), None)
    }

    pub(crate) const fn later(detail: String, retry_at: Option<DateTime<Utc>>) -> Self {
        Self { status: RunStatus::Partial, detail: Some(detail), retry_at, lease_lost: false }
    }

    pub(crate) const fn failed(detail: String) -> Self {
        Self { status: RunStatus::Failed, detail: Some(detail), retry_at: None, lease_lost: false }
    }

    pub(crate) fn held(removals: u64, allowed: u64) -> Self {
        let detail = format!(
            "{removals} objects would be marked deleted, and a round may do that to {allowed} without a person's word: \
             run again with accept-deletes=true if they are gone, with accept-deletes=false to read everything anew"
        );
        Self { status: RunStatus::Held, detail: Some(detail), retry_at: None, lease_lost: false }
    }
}

impl From<warehouse::Error> for End {
    fn from(error: warehouse::Error) -> Self {
        match error.kind() {
            Kind::LeaseLost => Self { lease_lost: true, ..Self::later(error.to_string(), None) },
            Kind::Database | Kind::InvalidPage | Kind::Schema => Self::failed(error.to_string()),
        }
    }
}

impl From<FetchError> for End {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::End(end) => end,
            FetchError::Source(error) => error.into(),
            FetchError::Warehouse(error) => error.into(),
        }
    }
}

impl From<SourceError> for End {
    fn from(error: SourceError) -> Self {
        Self::failed(error.to_string())
    }
}
