//! `GET /Users/{id}` — reads a user. RFC 7644 section 3.4.1.

use graph::{Operation, segment};
use http::StatusCode;
use mapping::read::{Reading, selection};
use runtime::{KeyValue, Random};
use scim::{Error, list::Query, projection::Projection};
use serde_json::Value;

use super::Outcome;
use crate::{
    answer,
    context::{Context, Graph},
    failure::Failure,
};

pub(super) async fn get<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    id: &str,
    query: &Query,
) -> Outcome {
    let operation = read(context.settings, &query.projection, id);
    let response = context.graph.send(&operation).await.map_err(|error| missing(error, id))?;
    let mut resource = mapping::render(context.settings, &parsed(&response.body)?, base);
    query.projection.apply(&mut resource);
    Ok(answer::resource(StatusCode::OK, &resource, None))
}

/// The call that reads what `projection` wants of one user.
pub(super) fn read(settings: &mapping::Settings, projection: &Projection, id: &str) -> Operation {
    let selection = selection(settings, projection, Reading::One);
    let operation = Operation::get(format!("/users/{}", segment(id)))
        .permission("User.Read.All")
        .query("$select", selection.select);
    if selection.manager { operation.query("$expand", EXPAND_MANAGER) } else { operation }
}

/// What is read of a manager.
pub(super) const EXPAND_MANAGER: &str = "manager($select=id,displayName)";

/// A failure about a user, in the caller's words where the user is not there.
pub(super) fn missing(error: graph::Error, id: &str) -> Failure {
    if error.kind == graph::Kind::NotFound {
        return Error::not_found(format!("there is no user with the id {id}")).into();
    }
    error.into()
}

/// The JSON that Graph answered.
pub(super) fn parsed(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body)
        .map_err(|error| Error::bad_gateway(format!("the answer of Microsoft Graph is not JSON: {error}")).into())
}
