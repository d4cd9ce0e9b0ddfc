//! Faults on order: throttling, outages, lost delta states, slow answers, connections that break.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::Answer;
use crate::clock;

/// A fault that meets the next requests of a kind.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Fault {
    /// A method and a path, for example `GET /users`; the path is the one below `/v1.0`, or a whole one, such as
    /// `POST /*/oauth2/v2.0/token`. `*` stands for anything, also for any method.
    #[serde(rename = "match")]
    pub matches: String,
    /// The status to answer with; without one the answer is the real one.
    pub status: Option<u16>,
    /// The error code to answer with; without one it is the one Graph uses with the status.
    pub code: Option<String>,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u32>,
    /// How many requests it meets; 0 is one.
    pub times: u32,
    /// How many matching requests pass before it.
    pub after: u32,
    /// Milliseconds to wait before the answer.
    pub delay: Option<u64>,
    /// Whether the connection is closed without an answer.
    pub drop: bool,
}

/// The faults in waiting.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

/// What a request meets.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) delay: Option<Duration>,
    pub(crate) answer: Option<Failure>,
}

/// The answer a fault gives.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) retry_after: Option<u32>,
    pub(crate) drop: bool,
}

/// The error code Graph sends with a status, and its text.
const CODES: [(u16, &str, &str); 8] = [
    (401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    (409, "Directory_ConcurrencyViolation", "Concurrent requests conflicted; retry after a delay."),
    (410, "syncStateNotFound", "The sync state generation is not found; a full synchronization is required."),
    (429, "TooManyRequests", "Please retry again later."),
    (500, "InternalServerError", "An internal server error occurred. The operation failed."),
    (503, "ServiceUnavailable", "The service is temporarily unavailable; retry after a delay."),
    (504, "GatewayTimeout", "The server did not answer in time."),
];

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults.into_iter().map(Fault::counted).collect()))
    }

    /// Adds a fault after the others.
    pub(crate) fn add(&self, fault: Fault) {
        self.list().push(fault.counted());
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.list().clear();
    }

    /// The ones still in waiting.
    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.list().clone()
    }

    /// What this request meets; it uses up one time of the first fault that matches.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Outcome {
        let mut list = self.list();
        let Some(position) = list.iter().position(|fault| fault.is_for(method, path)) else {
            return Outcome::default();
        };
        let Some(fault) = list.get_mut(position) else { return Outcome::default() };
        if fault.after > 0 {
            fault.after -= 1;
            return Outcome::default();
        }
        fault.times -= 1;
        let outcome = Outcome { delay: fault.delay.map(Duration::from_millis), answer: fault.failure() };
        if fault.times == 0 {
            list.remove(position);
        }
        outcome
    }

    fn list(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn counted(mut self) -> Self {
        self.times = self.times.max(1);
        self
    }

    fn is_for(&self, method: &str, path: &str) -> bool {
        let Some((wanted_method, wanted_path)) = self.matches.split_once(' ') else { return false };
        let below = path.strip_prefix("/v1.0").unwrap_or(path);
        (wanted_method == "*" || wanted_method.eq_ignore_ascii_case(method))
            && (fits(wanted_path, below) || fits(wanted_path, path))
    }

    fn failure(&self) -> Option<Failure> {
        if self.drop {
            return Some(Failure { status: 503, code: String::new(), retry_after: None, drop: true });
        }
        let status = self.status?;
        let known = CODES.iter().find(|(known, ..)| *known == status).map(|(_, code, _)| *code);
        let code = self.code.clone().unwrap_or_else(|| known.unwrap_or("UnknownError").to_owned());
        Some(Failure { status, code, retry_after: self.retry_after, drop: false })
    }
}

impl Failure {
    /// What Graph says with it.
    pub(crate) fn message(&self) -> &'static str {
        match self.code.as_str() {
            "resyncRequired" => "Resync required. Replace any local items and restart the enumeration.",
            _ => CODES.iter().find(|(status, ..)| *status == self.status).map_or("Unknown error.", |(.., text)| text),
        }
    }

    /// The answer outside Graph.
    pub(crate) fn plain(self) -> Answer {
        let body = json!({"error": "temporarily_unavailable", "error_description": self.message(), "error_codes": [],
            "timestamp": clock::now_text(), "trace_id": "", "correlation_id": ""});
        let mut answer = Answer::json(self.status, &body);
        if let Some(seconds) = self.retry_after {
            answer = answer.with("retry-after", seconds.to_string());
        }
        answer.dropped = self.drop;
        answer
    }
}

/// Whether a text fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(position, _)| position)
                .chain([tail.len()])
                .any(|position| tail.get(position..).is_some_and(|tail| fits(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("/users", "/users", true),
            ("/users", "/users/1", false),
            ("/users*", "/users/1", true),
            ("/*/oauth2/*", "/tid/oauth2/v2.0/token", true),
            ("*", "", true),
            ("/a*b", "/acd", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_fault_is_used_up() {
        let fault = Fault { matches: "GET /users".into(), status: Some(429), times: 2, after: 1, ..Fault::default() };
        let faults = Faults::new(vec![fault]);
        let statuses: Vec<_> =
            (0..4).map(|_| faults.meet("GET", "/v1.0/users").answer.map(|failure| failure.status)).collect();
        assert_eq!(statuses, [None, Some(429), Some(429), None]);
        assert!(faults.waiting().is_empty());
        assert!(faults.meet("POST", "/v1.0/users").answer.is_none());
    }
}
