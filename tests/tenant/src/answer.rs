//! What goes back over HTTP.

use std::time::Duration;

use serde_json::Value;

/// An answer that is not yet bytes on a wire: also the answer inside a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// How long it is held back.
    pub(crate) delay: Duration,
    pub(crate) delivery: Delivery,
}

/// How much of an answer arrives before the connection closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// The headers, and half of the body.
    Half,
    Nothing,
}

/// The content type of everything but Graph's successes.
pub(crate) const JSON: &str = "application/json";
/// The content type of Graph's successes.
pub(crate) const ODATA: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

impl Answer {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer of this type.
    pub(crate) fn of(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body, ..Self::default() }
    }

    /// Plain JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, JSON, body.to_string().into_bytes())
    }

    /// A success of Graph.
    pub(crate) fn odata(status: u16, body: Vec<u8>) -> Self {
        Self::of(status, ODATA, body)
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Breaks the body so that no parser takes it for JSON.
    pub(crate) fn garble(&mut self) {
        if self.body.is_empty() {
            self.status = 200;
        }
        if self.body.starts_with(b"{") && self.body.len() > 1 {
            self.body.truncate(self.body.len() / 2);
        } else {
            self.body = b"{".to_vec();
        }
    }
}
