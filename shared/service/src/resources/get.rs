//! `GET /Users/{id}` — reads a resource. RFC 7644 section 3.4.1.

use bytes::Bytes;
use http::{Request, StatusCode};
use mapping::{Reading, selection};
use runtime::{KeyValue, Random};

use super::{At, Outcome, precondition};
use crate::{answer, context::Graph, target};

pub(super) async fn get<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let projection = target::query(request, at.mapping.resource_type)?.projection;
    let selection = selection(at.mapping, at.context.settings, &projection, Reading::One);
    let resource = at.fetch(&selection, id).await?.resource(&at.renderer(&projection))?;
    if precondition::is_unchanged(request, &resource) {
        return Ok(answer::not_modified(&resource));
    }
    Ok(answer::resource(StatusCode::OK, resource, None))
}
