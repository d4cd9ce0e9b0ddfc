//! How much one PATCH request may make the service do: a short body can ask for much.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter::Filter;

/// The most comparisons of values.
const MAX_COMPARISONS: usize = 20_000_000;
/// How many of them a term of a filter counts as.
const TERM: usize = 4;
/// The most bytes that are written by giving one value to many elements.
const MAX_COPIED: usize = 16 * 1024 * 1024;

/// What is left of both.
pub(super) struct Budget {
    comparisons: usize,
    copied: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { comparisons: MAX_COMPARISONS, copied: MAX_COPIED }
    }

    /// Pays for comparing `values` values with `others` each.
    pub(super) fn compare(&mut self, values: usize, others: usize) -> Result<()> {
        let left = self.comparisons.checked_sub(values.saturating_mul(others)).ok_or_else(spent)?;
        self.comparisons = left;
        Ok(())
    }

    /// Pays for selecting among `values` values.
    pub(super) fn select(&mut self, values: usize, filter: &Filter) -> Result<()> {
        self.compare(values, filter.terms().saturating_mul(TERM))
    }

    /// Pays for giving the value to `times` elements.
    pub(super) fn copy(&mut self, value: &Value, times: usize) -> Result<()> {
        if times > 1 {
            let left = self.copied.checked_sub(size(value).saturating_mul(times)).ok_or_else(spent)?;
            self.copied = left;
        }
        Ok(())
    }
}

fn spent() -> Error {
    Error::payload_too_large("the operations select among too many values; split the request")
}

/// About how many bytes the value takes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 32 + text.len(),
        Value::Array(items) => 32 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 32 + members.iter().map(|(name, item)| name.len() + size(item)).sum::<usize>(),
        _ => 32,
    }
}
