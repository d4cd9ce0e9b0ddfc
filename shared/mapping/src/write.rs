//! From SCIM to Graph: the body of a create or an update, and the changes of relationships.

mod body;
mod changes;
mod elements;
mod references;

use scim::{Error, Result};
use serde_json::{Map, Value, json};

pub use self::{
    body::{Change, FacetChange, LinkChange, Write},
    changes::{Changed, changes, resources, value_at},
};
pub(crate) use self::{
    elements::{is_only_shown, named, only_shown, unknown_kind},
    references::{ids, is_id, known},
};
use self::{
    elements::{left_out, value_of},
    references::{attribute_of, is_emptied},
};
use crate::{
    Settings, keyed,
    link::Link,
    mapping::Mapping,
    members::Members,
    open,
    table::{Access, Row, Shape},
    users::ENTRA,
};

/// The body that creates `resource`.
///
/// # Errors
///
/// `invalidValue` when a value cannot be written.
pub fn create(mapping: &'static Mapping, settings: &Settings, resource: &Value) -> Result<Write> {
    let mut write = Write::default();
    for row in writable(mapping) {
        if let Some(value) = value_of(mapping, row, resource)
            && !write.has(settings, row)
        {
            write.set(mapping, settings, row, value)?;
        }
    }
    for link in written(mapping) {
        if let Some(value) = attribute_of(link, resource) {
            set_given(&mut write, link, value)?;
        }
    }
    keyed::compare(mapping, &Value::Null, resource, &mut write, false);
    open::create(mapping, resource, &mut write)?;
    write.note(left_out(mapping, resource));
    password(resource, &mut write);
    Ok(write)
}

/// The body that makes an object equal to `resource`: what it lacks is cleared, except what Graph requires, what it does
/// not return by itself, and the extensions that the resource does not name (RFC 7644 section 3.5.1: MAY be cleared).
///
/// Members are never lost because a client leaves them out; it says `[]` or null in `body`, which is as it came.
///
/// # Errors
///
/// As [`create`].
pub fn replace(mapping: &'static Mapping, settings: &Settings, resource: &Value, body: &Value) -> Result<Write> {
    let mut write = create(mapping, settings, resource)?;
    write.keyed.clear();
    for row in mapping.rows.iter().filter(|row| row.property.access == Access::Once) {
        write.body.remove(row.property.root());
    }
    for row in writable(mapping) {
        let named = row.schema.is_none_or(|schema| resource.get(schema).is_some());
        // What is asked for apart is not expected to be in the body.
        let clearable = row.property.access == Access::Write
            && row.property.facet.is_none()
            && !row.property.shape.is_converted()
            && !mapping.kept.contains(&row.property.root());
        if clearable && named && !write.has(settings, row) {
            write.set(mapping, settings, row, nothing(row))?;
        }
    }
    for link in written(mapping) {
        let named = link.schema.is_none_or(|schema| resource.get(schema).is_some());
        if write.change_of(link).is_some() {
            continue;
        }
        if !link.many && named {
            write.set_link(link, Change::Clear);
        } else if link.many && is_emptied(link, body) {
            write.set_link(link, Change::Members(Members::All(Vec::new())));
        }
    }
    Ok(write)
}

/// The body that takes an object from `before` to `after`: what differs and nothing else.
///
/// # Errors
///
/// As [`create`]; `mutability` when a required value was removed.
pub fn update(mapping: &'static Mapping, settings: &Settings, before: &Value, after: &Value) -> Result<Write> {
    let mut write = Write::default();
    for row in writable(mapping) {
        let (was, is) = (value_of(mapping, row, before), value_of(mapping, row, after));
        let made_up = stand_in(mapping, row, after).filter(|_| is.is_none());
        let was_made_up = stand_in(mapping, row, before).filter(|_| was.is_none());
        if was != is && row.property.access == Access::Once {
            // What is not set is false already.
            if was.is_none() && is == Some(Value::Bool(false)) {
                continue;
            }
            return Err(born_with(mapping, row));
        }
        if was != is || made_up != was_made_up {
            let is_given = is.is_some();
            write.set(mapping, settings, row, is.or(made_up).unwrap_or_else(|| nothing(row)))?;
            write.given.retain(|other| is_given || !std::ptr::eq(*other, row));
        }
    }
    for link in written(mapping) {
        let (was, is) = (attribute_of(link, before), attribute_of(link, after));
        if was == is {
            continue;
        }
        match (is, link.many) {
            (Some(value), false) => set_given(&mut write, link, value)?,
            (None, false) => write.set_link(link, Change::Clear),
            (is, true) => {
                let present = was.map(ids).transpose()?.unwrap_or_default();
                let mut members = Members::default();
                members.replace(known(link, is.map(ids).transpose()?.unwrap_or_default(), &mut write));
                let (add, remove) = members.against(&present);
                if !(add.is_empty() && remove.is_empty()) {
                    write.set_link(link, Change::Members(Members::Difference { add, remove }));
                }
            }
        }
    }
    sequence(mapping, before, after, &mut write, true);
    let known = left_out(mapping, before);
    write.note(left_out(mapping, after).into_iter().filter(|what| !known.contains(what)));
    password(after, &mut write);
    Ok(write)
}

