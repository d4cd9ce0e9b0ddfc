//! Sets of objects that Graph keeps with an object and changes one by one: secrets, licences, federated credentials.
//!
//! SCIM sees each set as a multi-valued complex attribute, Graph has actions or a path of its own for it. So a change is
//! the difference of two sets, told apart by a key, and a function of the table says which calls make it.

use scim::{
    filter::{Filter, Operator},
    patch::{Op, Operation},
    schema::Mutability,
};
use serde_json::{Map, Value};

use crate::{
    mapping::Mapping,
    write::{Write, is_id},
};

/// How Graph changes a set of objects one by one.
#[derive(Debug)]
pub struct Keyed {
    /// The sub-attribute that tells elements apart.
    pub key: &'static str,
    /// The least permission.
    pub permission: &'static str,
    /// The part that refers to something of Entra; an element in which it is no id is left out, because clients make such up.
    pub refers: Option<&'static str>,
    /// Whether an element can be removed by its key alone, unseen.
    pub blind: bool,
    /// Whether an element is no more than its key, so that to add what is there changes nothing.
    pub bare: bool,
    /// The resource type that the caller must be allowed to change too: `RoleAssignments`.
    pub resource: Option<&'static str>,
    /// The calls that make a difference; they are given Graph's path of the object.
    pub calls: fn(&str, &Difference) -> Vec<Call>,
}

/// A call that changes something beside the properties of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method.
    pub verb: Verb,
    /// The path, below `/v1.0`.
    pub path: String,
    /// The body; null for none.
    pub body: Value,
    /// Whether the answer is the element with what is told only once, such as the text of a secret.
    pub reveals: bool,
}

/// The method of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// None: Graph cannot make the change, for this reason.
    None(&'static str),
}

impl Keyed {
    pub(crate) const fn new(
        key: &'static str,
        permission: &'static str,
        calls: fn(&str, &Difference) -> Vec<Call>,
    ) -> Self {
        Self { key, permission, refers: None, blind: true, bare: false, resource: None, calls }
    }

    /// Whether an operation is on elements that the set cannot have: their reference is no id, or they are the primary one.
    pub(crate) fn is_about_none(&self, operation: &Operation) -> bool {
        let (Some(part), Some(filter)) = (self.refers, &operation.path.filter) else { return false };
        filter.conditions().iter().any(|condition| match condition {
            Filter::Compare(path, _, Value::String(id)) if path.name == part => !is_id(id),
            Filter::Compare(path, ..) => path.name == "primary",
            _ => false,
        })
    }

    /// Those of the elements that can be kept; the others are noted.
    fn kept(&self, path: &str, elements: Vec<Value>, write: &mut Write) -> Vec<Value> {
        let Some(part) = self.refers else { return elements };
        let mut kept = Vec::new();
        for element in elements {
            let id = text(&element, part);
            if is_id(id) {
                kept.push(element);
            } else {
                let shown: String = id.chars().filter(char::is_ascii_graphic).take(40).collect();
                write.leave_out(format!("{path}: '{shown}' is not an id of Entra"));
            }
        }
        kept
    }
}

impl Call {
    /// A `POST`.
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { verb: Verb::Post, path: path.into(), body, reveals: false }
    }

    /// A `PATCH`.
    pub(crate) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { verb: Verb::Patch, path: path.into(), body, reveals: false }
    }

    /// A `DELETE`.
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self { verb: Verb::Delete, path: path.into(), body: Value::Null, reveals: false }
    }

    /// Where there is no such call: the reason, and what to do instead.
    pub(crate) fn none(reason: &'static str) -> Self {
        Self { verb: Verb::None(reason), path: String::new(), body: Value::Null, reveals: false }
    }

    /// Says that the answer is the element with what is told only once.
    pub(crate) fn reveals(mut self) -> Self {
        self.reveals = true;
        self
    }
}

/// How two sets differ; the elements are as SCIM has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Those that come.
    pub added: Vec<Value>,
    /// Those that stay and become another, as they will be.
    pub changed: Vec<Value>,
    /// Those that go; where they were not looked at, only with their key.
    pub removed: Vec<Value>,
}

