//! `/users/{id}/manager` and `/users/{id}/manager/$ref`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::directory::{Directory, json};
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::write::refuse_mastered;

/// Reads, sets or removes the manager.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    match (call.operation.method.as_str(), call.operation.path.ends_with("$ref")) {
        ("GET", false) => get(call),
        ("GET", true) => get_reference(call),
        ("PUT", _) => put(call),
        _ => delete(call),
    }
}

fn get(call: &Call<'_>) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let selection = Selection::read(&call.query)?;
    selection.permit(call)?;
    let manager = manager(call, directory)?;
    let user = directory.user(manager).ok_or_else(|| missing(call))?;
    let mut out = b"{\"@odata.context\":".to_vec();
    json::string(&mut out, &call.context("directoryObjects/$entity"));
    out.extend_from_slice(br##","@odata.type":"#microsoft.graph.user","##);
    let start = out.len();
    selection.write_members(&user, directory, &mut out);
    if out.len() == start {
        out.pop();
    }
    out.push(b'}');
    Ok(Answer::odata(200, out))
}

fn get_reference(call: &Call<'_>) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let manager = manager(call, directory)?;
    let id = directory.user(manager).ok_or_else(|| missing(call))?.id();
    let origin = call.tenant.origin();
    let body =
        json!({"@odata.context": call.context("$ref"), "@odata.id": format!("{origin}/v1.0/directoryObjects/{id}")});
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

fn put(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas)?;
    let members = body.as_object().filter(|members| members.keys().all(|name| name.starts_with("@odata.")));
    let reference = members.and_then(|members| members.get("@odata.id")).ok_or_else(invalid)?;
    let manager = referenced(replicas.seen(), reference)?;
    if manager == row {
        return Err(Error::request("A user cannot be the manager of itself.").about("InvalidValue", "manager"));
    }
    refuse_mastered(&replicas.primary, row, std::iter::once("manager"))?;
    replicas.primary.set_manager(row, Some(manager));
    Ok(Answer::empty(204))
}

fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas)?;
    replicas.primary.manager(row).ok_or_else(|| missing(call))?;
    refuse_mastered(&replicas.primary, row, std::iter::once("manager"))?;
    replicas.primary.set_manager(row, None);
    Ok(Answer::empty(204))
}

/// The row of the user that a reference, an absolute URL, is to.
pub(super) fn referenced(directory: &Directory, reference: &Value) -> Result<u32> {
    let url = reference.as_str().ok_or_else(invalid)?;
    let path =
        url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path).ok_or_else(invalid)?;
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [_, "users" | "directoryObjects", id] => {
            let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
            directory.find(&id).ok_or_else(|| Error::not_found(&id))
        }
        _ => Err(invalid()),
    }
}

fn manager(call: &Call<'_>, directory: &Directory) -> Result<u32> {
    let row = call.row(directory)?;
    directory.manager(row).ok_or_else(|| missing(call))
}

fn missing(call: &Call<'_>) -> Error {
    if call.operation.method == "DELETE" { Error::not_found(&call.key) } else { Error::not_found("manager") }
}

fn invalid() -> Error {
    Error::request("Invalid URL format specified in payload.")
}
