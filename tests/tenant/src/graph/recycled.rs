//! `/directory/deletedItems`: users, groups, applications and service principals that were deleted and can be restored.

use serde_json::json;

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::{Directory, Object, State};
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::write::refuse_conflicts;
use crate::graph::{Call, applications, get, list};

/// Whoever may write applications may delete them for good.
const APPLICATION_WRITERS: [&str; 2] = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];

/// Lists, gets or restores what was deleted.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", path) => match path.strip_prefix("/directory/deletedItems/").and_then(ObjectType::of_cast) {
            Some(object_type) => list::all(call, object_type, State::Deleted),
            None => get(call),
        },
        ("POST", _) => restore(call),
        _ => purge(call),
    }
}

fn get(call: &Call<'_>) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let row = row(call, directory)?;
    let selection = call.shown(Selection::read(directory.type_of(row), &call.query)?)?;
    object(call, directory, row, State::Deleted, selection)
}

fn restore(call: &Call<'_>) -> Result<Answer> {
    let body = if call.request.body.is_empty() { json!({}) } else { call.body()? };
    let mut replicas = call.tenant.replicas_mut();
    row(call, replicas.seen())?;
    let directory = &mut replicas.primary;
    let row = row(call, directory)?;
    let user = directory.item_in(row, State::Deleted).map(|user| user.to_object()).unwrap_or_default();
    let name = body.get("newUserPrincipalName").filter(|name| name.is_string()).cloned();
    let names: Object = [
        (
            "userPrincipalName".to_owned(),
            name.clone().or_else(|| user.get("userPrincipalName").cloned()).unwrap_or_default(),
        ),
        ("mail".to_owned(), user.get("mail").cloned().unwrap_or_default()),
    ]
    .into_iter()
    .collect();
    refuse_conflicts(directory, &names, Some(row))?;
    directory.restore(row);
    if directory.type_of(row) == ObjectType::Application {
        applications::restored(&mut replicas, row);
    }
    let directory = &mut replicas.primary;
    if let Some(name) = name {
        directory.update(row, [("userPrincipalName".to_owned(), name)].into_iter().collect());
    }
    object(call, directory, row, State::Live, Selection::of(directory.type_of(row), None)?)
}

/// Deleting for good is granted to applications for groups, applications and service principals; for users to people
/// only. Source: Graph's page "Permanently delete item".
fn purge(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    row(call, replicas.seen())?;
    let row = row(call, &replicas.primary)?;
    let is_granted = match replicas.primary.type_of(row) {
        ObjectType::User => false,
        ObjectType::Application | ObjectType::ServicePrincipal => call.has_role(&APPLICATION_WRITERS),
        _ => true,
    };
    if !is_granted {
        return Err(Error::denied());
    }
    replicas.primary.purge(row);
    Ok(Answer::empty(204))
}

fn row(call: &Call<'_>, directory: &Directory) -> Result<u32> {
    let row = directory.row_of_id(&call.key).filter(|row| directory.item_in(*row, State::Deleted).is_some());
    row.ok_or_else(|| Error::not_found(&call.key))
}

fn object(call: &Call<'_>, directory: &Directory, row: u32, state: State, selection: Selection) -> Result<Answer> {
    let item = directory.item_in(row, state).ok_or_else(|| Error::not_found(&call.key))?;
    let tells_all = selection.names.is_empty() && item.object_type == ObjectType::User;
    let mut out = get::entity(&call.context("directoryObjects/$entity"), &item, directory, &selection.typed());
    let deleted = item.value("deletedDateTime");
    if tells_all && !deleted.is_null() {
        out.pop();
        out.extend_from_slice(format!(",\"deletedDateTime\":{deleted}}}").as_bytes());
    }
    Ok(Answer::odata(200, out))
}
