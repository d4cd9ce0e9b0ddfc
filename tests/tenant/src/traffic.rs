//! What was asked of Graph: always counted, kept on request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::contract::CONTRACT;

/// One request and its answer, as a line of traffic has it; the credential is blanked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers of the request, in lower case.
    pub request_headers: BTreeMap<String, String>,
    /// The body of the request; empty when there was none.
    pub request_body: String,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub response_headers: BTreeMap<String, String>,
    /// The body of the answer.
    pub response_body: String,
}

/// Counters, and the last exchanges.
pub(crate) struct Traffic {
    counters: Vec<AtomicU64>,
    keep: usize,
    exchanges: Mutex<VecDeque<Exchange>>,
}

impl Traffic {
    /// Keeps the last `keep` exchanges.
    pub(crate) fn new(keep: usize) -> Self {
        let counters = CONTRACT.operations.iter().map(|_| AtomicU64::new(0)).collect();
        Self { counters, keep, exchanges: Mutex::new(VecDeque::new()) }
    }

    /// Counts a call of the operation at this place in the contract.
    pub(crate) fn count(&self, operation: usize) {
        if let Some(counter) = self.counters.get(operation) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The operations that were called, with how often.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let named = CONTRACT.operations.iter().zip(&self.counters);
        named
            .map(|(operation, counter)| {
                (format!("{} {}", operation.method, operation.path), counter.load(Ordering::Relaxed))
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Forgets everything.
    pub(crate) fn reset(&self) {
        for counter in &self.counters {
            counter.store(0, Ordering::Relaxed);
        }
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether exchanges are kept at all.
    pub(crate) fn is_on(&self) -> bool {
        self.keep > 0
    }

    /// Keeps an exchange, and lets go of the oldest one when there are too many.
    pub(crate) fn keep(&self, exchange: Exchange) {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        if exchanges.len() >= self.keep {
            exchanges.pop_front();
        }
        exchanges.push_back(exchange);
    }

    /// The kept exchanges, oldest first.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
