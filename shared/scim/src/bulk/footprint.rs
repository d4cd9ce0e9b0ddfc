//! What an operation touches, so that operations run at once only where their order makes no difference.
//!
//! RFC 7644 section 3.7 lets a service change the order of operations as long as the result is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Method, Operation};
use crate::schema::{Attribute, Mutability, Uniqueness};
use crate::value::member;

/// What an operation waits for, and what others wait for until it is done, as numbers of a [`Registry`].
#[derive(Clone, Debug, Default)]
pub(super) struct Footprint {
    pub(super) waits_for: Vec<usize>,
    pub(super) holds: Vec<usize>,
}

/// Gives numbers to what operations touch.
#[derive(Debug, Default)]
pub(super) struct Registry {
    numbers: BTreeMap<String, usize>,
    deleted: BTreeSet<String>,
}

/// What is held by operations that are not done.
pub(super) struct Held(Vec<bool>);

impl Registry {
    /// Knows which resources the operations delete.
    pub(super) fn new<'a>(operations: impl Iterator<Item = &'a Operation>) -> Self {
        let deletions = operations.filter(|operation| operation.method == Method::Delete);
        Self { numbers: BTreeMap::new(), deleted: deletions.filter_map(|operation| operation.id.clone()).collect() }
    }

    /// What the operation touches.
    pub(super) fn footprint(&mut self, operation: &Operation) -> Footprint {
        let mut footprint = Footprint::default();
        let type_name = operation.resource_type.name;
        let names = self.number(format!("names of {type_name}"));
        let values = unique_values(operation);
        if operation.method == Method::Post {
            // A name that an earlier operation gives up can be taken.
            footprint.waits_for.push(names);
        } else if operation.method == Method::Delete || !values.is_empty() {
            footprint.holds.push(names);
        }
        for (name, value) in values {
            let value = self.number(format!("{type_name}.{name} {}", value.to_lowercase()));
            footprint.waits_for.push(value);
            footprint.holds.push(value);
        }
        if let Some(id) = &operation.id {
            let resource = self.resource(id);
            footprint.waits_for.push(resource);
            footprint.holds.push(resource);
            if operation.method == Method::Delete {
                footprint.waits_for.push(self.number(format!("mention {id}")));
                footprint.holds.push(self.number(format!("deletion {id}")));
            }
        }
        let mut mentioned = BTreeSet::new();
        mentions(&operation.data, &self.deleted, &mut mentioned);
        let mentioned = mentioned.into_iter().map(str::to_owned).collect::<Vec<_>>();
        for id in mentioned {
            footprint.waits_for.push(self.number(format!("deletion {id}")));
            footprint.holds.push(self.number(format!("mention {id}")));
        }
        footprint
    }

    /// What operations on this resource wait for and hold.
    pub(super) fn resource(&mut self, id: &str) -> usize {
        self.number(format!("resource {id}"))
    }

    /// Nothing is held.
    pub(super) fn nothing_held(&self) -> Held {
        Held(vec![false; self.numbers.len()])
    }

    fn number(&mut self, key: String) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(key).or_insert(next)
    }
}

impl Held {
    /// Whether nothing of it is held.
    pub(super) fn lets(&self, waits_for: &[usize]) -> bool {
        waits_for.iter().all(|number| self.0.get(*number) != Some(&true))
    }

    /// Holds it for those that come later.
    pub(super) fn hold(&mut self, holds: &[usize]) {
        for number in holds {
            if let Some(held) = self.0.get_mut(*number) {
                *held = true;
            }
        }
    }
}

/// The values the operation writes that only one resource may have.
fn unique_values(operation: &Operation) -> Vec<(&'static str, &str)> {
    let is_unique = |attribute: &&Attribute| {
        attribute.uniqueness != Uniqueness::None && attribute.mutability != Mutability::ReadOnly
    };
    let Some(body) = operation.data.as_object() else { return Vec::new() };
    let mut values = Vec::new();
    for attribute in operation.resource_type.attributes().filter(is_unique) {
        if operation.method != Method::Patch {
            values.extend(member(body, attribute.name).and_then(Value::as_str).map(|text| (attribute.name, text)));
            continue;
        }
        let changes = member(body, "Operations").and_then(Value::as_array).into_iter().flatten();
        for change in changes.filter_map(Value::as_object) {
            let value = member(change, "value");
            let value = match member(change, "path").and_then(Value::as_str).unwrap_or_default() {
                "" => value.and_then(Value::as_object).and_then(|members| member(members, attribute.name)),
                path => value.filter(|_| ends_with_name(path, attribute.name)),
            };
            values.extend(value.and_then(Value::as_str).map(|text| (attribute.name, text)));
        }
    }
    values
}

fn ends_with_name(path: &str, name: &str) -> bool {
    path.rsplit(':').next().is_some_and(|last| last.trim().eq_ignore_ascii_case(name))
}

/// The ids of deleted resources among the strings of the data; also those in the filter of a PATCH path.
fn mentions<'a>(value: &Value, deleted: &'a BTreeSet<String>, found: &mut BTreeSet<&'a str>) {
    if deleted.is_empty() {
        return;
    }
    match value {
        Value::String(text) => {
            let words = std::iter::once(text.as_str()).chain(text.split('"'));
            found.extend(words.filter_map(|word| deleted.get(word)).map(String::as_str));
        }
        Value::Array(items) => items.iter().for_each(|item| mentions(item, deleted, found)),
        Value::Object(members) => members.values().for_each(|item| mentions(item, deleted, found)),
        _ => {}
    }
}