/// A change of a set.
#[derive(Clone, Debug)]
pub struct KeyedChange {
    /// The URN of the extension, or `None` for the core schema.
    pub schema: Option<&'static str>,
    /// The attribute.
    pub attribute: &'static str,
    /// How Graph changes it.
    pub keyed: &'static Keyed,
    /// The change.
    pub difference: Difference,
}

impl KeyedChange {
    /// The SCIM path of the attribute.
    #[must_use]
    pub fn path(&self) -> String {
        self.schema.map_or_else(|| self.attribute.to_owned(), |schema| format!("{schema}:{}", self.attribute))
    }
}

impl Difference {
    /// How `before` becomes `after`. An element without a key is new. What only the service sets, the parts that are `fixed`,
    /// makes no difference: clients do not send it.
    pub(crate) fn between(key: &str, fixed: &[&str], before: &[Value], after: &[Value]) -> Self {
        let is_same = |one: &Value, other: &Value| key_of(key, one).is_some() && key_of(key, one) == key_of(key, other);
        let mut difference = Self::default();
        for element in after {
            match before.iter().find(|known| is_same(known, element)) {
                Some(known) if without(known, fixed) == without(element, fixed) => {}
                Some(_) => difference.changed.push(element.clone()),
                None => difference.added.push(element.clone()),
            }
        }
        let goes = |known: &&Value| !after.iter().any(|element| is_same(known, element));
        difference.removed = before.iter().filter(goes).cloned().collect();
        difference
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// An element without these parts.
fn without(element: &Value, parts: &[&str]) -> Value {
    let mut element = element.clone();
    if let Some(members) = element.as_object_mut() {
        members.retain(|name, _| !parts.contains(&name.as_str()));
    }
    element
}

/// The parts of an attribute that clients do not set.
fn fixed(mapping: &'static Mapping, schema: Option<&str>, attribute: &str) -> Vec<&'static str> {
    let parts = mapping.attribute(schema, attribute).map_or(&[][..], |attribute| attribute.sub_attributes);
    parts.iter().filter(|part| part.mutability == Mutability::ReadOnly).map(|part| part.name).collect()
}

/// The key of an element, in lower case.
fn key_of(key: &str, element: &Value) -> Option<String> {
    let text = element.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_ascii_lowercase())
}

/// A part of an element as text, empty where there is none.
pub(crate) fn text<'a>(element: &'a Value, part: &str) -> &'a str {
    element.get(part).and_then(Value::as_str).unwrap_or_default()
}

/// Those of `parts` that an element has.
pub(crate) fn only(element: &Value, parts: &[&str]) -> Map<String, Value> {
    let given = |part: &&str| Some(((*part).to_owned(), element.get(*part).filter(|value| !value.is_null())?.clone()));
    parts.iter().filter_map(given).collect()
}

/// The sets of a resource type: the extension, the attribute and how it is changed.
pub(crate) fn all(
    mapping: &'static Mapping,
) -> impl Iterator<Item = (Option<&'static str>, &'static str, &'static Keyed)> {
    let rows = mapping.rows.iter().filter_map(|row| Some((row.schema, row.attribute, row.property.keyed?)));
    rows.chain(mapping.links.iter().filter_map(|link| Some((link.schema, link.attribute, link.keyed?))))
}

/// The set behind this attribute.
pub(crate) fn find(
    mapping: &'static Mapping,
    schema: Option<&str>,
    attribute: &str,
) -> Option<(Option<&'static str>, &'static str, &'static Keyed)> {
    all(mapping).find(|(known, name, _)| *known == schema && *name == attribute)
}

/// The SCIM paths of the sets that a resource names; they can be written only by who knows what is there.
#[must_use]
pub fn named(mapping: &'static Mapping, resource: &Value) -> Vec<String> {
    let sets = all(mapping).map(|(schema, attribute, _)| (schema, attribute));
    let ordered = mapping.rows.iter().filter(|row| row.property.disables.is_some());
    let all = sets.chain(ordered.map(|row| (row.schema, row.attribute)));
    all.filter(|(schema, attribute)| elements(resource, *schema, attribute).is_some())
        .map(|(schema, attribute)| schema.map_or_else(|| attribute.to_owned(), |urn| format!("{urn}:{attribute}")))
        .collect()
}

