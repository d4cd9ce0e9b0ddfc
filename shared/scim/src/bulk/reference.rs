//! Finds `bulkId:…` in an operation and puts ids in its place. RFC 7644 section 3.7.2.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Method, Operation};
use crate::schema::{Attribute, Mutability};

/// What stands before the `bulkId` of a reference.
pub(super) const PREFIX: &str = "bulkId:";

/// What a reference wants to know of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Its id.
    Id,
    /// Its URL: a `$ref` that is a reference as a whole.
    Location,
}

/// Says what stands for a `bulkId`; `None` leaves the reference as it is.
pub(super) type Resolve<'a> = &'a mut dyn FnMut(&str, Wanted) -> Option<String>;

/// The `bulkId`s that the operation refers to.
pub(super) fn collect(operation: &mut Operation) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    resolve(operation, &mut |bulk_id, _| {
        found.insert(bulk_id.to_owned());
        None
    });
    found
}

/// The `bulkId`s that the body of a PATCH refers to.
pub(super) fn collect_in_body(body: &mut Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(members) = body.as_object_mut() {
        resolve_changes(members, &mut |bulk_id, _| {
            found.insert(bulk_id.to_owned());
            None
        });
    }
    found
}

/// Whether the value holds a reference to one of those that `is_one` knows.
pub(super) fn refers(value: &mut Value, is_one: &dyn Fn(&str) -> bool) -> bool {
    let mut found = false;
    resolve_value(value, "", &mut |bulk_id, _| {
        found |= is_one(bulk_id);
        None
    });
    found
}

/// How another operation names what this `bulkId` stands for.
pub(super) fn to(bulk_id: &str) -> String {
    format!("{PREFIX}{bulk_id}")
}

/// Resolves every reference in the operation: in its path, in values, and in the filters of PATCH paths.
///
/// What a resource only shows (a user's `groups`) is no reference: the service does not look at it.
pub(super) fn resolve(operation: &mut Operation, resolve: Resolve<'_>) {
    if let Some(id) = &mut operation.id {
        replace(id, "", resolve);
    }
    let Value::Object(members) = &mut operation.data else { return };
    if operation.method == Method::Patch {
        resolve_changes(members, resolve);
        return;
    }
    let resource_type = operation.resource_type;
    for (name, value) in members {
        match (resource_type.extension(name), value) {
            (Some(schema), Value::Object(members)) => {
                for (name, value) in members {
                    resolve_attribute(schema.attribute(name), name, value, resolve);
                }
            }
            (_, value) => resolve_attribute(resource_type.attribute(name), name, value, resolve),
        }
    }
}

fn resolve_attribute(attribute: Option<&Attribute>, name: &str, value: &mut Value, resolve: Resolve<'_>) {
    if attribute.is_none_or(|attribute| attribute.mutability != Mutability::ReadOnly) {
        resolve_value(value, name, resolve);
    }
}

fn resolve_changes(body: &mut Map<String, Value>, resolve: Resolve<'_>) {
    for (name, operations) in body {
        let Value::Array(operations) = operations else { continue };
        if !name.eq_ignore_ascii_case("Operations") {
            continue;
        }
        for (name, value) in operations.iter_mut().filter_map(Value::as_object_mut).flatten() {
            match value {
                Value::String(path) if name.eq_ignore_ascii_case("path") => resolve_filter(path, resolve),
                value => resolve_value(value, name, resolve),
            }
        }
    }
}

fn resolve_value(value: &mut Value, name: &str, resolve: Resolve<'_>) {
    match value {
        Value::String(text) => replace(text, name, resolve),
        Value::Array(items) => items.iter_mut().for_each(|item| resolve_value(item, name, resolve)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| resolve_value(value, name, resolve));
        }
        _ => {}
    }
}

fn replace(text: &mut String, name: &str, resolve: Resolve<'_>) {
    let is_link = name.eq_ignore_ascii_case("$ref");
    if let Some(bulk_id) = text.strip_prefix(PREFIX) {
        let wanted = if is_link { Wanted::Location } else { Wanted::Id };
        if let Some(found) = resolve(bulk_id, wanted) {
            *text = found;
        }
        return;
    }
    // A link may hold the reference where its id will be: `../Users/bulkId:qwerty`.
    if let Some((head, tail)) = text.rsplit_once('/').filter(|_| is_link)
        && let Some(bulk_id) = tail.strip_prefix(PREFIX)
        && let Some(id) = resolve(bulk_id, Wanted::Id)
    {
        *text = format!("{head}/{id}");
    }
}

/// The strings in a PATCH path: `members[value eq "bulkId:qwerty"]`.
fn resolve_filter(path: &mut String, resolve: Resolve<'_>) {
    let mut resolved = String::with_capacity(path.len());
    let mut rest = path.as_str();
    while let Some((head, tail)) = rest.find('"').and_then(|start| rest.split_at_checked(start)) {
        resolved.push_str(head);
        rest = tail;
        let mut literals = serde_json::Deserializer::from_str(tail).into_iter::<String>();
        let Some(Ok(mut text)) = literals.next() else { break };
        let Some((_, after)) = tail.split_at_checked(literals.byte_offset()) else { break };
        replace(&mut text, "", resolve);
        resolved.push_str(&Value::String(text).to_string());
        rest = after;
    }
    resolved.push_str(rest);
    *path = resolved;
}
