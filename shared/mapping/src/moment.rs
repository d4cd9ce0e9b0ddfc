//! Points in time as Exchange keeps them: a local time and the name of its zone.

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Value, json};

/// Graph's `dateTimeTimeZone`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Local {
    date_time: String,
    time_zone: String,
}

const LOCAL: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// The point in time as RFC 3339 has it; none of a zone other than UTC, whose rules are not known here.
pub(crate) fn from_graph(text: &str) -> Option<String> {
    let Local { date_time, time_zone } = serde_json::from_str(text).ok()?;
    let time = NaiveDateTime::parse_from_str(date_time.trim_end_matches('Z'), LOCAL).ok()?;
    let is_utc = ["UTC", "Etc/UTC", "tzone://Microsoft/Utc"].iter().any(|zone| zone.eq_ignore_ascii_case(&time_zone));
    is_utc.then(|| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A point in time of RFC 3339 as Graph takes it; without an offset it is taken as UTC.
pub(crate) fn to_graph(text: &str) -> Option<Value> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.naive_utc());
    let time = time.or_else(|_| NaiveDateTime::parse_from_str(text, LOCAL)).ok()?;
    Some(json!({ "dateTime": time.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utc_is_understood() {
        let check = |time: &str, zone: &str, expected: Option<&str>| {
            let text = json!({ "dateTime": time, "timeZone": zone }).to_string();
            assert_eq!(from_graph(&text).as_deref(), expected, "{text}");
        };
        check("2026-11-24T08:00:00.0000000", "UTC", Some("2026-11-24T08:00:00Z"));
        check("2026-11-24T08:00:00", "utc", Some("2026-11-24T08:00:00Z"));
        check("2026-11-24T08:00:00.0000000", "Pacific Standard Time", None);
        check("soon", "UTC", None);
        assert_eq!(from_graph("[]"), None);
    }

    #[test]
    fn offsets_are_resolved() {
        let check = |text: &str, expected: Option<&str>| {
            let expected = expected.map(|time| json!({ "dateTime": time, "timeZone": "UTC" }));
            assert_eq!(to_graph(text), expected, "{text}");
        };
        check("2027-01-01T00:30:00+01:00", Some("2026-12-31T23:30:00"));
        check("2027-01-01T00:00:00.5Z", Some("2027-01-01T00:00:00"));
        check("2027-01-01T00:00:00", Some("2027-01-01T00:00:00"));
        check("tomorrow", None);
    }
}
