//! `/Users`: the operations on user accounts.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;
mod write;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use runtime::{KeyValue, Random};
use scim::Error;

use crate::{
    answer,
    context::{Context, Graph},
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
    let mut response = match dispatch(context, request).await {
        Ok(response) => response,
        Err(failure) => answer::failure(&failure),
    };
    if response.status().as_u16() == 405 {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
    }
    response.headers_mut().insert(answer::GRAPH_CALLS, context.graph.calls().into());
    response
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
