//! A line of the traffic file.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A request and its answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The method, in any letter case.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers of the request; without them no rule about headers is applied to it.
    #[serde(default)]
    pub request_headers: Option<BTreeMap<String, String>>,
    /// The body of the request; JSON that a line has as a string is read.
    #[serde(default, deserialize_with = "body")]
    pub request_body: Option<Value>,
    /// The status of the answer; without it there is no answer to judge.
    #[serde(default)]
    pub status: Option<u16>,
    /// The headers of the answer; without them no rule about headers is applied to it.
    #[serde(default)]
    pub response_headers: Option<BTreeMap<String, String>>,
    /// The body of the answer, as that of the request.
    #[serde(default, deserialize_with = "body")]
    pub response_body: Option<Value>,
}

/// A line of a traffic file that is no exchange.
#[derive(Debug)]
pub struct BrokenLine {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: serde_json::Error,
}

impl fmt::Display for BrokenLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {} of the traffic is no exchange: {}", self.line, self.error)
    }
}

impl std::error::Error for BrokenLine {}

/// Reads a traffic file, an exchange at a time and each with the number of its line. Empty lines are passed over.
///
/// # Errors
/// [`BrokenLine`] in place of a line that is no exchange; the lines after it follow.
pub fn read_traffic(text: &str) -> impl Iterator<Item = Result<(usize, Exchange), BrokenLine>> {
    let numbered = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
    numbered.map(|(text, line)| match serde_json::from_str(text) {
        Ok(exchange) => Ok((line, exchange)),
        Err(error) => Err(BrokenLine { line, error }),
    })
}

/// A body as JSON; text that is no JSON stays text, and null is no body.
fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Null) => None,
            Ok(value) => Some(value),
            Err(_) => Some(Value::String(text)),
        },
        Value::Null => None,
        value => Some(value),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_json_text_or_nothing() {
        for (written, read) in [
            (json!(null), None),
            (json!(""), None),
            (json!("null"), None),
            (json!("{\"a\":1}"), Some(json!({ "a": 1 }))),
            (json!({ "a": 1 }), Some(json!({ "a": 1 }))),
            (json!("<html>"), Some(json!("<html>"))),
            (json!(25), Some(json!(25))),
        ] {
            let line = json!({ "method": "GET", "url": "/", "responseBody": written }).to_string();
            let exchange: Exchange = serde_json::from_str(&line).unwrap();
            assert_eq!(exchange.response_body, read, "{written}");
        }
    }

    #[test]
    fn a_broken_line_is_told_and_the_rest_is_read() {
        let text = "{\"method\":\"GET\",\"url\":\"/a\"}\n\n{\"method\":\"GE\n{\"method\":\"GET\",\"url\":\"/b\"}\n";
        let lines: Vec<_> = read_traffic(text).collect();
        let numbers = lines.iter().map(|line| match line {
            Ok((number, _)) => (*number, true),
            Err(broken) => (broken.line, false),
        });
        assert_eq!(numbers.collect::<Vec<_>>(), [(1, true), (3, false), (4, true)]);
    }
}
