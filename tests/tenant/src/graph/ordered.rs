//! `$orderby`: rows in the order of a property, kept for the next page of the same query.

use std::sync::{Arc, Mutex, PoisonError};

use crate::contract::{NAMESPACE, ObjectType};
use crate::graph::error::{Error, Result};

/// How to sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) property: String,
    pub(crate) descending: bool,
}

/// The rows of the last ordered query, with what it was.
#[derive(Default)]
pub(crate) struct Orders(Mutex<Option<(String, Arc<Vec<u32>>)>>);

impl Order {
    /// Reads `$orderby`: one of the properties that can be sorted by, `asc` or `desc`.
    pub(crate) fn read(text: &str, types: &[ObjectType]) -> Result<Self> {
        let mut words = text.split_whitespace();
        let property = words.next().unwrap_or_default().to_owned();
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(Error::syntax(format!("Syntax error in $orderby '{text}'."))),
        };
        let mut known = types.iter().filter_map(|one| one.schema().property(&property)).peekable();
        if known.peek().is_none() {
            let type_name = types.first().map_or("directoryObject", |one| one.name());
            return Err(Error::syntax(format!(
                "Could not find a property named '{property}' on type '{NAMESPACE}{type_name}'."
            )));
        }
        if !known.any(|known| known.order_by) || words.next().is_some() {
            return Err(Error::unsupported_query("Sorting not supported for current query."));
        }
        Ok(Self { property, descending })
    }
}

impl Orders {
    /// The rows of a query: the kept ones when it is the last query again, or else what `sort` gives.
    pub(crate) fn rows(&self, query: &str, sort: impl FnOnce() -> Vec<u32>) -> Arc<Vec<u32>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match last.as_ref() {
            Some((known, rows)) if known == query => Arc::clone(rows),
            _ => {
                let rows = Arc::new(sort());
                *last = Some((query.to_owned(), Arc::clone(&rows)));
                rows
            }
        }
    }
}
