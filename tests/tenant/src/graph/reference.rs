//! References: the URLs by which a body names other objects.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::graph::error::{Error, Result};

/// The row of the object of one of these types that a reference, an absolute URL, is to.
pub(super) fn row(directory: &Directory, reference: &Value, types: &[ObjectType]) -> Result<u32> {
    let url = reference.as_str().ok_or_else(invalid)?;
    let path =
        url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path).ok_or_else(invalid)?;
    let segments: Vec<&str> = path.split('/').collect();
    let [_, collection, id] = segments.as_slice() else { return Err(invalid()) };
    let id = percent_decode_str(id).decode_utf8_lossy();
    let row = match ObjectType::ALL.into_iter().find(|one| one.collection() == *collection) {
        Some(object_type) if types.contains(&object_type) => directory.find_of(object_type, &id),
        // A user is known there by principal name too.
        None if *collection == "directoryObjects" => directory.find_any(&id),
        _ => return Err(invalid()),
    };
    let row = row.ok_or_else(|| Error::not_found(&id))?;
    if types.contains(&directory.type_of(row)) { Ok(row) } else { Err(invalid()) }
}

/// The reference that a body consists of: `{"@odata.id": URL}`.
pub(super) fn of_body(body: &Value) -> Result<&Value> {
    let members = body.as_object().filter(|members| members.keys().all(|name| name.starts_with("@odata.")));
    members.and_then(|members| members.get("@odata.id")).ok_or_else(invalid)
}

/// 400 for what is no reference, or none to what can be meant.
pub(super) fn invalid() -> Error {
    Error::request("Invalid URL format specified in payload.")
}
