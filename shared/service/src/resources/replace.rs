//! `PUT /Users/{id}` — replaces a resource. RFC 7644 section 3.5.1.

use bytes::Bytes;
use http::Request;
use runtime::{KeyValue, Random};
use scim::resource::Incoming;

use super::{
    At, Outcome, precondition,
    write::{self, Answer},
};
use crate::{context::Graph, target};

pub(super) async fn replace<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let resource_type = at.mapping.resource_type;
    let projection = target::query(request, resource_type)?.projection;
    let body = target::body(request)?;
    let incoming = Incoming::read(&body, resource_type)?;
    at.context.tell(&incoming.unknown);
    precondition::check(at, id, request).await?;
    let write = mapping::write::replace(at.mapping, at.context.settings, &incoming.resource, &body)?;
    write::update(at, id, &write, &projection, Answer::Whole).await
}
