//! `Prefer: dry-run` — the plan instead of its outcome. A read is not made at all; before a write, what has to be read to
//! plan it is read, and nothing is written.

use std::cell::RefCell;

use bytes::Bytes;
use graph::{Error, Operation, Plan, Response, Usage};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::json;

use crate::{answer, context::Graph};

/// A Graph on which nothing changes.
pub(crate) struct DryRun<'a, G> {
    graph: &'a G,
    /// Whether reads are made.
    reads: bool,
    made: RefCell<Vec<Operation>>,
    planned: RefCell<Option<Plan>>,
}

impl<'a, G> DryRun<'a, G> {
    /// For this request.
    pub(crate) fn new(graph: &'a G, request: &Request<Bytes>) -> Self {
        let is_read =
            request.method() == Method::GET || request.uri().path().trim_end_matches('/').ends_with("/.search");
        Self { graph, reads: !is_read, made: RefCell::default(), planned: RefCell::default() }
    }

    /// The answer of the dry run, unless the request failed before it came to a call. One that `succeeded` all the same
    /// has nothing to write.
    pub(crate) fn answer(&self, request: &Request<Bytes>, succeeded: bool) -> Option<http::Response<Bytes>> {
        let planned = self.planned.take().or_else(|| succeeded.then(Plan::default))?;
        let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let mut response = if accept.starts_with("text/plain") {
            let mut response = http::Response::new(Bytes::from(planned.to_string()));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            response
        } else {
            let made = Plan::from(self.made.take());
            let body = json!({
                "schemas": ["urn:entra-scim:plan"],
                "read": made.operations,
                "operations": planned.operations,
                "units": planned.units(),
            });
            let mut response = answer::json(StatusCode::OK, body.to_string().into_bytes());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        };
        response.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static("dry-run"));
        Some(response)
    }

    fn keep(&self, plan: &Plan) -> Option<Error> {
        if self.reads && !plan.is_write() {
            self.made.borrow_mut().extend(plan.operations.iter().cloned());
            return None;
        }
        *self.planned.borrow_mut() = Some(plan.clone());
        Some(Error::not_made())
    }
}

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Whether the caller wants the plan: `Prefer: dry-run` (RFC 7240).
pub(crate) fn is_wanted(request: &Request<Bytes>) -> bool {
    let preferences = request.headers().get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split(',')).any(|preference| preference.trim().eq_ignore_ascii_case("dry-run"))
}

impl<G: Graph> Graph for DryRun<'_, G> {
    async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        match self.keep(&Plan::of(operation.clone())) {
            Some(error) => Err(error),
            None => self.graph.send(operation).await,
        }
    }

    async fn run(&self, plan: &Plan) -> Result<Vec<Result<Response, Error>>, Error> {
        match self.keep(plan) {
            Some(error) => Err(error),
            None => self.graph.run(plan).await,
        }
    }

    fn usage(&self) -> Usage {
        self.graph.usage()
    }
}
