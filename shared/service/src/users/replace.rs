//! `PUT /Users/{id}` — replaces a user. RFC 7644 section 3.5.1.

use bytes::Bytes;
use http::Request;
use runtime::{KeyValue, Random};
use scim::resource::Incoming;

use super::{Outcome, write};
use crate::{
    context::{Context, Graph},
    target,
};

pub(super) async fn replace<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let projection = target::query(request)?.projection;
    let incoming = Incoming::read(&target::body(request)?, &mapping::USER)?;
    let write = mapping::write::replace(context.settings, &incoming.resource)?;
    write::update(context, base, id, &write, &projection).await
}
