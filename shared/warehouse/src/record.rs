use std::vec;

use chrono::{DateTime, SecondsFormat, Utc};
use runtime::{Rows, Value};

use crate::error::{Error, Kind};

/// One row of an answer, read from left to right.
pub(crate) struct Record(vec::IntoIter<Value>);

impl Record {
    /// The rows of `rows`, one by one.
    pub(crate) fn all(rows: Rows) -> impl Iterator<Item = Self> {
        rows.rows.into_iter().map(|row| Self(row.into_iter()))
    }

    /// The first row of `rows`, if there is one.
    pub(crate) fn first(rows: Rows) -> Option<Self> {
        Self::all(rows).next()
    }

    /// The only row of `rows`.
    pub(crate) fn only(rows: Rows) -> Result<Self, Error> {
        Self::first(rows).ok_or_else(|| unexpected("no row", "one row"))
    }

    /// The next value, a text or NULL.
    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, Error> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            other => Err(unexpected(shape(other.as_ref()), "text")),
        }
    }

    /// The next value, a text.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        self.optional_text()?.ok_or_else(|| unexpected("NULL", "text"))
    }

    /// The next value, a whole number or NULL.
    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>, Error> {
        match self.0.next() {
            Some(Value::Integer(integer)) => Ok(Some(integer)),
            Some(Value::Null) => Ok(None),
            other => Err(unexpected(shape(other.as_ref()), "a whole number")),
        }
    }

    /// The next value, a whole number.
    pub(crate) fn integer(&mut self) -> Result<i64, Error> {
        self.optional_integer()?.ok_or_else(|| unexpected("NULL", "a whole number"))
    }

    /// The next value, a count; SQL's sum of no row, NULL, is 0.
    pub(crate) fn count(&mut self) -> Result<u64, Error> {
        Ok(self.optional_integer()?.map_or(0, |integer| u64::try_from(integer).unwrap_or_default()))
    }

    /// The next value, a moment or NULL.
    pub(crate) fn optional_moment(&mut self) -> Result<Option<DateTime<Utc>>, Error> {
        self.optional_text()?.map(|text| parse_moment(&text)).transpose()
    }

    /// The next value, a moment.
    pub(crate) fn moment(&mut self) -> Result<DateTime<Utc>, Error> {
        parse_moment(&self.text()?)
    }
}

/// A moment as the warehouse keeps it: RFC 3339 in UTC with milliseconds, so that texts sort as moments do.
pub(crate) fn moment(moment: DateTime<Utc>) -> Value {
    Value::Text(moment.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// A count as a parameter.
pub(crate) fn count(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

fn parse_moment(text: &str) -> Result<DateTime<Utc>, Error> {
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .map_err(|_| unexpected("another text", "a moment as of RFC 3339"))
}

const fn shape(value: Option<&Value>) -> &'static str {
    match value {
        None => "no column",
        Some(Value::Null) => "NULL",
        Some(Value::Integer(_)) => "a whole number",
        Some(Value::Real(_)) => "a floating-point number",
        Some(Value::Text(_)) => "text",
        Some(Value::Blob(_)) => "bytes",
    }
}

fn unexpected(found: &str, wanted: &str) -> Error {
    Error::new(
        Kind::Schema,
        format!("the warehouse answered {found} where {wanted} belongs: was a table changed by hand?"),
    )
}
