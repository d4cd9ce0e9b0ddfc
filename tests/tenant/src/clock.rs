//! The time, in the forms the protocols want.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs() as i64)
}

/// Milliseconds since 1970.
pub(crate) fn now_in_milliseconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_millis() as i64)
}

/// Now as a property value: `2026-11-23T09:00:00Z`.
pub(crate) fn now_text() -> String {
    text(now())
}

/// Now as the errors of Graph write it, without a zone.
pub(crate) fn now_in_error() -> String {
    text(now()).trim_end_matches('Z').to_owned()
}

/// The time in so many seconds, as HTTP writes dates: `Mon, 23 Nov 2026 09:00:00 GMT`.
pub(crate) fn http_date(seconds: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp(now().saturating_add(seconds), 0).unwrap_or_default();
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A time as a property value.
pub(crate) fn text(seconds: i64) -> String {
    DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}
