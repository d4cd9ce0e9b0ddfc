//! `POST /$batch`: each part of it is judged as if it stood alone.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Asked, Judge, Response};
use crate::finding::Place;
use crate::format::is_integer;
use crate::message::{Message, Url, header};
use crate::text::{shorten, shown};

/// What a part of a batch may have.
const MEMBERS: [&str; 6] = ["body", "dependsOn", "headers", "id", "method", "url"];

/// What the parts ask for, by their ids in lower case.
type Parts<'a> = BTreeMap<String, Option<Asked<'a>>>;

impl<'a> Judge<'a> {
    pub(super) fn batch(&mut self, method: &str, request: &Message<'_>, response: Option<&Response<'_>>) {
        if method != "POST" {
            self.report.violation("unknown-method", &request.place.member("method"), "a batch is posted");
        }
        let place = request.body_place();
        let parts = match request.body.and_then(|body| body.get("requests")).and_then(Value::as_array) {
            Some(parts) => Some(self.parts(parts, &place.member("requests"))),
            None => {
                self.report.violation("bad-batch", &place, "{\"requests\": [...]} belongs here");
                None
            }
        };
        let Some(response) = response else { return };
        let place = response.message.body_place();
        match (response.status, parts) {
            (400.., _) => self.error(response),
            (200, Some(parts)) => self.answers(&parts, response.message.body, &place),
            (200 | 300..400, _) => {}
            (status, _) => {
                let problem = format!("{status}, where 200 is documented");
                self.report.violation("status", &response.message.place.member("status"), problem);
            }
        }
    }

    fn parts(&mut self, parts: &[Value], place: &Place<'_>) -> Parts<'a> {
        let most = self.graph.limits.batch.max_requests;
        if parts.is_empty() || parts.len() > most {
            let problem = format!("{} requests, where 1 to {most} are allowed", parts.len());
            self.report.violation("batch-limit", place, problem);
        }
        let ids: Vec<_> = parts.iter().filter(|part| part.is_object()).map(id).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
            self.report.violation("bad-batch", place, "there are ids that two requests have");
        }
        let mut asked = Parts::new();
        for (index, part) in parts.iter().enumerate() {
            let place = place.element(index);
            match part {
                Value::Object(object) => {
                    self.envelope(object, &ids, &place);
                    if let (Some(method), Some(url)) = (string(part, "method"), string(part, "url")) {
                        self.part(object, method, url, &place, &mut asked);
                    }
                }
                _ => self.report.violation("bad-batch", &place, format!("{} is no request", shown(part))),
            }
        }
        asked
    }

