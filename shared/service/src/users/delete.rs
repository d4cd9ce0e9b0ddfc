//! `DELETE /Users/{id}` — deletes a user; Entra keeps it for 30 days. RFC 7644 section 3.6.

use graph::{Operation, segment};
use http::StatusCode;
use runtime::{KeyValue, Random};
use serde_json::Map;

use super::{
    Outcome,
    get::{known, missing},
};
use crate::{
    answer,
    context::{Context, Graph},
    recent::{self, Change},
};

pub(super) async fn delete<G: Graph, K: KeyValue, R: Random>(context: &Context<'_, G, K, R>, id: &str) -> Outcome {
    let before = recent::load(&context.store, id, context.now).await;
    let operation = Operation::delete(format!("/users/{}", segment(id))).permission("User.ReadWrite.All");
    context.send(&known(operation, before.as_ref())).await.map_err(|error| missing(error, id))?;
    recent::save(&context.store, before, id, Change::Deleted, &Map::new(), context.now).await;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
