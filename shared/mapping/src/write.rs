//! From SCIM to Graph: the body of a create or an update, and the changes of relationships.

mod elements;
mod references;

use scim::{Error, Result};
use serde_json::{Map, Value, json};

use self::{
    elements::{left_out, value_of},
    references::{attribute_of, is_emptied},
};
pub(crate) use self::{
    elements::{named, unknown_kind},
    references::{ids, is_id, known},
};
use crate::{
    Settings,
    link::Link,
    mapping::Mapping,
    members::Members,
    table::{Access, Row, Shape},
    users::ENTRA,
};

/// What is to be written to Graph.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// The properties of a `POST` or `PATCH`.
    pub body: Map<String, Value>,
    /// The changes of relationships, which Graph keeps apart; at most one of each.
    pub links: Vec<LinkChange>,
    /// What was given and Entra cannot keep: the SCIM path, a colon, and why.
    pub left_out: Vec<String>,
    /// The rows whose values are in the body.
    given: Vec<&'static Row>,
}

/// A change of a relationship.
#[derive(Clone, Debug)]
pub struct LinkChange {
    /// The relationship.
    pub link: &'static Link,
    /// What is to become of it.
    pub change: Change,
}

/// What is to become of a relationship.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// The one at the other end: `PUT /users/{id}/manager/$ref`.
    Set(String),
    /// There is to be none: `DELETE /users/{id}/manager/$ref`.
    Clear,
    /// Those at the other end.
    Members(Members),
}

impl Write {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.links.is_empty()
    }

    /// What is to become of the relationship, if it changes.
    #[must_use]
    pub fn change_of(&self, link: &Link) -> Option<&Change> {
        self.links.iter().find(|change| std::ptr::eq(change.link, link)).map(|change| &change.change)
    }

    /// Sets what is to become of a relationship.
    pub(crate) fn set_link(&mut self, link: &'static Link, change: Change) {
        self.links.retain(|known| !std::ptr::eq(known.link, link));
        self.links.push(LinkChange { link, change });
    }

    /// The members of a relationship as changed so far, to change them further.
    pub(crate) fn members(&self, link: &Link) -> Members {
        match self.change_of(link) {
            Some(Change::Members(members)) => members.clone(),
            _ => Members::default(),
        }
    }

    /// Notes what cannot be kept, once.
    pub(crate) fn leave_out(&mut self, what: String) {
        const MOST: usize = 32;
        if self.left_out.len() < MOST && !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// Sets the property of `row` to `value`, or clears it with null. Where another row gave the same property a value, the
    /// one that comes first in the table counts.
    ///
    /// # Errors
    ///
    /// `invalidValue` when Graph would refuse the value.
    pub(crate) fn set(
        &mut self,
        mapping: &'static Mapping,
        settings: &Settings,
        row: &'static Row,
        value: Value,
    ) -> Result<()> {
        let value = if value == json!("") { Value::Null } else { value };
        let Some(path) = settings.property_of(row) else {
            return Err(Error::invalid_value(
                "externalId is not kept: set the variable client_id or external_id_property of the deployment",
            ));
        };
        // Rows of one table are compared by where they are in it.
        if self.given.iter().any(|other| other.property.path == row.property.path && std::ptr::from_ref(*other) < row) {
            return Ok(());
        }
        let value = match mapping.rule(row) {
            Some(rule) => match rule.check(row, value)? {
                Some(value) => value,
                None => {
                    self.leave_out(format!("{}: {}", row.path(), rule.reason()));
                    return Ok(());
                }
            },
            None => value,
        };
        if value.is_null() && row.property.access == Access::Keep {
            return Err(Error::mutability(format!("{} cannot be removed: give it a value instead", row.path())));
        }
        self.given.retain(|other| !std::ptr::eq(*other, row));
        if !value.is_null() {
            self.given.push(row);
        }
        let value = match (row.property.shape, value) {
            (Shape::First, Value::Null) => json!([]),
            (Shape::First, value) => json!([value]),
            (_, value) => value,
        };
        self.put(path, value);
        Ok(())
    }

    fn put(&mut self, path: &str, value: Value) {
        match path.split_once('/') {
            None => {
                self.body.insert(path.to_owned(), value);
            }
            Some((root, leaf)) => {
                let complex = self.body.entry(root).or_insert_with(|| json!({}));
                if let Some(complex) = complex.as_object_mut() {
                    complex.insert(leaf.to_owned(), value);
                }
            }
        }
    }

    fn has(&self, settings: &Settings, row: &'static Row) -> bool {
        settings.property_of(row).is_none_or(|path| {
            let mut segments = path.split('/');
            let root = segments.next().and_then(|root| self.body.get(root));
            segments.next().map_or(root.is_some(), |leaf| root.and_then(|root| root.get(leaf)).is_some())
        })
    }

    /// Notes what cannot be kept, unless it was to go anyway.
    pub(crate) fn note_unless(&mut self, goes: bool, what: String) {
        if !goes {
            self.leave_out(what);
        }
    }

    fn note(&mut self, left_out: impl IntoIterator<Item = String>) {
        left_out.into_iter().for_each(|what| self.leave_out(what));
    }
}

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
    for row in writable(mapping) {
        let named = row.schema.is_none_or(|schema| resource.get(schema).is_some());
        let clearable = row.property.access == Access::Write && !mapping.kept.contains(&row.property.root());
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
    let known = left_out(mapping, before);
    write.note(left_out(mapping, after).into_iter().filter(|what| !known.contains(what)));
    password(after, &mut write);
    Ok(write)
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
    mapping.rows.iter().filter(|row| row.property.access != Access::Read)
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
