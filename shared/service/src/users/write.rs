//! What creating, replacing and patching have in common: writing a user and reading it back, in one call.

use graph::{Error, Kind, Operation, Plan, Response, segment};
use http::StatusCode;
use mapping::{ManagerChange, Write};
use runtime::{KeyValue, Random};
use scim::projection::Projection;
use serde_json::{Map, Value, json};

use super::{
    Outcome,
    get::{known, laid_over, missing, parsed, read},
};
use crate::{
    answer,
    context::{Context, Graph},
    failure::Failure,
    recent::{self, Change},
};

/// Writes `write` to the user and answers with the user as it then is.
pub(super) async fn update<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    id: &str,
    write: &Write,
    projection: &Projection,
) -> Outcome {
    let before = recent::load(&context.store, id, context.now).await;
    let mut plan = plan(context, id, write, projection);
    plan.operations = plan.operations.into_iter().map(|operation| known(operation, before.as_ref())).collect();
    let outcomes = context.run(&plan).await.map_err(|error| missing(error, id))?;
    let mut user = written(&plan, outcomes, id)?;
    if let Some(before) = &before {
        user = laid_over(user, &before.properties());
    }
    let resource = render(context, user, write, base, projection);
    let changes = changes(write);
    if !changes.is_empty() {
        recent::save(&context.store, before, id, Change::Changed, &changes, context.now).await;
    }
    Ok(answer::resource(StatusCode::OK, &resource, None))
}

/// The calls of an update: the manager first, because a manager that does not exist must stop the rest.
fn plan<G, K, R>(context: &Context<'_, G, K, R>, id: &str, write: &Write, projection: &Projection) -> Plan {
    let path = format!("/users/{}", segment(id));
    let mut operations = Vec::new();
    if let Some(ManagerChange::Set(manager)) = &write.manager {
        operations.push(set_manager(context.graph_url, &path, manager));
    }
    if !write.body.is_empty() {
        let patch = Operation::patch(&path).permission("User.ReadWrite.All").body(bytes(&write.body));
        operations.push(if operations.is_empty() { patch } else { patch.after(0) });
    }
    // What is refused must leave the rest as it was.
    let after = |operation: Operation, index: Option<usize>| match index {
        Some(index) => operation.after(index),
        None => operation,
    };
    let written = operations.len().checked_sub(1);
    if write.manager == Some(ManagerChange::Clear) {
        let clear = Operation::delete(format!("{path}/manager/$ref")).permission("User.ReadWrite.All");
        operations.push(after(clear, written));
    }
    // Not after the removal of the manager, which fails where there is none; the answer leaves the manager out anyway.
    operations.push(after(read(context.settings, projection, id), written));
    Plan { operations }
}

pub(super) fn set_manager(graph_url: &str, path: &str, manager: &str) -> Operation {
    let reference = format!("{}/v1.0/users/{}", graph_url.trim_end_matches('/'), segment(manager));
    Operation::put(format!("{path}/manager/$ref"))
        .permission("User.ReadWrite.All")
        .body(json!({ "@odata.id": reference }).to_string().into_bytes())
}

pub(super) fn bytes(body: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// The user that the plan read, or why one of its calls failed.
fn written(plan: &Plan, outcomes: Vec<Result<Response, Error>>, id: &str) -> Result<Value, Failure> {
    let mut user = None;
    let mut failures = Vec::new();
    for (operation, outcome) in plan.operations.iter().zip(outcomes) {
        match outcome {
            Ok(response) if operation.method == http::Method::GET => user = Some(response.body),
            Ok(_) => {}
            // Removing a manager that is not there is what was asked for.
            Err(error) if operation.method == http::Method::DELETE && error.kind == Kind::NotFound => {}
            Err(error) => failures.push((operation, error)),
        }
    }
    failures.sort_by_key(|(_, error)| error.kind == Kind::FailedDependency);
    match (failures.into_iter().next(), user) {
        (Some((operation, error)), _) => Err(refused(operation, error, id)),
        (None, Some(user)) => parsed(&user),
        (None, None) => Err(scim::Error::bad_gateway("Microsoft Graph did not answer with the user").into()),
    }
}

/// Graph answers 404 both for the user and for the manager of a reference.
fn refused(operation: &Operation, error: Error, id: &str) -> Failure {
    if operation.path.ends_with("/manager/$ref") && error.kind == Kind::NotFound && !error.message.contains(id) {
        return scim::Error::invalid_value("there is no user with the id given as manager.value").into();
    }
    missing(error, id)
}

/// What was written, as Graph shows it.
pub(super) fn changes(write: &Write) -> Map<String, Value> {
    let mut changes = write.body.clone();
    match &write.manager {
        Some(ManagerChange::Clear) => drop(changes.insert("manager".to_owned(), Value::Null)),
        Some(ManagerChange::Set(manager)) => drop(changes.insert("manager".to_owned(), json!({ "id": manager }))),
        None => {}
    }
    changes
}

/// The resource of the user read back, with what was just written laid over what may be older.
fn render<G, K, R>(
    context: &Context<'_, G, K, R>,
    user: Value,
    write: &Write,
    base: &str,
    projection: &Projection,
) -> Value {
    let user = laid_over(user, &changes(write));
    let mut resource = mapping::render(context.settings, &user, base);
    projection.apply(&mut resource);
    resource
}
