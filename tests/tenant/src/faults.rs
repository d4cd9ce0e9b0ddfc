//! Faults on order: throttling, outages, broken answers, lost states, connections that break.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::answer::{Answer, Delivery};
use crate::clock;
use crate::tenant::Refused;
use crate::throttle::{PERCENTAGE, Refusal};

mod pattern;

/// A fault that meets the next requests of a kind, single ones and ones inside a batch alike.
///
/// A request meets the first fault that matches it; while that one lets requests pass, the ones behind it wait.
///
/// A fault says one thing that goes wrong (`status`, `drop`, `cut`, `garble` or `empty_page`), or only how the real answer
/// comes (`delay`, `limit_percentage`). What makes no sense together is refused, with a sentence.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields, remote = "Self")]
pub struct Fault {
    /// A method and a path, for example `GET /users`; the path is the one below `/v1.0`, or a whole one, such as
    /// `POST /*/oauth2/v2.0/token`. `*` stands for anything, also for any method. A pattern with a question mark looks
    /// at the query too, as it was sent: `GET /users?*skiptoken=*`. `POST /$batch` is a batch as a whole; the requests
    /// in it are met by their own method and path.
    #[serde(rename = "match")]
    pub matches: String,
    /// The status to answer with, 400 to 599; the request is not performed. Without one it is.
    pub status: Option<u16>,
    /// The error code to answer with; without one it is the one Graph uses with the status.
    pub code: Option<String>,
    /// Seconds for `Retry-After`; there is none without it.
    pub retry_after: Option<u32>,
    /// Whether `Retry-After` is a date instead of seconds.
    pub retry_after_date: bool,
    /// Whether a 429 says which limit was reached: `x-ms-throttle-scope` and `x-ms-throttle-information`.
    pub throttle_headers: bool,
    /// Whether a 410 says where to start again, in `Location`; it does when not said otherwise.
    pub location: Option<bool>,
    /// Whether a status of 500 and above comes as a page of HTML, as from a proxy before Graph.
    pub html: bool,
    /// The value of `x-ms-throttle-limit-percentage`, 0.8 to 1.8.
    pub limit_percentage: Option<f64>,
    /// Whether the connection is closed without an answer, and without the request being performed. In a batch it is
    /// the connection of the batch.
    pub drop: bool,
    /// Whether the connection is closed in the middle of the answer to a request that was performed; before the answer
    /// when that has no body. In a batch it is the connection of the batch.
    pub cut: bool,
    /// Whether the answer to a request that was performed has a body that is no JSON. In a batch it is a string.
    pub garble: bool,
    /// Whether a page of users comes empty, with a link to the page that would have come.
    pub empty_page: bool,
    /// Milliseconds to wait before the answer, up to ten minutes; in a batch, before the answer to the batch.
    pub delay: Option<u64>,
    /// How many requests it meets; 0 is one.
    pub times: u32,
    /// How many matching requests pass before it.
    pub after: u32,
}

/// The faults in waiting.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

/// The most faults that wait.
const MAX_WAITING: usize = 1_000;
/// The longest delay, in milliseconds.
const MAX_DELAY: u64 = 600_000;

