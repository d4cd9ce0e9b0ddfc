//! What the host itself answers: always a SCIM error. RFC 7644 section 3.12.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use wasmtime_wasi_http::WasiBody;

/// An error answer in the shape that a SCIM client expects.
pub(crate) fn error(status: StatusCode, detail: &str) -> Response<WasiBody> {
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.as_str(),
        "detail": detail,
    });
    let mut response = Response::new(whole(body.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The reason that a SCIM error gives, if this is one.
pub(crate) fn detail(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        detail: String,
    }
    serde_json::from_slice::<Refusal>(body).ok().map(|refusal| refusal.detail)
}

/// A body that is there as a whole.
pub(crate) fn whole(bytes: Bytes) -> WasiBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_says_when_to_come_back() {
        let response = error(StatusCode::SERVICE_UNAVAILABLE, "busy");
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()["content-type"], "application/scim+json");
    }
}