fn elements<'a>(resource: &'a Value, schema: Option<&str>, attribute: &str) -> Option<&'a Vec<Value>> {
    let container = schema.map_or(Some(resource), |schema| resource.get(schema))?;
    container.get(attribute)?.as_array()
}

/// Notes how the sets of `before` become those of `after`; a set that `after` does not name stays as it is.
pub(crate) fn compare(mapping: &'static Mapping, before: &Value, after: &Value, write: &mut Write, all_named: bool) {
    for (schema, attribute, keyed) in all(mapping) {
        let was = elements(before, schema, attribute).map(Vec::as_slice).unwrap_or_default();
        let is = match elements(after, schema, attribute) {
            Some(is) => is.as_slice(),
            None if all_named => &[],
            None => continue,
        };
        let difference = Difference::between(keyed.key, &fixed(mapping, schema, attribute), was, is);
        let mut change = KeyedChange { schema, attribute, keyed, difference };
        change.difference.added = keyed.kept(&change.path(), change.difference.added, write);
        if !change.difference.is_empty() {
            write.keyed.push(change);
        }
    }
}

/// Applies an operation on a set without a look at it; `false` where that cannot be.
pub(crate) fn blind(
    change: (Option<&'static str>, &'static str, &'static Keyed),
    operation: &Operation,
    write: &mut Write,
) -> bool {
    let (schema, attribute, keyed) = change;
    if operation.path.attribute.sub_attribute.is_some() {
        return false;
    }
    let mut difference = Difference::default();
    match (operation.op, &operation.path.filter, &operation.value) {
        (Op::Add | Op::Replace, None, Some(value)) => {
            let given = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let was_given = !given.is_empty();
            let whole = given.into_iter().map(|element| match (element, keyed.refers) {
                (Value::String(id), Some(part)) => {
                    Value::Object(Map::from_iter([(part.to_owned(), Value::String(id))]))
                }
                (element, _) => element,
            });
            let path = KeyedChange { schema, attribute, keyed, difference: Difference::default() }.path();
            difference.added = keyed.kept(&path, whole.collect(), write);
            // A set of which nothing can be kept must not empty what is there; else what is there must be seen.
            if operation.op == Op::Replace {
                return was_given && difference.added.is_empty();
            }
            if !difference.added.iter().all(Value::is_object) {
                return false;
            }
        }
        (Op::Remove, Some(filter), _) if keyed.blind => match key_in(keyed.key, filter) {
            Some(key) => difference.removed = vec![Value::Object(Map::from_iter([(keyed.key.to_owned(), key)]))],
            None => return false,
        },
        _ => return false,
    }
    if difference.is_empty() {
        return true;
    }
    let known = write.keyed.iter_mut().find(|known| known.attribute == attribute && known.schema == schema);
    match known {
        Some(known) => {
            known.difference.added.extend(difference.added);
            known.difference.removed.extend(difference.removed);
        }
        None => write.keyed.push(KeyedChange { schema, attribute, keyed, difference }),
    }
    true
}

/// The key that a filter such as `keyId eq "1"` names, if it says no more than that.
fn key_in(key: &str, filter: &Filter) -> Option<Value> {
    match filter {
        Filter::Compare(path, Operator::Equal, value @ Value::String(_)) if path.name == key => Some(value.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sets_are_compared_by_key() {
        let before = [json!({ "id": "A", "n": 1 }), json!({ "id": "b", "n": 1 }), json!({ "id": "c" })];
        let after = [json!({ "id": "a", "n": 2 }), json!({ "id": "c" }), json!({ "n": 3 })];
        let difference = Difference::between("id", &[], &before, &after);
        assert_eq!(difference.added, [json!({ "n": 3 })]);
        assert_eq!(difference.changed, [json!({ "id": "a", "n": 2 })]);
        assert_eq!(difference.removed, [json!({ "id": "b", "n": 1 })]);
        assert!(Difference::between("id", &[], &before, &before).is_empty());
        assert!(
            Difference::between(
                "id",
                &["n"],
                &before,
                &[json!({ "id": "A" }), json!({ "id": "b" }), json!({ "id": "c" })]
            )
            .is_empty()
        );
    }
}
