//! `/Users`: the operations on user accounts.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;
mod write;

use std::cell::RefCell;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use runtime::{KeyValue, Random};
use scim::Error;

use crate::{
    answer,
    context::{Context, Graph},
    dry_run::{self, DryRun},
    failure::Failure,
    target::{self, Target},
};

/// The outcome of an operation.
type Outcome = Result<Response<Bytes>, Failure>;

/// Answers a request to `/Users` or below.
pub async fn handle<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let mut response = if dry_run::is_wanted(request) {
        rehearse(context, request).await
    } else {
        rendered(dispatch(context, request).await)
    };
    if response.status().as_u16() == 405 {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
    }
    answer::account(&mut response, context.graph.usage(), &context.left_out.borrow());
    response
}

/// What a request would do.
async fn rehearse<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let dry = Context {
        graph: DryRun::new(&context.graph, request),
        store: &context.store,
        random: &context.random,
        now: context.now,
        settings: context.settings,
        graph_url: context.graph_url,
        seal: context.seal,
        caller: context.caller,
        left_out: RefCell::default(),
    };
    let outcome = dispatch(&dry, request).await;
    let answer = dry.graph.answer(request, outcome.is_ok());
    answer.unwrap_or_else(|| rendered(outcome))
}

fn rendered(outcome: Outcome) -> Response<Bytes> {
    outcome.unwrap_or_else(|failure| answer::failure(&failure))
}

async fn dispatch<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<Bytes>,
) -> Outcome {
    let (base, target) = target::of(request.uri().path(), mapping::USER.endpoint)?;
    let base = target::base_address(request, base);
    match (request.method(), target) {
        (&Method::GET, Target::Collection) => list::list(context, &base, &target::query(request)?).await,
        (&Method::POST, Target::Collection) => create::create(context, &base, request).await,
        (&Method::POST, Target::Search) => {
            let query = scim::list::Query::from_search_request(&target::body(request)?, &mapping::USER)?;
            list::list(context, &base, &query).await
        }
        (&Method::GET, Target::Resource(id)) => get::get(context, &base, &id, &target::query(request)?).await,
        (&Method::PUT, Target::Resource(id)) => replace::replace(context, &base, &id, request).await,
        (&Method::PATCH, Target::Resource(id)) => patch::patch(context, &base, &id, request).await,
        (&Method::DELETE, Target::Resource(id)) => delete::delete(context, &id).await,
        (method, _) => Err(Error::method_not_allowed(format!("{method} is not allowed here")).into()),
    }
}
