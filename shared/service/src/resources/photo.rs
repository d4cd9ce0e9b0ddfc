//! `GET /Users/{id}/photo` — the picture of a user, as Graph keeps it.

use graph::{Kind, Operation};
use http::{HeaderValue, Response, StatusCode, header};
use runtime::{KeyValue, Random};
use scim::Error;

use super::{At, Outcome};
use crate::{context::Graph, failure::Failure};

/// What is below the resource, and below Graph's object.
const PHOTO: &str = "photo";

pub(super) async fn get<G: Graph, K: KeyValue, R: Random>(at: &At<'_, '_, G, K, R>, id: &str) -> Outcome {
    let kind = at.mapping.resource_type.name.to_lowercase();
    if !at.mapping.facets.iter().any(|facet| facet.path == PHOTO) {
        return Err(Error::not_found(format!("a {kind} has no photo")).into());
    }
    let mut operation = Operation::get(format!("{}/{PHOTO}/$value", at.path(id))).permission("User.Read.All");
    // Beside JSON, which every call takes.
    operation.headers.push(("Accept", "image/*"));
    let picture = at.context.send(&operation).await.map_err(|error| match error.kind {
        Kind::NotFound => Error::not_found(format!("there is no photo of a {kind} with the id {id}")).into(),
        _ => Failure::from(error),
    })?;
    let given = picture.headers.get(header::CONTENT_TYPE).cloned();
    let is_picture = |given: &HeaderValue| given.as_bytes().starts_with(b"image/");
    let media_type = given.filter(is_picture).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = Response::new(picture.body);
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    // Whoever uploaded it, it is a picture and nothing to run.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
