use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};

use crate::{client::Response, error::Error};

/// An answer of any status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Tells a success from a failure.
    pub(crate) fn judge(self, now: DateTime<Utc>) -> Result<Response, Error> {
        let Self { status, headers, body } = self;
        if status.is_success() {
            return Ok(Response { status, headers, body });
        }
        Err(Error::from_answer(status, &headers, &body, now))
    }
}
