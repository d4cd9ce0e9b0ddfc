use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use runtime::HttpError;
use serde::Deserialize;

/// Why a call of Microsoft Graph failed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct Error {
    /// What may be done about it.
    pub kind: Kind,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Graph's code: `Request_ResourceNotFound`.
    pub code: String,
    /// Graph's sentence, or what happened on the way.
    pub message: String,
    /// What Microsoft's support asks for.
    pub request_id: Option<Box<str>>,
    /// What this side named the call.
    pub client_request_id: Option<Box<str>>,
    /// How long Graph wants to be left alone, or how long this side would have had to wait.
    pub retry_after: Option<Duration>,
    /// What the error is about, mostly the name of a property.
    pub target: Option<Box<str>>,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// 429: too much was asked lately.
    Throttled,
    /// 5xx: Graph is not able to answer now.
    Unavailable,
    /// 404: no such object.
    NotFound,
    /// 410: what a delta link stood for is gone.
    Gone,
    /// 401: Graph does not take the token.
    Unauthorized,
    /// 403: the application lacks a permission.
    Forbidden,
    /// 409, and what Graph says with a 400: an object with this value exists.
    Conflict,
    /// Another 4xx: the request is not what Graph takes.
    BadRequest,
    /// 424: an operation of the batch that this one waits for failed.
    FailedDependency,
    /// There is no answer; the call may or may not have been made.
    Transport,
    /// The host does not let this component make the call.
    Denied,
    /// The answer is not what Graph's documentation says.
    InvalidAnswer,
    /// There is no token to call Graph with.
    Credential,
    /// Nobody meant to make the call: only the plan was asked for.
    NotMade,
}

impl Error {
    /// The outcome of a call that is planned and not made.
    #[must_use]
    pub fn not_made() -> Self {
        Self::local(Kind::NotMade, "only the plan was asked for")
    }

    /// A call that has no answer.
    pub(crate) fn unanswered(error: &HttpError) -> Self {
        let kind = match error {
            HttpError::Denied(_) => Kind::Denied,
            HttpError::NoAnswer { .. } => Kind::Transport,
            HttpError::TooLarge { .. } => Kind::InvalidAnswer,
        };
        Self::local(kind, error.to_string())
    }

    /// A failure of which Graph itself says nothing.
    pub(crate) fn local(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: String::new(),
            message: message.into(),
            request_id: None,
            client_request_id: None,
            retry_after: None,
            target: None,
        }
    }

    /// Whether two changes met, and the same call may succeed in a moment: nothing was done.
    pub(crate) fn is_concurrency(&self) -> bool {
        self.code == "Directory_ConcurrencyViolation"
    }

    /// A failure that is Graph's answer, `{"error": {"code", "message", …}}`; other bodies leave code and message empty.
    ///
    /// Source: <https://learn.microsoft.com/graph/errors>.
    pub(crate) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Self {
        let error = serde_json::from_slice::<Body>(body).map(|body| body.error).unwrap_or_default();
        let detail = error.details.iter().find(|detail| detail.target.is_some()).or(error.details.first());
        Self {
            kind: kind(status, &error),
            status: Some(status.as_u16()),
            message: error.message.chars().take(LONGEST_MESSAGE).collect(),
            request_id: error
                .inner
                .request_id
                .or_else(|| text(headers, "request-id"))
                .or_else(|| text(headers, "x-ms-correlation-request-id")),
            client_request_id: error.inner.client_request_id.or_else(|| text(headers, "client-request-id")),
            retry_after: text(headers, "retry-after").and_then(|text| delay(text.trim(), now)),
            target: detail.and_then(|detail| detail.target.clone()).or(error.target),
            code: error.code,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(formatter, "Microsoft Graph answers {status}")?,
            None => formatter.write_str("Microsoft Graph was not asked or did not answer")?,
        }
        if !self.code.is_empty() {
            write!(formatter, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(formatter, ": {}", self.message.trim_end_matches('.'))?;
        }
        match (&self.request_id, &self.client_request_id) {
            (Some(request), Some(client)) => write!(formatter, " (request-id {request}, client-request-id {client})"),
            (Some(request), None) => write!(formatter, " (request-id {request})"),
            (None, Some(client)) => write!(formatter, " (client-request-id {client})"),
            (None, None) => Ok(()),
        }
    }
}

/// Longer messages of Graph are cut, in characters.
const LONGEST_MESSAGE: usize = 1000;

