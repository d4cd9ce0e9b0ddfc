//! What is at the root of the service: discovery, Bulk, searches over all types of resources, `/Me`.
//! RFC 7644 sections 3.4.3, 3.7, 3.11 and 4.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use mapping::{Mapping, discovery};
use runtime::{KeyValue, Random};
use scim::{
    Error,
    list::{ListResponse, Query, Search, Start},
};
use serde_json::Value;
use trust::Operation;

use crate::{
    answer, bulk,
    context::{Context, Graph},
    resources::{At, Listed, Outcome, listed, rendered},
    target,
};

/// Answers a request to what is not the endpoint of a resource type.
pub async fn handle<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let mut response = rendered(dispatch(context, mappings, request).await);
    if response.status().as_u16() == 405 {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    answer::account(&mut response, context.graph.usage(), &context.left_out.borrow());
    response
}

async fn dispatch<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    request: &Request<Bytes>,
) -> Outcome {
    let path = request.uri().path();
    let (base, name, id) = target::at_root(path);
    let base = target::base_address(request, base);
    let is_get = request.method() == Method::GET;
    match name.to_ascii_lowercase().as_str() {
        "bulk" if request.method() == Method::POST && id.is_none() => {
            bulk::bulk(context, mappings, &base, request).await
        }
        ".search" if request.method() == Method::POST && id.is_none() => {
            let search = Search::from_search_request(&target::body(request)?)?;
            searched(context, mappings, &base, &search).await
        }
        "" if is_get => {
            let search = Search::parse(target::parameters(request))?;
            searched(context, mappings, &base, &search).await
        }
        "me" => Err(Error::not_implemented("/Me is not offered: a caller here is an application, not a user").into()),
        "serviceproviderconfig" if is_get && id.is_none() => Ok(one(&discovery::service_provider_config(&base))),
        "schemas" if is_get => described(discovery::schemas(mappings, &base), id, path),
        "resourcetypes" if is_get => described(discovery::resource_types(mappings, &base), id, path),
        "bulk" | ".search" | "serviceproviderconfig" | "schemas" | "resourcetypes" | "" => {
            Err(Error::method_not_allowed(format!("{} is not allowed here", request.method())).into())
        }
        _ => Err(Error::not_found(format!("there is nothing at {path}")).into()),
    }
}

fn one(value: &Value) -> Response<Bytes> {
    answer::json(StatusCode::OK, value.to_string().into_bytes())
}

/// All of the descriptions, or the one with this id in any letter case.
fn described(all: Vec<Value>, id: Option<&str>, path: &str) -> Outcome {
    let Some(id) = id.map(target::plain) else {
        let total = all.len() as u64;
        let list = ListResponse { total_results: Some(total), start_index: Some(1), ..ListResponse::default() };
        return Ok(one(&list.to_value(all)));
    };
    let is_meant =
        |value: &&Value| value.get("id").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(&id));
    match all.iter().find(is_meant) {
        Some(value) => Ok(one(value)),
        None => Err(Error::not_found(format!("there is nothing at {path}")).into()),
    }
}

/// The resources of all types, one type behind the other.
async fn searched<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    base: &str,
    search: &Search,
) -> Outcome {
    const DEFAULT_COUNT: u64 = 100;
    const MAX_COUNT: u64 = 999;
    if search.sort.is_some() {
        let message = "sortBy is not offered over several types of resources: search the endpoint of each type";
        return Err(Error::invalid_value(message).into());
    }
    let first = match &search.start {
        Start::Cursor(_) => {
            let message = "there are no cursors over several types of resources: use startIndex";
            return Err(Error::invalid_cursor(message).into());
        }
        Start::Index(index) => (*index).max(1),
        Start::Default => 1,
    };
    let size = search.count.unwrap_or(DEFAULT_COUNT).min(MAX_COUNT);
    let mut whole = Listed::default();
    let mut total = 0;
    for mapping in mappings {
        let Some(query) = search.for_type(mapping.resource_type)? else { continue };
        let room = size - whole.length;
        // Where the page begins, counted within this type.
        let index = (first + whole.length).saturating_sub(total).max(1);
        let query = Query { start: Start::Index(index), count: Some(room), ..query };
        let at = At { context, mapping, base };
        // What may not be read is not among what is found.
        if at.permit(Operation::Read).is_err() {
            continue;
        }
        let page = listed(&at, &query).await?;
        total += page.list.total_results.unwrap_or(page.length);
        append(&mut whole, page);
    }
    whole.list = ListResponse { total_results: Some(total), start_index: Some(first), ..ListResponse::default() };
    Ok(answer::json(StatusCode::OK, whole.into_bytes()))
}

fn append(whole: &mut Listed, page: Listed) {
    if whole.length > 0 && page.length > 0 {
        whole.resources.push(b',');
    }
    whole.resources.extend_from_slice(&page.resources);
    whole.length += page.length;
}
