//! Rendering answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use graph::Usage;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::failure::Failure;

/// How many calls of Graph an answer took.
const GRAPH_CALLS: HeaderName = HeaderName::from_static("x-graph-calls");

/// How long they took: <https://www.w3.org/TR/server-timing/>.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Each property that could not be read, with what it needs.
const LEFT_OUT: HeaderName = HeaderName::from_static("x-left-out");

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// An answer with a SCIM body.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, SCIM_JSON);
    response
}

/// One resource, with its address where `meta.location` tells it.
pub(crate) fn resource(status: StatusCode, resource: &Value, location: Option<&str>) -> Response<Bytes> {
    let mut response = json(status, resource.to_string().into_bytes());
    if let Some(location) = location.and_then(|location| location.parse().ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// A failure as RFC 7644 section 3.12 wants it.
pub(crate) fn failure(failure: &Failure) -> Response<Bytes> {
    let status = StatusCode::from_u16(failure.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, failure.error.to_value().to_string().into_bytes());
    if let Some(retry_after) = failure.retry_after {
        let seconds = retry_after.as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Tells what an answer cost, and which properties Graph did not let the application read.
pub(crate) fn account(response: &mut Response<Bytes>, usage: Usage, left_out: &BTreeMap<&'static str, &'static str>) {
    let headers = response.headers_mut();
    headers.insert(GRAPH_CALLS, usage.calls.into());
    if let Ok(timing) = HeaderValue::try_from(usage.server_timing()) {
        headers.insert(SERVER_TIMING, timing);
    }
    for (property, needs) in left_out {
        if let Ok(value) = HeaderValue::try_from(format!("{property}; needs=\"{needs}\"")) {
            headers.append(LEFT_OUT, value);
        }
    }
}
