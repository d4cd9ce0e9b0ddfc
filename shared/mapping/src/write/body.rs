//! What a create or an update comes to.

use scim::{
    Error, Result,
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value, json};

use crate::{
    Settings,
    facet::Facet,
    keyed::KeyedChange,
    link::Link,
    mapping::Mapping,
    members::Members,
    moment,
    table::{Access, Row, Shape},
};

/// What is to be written to Graph.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// The properties of a `POST` or `PATCH`.
    pub body: Map<String, Value>,
    /// The changes of relationships, which Graph keeps apart; at most one of each.
    pub links: Vec<LinkChange>,
    /// The changes of parts with paths of their own; at most one of each.
    pub facets: Vec<FacetChange>,
    /// The changes of sets whose objects are changed one by one; at most one of each.
    pub keyed: Vec<KeyedChange>,
    /// The properties of a `PATCH` that has to be made before the rest.
    pub first: Map<String, Value>,
    /// What was given and Entra cannot keep: the SCIM path, a colon, and why.
    pub left_out: Vec<String>,
    /// The rows whose values are in the body.
    pub(super) given: Vec<&'static Row>,
}

/// A change of a relationship.
#[derive(Clone, Debug)]
pub struct LinkChange {
    /// The relationship.
    pub link: &'static Link,
    /// What is to become of it.
    pub change: Change,
}

/// A change of a part with a path of its own.
#[derive(Clone, Debug)]
pub struct FacetChange {
    /// The part.
    pub facet: &'static Facet,
    /// The properties of a `PATCH`.
    pub body: Map<String, Value>,
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
        self.body.is_empty() && self.links.is_empty() && self.facets.is_empty() && self.keyed.is_empty()
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
            (Shape::Text, Value::Null) => json!(""),
            (Shape::Many(_), Value::Null) => json!([]),
            (Shape::Moment, value) => moment(row, &value)?,
            // What is there cannot be made so, but it can be ended.
            (Shape::Present, Value::Bool(true)) => return Ok(()),
            (Shape::Present, _) => Value::Null,
            (Shape::Complex, value) => complex(mapping, row, value),
            (Shape::Converted(conversion), Value::Null) if is_many(mapping, row) => (conversion.write)(json!([])),
            (Shape::Converted(_), Value::Null) => Value::Null,
            (Shape::Converted(conversion), value) => (conversion.write)(value),
            (_, value) => value,
        };
        match row.property.facet {
            Some(facet) => self.put_in(facet, path, value),
            None => put(&mut self.body, path, value),
        }
        Ok(())
    }

    /// Puts a value where it belongs in the body of a facet's change.
    fn put_in(&mut self, facet: &'static Facet, path: &str, value: Value) {
        let known = self.facets.iter_mut().find(|change| change.facet == facet);
        if let Some(change) = known {
            return put(&mut change.body, facet.inner(path), value);
        }
        let mut body = Map::new();
        put(&mut body, facet.inner(path), value);
        self.facets.push(FacetChange { facet, body });
    }

    pub(super) fn has(&self, settings: &Settings, row: &'static Row) -> bool {
        settings.property_of(row).is_none_or(|path| {
            let mut segments = path.split('/');
            let root = segments.next().and_then(|root| self.body.get(root));
            segments.try_fold(root, |value, name| Some(value?.get(name))).flatten().is_some()
        })
    }

    /// Notes what cannot be kept, unless it was to go anyway.
    pub(crate) fn note_unless(&mut self, goes: bool, what: String) {
        if !goes {
            self.leave_out(what);
        }
    }

    pub(super) fn note(&mut self, left_out: impl IntoIterator<Item = String>) {
        left_out.into_iter().for_each(|what| self.leave_out(what));
    }
}

fn is_many(mapping: &'static Mapping, row: &Row) -> bool {
    mapping.attribute(row.schema, row.attribute).is_some_and(|attribute| attribute.multi_valued)
}

/// Objects as Graph takes them: without what only Graph sets, and a single one with null for what it has not, as Graph
/// leaves alone what it is not given.
pub(super) fn complex(mapping: &'static Mapping, row: &Row, value: Value) -> Value {
    let Some(attribute) = mapping.attribute(row.schema, row.attribute) else { return value };
    let is_fixed = |part: &Attribute| part.mutability == Mutability::ReadOnly;
    let fixed: Vec<&str> =
        attribute.sub_attributes.iter().filter(|part| is_fixed(part)).map(|part| part.name).collect();
    let written = |mut object: Value| {
        if let Some(members) = object.as_object_mut() {
            members.retain(|name, _| !fixed.contains(&name.as_str()));
        }
        object
    };
    match value {
        Value::Array(items) => items.into_iter().map(written).collect(),
        Value::Null if attribute.multi_valued => json!([]),
        Value::Object(mut members) => {
            let parts = attribute.sub_attributes.iter().filter(|part| !is_fixed(part));
            for part in parts {
                members.entry(part.name).or_insert(Value::Null);
            }
            written(Value::Object(members))
        }
        value => value,
    }
}

/// Puts a value at a path, in the objects on the way.
pub(super) fn put(body: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('/') {
        None => {
            body.insert(path.to_owned(), value);
        }
        Some((root, rest)) => {
            let complex = body.entry(root).or_insert_with(|| json!({}));
            if let Some(complex) = complex.as_object_mut() {
                put(complex, rest, value);
            }
        }
    }
}

fn moment(row: &Row, value: &Value) -> Result<Value> {
    let moment = value.as_str().and_then(moment::to_graph);
    moment.ok_or_else(|| {
        let path = row.path();
        Error::invalid_value(format!("'{path}' must be a point in time such as 2026-05-13T04:42:34Z"))
    })
}
