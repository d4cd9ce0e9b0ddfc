//! `DELETE /Users/{id}` — deletes a resource; Entra keeps users and Microsoft 365 groups for 30 days. RFC 7644 section 3.6.

use bytes::Bytes;
use graph::Operation;
use http::{Request, StatusCode};
use runtime::{KeyValue, Random};
use serde_json::Map;

use super::{At, Outcome, object::known, precondition};
use crate::{
    answer,
    context::Graph,
    recent::{self, Change},
};

pub(super) async fn delete<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    precondition::check(at, id, request).await?;
    let context = at.context;
    let before = recent::load(&context.store, id, context.now).await;
    let operation = Operation::delete(at.path(id)).permission(at.mapping.writing);
    context.send(&known(operation, before.as_ref())).await.map_err(|error| at.missing(error, id))?;
    recent::save(&context.store, before, id, Change::Deleted, &Map::new(), context.now).await;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
