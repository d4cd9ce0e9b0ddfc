//! Adds values to a multi-valued attribute. RFC 7644 section 3.5.2.1.

use std::collections::BTreeMap;

use serde_json::Value;

use super::budget::Budget;
use crate::error::{Error, Result};
use crate::filter::{folded, same_text};
use crate::patch::MAX_NAMELESS;
use crate::schema::{Attribute, Kind, Mutability};

/// Up to how many values each is looked for among all, instead of in an index.
const FEW: usize = 8;

/// Adds the values, each unless it is there already.
pub(super) fn append_all(
    values: &mut Vec<Value>,
    attribute: &Attribute,
    added: Vec<Value>,
    budget: &mut Budget,
) -> Result<()> {
    if added.len() <= FEW {
        return added.into_iter().try_for_each(|value| append(values, attribute, value, budget));
    }
    let mut index = Index::default();
    for (position, value) in values.iter().enumerate() {
        index.insert(Name::of(value, attribute), position);
    }
    for value in added {
        let Some(name) = Name::of(&value, attribute) else {
            if values.len() >= MAX_NAMELESS {
                let name = attribute.name;
                return Err(Error::payload_too_large(format!(
                    "'{name}' would have more than {MAX_NAMELESS} values, and some are no texts and have no 'value'"
                )));
            }
            append(values, attribute, value, budget)?;
            continue;
        };
        match index.position(&name) {
            Some(position) => merge(values, position, attribute, value),
            None => {
                index.insert(Some(name), values.len());
                push(values, value);
            }
        }
    }
    Ok(())
}

/// Adds a value; one that is there already learns what it did not know.
pub(super) fn append(values: &mut Vec<Value>, attribute: &Attribute, value: Value, budget: &mut Budget) -> Result<()> {
    budget.compare(values.len(), 1)?;
    match values.iter().position(|existing| is_same(attribute, existing, &value)) {
        Some(position) => merge(values, position, attribute, value),
        None => push(values, value),
    }
    Ok(())
}

fn merge(values: &mut [Value], position: usize, attribute: &Attribute, value: Value) {
    let sets_primary = is_primary(&value);
    if let Some(existing) = values.get_mut(position) {
        enrich(existing, attribute, value);
    }
    if sets_primary {
        leave_primary_at(values, position);
    }
}

fn push(values: &mut Vec<Value>, value: Value) {
    let position = values.len();
    let sets_primary = is_primary(&value);
    values.push(value);
    if sets_primary {
        leave_primary_at(values, position);
    }
}

/// What tells values apart: a text, or the `value` and `type` of an element.
struct Name {
    value: String,
    kind: Option<String>,
}

impl Name {
    fn of(value: &Value, attribute: &Attribute) -> Option<Self> {
        match value {
            Value::String(text) if attribute.kind != Kind::Complex => {
                Some(Self { value: folded(text, attribute.case_exact), kind: None })
            }
            Value::Object(members) => {
                let part = |name: &str| {
                    let case_exact = attribute.sub_attribute(name)?.case_exact;
                    Some(folded(members.get(name)?.as_str()?, case_exact))
                };
                Some(Self { value: part("value")?, kind: part("type") })
            }
            _ => None,
        }
    }
}

/// Where the values are: the first of each name.
#[derive(Default)]
struct Index {
    any_kind: BTreeMap<String, usize>,
    of_kind: BTreeMap<(String, String), usize>,
}

impl Index {
    fn insert(&mut self, name: Option<Name>, position: usize) {
        let Some(Name { value, kind }) = name else { return };
        if let Some(kind) = kind {
            self.of_kind.entry((value.clone(), kind)).or_insert(position);
        }
        self.any_kind.entry(value).or_insert(position);
    }

    /// A value without a type is that of any type.
    fn position(&self, name: &Name) -> Option<usize> {
        match &name.kind {
            Some(kind) => self.of_kind.get(&(name.value.clone(), kind.clone())).copied(),
            None => self.any_kind.get(&name.value).copied(),
        }
    }
}

/// Whether two values of the attribute are the same one: equal, or of one `value` and `type`, or all of it is there.
pub(super) fn is_same(attribute: &Attribute, existing: &Value, value: &Value) -> bool {
    match (existing, value) {
        (Value::String(existing), Value::String(value)) => same_text(existing, value, attribute.case_exact),
        (Value::Object(existing), Value::Object(value)) if attribute.kind == Kind::Complex => {
            let same_part = |name: &str| match (attribute.sub_attribute(name), existing.get(name), value.get(name)) {
                (Some(part), Some(existing), Some(value)) => is_same(part, existing, value),
                (_, _, value) => value.is_none(),
            };
            match value.contains_key("value") {
                true => same_part("value") && same_part("type"),
                false => value.keys().all(|name| same_part(name)),
            }
        }
        _ => existing == value,
    }
}

/// Adds to an element what is new, except where a part keeps its first value.
fn enrich(existing: &mut Value, attribute: &Attribute, value: Value) {
    let (Some(existing), Value::Object(members)) = (existing.as_object_mut(), value) else { return };
    for (name, value) in members {
        let part = attribute.sub_attribute(&name);
        let fixed =
            part.is_some_and(|part| part.mutability == Mutability::Immutable || matches!(part.name, "value" | "type"));
        if !fixed || !existing.contains_key(&name) {
            existing.insert(name, value);
        }
    }
}

pub(super) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// Only one value can be the primary one.
pub(super) fn leave_primary_at(values: &mut [Value], keep: usize) {
    for (index, value) in values.iter_mut().enumerate() {
        if let (true, Some(primary)) = (index != keep, value.get_mut("primary")) {
            *primary = Value::Bool(false);
        }
    }
}