fn kind(status: StatusCode, error: &Details) -> Kind {
    match status.as_u16() {
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        409 => Kind::Conflict,
        400 if error.is_conflict() => Kind::Conflict,
        410 => Kind::Gone,
        424 => Kind::FailedDependency,
        429 => Kind::Throttled,
        400..=499 => Kind::BadRequest,
        500.. => Kind::Unavailable,
        _ => Kind::InvalidAnswer,
    }
}

/// `Retry-After`: seconds or a date (RFC 9110 section 10.2.3); a day at most.
fn delay(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    let delay = match seconds {
        Some(seconds) => Duration::from_secs_f64(seconds.min(LONGEST_DELAY)),
        None => (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().unwrap_or_default(),
    };
    Some(delay.min(Duration::from_secs_f64(LONGEST_DELAY)))
}

/// A longer `Retry-After` counts as this, in seconds.
const LONGEST_DELAY: f64 = 86_400.0;

fn text(headers: &HeaderMap, name: &str) -> Option<Box<str>> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(Box::from)
}

#[derive(Default, Deserialize)]
struct Body {
    error: Details,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    code: String,
    message: String,
    target: Option<Box<str>>,
    #[serde(rename = "innerError", alias = "innererror")]
    inner: Inner,
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "request-id")]
    request_id: Option<Box<str>>,
    #[serde(rename = "client-request-id")]
    client_request_id: Option<Box<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    code: String,
    target: Option<Box<str>>,
}

impl Details {
    /// Graph tells of a value that is taken with a 400.
    fn is_conflict(&self) -> bool {
        self.details.iter().any(|detail| ["ObjectConflict", "ConflictingObjects"].contains(&detail.code.as_str()))
            || self.message.contains("already exist")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::{Error, Kind, delay};

    fn parse(status: u16, body: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static("17"));
        headers.insert("request-id", HeaderValue::from_static("from-header"));
        Error::from_answer(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn ok_the_status_decides_the_kind() {
        for (status, kind) in [
            (400, Kind::BadRequest),
            (401, Kind::Unauthorized),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (409, Kind::Conflict),
            (410, Kind::Gone),
            (412, Kind::BadRequest),
            (424, Kind::FailedDependency),
            (429, Kind::Throttled),
            (500, Kind::Unavailable),
            (503, Kind::Unavailable),
            (302, Kind::InvalidAnswer),
        ] {
            assert_eq!(parse(status, "<html>").kind, kind, "{status}");
        }
    }

    #[test]
    fn ok_a_value_that_is_taken_is_a_conflict() {
        let error = parse(
            400,
            r#"{"error":{"code":"Request_BadRequest","message":"Another object with the same value for property userPrincipalName already exists.",
                "details":[{"code":"ObjectConflict","message":"…","target":"userPrincipalName"}],
                "innerError":{"date":"2026-01-01T00:00:00","request-id":"abc","client-request-id":"def"}}}"#,
        );
        assert_eq!((error.kind, error.target.as_deref()), (Kind::Conflict, Some("userPrincipalName")));
        assert_eq!(error.retry_after, Some(Duration::from_secs(17)));
        assert_eq!(
            error.to_string(),
            "Microsoft Graph answers 400 Request_BadRequest: Another object with the same value for property \
             userPrincipalName already exists (request-id abc, client-request-id def)"
        );
    }

    #[test]
    fn ok_retry_after_is_seconds_or_a_date() {
        let now = DateTime::UNIX_EPOCH;
        for (text, expected) in [
            ("17", Some(17)),
            ("0", Some(0)),
            ("1.5", Some(1)),
            ("Thu, 01 Jan 1970 00:00:30 GMT", Some(30)),
            ("Wed, 31 Dec 1969 23:59:30 GMT", Some(0)),
            ("999999999999", Some(86_400)),
            ("-3", None),
            ("NaN", None),
            ("soon", None),
        ] {
            assert_eq!(delay(text, now).map(|delay| delay.as_secs()), expected, "{text}");
        }
    }

    #[test]
    fn ok_a_body_of_another_shape_leaves_what_the_headers_say() {
        for body in ["", "<html>", r#"{"error":"x"}"#, r#"{"error":{"code":7}}"#] {
            let error = parse(503, body);
            assert_eq!((error.code.as_str(), error.request_id.as_deref()), ("", Some("from-header")), "{body}");
        }
    }
}
