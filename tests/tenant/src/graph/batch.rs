//! `POST /$batch`: up to twenty requests in one, some of which may wait for others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Delivery};
use crate::directory::Object;
use crate::graph::error::{Error, Result};
use crate::graph::{Call, one};
use crate::tenant::Request;
use crate::throttle::Origin;

/// The most requests in one batch.
const MAX_REQUESTS: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Step>,
}

/// Graph takes no notice of other members: its own SDK for Python sends a `depends_on`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Runs the requests, each after the ones it depends on.
pub(super) fn run(call: &Call<'_>) -> Result<Answer> {
    let batch: Batch = serde_json::from_value(call.body()?)
        .map_err(|error| Error::syntax(format!("Invalid batch payload format: {error}.")))?;
    check(&batch)?;
    let mut done: BTreeMap<String, u16> = BTreeMap::new();
    let mut responses: Vec<Value> = Vec::new();
    let (mut delay, mut delivery) = (Duration::ZERO, Delivery::Whole);
    while done.len() < batch.requests.len() {
        let ready: Vec<&Step> = batch
            .requests
            .iter()
            .filter(|step| {
                !done.contains_key(&key(&step.id)) && step.depends_on.iter().all(|id| done.contains_key(&key(id)))
            })
            .collect();
        if ready.is_empty() {
            return Err(Error::syntax("Invalid batch payload format: requests depend on each other in a circle."));
        }
        for step in ready {
            let failed = step.depends_on.iter().any(|id| done.get(&key(id)).is_some_and(|status| *status >= 400));
            let answer = if failed { dependency_failed() } else { perform(step, call) };
            done.insert(key(&step.id), answer.status);
            // The answer to the batch is as slow as the slowest, and breaks where one would.
            (delay, delivery) = (delay.max(answer.delay), delivery.max(answer.delivery));
            responses.push(response(&step.id, answer));
        }
    }
    // The order means nothing; the last one first makes sure that nobody relies on it.
    responses.reverse();
    Ok(Answer { delay, delivery, ..Answer::json(200, &json!({ "responses": responses })) })
}

/// Ids are compared without regard to case.
fn key(id: &str) -> String {
    id.to_lowercase()
}

fn check(batch: &Batch) -> Result<()> {
    let count = batch.requests.len();
    if !(1..=MAX_REQUESTS).contains(&count) {
        return Err(Error::syntax(format!(
            "Number of batch request steps must be between 1 and {MAX_REQUESTS}; it is {count}."
        )));
    }
    let ids: BTreeSet<String> = batch.requests.iter().map(|step| key(&step.id)).collect();
    if ids.len() < count || ids.contains("") {
        return Err(Error::syntax("Invalid batch payload format: every request needs an id of its own."));
    }
    for step in &batch.requests {
        if let Some(missing) = step.depends_on.iter().find(|id| !ids.contains(&key(id))) {
            return Err(Error::syntax(format!(
                "Invalid batch payload format: request '{}' depends on '{missing}', which is not there.",
                step.id
            )));
        }
        if step.url.contains("://") {
            return Err(Error::syntax(format!(
                "Invalid batch payload format: the url of request '{}' must be relative.",
                step.id
            )));
        }
        let has_type = step.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if step.body.is_some() && !has_type {
            return Err(Error::syntax(format!(
                "Write request id : {} does not contain Content-Type header or body.",
                step.id
            )));
        }
    }
    Ok(())
}

fn perform(step: &Step, call: &Call<'_>) -> Answer {
    let (path, query) = step.url.split_once('?').unwrap_or((&step.url, ""));
    let mut headers: BTreeMap<String, String> =
        step.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    if let Some(authorization) = call.request.header("authorization") {
        headers.entry("authorization".to_owned()).or_insert_with(|| authorization.to_owned());
    }
    let request = Request {
        method: step.method.to_ascii_uppercase(),
        path: format!("/v1.0/{}", path.trim_start_matches('/')),
        query: query.to_owned(),
        headers,
        body: step.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.to_string())),
    };
    if request.path.eq_ignore_ascii_case("/v1.0/$batch") {
        return Error::syntax("A batch cannot contain a batch.").answer("", "");
    }
    let fault = call.tenant.faults().meet(&request.method, &request.path, &request.query);
    one(&request, call.tenant, fault.as_ref(), Origin::Batch)
}

fn dependency_failed() -> Answer {
    Error::new(424, "FailedDependency", "A request this one depends on failed.").answer("", "")
}

fn response(id: &str, answer: Answer) -> Value {
    let headers: Object = answer
        .headers
        .iter()
        .filter(|(name, _)| !name.starts_with("x-ms-ags"))
        .map(|(name, value)| (header_name(name), json!(value)))
        .collect();
    let mut response = json!({"id": id, "status": answer.status, "headers": headers});
    if let (false, Some(response)) = (answer.body.is_empty(), response.as_object_mut()) {
        let is_image =
            answer.headers.iter().any(|(name, value)| *name == "content-type" && value.starts_with("image/"));
        let body = match serde_json::from_slice(&answer.body) {
            _ if is_image => json!(STANDARD.encode(&answer.body)),
            Ok(body) => body,
            Err(_) => json!(String::from_utf8_lossy(&answer.body)),
        };
        response.insert("body".to_owned(), body);
    }
    response
}

/// Inside a batch the headers are spelled as Graph spells them.
fn header_name(name: &str) -> String {
    match name {
        "cache-control" => "Cache-Control".to_owned(),
        "content-type" => "Content-Type".to_owned(),
        "odata-version" => "OData-Version".to_owned(),
        "retry-after" => "Retry-After".to_owned(),
        "location" => "Location".to_owned(),
        other => other.to_owned(),
    }
}
