//! The dialect of Microsoft's own SCIM API, `https://graph.microsoft.com/rp/scim`, as a thin skin over the service: a client
//! written for it works unchanged, and its limits are gone.
//!
//! Source: <https://learn.microsoft.com/entra/identity/app-provisioning/entra-id-scim-api-reference>.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, header};
use mapping::Mapping;
use runtime::{KeyValue, Random};
use serde_json::Value;

use crate::{
    answer,
    context::{Context, Graph},
    handle as handle_resource, root, target,
};

/// Answers a request to `/rp/scim` or below.
pub async fn handle<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let mapping = mappings.iter().copied().find(|mapping| is_below(request.uri().path(), mapping));
    let Some(mapping) = mapping else {
        return lower(root::handle(context, mappings, request).await, mappings, false);
    };
    let request = spoken(request, mapping);
    let response = handle_resource(context, mapping, &request).await;
    if request.method() == Method::PATCH && response.status() == StatusCode::OK {
        let mut silent = answer::empty(StatusCode::NO_CONTENT);
        *silent.headers_mut() = response.headers().clone();
        silent.headers_mut().remove(header::CONTENT_TYPE);
        silent.headers_mut().remove(header::ETAG);
        return silent;
    }
    lower(response, mappings, true)
}

fn is_below(path: &str, mapping: &Mapping) -> bool {
    target::of(path, mapping.resource_type.endpoint).is_ok()
}

/// The request as the service understands it: lists are paged by cursor, and members come only when asked for.
fn spoken(request: &Request<Bytes>, mapping: &Mapping) -> Request<Bytes> {
    let mut request = request.clone();
    if request.method() != Method::GET {
        return request;
    }
    let parameters = target::parameters(&request);
    let has = |name: &str| parameters.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut query = request.uri().query().unwrap_or_default().to_owned();
    let mut add = |parameter: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(parameter);
    };
    let is_list =
        matches!(target::of(request.uri().path(), mapping.resource_type.endpoint), Ok((_, target::Target::Collection)));
    if is_list && !has("cursor") && !has("startIndex") {
        add("cursor=");
    }
    if mapping.link(None, "members").is_some() && !has("attributes") && !has("excludedAttributes") {
        add("excludedAttributes=members");
    }
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = format!("{}?{query}", request.uri().path()).parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// The answer with the names in lower case that Microsoft writes so.
fn lower(response: Response<Bytes>, mappings: &[&'static Mapping], is_resource: bool) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let Ok(Value::Object(mut message)) = serde_json::from_slice::<Value>(&body) else {
        return Response::from_parts(parts, body);
    };
    if is_resource && let Some(resources) = message.remove("Resources") {
        message.insert("resources".to_owned(), resources);
    }
    let mut value = Value::Object(message);
    lower_meta(&mut value, mappings);
    for list in ["resources", "Resources"] {
        let resources = value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        resources.for_each(|resource| lower_meta(resource, mappings));
    }
    if let Some(location) = value.pointer("/meta/location").and_then(Value::as_str)
        && parts.headers.contains_key(header::LOCATION)
        && let Ok(location) = location.parse()
    {
        parts.headers.insert(header::LOCATION, location);
    }
    parts.headers.remove(header::ETAG);
    Response::from_parts(parts, Bytes::from(value.to_string()))
}

fn lower_meta(resource: &mut Value, mappings: &[&'static Mapping]) {
    let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) else { return };
    meta.remove("version");
    if let Some(Value::String(name)) = meta.get_mut("resourceType")
        && mappings.iter().any(|mapping| mapping.resource_type.name == name)
    {
        *name = name.to_lowercase();
    }
    if let Some(Value::String(location)) = meta.get_mut("location") {
        for name in mappings.iter().map(|mapping| mapping.resource_type.endpoint).chain(["/ResourceTypes", "/Schemas"])
        {
            *location = location.replace(&format!("{name}/"), &format!("{}/", name.to_lowercase()));
        }
    }
}
