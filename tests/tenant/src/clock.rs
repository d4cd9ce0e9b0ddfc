//! The time, in the forms the protocols want.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs() as i64)
}

/// Now as a property value: `2026-11-23T09:00:00Z`.
pub(crate) fn now_text() -> String {
    text(now())
}

/// Now as the errors of Graph write it, without a zone.
pub(crate) fn now_in_error() -> String {
    text(now()).trim_end_matches('Z').to_owned()
}

fn text(seconds: i64) -> String {
    DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}
