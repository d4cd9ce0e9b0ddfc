//! `/directory/deletedItems`: users that were deleted and can be restored.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::directory::{Directory, Object, State, json as writer};
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::write::refuse_conflicts;
use crate::graph::{Call, list};

/// Lists, gets or restores deleted users.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/directory/deletedItems/microsoft.graph.user") => list::page(call, State::Deleted),
        ("GET", _) => get(call),
        ("POST", _) => restore(call),
        // For a user, deleting for good is granted to people only.
        _ => Err(Error::denied()),
    }
}

fn get(call: &Call<'_>) -> Result<Answer> {
    let selection = Selection::read(&call.query)?;
    selection.permit(call)?;
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let row = row(call, directory)?;
    object(call, directory, row, State::Deleted, &selection)
}

fn restore(call: &Call<'_>) -> Result<Answer> {
    let body = if call.request.body.is_empty() { json!({}) } else { call.body()? };
    let mut replicas = call.tenant.replicas_mut();
    row(call, replicas.seen())?;
    let directory = &mut replicas.primary;
    let row = row(call, directory)?;
    let user = directory.user_in(row, State::Deleted).map(|user| user.to_object()).unwrap_or_default();
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
    if let Some(name) = name {
        directory.update(row, [("userPrincipalName".to_owned(), name)].into_iter().collect());
    }
    object(call, directory, row, State::Live, &Selection::of(None)?)
}

fn row(call: &Call<'_>, directory: &Directory) -> Result<u32> {
    let row = directory.row_of_id(&call.key).filter(|row| directory.user_in(*row, State::Deleted).is_some());
    row.ok_or_else(|| Error::not_found(&call.key))
}

fn object(call: &Call<'_>, directory: &Directory, row: u32, state: State, selection: &Selection) -> Result<Answer> {
    let user = directory.user_in(row, state).ok_or_else(|| Error::not_found(&call.key))?;
    let mut out = b"{\"@odata.context\":".to_vec();
    writer::string(&mut out, &call.context("directoryObjects/$entity"));
    out.extend_from_slice(br##","@odata.type":"#microsoft.graph.user","##);
    selection.write_members(&user, directory, &mut out);
    let deleted = user.value("deletedDateTime");
    if !matches!(deleted, Value::Null) && selection.names.is_empty() {
        out.extend_from_slice(format!(",\"deletedDateTime\":{deleted}").as_bytes());
    }
    out.push(b'}');
    Ok(Answer::odata(200, out))
}
