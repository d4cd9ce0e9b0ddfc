//! Errors: `{"error": {"code", "message"}}`.

use serde_json::{Map, Value};

use super::{Judge, Response};
use crate::finding::Place;

/// Too many requests.
const THROTTLED: u16 = 429;

impl Judge<'_> {
    pub(super) fn error(&mut self, response: &Response<'_>) {
        let (status, message) = (response.status, &response.message);
        if !self.graph.limits.is_error_status(status) {
            let problem = format!("no page of Graph has an error {status}");
            self.report.violation("status", &message.place.member("status"), problem);
        }
        let place = message.body_place();
        let envelope = message.body.and_then(Value::as_object);
        match envelope.and_then(|envelope| Some((envelope, envelope.get("error")?.as_object()?))) {
            None => self.bad_envelope(&place, "{\"error\": {\"code\", \"message\"}} belongs here"),
            Some((envelope, error)) => {
                for name in envelope.keys().filter(|name| *name != "error" && !name.starts_with('@')) {
                    self.bad_envelope(&place.member(name), "it does not stand beside an error");
                }
                self.members_of_error(error, &place.member("error"));
            }
        }
        if status == THROTTLED && message.headers.is_some() && message.header("Retry-After").is_none() {
            let headers = message.headers_place();
            self.report.warning("retry-after", &headers.member("Retry-After"), "a 429 mostly has it");
        }
    }

    fn members_of_error(&mut self, error: &Map<String, Value>, place: &Place<'_>) {
        for name in ["code", "message"] {
            if !error.get(name).is_some_and(Value::is_string) {
                self.bad_envelope(&place.member(name), "a string belongs here");
            }
        }
        for (name, value) in error {
            let place = place.member(name);
            match name.as_str() {
                "innerError" | "innererror" if !value.is_object() => self.bad_envelope(&place, "it is no object"),
                "details" if !value.is_array() => self.bad_envelope(&place, "it is no array"),
                "code" | "message" | "target" | "innerError" | "innererror" | "details" => {}
                _ if name.starts_with('@') => {}
                _ => self.bad_envelope(&place, "it is no part of an error"),
            }
        }
    }

    fn bad_envelope(&mut self, place: &Place<'_>, problem: &str) {
        self.report.violation("error-envelope", place, problem);
    }
}
