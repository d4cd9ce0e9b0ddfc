//! `If-Match` and `If-None-Match`: changes only what the caller has seen. RFC 7644 section 3.14, RFC 9110 section 13.

use bytes::Bytes;
use http::{HeaderName, Request, header};
use mapping::{Reading, Renderer, selection};
use runtime::{KeyValue, Random};
use scim::{
    Error,
    etag::{self, Access, Precondition},
    projection::Projection,
};

use super::At;
use crate::{context::Graph, failure::Failure};

/// The resource is at another version than the caller names: nothing is changed.
///
/// Graph's directory knows no versions, so a change between this look and the write goes unseen.
pub(super) async fn check<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Result<(), Failure> {
    if !request.headers().contains_key(header::IF_MATCH) && !request.headers().contains_key(header::IF_NONE_MATCH) {
        return Ok(());
    }
    let projection = Projection::all(at.mapping.resource_type);
    let selection = selection(at.mapping, at.context.settings, &projection, Reading::One);
    let resource = at.fetch(&selection, id).await?.resource(&at.renderer(&projection))?;
    match judged(request, &resource, Access::Write) {
        Precondition::Proceed => Ok(()),
        _ => {
            let version = Renderer::version(&resource).unwrap_or_default();
            let message = format!("the resource is at version W/\"{version}\": read it again and repeat the change");
            Err(Error::precondition_failed(message).into())
        }
    }
}

/// Whether the caller has this version already.
pub(super) fn is_unchanged(request: &Request<Bytes>, resource: &str) -> bool {
    judged(request, resource, Access::Read) == Precondition::NotModified
}

fn judged(request: &Request<Bytes>, resource: &str, access: Access) -> Precondition {
    let (wanted, unwanted) = (header(request, header::IF_MATCH), header(request, header::IF_NONE_MATCH));
    let version = Renderer::version(resource).map(etag::weak);
    // A read goes on whatever it wants: only changes depend on the version.
    let wanted = wanted.as_deref().filter(|_| access == Access::Write);
    etag::precondition(wanted, unwanted.as_deref(), version.as_deref(), access)
}

fn header(request: &Request<Bytes>, name: HeaderName) -> Option<String> {
    let values: Vec<&str> = request.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}