/// What a write needs to know of the resource as it is: how sets change, and what has to be made first. `all_named` says
/// whether a set that `after` lacks is to be empty.
pub fn sequence(mapping: &'static Mapping, before: &Value, after: &Value, write: &mut Write, all_named: bool) {
    keyed::compare(mapping, before, after, write, all_named);
    disable(mapping, before, after, write, all_named);
}

/// What has to be disabled before it may go, or get another `value`; `all_named` is as in [`sequence`].
pub fn disable(mapping: &'static Mapping, before: &Value, after: &Value, write: &mut Write, all_named: bool) {
    for row in writable(mapping) {
        let (Some(part), Some(Value::Array(was))) = (row.property.disables, value_of(mapping, row, before)) else {
            continue;
        };
        let is = match value_of(mapping, row, after) {
            Some(Value::Array(is)) => is,
            _ if all_named => Vec::new(),
            _ => continue,
        };
        let is_same = |one: &Value, other: &Value| ["id", "value"].iter().all(|name| one.get(name) == other.get(name));
        let goes = |element: &Value| !is.iter().any(|other| is_same(element, other));
        let is_enabled = |element: &Value| element.get(part) == Some(&Value::Bool(true));
        if was.iter().any(|element| goes(element) && is_enabled(element)) {
            let disabled = was.into_iter().map(|mut element| {
                if goes(&element)
                    && let Some(members) = element.as_object_mut()
                {
                    members.insert(part.to_owned(), Value::Bool(false));
                }
                element
            });
            let disabled = body::complex(mapping, row, disabled.collect());
            body::put(&mut write.first, row.property.path, disabled);
        }
    }
}

/// What to say of a value that Graph takes with a new object only.
fn born_with(mapping: &'static Mapping, row: &Row) -> Error {
    let about = mapping.attribute(row.schema, row.attribute).map_or("", |attribute| attribute.description);
    Error::mutability(format!("{} comes only with a new {} ({about})", row.path(), mapping.resource_type.name))
}

/// Keeps what came with a new object, of sets whose elements do not go while they are enabled: what is asked for comes beside it.
pub fn keep(mapping: &'static Mapping, write: &mut Write, made: &Value) {
    for row in mapping.rows.iter().filter(|row| row.property.disables.is_some()) {
        let place = format!("/{}", row.property.path);
        let Some(came) = made.pointer(&place).and_then(Value::as_array) else { continue };
        let mut whole = Value::Object(std::mem::take(&mut write.body));
        if let Some(wanted) = whole.pointer_mut(&place).and_then(Value::as_array_mut) {
            let is_wanted = |element: &&Value| !wanted.iter().any(|one| one.get("value") == element.get("value"));
            let rest = body::complex(mapping, row, came.iter().filter(is_wanted).cloned().collect());
            wanted.extend(rest.as_array().cloned().unwrap_or_default());
        }
        if let Value::Object(members) = whole {
            write.body = members;
        }
    }
}

/// Gives those new elements an id that Graph wants to come with one.
pub fn identify(mapping: &'static Mapping, write: &mut Write, mut new_id: impl FnMut() -> String) {
    for row in mapping.rows.iter().filter(|row| row.property.identified) {
        let place = format!("/{}", row.property.path);
        for body in [&mut write.body, &mut write.first] {
            let mut whole = Value::Object(std::mem::take(body));
            let elements = whole.pointer_mut(&place).and_then(Value::as_array_mut);
            for element in elements.into_iter().flatten().filter_map(Value::as_object_mut) {
                element.entry("id").or_insert_with(|| json!(new_id()));
            }
            if let Value::Object(members) = whole {
                *body = members;
            }
        }
    }
}

