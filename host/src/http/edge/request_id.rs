//! Under which name a request is known: in the caller's log, in ours, in Microsoft's.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// How the id is told to the component and to the caller.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers in which a caller says its own, the first that is sane counts.
const GIVEN: [HeaderName; 2] = [REQUEST_ID, HeaderName::from_static("client-request-id")];

/// <https://www.w3.org/TR/trace-context/#traceparent-header>
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The longest id that is taken over, in bytes.
const LONGEST: usize = 128;

/// The id that the caller gave, else a new one, and tells it to the component.
pub(crate) fn assign(headers: &mut HeaderMap) -> HeaderValue {
    let id = given(headers).unwrap_or_else(made);
    headers.insert(REQUEST_ID, id.clone());
    id
}

fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = GIVEN.iter().filter_map(|name| headers.get(name)).find(|value| is_sane(value.as_bytes()));
    given.cloned().or_else(|| trace(headers.get(TRACEPARENT)?.as_bytes()))
}

/// An id that can stand in a log and in a header, whatever reads it.
fn is_sane(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(is_plain)
}

/// The trace's id, of a header that is as it should be.
fn trace(traceparent: &[u8]) -> Option<HeaderValue> {
    let parts = traceparent.split(|byte| *byte == b'-').collect::<Vec<_>>();
    let is_hex = |part: &[u8]| part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match parts.as_slice() {
        [[_, _], id, parent, [_, _], ..]
            if id.len() == 32
                && parent.len() == 16
                && is_hex(id)
                && is_hex(parent)
                && id.iter().any(|byte| *byte != b'0') =>
        {
            HeaderValue::from_bytes(id).ok()
        }
        _ => None,
    }
}

/// Thirty-two digits that nobody else makes.
fn made() -> HeaderValue {
    static STATE: OnceLock<(RandomState, RandomState)> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (left, right) = STATE.get_or_init(|| (RandomState::new(), RandomState::new()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = format!("{:016x}{:016x}", left.hash_one(count), right.hash_one(count));
    // Digits always are a value.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(given: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.insert(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let id = assign(&mut headers);
        assert_eq!(headers[REQUEST_ID], id);
        id.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_sane_one_is_taken_over() {
        assert_eq!(id(&[("x-request-id", "a-1")]), "a-1");
        assert_eq!(id(&[("client-request-id", "b"), ("x-request-id", "a")]), "a");
        assert_eq!(id(&[("client-request-id", "b"), ("x-request-id", "a b")]), "b");
        let trace = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(id(&[("traceparent", &format!("00-{trace}-b7ad6b7169203331-01"))]), trace);
    }

    #[test]
    fn others_are_made() {
        let long = "a".repeat(LONGEST + 1);
        let zeros = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let made = [
            id(&[]),
            id(&[("x-request-id", "")]),
            id(&[("x-request-id", "a\"b")]),
            id(&[("x-request-id", "{jndi}")]),
            id(&[("x-request-id", "ä")]),
            id(&[("x-request-id", &long)]),
            id(&[("traceparent", "00-1-2-3")]),
            id(&[("traceparent", &zeros)]),
        ];
        for (index, id) in made.iter().enumerate() {
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
            assert!(!made[..index].contains(id), "{id} is there twice");
        }
    }
}
