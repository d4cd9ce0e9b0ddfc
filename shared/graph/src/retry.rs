//! Whether, and when, a call that failed is made again.

use std::time::Duration;

use crate::{
    error::{Error, Kind},
    operation::Operation,
};

/// How often a call is made at most.
pub(crate) const MOST_ATTEMPTS: u32 = 6;

/// How often an object that was just made is looked for: ten seconds or so.
const MOST_LOOKS: u32 = 9;

/// The longest wait between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How long to wait before the same call is made again; nothing when it must not be or would not help.
///
/// `attempt` counts from one. `chance` is a number from 0 to 1 that keeps callers from coming back all at once.
pub(crate) fn wait(operation: &Operation, error: &Error, attempt: u32, chance: f64) -> Option<Duration> {
    let most = if error.kind == Kind::NotFound { MOST_LOOKS } else { MOST_ATTEMPTS };
    if attempt >= most {
        return None;
    }
    let backoff = |first: f64| {
        let doubled = first * f64::from(1_u32 << (attempt - 1).min(10));
        Duration::from_secs_f64(doubled * (0.75 + chance.clamp(0.0, 1.0) / 2.0))
    };
    match error.kind {
        // Turned away before anything was done: safe whatever the call does.
        Kind::Throttled => Some(error.retry_after.unwrap_or_else(|| backoff(1.0))),
        Kind::Conflict if error.is_concurrency() => Some(error.retry_after.unwrap_or_else(|| backoff(0.5))),
        // Maybe done, maybe not.
        Kind::Unavailable | Kind::Transport if operation.repeatable => {
            Some(error.retry_after.unwrap_or_else(|| backoff(0.25)))
        }
        // The token ended or was revoked; the next call has a new one.
        Kind::Unauthorized if attempt <= 2 => Some(Duration::ZERO),
        Kind::NotFound if operation.is_known => Some(backoff(0.25).min(LONGEST_LOOK)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    fn failed(status: u16, retry_after: &'static str, code: &str) -> Error {
        let mut headers = HeaderMap::new();
        if !retry_after.is_empty() {
            headers.insert("retry-after", HeaderValue::from_static(retry_after));
        }
        let body = format!(r#"{{"error":{{"code":"{code}","message":""}}}}"#);
        Error::from_answer(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
            chrono::DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn ok_only_what_is_safe_is_repeated() {
        let (get, post) = (Operation::get("/users/1"), Operation::post("/users"));
        let known = Operation::get("/users/1").known();
        for (operation, error, attempt, expected) in [
            (&get, failed(429, "7", ""), 1, Some(7_000)),
            (&post, failed(429, "7", ""), 1, Some(7_000)),
            (&post, failed(429, "", ""), 1, Some(1_000)),
            (&post, failed(429, "", ""), 3, Some(4_000)),
            (&get, failed(429, "1", ""), 6, None),
            (&get, failed(503, "", ""), 1, Some(250)),
            (&get, failed(504, "3", ""), 1, Some(3_000)),
            (&post, failed(503, "3", ""), 1, None),
            (&post, failed(500, "", ""), 1, None),
            (&post, failed(409, "", "Directory_ConcurrencyViolation"), 2, Some(1_000)),
            (&post, failed(409, "", "ObjectConflict"), 1, None),
            (&post, failed(401, "", ""), 1, Some(0)),
            (&post, failed(401, "", ""), 3, None),
            (&get, failed(404, "", ""), 1, None),
            (&known, failed(404, "", ""), 3, Some(1_000)),
            (&known, failed(404, "", ""), 8, Some(2_000)),
            (&known, failed(404, "", ""), 9, None),
            (&get, failed(403, "1", ""), 1, None),
            (&get, failed(400, "1", ""), 1, None),
        ] {
            let wait = wait(operation, &error, attempt, 0.5).map(|wait| wait.as_millis());
            assert_eq!(wait, expected, "{operation} {error} {attempt}");
        }
    }
}