/// Whether `resource` names what can be set only with a new object, so that it has to be compared with what there is.
#[must_use]
pub fn names_fixed(mapping: &'static Mapping, resource: &Value) -> bool {
    let mut fixed = mapping.rows.iter().filter(|row| row.property.access == Access::Once);
    fixed.any(|row| value_of(mapping, row, resource).is_some())
}

/// The other names of the property of `row`.
fn twins(mapping: &'static Mapping, row: &Row) -> impl Iterator<Item = &'static Row> {
    let (path, own) = (row.property.path, std::ptr::from_ref(row));
    writable(mapping).filter(move |other| other.property.path == path && !std::ptr::eq(*other, own))
}

/// Whether `resource` gives a property two values under two of its names.
#[must_use]
pub fn is_ambiguous(mapping: &'static Mapping, resource: &Value) -> bool {
    writable(mapping).any(|row| {
        let value = value_of(mapping, row, resource);
        let differs = |twin: &Row| value_of(mapping, twin, resource).is_some_and(|other| Some(other) != value);
        value.is_some() && twins(mapping, row).any(differs)
    })
}

/// Takes out of `resource` what says no more than the resource as it is, where another name of the property says more: a
/// client that reads, changes one name and puts it all back means the change.
pub fn settle(mapping: &'static Mapping, resource: &mut Value, present: &Value) {
    for row in writable(mapping) {
        let value = value_of(mapping, row, resource);
        let differs = |twin: &Row| value_of(mapping, twin, resource).is_some_and(|other| Some(other) != value);
        let is_old = value.is_some() && value == value_of(mapping, row, present);
        if is_old && twins(mapping, row).any(differs) {
            elements::take(row, resource);
        }
    }
}

/// Sets a relationship to what a resource says of it.
fn set_given(write: &mut Write, link: &'static Link, value: &Value) -> Result<()> {
    let mut given = ids(value)?;
    if !link.many {
        write.set_link(link, given.pop().map_or(Change::Clear, Change::Set));
        return Ok(());
    }
    let was_empty = given.is_empty();
    let given = known(link, given, write);
    // A set of which nothing can be kept must not empty what is there.
    if was_empty || !given.is_empty() {
        let mut members = Members::default();
        members.replace(given);
        write.set_link(link, Change::Members(members));
    }
    Ok(())
}

fn writable(mapping: &'static Mapping) -> impl Iterator<Item = &'static Row> {
    mapping.rows.iter().filter(|row| row.property.access != Access::Read && row.property.keyed.is_none())
}

fn written(mapping: &'static Mapping) -> impl Iterator<Item = &'static Link> {
    mapping.links.iter().filter(|link| link.written.is_some())
}

/// What stands for no value.
pub(crate) fn nothing(row: &Row) -> Value {
    if matches!(row.property.shape, Shape::Many(_)) { json!([]) } else { Value::Null }
}

/// The value that Graph is given where there is none.
fn stand_in(mapping: &'static Mapping, row: &Row, resource: &Value) -> Option<Value> {
    let other = mapping.rows.iter().find(|other| Some(other.property.path) == row.property.stand_in)?;
    value_of(mapping, other, resource)
}

/// The password profile, where the resource carries a password or says that it must be changed.
fn password(resource: &Value, write: &mut Write) {
    let entra = resource.get(ENTRA);
    let pairs = [
        (resource.get("password"), "password"),
        (entra.and_then(|entra| entra.get("passwordForceChangeOnNextSignIn")), "forceChangePasswordNextSignIn"),
        (
            entra.and_then(|entra| entra.get("passwordForceChangeOnNextSignInWithMFA")),
            "forceChangePasswordNextSignInWithMfa",
        ),
    ];
    let profile: Map<String, Value> = pairs
        .into_iter()
        .filter_map(|(value, name)| Some((name.to_owned(), value.filter(|value| !value.is_null())?.clone())))
        .collect();
    if !profile.is_empty() {
        write.body.insert("passwordProfile".to_owned(), Value::Object(profile));
    }
}

#[cfg(test)]
mod tests;
