//! `$expand`: what an object of a collection refers to, inside it.

use serde_json::Value;

use crate::directory::Object;
use crate::directory::replicas::Replicas;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::resources::Collection;
use crate::graph::select::Selection;

/// Reads what an object refers to; `$select` may name properties of it.
pub(super) type Reader = fn(&Call<'_>, &Replicas, &Object, Option<&str>) -> Result<Value>;

/// The members that `$expand` adds to an object.
pub(super) fn members(
    call: &Call<'_>,
    replicas: &Replicas,
    collection: &Collection,
    object: &Object,
) -> Result<Vec<(String, Value)>> {
    let Some(text) = &call.query.expand else { return Ok(Vec::new()) };
    let mut members = Vec::new();
    for item in items(text) {
        let (name, select) = match item.split_once('(') {
            Some((name, options)) => {
                (name, Some(options.strip_suffix(')').and_then(select).ok_or_else(|| refused(item))?))
            }
            None => (item, None),
        };
        let (_, read) = collection.expand.iter().find(|(known, _)| *known == name).ok_or_else(|| refused(name))?;
        members.push((name.to_owned(), read(call, replicas, object, select)?));
    }
    Ok(members)
}

/// An object of the directory, with its type; null where it is not there.
pub(super) fn directory_object(call: &Call<'_>, replicas: &Replicas, id: &str, select: Option<&str>) -> Result<Value> {
    let directory = replicas.seen();
    let selection = call.shown(Selection::of_any(select)?)?;
    let Some(item) = directory.row_of_id(id).and_then(|row| directory.item(row)) else { return Ok(Value::Null) };
    let mut out = Vec::new();
    selection.write(&item, directory, &mut out);
    Ok(serde_json::from_slice(&out).unwrap_or_default())
}

fn select(options: &str) -> Option<&str> {
    options.trim().strip_prefix("$select=")
}

/// The items between commas that are not in parentheses.
fn items(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(move |character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn refused(name: &str) -> Error {
    Error::syntax(format!("Parsing OData Select and Expand failed: Could not expand '{name}'."))
}
