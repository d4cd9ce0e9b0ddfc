//! What an answer shows of an object of a collection.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::directory::Object;
use crate::directory::replicas::Replicas;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::resources::{Collection, body, expand};

/// An answer of one object.
pub(super) fn one(
    call: &Call<'_>,
    replicas: &Replicas,
    collection: &Collection,
    object: &Object,
    status: u16,
) -> Result<Answer> {
    let mut shown = Object::new();
    shown.insert("@odata.context".to_owned(), json!(call.context(&format!("{}/$entity", context(call, collection)))));
    shown.extend(members(call, replicas, collection, object)?);
    Ok(Answer::odata(status, Value::Object(shown).to_string().into_bytes()))
}

/// The properties that `$select` names, or all that are sent by default, and what `$expand` adds.
pub(super) fn members(
    call: &Call<'_>,
    replicas: &Replicas,
    collection: &Collection,
    object: &Object,
) -> Result<Object> {
    let properties = body::properties(collection);
    let names: Vec<&str> = selected(call);
    if let Some(unknown) = names.iter().find(|name| !properties.contains_key(**name)) {
        return Err(Error::syntax(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{unknown}' on type 'microsoft.graph.{}'.",
            collection.entity
        )));
    }
    let is_shown = |name: &str, by_default: bool| if names.is_empty() { by_default } else { names.contains(&name) };
    let mut shown = Object::new();
    for property in properties.values().filter(|property| is_shown(&property.name, property.is_sent_by_default())) {
        let absent = if property.collection { json!([]) } else { Value::Null };
        let value = object.get(&property.name).filter(|value| !value.is_null());
        // What cannot be null is left out where there is no value.
        if value.is_some() || property.collection || property.takes_null() {
            shown.insert(property.name.clone(), value.cloned().unwrap_or(absent));
        }
    }
    shown.extend(expand::members(call, replicas, collection, object)?);
    Ok(shown)
}

/// What `@odata.context` says of the collection: the path with its keys, and what is selected.
pub(super) fn context(call: &Call<'_>, collection: &Collection) -> String {
    let path = collection.path.trim_start_matches('/').replace("/{id}", &format!("('{}')", call.key));
    let names = selected(call);
    if names.is_empty() { path } else { format!("{path}({})", names.join(",")) }
}

fn selected<'a>(call: &'a Call<'_>) -> Vec<&'a str> {
    let text = call.query.select.as_deref().unwrap_or_default();
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}
