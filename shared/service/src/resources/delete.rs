//! `DELETE /Users/{id}` — deletes a resource; Entra keeps users and Microsoft 365 groups for 30 days. RFC 7644 section 3.6.

use bytes::Bytes;
use graph::{Kind, Operation, Plan};
use http::{Request, StatusCode};
use runtime::{KeyValue, Random};
use serde_json::{Map, Value};

use super::{
    At, Outcome,
    object::known,
    precondition,
    write::{look, looks, value},
};
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
    let before = recent::load(context.store, &at.memory(id), context.now).await;
    let operation = Operation::delete(at.path(id)).permission(at.mapping.writing);
    at.permit_deletion().await?;
    let operation = known(operation, before.as_ref());
    match look_first(at, id) {
        Some(look) => {
            let plan = Plan { operations: vec![known(look, before.as_ref()), operation.after(0)] };
            let mut outcomes = context.run(&plan).await?.into_iter();
            match (outcomes.next(), outcomes.next()) {
                (Some(Ok(looked)), outcome) => {
                    context.trace.was(&value(&looked));
                    outcome.unwrap_or_else(|| Err(graph::Error::not_made())).map_err(|error| at.missing(error, id))?;
                }
                // An attempt whose answer was lost deleted it, before this look.
                (Some(Err(error)), Some(Ok(_))) if error.kind == Kind::NotFound => {}
                (Some(Err(error)), _) => return Err(at.missing(error, id)),
                (None, _) => return Err(at.gone(id)),
            }
        }
        None => {
            context.send(&operation).await.map_err(|error| at.missing(error, id))?;
        }
    }
    recent::save(context.store, before, &at.memory(id), Change::Deleted, &Map::new(), context.now).await;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// What the object is called, for those who read later what was deleted.
const NAMES: [&str; 3] = ["userPrincipalName", "displayName", "mail"];

/// The call that reads what is deleted, and notes that it goes.
fn look_first<G, K, R>(at: &At<'_, '_, G, K, R>, id: &str) -> Option<Operation> {
    let rows = NAMES.iter().filter_map(|name| at.mapping.rows.iter().find(|row| row.property.path == *name));
    let goes = |row: &mapping::Row| mapping::write::Changed {
        names: vec![row.path()],
        label: row.path(),
        property: row.property.path.to_owned(),
        value: Value::Null,
    };
    looks(at.context).then(|| at.context.trace.plans(rows.map(goes).collect()));
    looks(at.context).then(|| look(at, id, &at.context.trace.properties())).flatten()
}
