//! `PATCH /Users/{id}` — changes part of a user. RFC 7644 section 3.5.2.

use bytes::Bytes;
use http::Request;
use runtime::{KeyValue, Random};
use scim::projection::Projection;

use super::{Outcome, get::fetch, write};
use crate::{
    context::{Context, Graph},
    target,
};

pub(super) async fn patch<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let projection = target::query(request)?.projection;
    let operations = scim::patch::parse(&target::body(request)?, &mapping::USER)?;
    let write = match mapping::patch::blind(context.settings, &operations)? {
        Some(write) => write,
        None => {
            let user = fetch(context, &Projection::all(&mapping::USER), id).await?;
            let before = mapping::render(context.settings, &user, base);
            let mut after = before.clone();
            scim::patch::apply(&mut after, &operations, &mapping::USER)?;
            mapping::write::update(context.settings, &before, &after)?
        }
    };
    write::update(context, base, id, &write, &projection).await
}
