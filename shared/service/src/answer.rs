//! Rendering answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use graph::Usage;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use mapping::Renderer;

use crate::failure::Failure;

/// How many calls of Graph an answer took.
const GRAPH_CALLS: HeaderName = HeaderName::from_static("x-graph-calls");

/// How long they took: <https://www.w3.org/TR/server-timing/>.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Each property that could not be read, with what it needs, and each value that cannot be kept, with the reason.
const LEFT_OUT: HeaderName = HeaderName::from_static("x-left-out");

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// An answer with a SCIM body.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, SCIM_JSON);
    response
}

/// One resource, with its version where it is whole, and its address where it is new.
pub(crate) fn resource(status: StatusCode, resource: String, location: Option<&str>) -> Response<Bytes> {
    let version = version(&resource);
    let mut response = json(status, resource.into_bytes());
    response.headers_mut().extend(version.map(|version| (header::ETAG, version)));
    if let Some(location) = location.and_then(|location| location.parse().ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The caller has the resource already.
pub(crate) fn not_modified(resource: &str) -> Response<Bytes> {
    let mut response = empty(StatusCode::NOT_MODIFIED);
    response.headers_mut().extend(version(resource).map(|version| (header::ETAG, version)));
    response
}

fn version(resource: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("W/\"{}\"", Renderer::version(resource)?)).ok()
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

/// Tells what an answer cost, what Graph did not let the application read, and what it cannot keep.
pub(crate) fn account(response: &mut Response<Bytes>, usage: Usage, left_out: &BTreeMap<String, String>) {
    let headers = response.headers_mut();
    headers.insert(GRAPH_CALLS, usage.calls.into());
    if let Ok(timing) = HeaderValue::try_from(usage.server_timing()) {
        headers.insert(SERVER_TIMING, timing);
    }
    for (what, why) in left_out {
        let text: String =
            format!("{what}; {why}").chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(LEFT_OUT, value);
        }
    }
}
