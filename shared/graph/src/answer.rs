use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{client::Response, error::Error};

/// Tells a success from a failure.
pub(crate) fn judge(status: StatusCode, headers: HeaderMap, body: Bytes) -> Result<Response, Error> {
    if status.is_success() {
        return Ok(Response { status, headers, body });
    }
    Err(Error::from_answer(status, &headers, &body))
}
