//! `GET /Users/{id}` — reads a user. RFC 7644 section 3.4.1.

use graph::{Operation, segment};
use http::StatusCode;
use mapping::read::{Reading, selection};
use runtime::{KeyValue, Random};
use scim::{Error, list::Query, projection::Projection};
use serde_json::{Map, Value};

use super::Outcome;
use crate::{
    answer,
    context::{Context, Graph},
    failure::Failure,
    recent::{self, Change, Recent},
};

pub(super) async fn get<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    id: &str,
    query: &Query,
) -> Outcome {
    let user = fetch(context, &query.projection, id).await?;
    let mut resource = mapping::render(context.settings, &user, base);
    query.projection.apply(&mut resource);
    Ok(answer::resource(StatusCode::OK, &resource, None))
}

/// The user as Graph has it, with what was written last over it.
pub(super) async fn fetch<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    projection: &Projection,
    id: &str,
) -> Result<Value, Failure> {
    let recent = recent::load(&context.store, id, context.now).await;
    if recent.as_ref().is_some_and(|recent| recent.change == Change::Deleted) {
        return Err(gone(id));
    }
    let operation = known(read(context.settings, projection, id), recent.as_ref());
    match (&recent, context.send(&operation).await) {
        (Some(recent), Ok(response)) => Ok(laid_over(parsed(&response.body)?, &recent.properties())),
        (None, Ok(response)) => parsed(&response.body),
        // Made a moment ago, and Graph does not show it yet.
        (Some(recent), Err(error)) if recent.change == Change::Made && error.kind == graph::Kind::NotFound => {
            Ok(Value::Object(recent.properties()))
        }
        (_, Err(error)) => Err(missing(error, id)),
    }
}

/// The call, told whether what it is about was made a moment ago.
pub(super) fn known(operation: Operation, recent: Option<&Recent>) -> Operation {
    if recent.is_some_and(|recent| recent.change == Change::Made) { operation.known() } else { operation }
}

/// A user as read, with what was written last over it.
pub(super) fn laid_over(mut user: Value, written: &Map<String, Value>) -> Value {
    if let Some(user) = user.as_object_mut() {
        recent::lay_over(user, written);
    }
    user
}

fn gone(id: &str) -> Failure {
    Error::not_found(format!("there is no user with the id {id}")).into()
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
        return gone(id);
    }
    error.into()
}

/// The JSON that Graph answered.
pub(super) fn parsed(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body)
        .map_err(|error| Error::bad_gateway(format!("the answer of Microsoft Graph is not JSON: {error}")).into())
}
