//! From SCIM to Graph: the body of a create or an update, and the changes of relationships.

use scim::{Error, Result};
use serde_json::{Map, Value, json};

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

    /// Sets the property of `row` to `value`, or clears it with null.
    ///
    /// # Errors
    ///
    /// `invalidValue` when Graph would refuse the value.
    pub(crate) fn set(&mut self, settings: &Settings, row: &'static Row, value: Value) -> Result<()> {
        let value = if value == json!("") { Value::Null } else { value };
        let Some(path) = settings.property_of(row) else {
            return Err(Error::invalid_value(
                "externalId is not kept: set the variable client_id or external_id_property of the deployment",
            ));
        };
        if value.is_null() && row.property.access == Access::Keep {
            return Err(Error::mutability(format!("{} cannot be removed: give it a value instead", row.path())));
        }
        let value = match (row.property.shape, value) {
            (Shape::First, Value::Null) => json!([]),
            (Shape::First, value) => json!([value]),
            (_, value) => value,
        };
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
        Ok(())
    }

    fn has(&self, settings: &Settings, row: &'static Row) -> bool {
        settings.property_of(row).is_none_or(|path| {
            let mut segments = path.split('/');
            let root = segments.next().and_then(|root| self.body.get(root));
            segments.next().map_or(root.is_some(), |leaf| root.and_then(|root| root.get(leaf)).is_some())
        })
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
        if let Some(value) = value_of(row, resource)
            && !write.has(settings, row)
        {
            write.set(settings, row, value)?;
        }
    }
    for link in written(mapping) {
        if let Some(value) = attribute_of(link, resource) {
            write.set_link(link, change(link, value)?);
        }
    }
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
            write.set(settings, row, nothing(row))?;
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
        let value = value_of(row, after);
        if value != value_of(row, before) {
            write.set(settings, row, value.unwrap_or_else(|| nothing(row)))?;
        }
    }
    for link in written(mapping) {
        let (was, is) = (attribute_of(link, before), attribute_of(link, after));
        if was == is {
            continue;
        }
        let change = match (is, link.many) {
            (Some(value), false) => change(link, value)?,
            (None, false) => Change::Clear,
            (is, true) => {
                let present = was.map(ids).transpose()?.unwrap_or_default();
                let mut members = Members::default();
                members.replace(is.map(ids).transpose()?.unwrap_or_default());
                let (add, remove) = members.against(&present);
                Change::Members(Members::Difference { add, remove })
            }
        };
        write.set_link(link, change);
    }
    password(after, &mut write);
    Ok(write)
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

fn attribute_of<'a>(link: &Link, resource: &'a Value) -> Option<&'a Value> {
    let container = link.schema.map_or(Some(resource), |schema| resource.get(schema))?;
    container.get(link.attribute).filter(|value| !value.is_null())
}

/// Whether the client says in so many words that there are to be none.
fn is_emptied(link: &Link, body: &Value) -> bool {
    let container = link.schema.map_or(Some(body), |schema| member(body, schema));
    let value = container.and_then(|container| member(container, link.attribute));
    value.is_some_and(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn change(link: &Link, value: &Value) -> Result<Change> {
    let mut ids = ids(value)?;
    if link.many {
        let mut members = Members::default();
        members.replace(ids);
        return Ok(Change::Members(members));
    }
    Ok(ids.pop().map_or(Change::Clear, Change::Set))
}

/// The ids in an array of `{"value": id}`, in one of these, or in a bare text.
pub(crate) fn ids(value: &Value) -> Result<Vec<String>> {
    let one = |value: &Value| match value.get("value").unwrap_or(value) {
        Value::String(id) if !id.trim().is_empty() => Ok(id.trim().to_owned()),
        Value::String(_) => Err(Error::invalid_value("the value of a reference is empty: give the id of the resource")),
        _ => Err(Error::invalid_value("a reference needs a value: the id of the resource it refers to")),
    };
    match value {
        Value::Array(elements) => elements.iter().map(one).collect(),
        Value::String(id) if id.is_empty() => Ok(Vec::new()),
        value => Ok(vec![one(value)?]),
    }
}

/// The value that `resource` has for `row`, in Graph's shape.
fn value_of(row: &Row, resource: &Value) -> Option<Value> {
    let container = row.schema.map_or(Some(resource), |schema| resource.get(schema))?;
    let attribute = container.get(row.attribute)?;
    let Some(element) = row.element else {
        let value = row.sub_attribute.map_or(Some(attribute), |sub_attribute| attribute.get(sub_attribute))?;
        return (!value.is_null()).then(|| value.clone());
    };
    let sub_attribute = row.sub_attribute.unwrap_or("value");
    let mut values = attribute
        .as_array()?
        .iter()
        // What has no type counts as work.
        .filter(|candidate| {
            candidate.get("type").and_then(Value::as_str).unwrap_or("work").eq_ignore_ascii_case(element)
        })
        .filter_map(|candidate| candidate.get(sub_attribute))
        .filter(|value| !value.is_null());
    if matches!(row.property.shape, Shape::Many(_)) {
        let values: Vec<Value> = values.cloned().collect();
        return (!values.is_empty()).then_some(Value::Array(values));
    }
    values.next().cloned()
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
