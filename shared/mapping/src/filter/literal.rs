//! Values as OData writes them.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

/// A text in quotes, those inside it doubled; none for one with control characters, which have no place in a URL.
pub(super) fn text(text: &str) -> Option<String> {
    (!text.chars().any(char::is_control)).then(|| format!("'{}'", text.replace('\'', "''")))
}

/// A time in whole seconds, as Graph keeps times.
pub(super) struct Time {
    /// The second it is in.
    pub(super) since: String,
    /// The end of that second, or the same if the time is its beginning.
    pub(super) until: String,
    /// Whether it is a whole second.
    pub(super) whole: bool,
}

/// Reads a dateTime of SCIM; without an offset it is UTC.
pub(super) fn time(text: &str) -> Option<Time> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok().or_else(|| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        Some(local.and_utc())
    })?;
    let since = DateTime::<Utc>::from_timestamp(time.timestamp(), 0)?;
    let whole = time.timestamp_subsec_nanos() == 0;
    let until = if whole { since } else { since.checked_add_signed(TimeDelta::seconds(1))? };
    // The years that a date of OData can have.
    let fits = |time: DateTime<Utc>| (1..=9999).contains(&time.year());
    let written = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    (fits(since) && fits(until)).then(|| Time { since: written(since), until: written(until), whole })
}

/// Whether the text has the form of an id: `f6ede700-27d0-4c42-bfb9-4dffff43c74a`.
pub(super) fn is_guid(text: &str) -> bool {
    let mut groups = text.split('-');
    let all = [8, 4, 4, 4, 12].into_iter().all(|length| {
        let group = groups.next().unwrap_or_default();
        group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    all && groups.next().is_none()
}
