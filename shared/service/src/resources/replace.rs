//! `PUT /Users/{id}` — replaces a resource. RFC 7644 section 3.5.1.

use bytes::Bytes;
use http::Request;
use mapping::{Reading, selection};
use runtime::{KeyValue, Random};
use scim::{projection::Projection, resource::Incoming};

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
    let mut incoming = Incoming::read(&body, resource_type)?;
    at.context.tell(&incoming.unknown);
    precondition::check(at, id, request).await?;
    if mapping::write::is_ambiguous(at.mapping, &incoming.resource) {
        let whole = Projection::all(resource_type);
        let mut selection = selection(at.mapping, at.context.settings, &whole, Reading::One);
        selection.many.clear();
        let present = at.fetch(&selection, id).await?.value(&at.renderer(&whole))?;
        mapping::write::settle(at.mapping, &mut incoming.resource, &present);
    }
    let write = mapping::write::replace(at.mapping, at.context.settings, &incoming.resource, &body)?;
    write::update(at, id, &write, &projection, Answer::Whole).await
}