/// What Graph says with a status and a code; the first row of a status is its usual one.
const ERRORS: [(u16, &str, &str); 14] = [
    (400, "Request_BadRequest", "Invalid request."),
    (
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    ),
    (401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    (
        404,
        "Request_ResourceNotFound",
        "Resource does not exist or one of its queried reference-property objects are not present.",
    ),
    (409, "Directory_ConcurrencyViolation", "Concurrent requests conflicted; retry after a delay."),
    (410, "syncStateNotFound", "The sync state generation is not found; a full synchronization is required."),
    (410, "resyncRequired", "Resync required. Replace any local items and restart the enumeration."),
    (429, "TooManyRequests", "Please retry again later."),
    (500, "InternalServerError", "An internal server error occurred. The operation failed."),
    (501, "NotImplemented", "This operation target is not yet supported."),
    (502, "BadGateway", "The server behind the gateway answered with something it should not."),
    (503, "ServiceUnavailable", "The service is temporarily unavailable; retry after a delay."),
    (504, "GatewayTimeout", "The server did not answer in time."),
];

impl Faults {
    /// Adds a fault after the others.
    pub(crate) fn add(&self, fault: Fault) -> Result<(), Refused> {
        fault.check().map_err(Refused::new)?;
        let mut list = self.list();
        if list.len() >= MAX_WAITING {
            return Err(Refused::new(format!("{MAX_WAITING} faults wait already: clear them first")));
        }
        list.push(Fault { times: fault.times.max(1), ..fault });
        Ok(())
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
    pub(crate) fn meet(&self, method: &str, path: &str, query: &str) -> Option<Fault> {
        let mut list = self.list();
        let position = list.iter().position(|fault| pattern::fits(&fault.matches, method, path, query))?;
        let fault = list.get_mut(position)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        if fault.times == 0 { Some(list.remove(position)) } else { Some(fault.clone()) }
    }

    fn list(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// Says what is wrong with it: a bad pattern, a value out of range, or things that make no sense together.
    fn check(&self) -> Result<(), String> {
        pattern::check(&self.matches)?;
        let wrongs = [self.status.is_some(), self.drop, self.cut, self.garble, self.empty_page];
        let wrongs = wrongs.iter().filter(|wrong| **wrong).count();
        let is_error = |from, to| self.status.is_some_and(|status| (from..=to).contains(&status));
        let rules = [
            (wrongs <= 1, "only one of `status`, `drop`, `cut`, `garble` and `emptyPage` can be said"),
            (
                wrongs == 1 || self.delay.is_some() || self.limit_percentage.is_some(),
                "it does nothing: say `status`, `drop`, `cut`, `garble`, `emptyPage`, `delay` or `limitPercentage`",
            ),
            (self.status.is_none() || is_error(400, 599), "`status` has to be 400 to 599"),
            (self.code.is_none() || (self.status.is_some() && !self.html), "`code` needs `status`, without `html`"),
            (self.retry_after.is_none() || self.status.is_some(), "`retryAfter` needs `status`"),
            (!self.retry_after_date || self.retry_after.is_some(), "`retryAfterDate` needs `retryAfter`"),
            (!self.throttle_headers || is_error(429, 429), "`throttleHeaders` needs the `status` 429"),
            (self.location.is_none() || is_error(410, 410), "`location` needs the `status` 410"),
            (!self.html || is_error(500, 599), "`html` needs a `status` of 500 to 599"),
            (
                self.limit_percentage.is_none_or(|value| (0.8..=1.8).contains(&value) && !self.drop && !self.html),
                "`limitPercentage` has to be 0.8 to 1.8, without `drop` and `html`",
            ),
            (self.delay.is_none_or(|delay| delay <= MAX_DELAY), "`delay` can be at most 600000 milliseconds"),
        ];
        rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err((*rule).to_owned()))
    }

    /// Whether the request is not performed.
    pub(crate) fn replaces(&self) -> bool {
        self.status.is_some() || self.drop
    }

    /// The status, code and message of the error it orders.
    pub(crate) fn error(&self) -> (u16, &str, &'static str) {
        let status = self.status.unwrap_or(503);
        let usual = ERRORS.iter().find(|(known, ..)| *known == status);
        let Some(code) = self.code.as_deref() else {
            return usual.map_or((status, "UnknownError", "Unknown error."), |(_, code, text)| (status, code, text));
        };
        let exact = ERRORS.iter().find(|(known, known_code, _)| (*known, *known_code) == (status, code));
        (status, code, exact.or(usual).map_or("Unknown error.", |(.., text)| text))
    }

    /// The headers of the error it orders.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some(seconds) = self.retry_after {
            let value = if self.retry_after_date { clock::http_date(i64::from(seconds)) } else { seconds.to_string() };
            headers.push(("retry-after", value));
        }
        if self.throttle_headers {
            headers.extend(Refusal::of_units().headers());
        }
        headers
    }

    /// The page of a proxy, where it orders one.
    pub(crate) fn page(&self) -> Option<Answer> {
        let (status, ..) = self.error();
        let page = format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        self.html.then(|| {
            let mut answer = Answer::of(status, "text/html", page.into_bytes());
            answer.headers.extend(self.headers());
            answer
        })
    }

    /// The answer outside Graph, when it is not the real one.
    pub(crate) fn plain(&self) -> Option<Answer> {
        let (status, _, text) = self.error();
        let error = || {
            let body = json!({"error": "temporarily_unavailable", "error_description": text, "error_codes": [],
                "timestamp": clock::now_text(), "trace_id": "", "correlation_id": ""});
            let mut answer = Answer::json(status, &body);
            answer.headers.extend(self.headers());
            answer
        };
        self.replaces().then(|| self.page().unwrap_or_else(error))
    }

    /// What becomes of an answer on its way.
    pub(crate) fn spoil(&self, mut answer: Answer) -> Answer {
        if let Some(delay) = self.delay {
            answer.delay = answer.delay.max(Duration::from_millis(delay));
        }
        if let Some(percentage) = self.limit_percentage {
            answer.headers.retain(|(name, _)| *name != PERCENTAGE);
            answer.headers.push((PERCENTAGE, percentage.to_string()));
        }
        if self.garble {
            answer.garble();
        }
        let delivery = match (self.drop, self.cut) {
            (false, false) => Delivery::Whole,
            (false, true) if !answer.body.is_empty() => Delivery::Half,
            _ => Delivery::Nothing,
        };
        answer.delivery = answer.delivery.max(delivery);
        answer
    }
}

