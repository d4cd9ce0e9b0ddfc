//! `GET /users/{id}`, by id or principal name, and one object of the other types.

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::item::Item;
use crate::directory::{Directory, json};
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;

/// An object of a type.
pub(super) fn one(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let selection = call.shown(Selection::read(object_type, &call.query)?)?;
    if selection.expansion.as_ref().is_some_and(|expansion| expansion.is_chain()) && !call.query.is_advanced() {
        return Err(Error::unsupported_query(
            "$expand with $levels needs the header 'ConsistencyLevel: eventual' and '$count=true'.",
        ));
    }
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let row = call.row_of(directory, object_type)?;
    let item = directory.item(row).ok_or_else(|| Error::not_found(&call.key))?;
    let context = call.context(&format!("{}/$entity", selection.context(object_type.collection())));
    Ok(Answer::odata(200, entity(&context, &item, directory, &selection)))
}

/// `GET /directoryObjects/{id}`: an object of whatever type.
pub(super) fn any(call: &Call<'_>) -> Result<Answer> {
    let selection = call.shown(Selection::of_any(call.query.select.as_deref())?)?;
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let item = directory.row_of_id(&call.key).and_then(|row| directory.item(row));
    let item = item.ok_or_else(|| Error::not_found(&call.key))?;
    let context = call.context(&format!("{}/$entity", selection.context("directoryObjects")));
    Ok(Answer::odata(200, entity(&context, &item, directory, &selection)))
}

/// The object with its context.
pub(super) fn entity(context: &str, item: &Item<'_>, directory: &Directory, selection: &Selection) -> Vec<u8> {
    let mut out = Vec::with_capacity(4_096);
    out.extend_from_slice(b"{\"@odata.context\":");
    json::string(&mut out, context);
    let start = out.len();
    out.push(b',');
    selection.write_members(item, directory, &mut out);
    if out.len() == start + 1 {
        out.pop();
    }
    out.push(b'}');
    out
}
