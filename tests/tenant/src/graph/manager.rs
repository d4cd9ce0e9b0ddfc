//! `/users/{id}/manager`, `/users/{id}/manager/$ref` and `/contacts/{id}/manager`.

use serde_json::json;

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::write::refuse_mastered;
use crate::graph::{Call, get, reference};

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
    let selection = call.shown(Selection::read(ObjectType::User, &call.query)?)?.typed();
    let manager = manager(call, directory)?;
    let user = directory.user(manager).ok_or_else(|| missing(call))?;
    let context = call.context("directoryObjects/$entity");
    Ok(Answer::odata(200, get::entity(&context, &user, directory, &selection)))
}

fn get_reference(call: &Call<'_>) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let manager = manager(call, directory)?;
    let id = directory.user(manager).ok_or_else(|| missing(call))?.id();
    let body = json!({"@odata.context": call.context("$ref"), "@odata.id": call.reference_to(&id)});
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

fn put(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::User)?;
    let members = body.as_object().filter(|members| members.keys().all(|name| name.starts_with("@odata.")));
    let reference = members.and_then(|members| members.get("@odata.id")).ok_or_else(reference::invalid)?;
    let manager = reference::row(replicas.seen(), reference, &[ObjectType::User])?;
    if manager == row {
        return Err(Error::request("A user cannot be the manager of itself.").about("InvalidValue", "manager"));
    }
    refuse_mastered(&replicas.primary, row, std::iter::once("manager"))?;
    replicas.primary.set_manager(row, Some(manager));
    Ok(Answer::empty(204))
}

fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::User)?;
    replicas.primary.manager(row).ok_or_else(|| missing(call))?;
    refuse_mastered(&replicas.primary, row, std::iter::once("manager"))?;
    replicas.primary.set_manager(row, None);
    Ok(Answer::empty(204))
}

fn manager(call: &Call<'_>, directory: &Directory) -> Result<u32> {
    let is_contact = call.operation.path.starts_with("/contacts");
    let row = call.row_of(directory, if is_contact { ObjectType::OrgContact } else { ObjectType::User })?;
    directory.manager(row).ok_or_else(|| missing(call))
}

fn missing(call: &Call<'_>) -> Error {
    if call.operation.method == "DELETE" { Error::not_found(&call.key) } else { Error::not_found("manager") }
}