// What is read is checked, so that the place in the text is known when it makes no sense.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fault = Fault::deserialize(deserializer)?;
        fault.check().map_err(|rule| {
            let shown: String = fault.matches.chars().take(100).collect();
            D::Error::custom(format!("{rule}, in the fault for '{shown}'"))
        })?;
        Ok(fault)
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fault::serialize(self, serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_used_up() {
        let fault = Fault { matches: "GET /users".into(), status: Some(429), times: 2, after: 1, ..Fault::default() };
        let faults = Faults::default();
        faults.add(fault).unwrap();
        let statuses: Vec<_> =
            (0..4).map(|_| faults.meet("GET", "/v1.0/users", "").and_then(|fault| fault.status)).collect();
        assert_eq!(statuses, [None, Some(429), Some(429), None]);
        assert!(faults.waiting().is_empty());
        assert!(faults.meet("POST", "/v1.0/users", "").is_none());
    }

    #[test]
    fn codes_and_their_messages() {
        let cases = [
            (Some(429), None, (429, "TooManyRequests", "Please retry again later.")),
            (Some(410), None, (410, "syncStateNotFound", ERRORS[6].2)),
            (Some(410), Some("resyncRequired"), (410, "resyncRequired", ERRORS[7].2)),
            (Some(400), Some("Directory_ExpiredPageToken"), (400, "Directory_ExpiredPageToken", ERRORS[1].2)),
            (Some(403), Some("Mine"), (403, "Mine", ERRORS[3].2)),
            (Some(418), None, (418, "UnknownError", "Unknown error.")),
        ];
        for (status, code, expected) in cases {
            let fault = Fault { status, code: code.map(str::to_owned), ..Fault::default() };
            assert_eq!(fault.error(), expected);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let cases = [
            (json!({"match": "GET /users"}), "it does nothing: say `status`"),
            (json!({"match": "users", "drop": true}), "`match` has to be a method and a path"),
            (json!({"match": "GET /users", "drop": true, "garble": true}), "only one of `status`, `drop`"),
            (json!({"match": "GET /users", "status": 200}), "`status` has to be 400 to 599"),
            (json!({"match": "GET /users", "drop": true, "code": "x"}), "`code` needs `status`"),
            (json!({"match": "GET /users", "delay": 1, "retryAfter": 1}), "`retryAfter` needs `status`"),
            (json!({"match": "GET /users", "status": 429, "retryAfterDate": true}), "`retryAfterDate` needs"),
            (json!({"match": "GET /users", "status": 503, "throttleHeaders": true}), "`throttleHeaders` needs"),
            (json!({"match": "GET /users", "status": 503, "location": false}), "`location` needs the `status` 410"),
            (json!({"match": "GET /users", "status": 429, "html": true}), "`html` needs a `status` of 500"),
            (json!({"match": "GET /users", "limitPercentage": 0.5}), "`limitPercentage` has to be 0.8 to 1.8"),
            (json!({"match": "GET /users", "delay": 600_001}), "`delay` can be at most 600000 milliseconds"),
            (json!({"match": "GET /users", "drop": true, "nothing": 1}), "unknown field `nothing`"),
        ];
        for (fault, expected) in cases {
            let error = serde_json::from_value::<Fault>(fault).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn only_so_many_wait() {
        let faults = Faults::default();
        let fault = || Fault { matches: "* *".into(), drop: true, ..Fault::default() };
        assert!((0..MAX_WAITING).all(|_| faults.add(fault()).is_ok()));
        assert!(faults.add(fault()).unwrap_err().to_string().contains("1000 faults wait already"));
    }
}
