//! `DELETE /Users/{id}` — deletes a user; Entra keeps it for 30 days. RFC 7644 section 3.6.

use graph::{Operation, segment};
use http::StatusCode;
use runtime::{KeyValue, Random};

use super::{Outcome, get::missing};
use crate::{
    answer,
    context::{Context, Graph},
};

pub(super) async fn delete<G: Graph, K: KeyValue, R: Random>(context: &Context<'_, G, K, R>, id: &str) -> Outcome {
    let operation = Operation::delete(format!("/users/{}", segment(id))).permission("User.ReadWrite.All");
    context.graph.send(&operation).await.map_err(|error| missing(error, id))?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
