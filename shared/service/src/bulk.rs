//! `POST /Bulk` — many changes in one request. RFC 7644 section 3.7.
//!
//! The operations of a wave are handled as if each had come alone, all at once, and their calls are made together: twenty
//! changes of users are one exchange with Graph.

use bytes::Bytes;
use graph::segment;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use mapping::Mapping;
use runtime::{KeyValue, Random};
use scim::{
    Error,
    bulk::{self, Outcome as BulkOutcome, Schedule, Step},
    discovery::Bulk,
};
use serde_json::{Map, Value};

use crate::{
    answer,
    context::{AnyGraph, Context, Graph},
    gather::Gather,
    resources::{self, Outcome},
    target,
};

/// What one request may hold.
pub(crate) const LIMITS: Bulk = Bulk { max_operations: 1000, max_payload_size: 1_048_576 };

/// Does the operations of a Bulk request.
pub(crate) async fn bulk<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    base: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let resource_types: Vec<_> = mappings.iter().map(|mapping| mapping.resource_type).collect();
    let most = usize::try_from(LIMITS.max_operations).unwrap_or(usize::MAX);
    let mut schedule = Schedule::new(bulk::parse(target::body(request)?, &resource_types, most)?);
    loop {
        let wave = schedule.next_wave();
        if wave.is_empty() {
            break;
        }
        let gather = Gather::new(&context.graph);
        // Calls wait for company, and answers need no bodies.
        let contexts: Vec<_> =
            wave.iter().map(|_| context.with(&gather as &dyn AnyGraph, context.access, true)).collect();
        let requests = wave.iter().zip(&contexts).map(|(step, context)| run(context, mappings, base, request, step));
        let outcomes = gather.together(requests.collect()).await;
        for (step, outcome) in wave.iter().zip(outcomes) {
            schedule.record(step.index, outcome);
        }
        for told in contexts {
            context.left_out.borrow_mut().append(&mut told.left_out.borrow_mut());
        }
    }
    Ok(answer::json(StatusCode::OK, schedule.into_response(base).to_string().into_bytes()))
}

/// Handles one operation as the request that it stands for.
async fn run<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    base: &str,
    whole: &Request<Bytes>,
    step: &Step,
) -> BulkOutcome {
    let operation = &step.operation;
    let mapping = mappings.iter().find(|mapping| std::ptr::eq(mapping.resource_type, operation.resource_type));
    let Some(mapping) = mapping else { return failed(&Error::not_found("there is no such resource type")) };
    let endpoint = operation.resource_type.endpoint;
    let uri = match &operation.id {
        Some(id) => format!("{base}{endpoint}/{}", segment(id)),
        None => format!("{base}{endpoint}"),
    };
    let method = Method::from_bytes(operation.method.keyword().as_bytes()).unwrap_or(Method::GET);
    let mut builder = Request::builder().method(method).uri(uri);
    if let Some(host) = whole.headers().get(header::HOST) {
        builder = builder.header(header::HOST, host);
    }
    if let Some(version) = operation.version.as_deref().and_then(|version| HeaderValue::try_from(version).ok()) {
        builder = builder.header(header::IF_MATCH, version);
    }
    let body = if operation.data.is_null() { Bytes::new() } else { Bytes::from(operation.data.to_string()) };
    let Ok(request) = builder.body(body) else { return failed(&Error::not_found("no resource has such an id")) };
    outcome(&resources::rendered(resources::dispatch(context, mapping, &request).await))
}

fn failed(error: &Error) -> BulkOutcome {
    BulkOutcome { status: error.status, response: Some(error.to_value()), ..BulkOutcome::default() }
}

/// What the response of a single request says to a Bulk response.
fn outcome(response: &Response<Bytes>) -> BulkOutcome {
    let body: Option<Value> = serde_json::from_slice(response.body()).ok();
    let status = match response.status().as_u16() {
        // A PATCH without a body to answer with is a PATCH all the same.
        204 if body.is_none() => 204,
        status => status,
    };
    if status >= 400 {
        return BulkOutcome { status, response: body, ..BulkOutcome::default() };
    }
    let members = body.as_ref().and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    BulkOutcome {
        status,
        id: text("id"),
        location: header(header::LOCATION),
        version: header(header::ETAG),
        ..BulkOutcome::default()
    }
}