    /// What a request in a batch has beside that which one alone has.
    fn envelope(&mut self, part: &Map<String, Value>, ids: &[String], place: &Place<'_>) {
        for name in part.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            self.report.violation("unknown-property", &place.member(name), "it is no part of a request in a batch");
        }
        for name in ["id", "method", "url"] {
            if !part.get(name).is_some_and(Value::is_string) {
                self.report.violation("bad-batch", &place.member(name), "a string belongs here");
            }
        }
        self.depends_on(part.get("dependsOn"), ids, place);
    }

    /// Judges a request in a batch and notes what it asks for.
    fn part(&mut self, part: &Map<String, Value>, method: &str, url: &str, place: &Place<'_>, asked: &mut Parts<'a>) {
        let headers = self.headers(part.get("headers"), place);
        let body = part.get("body").filter(|body| !body.is_null());
        if body.is_some() && header(&headers, "Content-Type").is_none() {
            let place = place.member("headers");
            let problem = "a request with a body needs it";
            self.report.violation("bad-batch", &place.member("Content-Type"), problem);
        }
        if url.starts_with("http:") || url.starts_with("https:") {
            let problem = "it has to be relative to the version of Graph, as /users is";
            self.report.violation("bad-batch", &place.member("url"), problem);
            return;
        }
        let url = if url.starts_with('/') { url.to_owned() } else { format!("/{url}") };
        let message = Message { place, headers: Some(&headers), body, names: ["headers", "body"] };
        let one = self.request(&method.to_ascii_uppercase(), Url::split(&url), &message);
        asked.insert(part.get("id").map(lower).unwrap_or_default(), one);
    }

    fn depends_on(&mut self, ids: Option<&Value>, known: &[String], place: &Place<'_>) {
        let place = place.member("dependsOn");
        match ids {
            None | Some(Value::Null) => {}
            Some(Value::Array(ids)) => {
                for one in ids {
                    if !known.contains(&lower(one)) {
                        let problem = format!("no request has the id {}", shown(one));
                        self.report.violation("bad-batch", &place, problem);
                    }
                }
            }
            Some(other) => self.wrong_type(&place, other, "array of ids"),
        }
    }

    fn headers(&mut self, headers: Option<&Value>, place: &Place<'_>) -> BTreeMap<String, String> {
        let place = place.member("headers");
        match headers {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(Value::Object(headers)) => headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            Some(other) => {
                self.wrong_type(&place, other, "object of headers");
                BTreeMap::new()
            }
        }
    }

    fn answers(&mut self, parts: &Parts<'_>, body: Option<&Value>, place: &Place<'_>) {
        let Some(answers) = body.and_then(|body| body.get("responses")).and_then(Value::as_array) else {
            self.report.violation("bad-batch", place, "{\"responses\": [...]} belongs here");
            return;
        };
        let mut answered = BTreeSet::new();
        let place = place.member("responses");
        for (index, answer) in answers.iter().enumerate() {
            answered.extend(self.answer(parts, answer, &place.element(index)));
        }
        for id in parts.keys().filter(|id| !answered.contains(*id)) {
            let problem = format!("nothing answers the request {}", shorten(id));
            self.report.violation("bad-batch", &place, problem);
        }
    }

    /// Which part is answered.
    fn answer(&mut self, parts: &Parts<'_>, answer: &Value, place: &Place<'_>) -> Option<String> {
        let status = answer.get("status").filter(|status| is_integer(status, 31));
        if status.is_none() || !answer.get("id").is_some_and(Value::is_string) {
            self.report.violation("bad-batch", place, "it needs an id, as a string, and a status, as a number");
            return None;
        }
        let id = id(answer);
        let Some(asked) = parts.get(&id) else {
            let problem = format!("no request has the id {}", shorten(&id));
            self.report.violation("bad-batch", &place.member("id"), problem);
            return None;
        };
        let headers = answer.get("headers").filter(|headers| !headers.is_null());
        let headers = headers.map(|headers| self.headers(Some(headers), place));
        let body = answer.get("body").filter(|body| !body.is_null());
        let decoded = body.and_then(Value::as_str).filter(|_| is_json(asked.as_ref())).and_then(decode);
        let body = decoded.as_ref().or(body);
        let message = Message { place, headers: headers.as_ref(), body, names: ["headers", "body"] };
        let status = status.and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        self.response(asked.as_ref(), &Response { status, message });
        Some(id)
    }
}

/// Whether the answer to it is JSON; what is not may be a string as well.
fn is_json(asked: Option<&Asked<'_>>) -> bool {
    asked.is_some_and(|asked| !matches!(asked.operation.response.as_deref(), Some("Edm.Stream" | "Edm.Int32")))
}

/// The JSON that a string has in Base64.
fn decode(text: &str) -> Option<Value> {
    serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
}

/// The id of a part, in lower case: Graph takes ids that differ in their case alone for one.
fn id(part: &Value) -> String {
    part.get("id").map(lower).unwrap_or_default()
}

fn string<'a>(part: &'a Value, name: &str) -> Option<&'a str> {
    part.get(name).and_then(Value::as_str)
}

fn lower(value: &Value) -> String {
    text(value).to_lowercase()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
