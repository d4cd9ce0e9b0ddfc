//! `add` and `replace` of RFC 7644 sections 3.5.2.1 and 3.5.2.3.

use serde_json::{Map, Value};

use super::append::{append, append_all, is_primary, leave_primary_at};
use super::budget::Budget;
use crate::error::{Error, Result};
use crate::filter::{Filter, Operator, matches_element};
use crate::patch::Op;
use crate::path::{Path, Target};
use crate::schema::{Attribute, Kind, Mutability};

/// Adds or replaces the value the path leads to.
pub(super) fn set(
    members: &mut Map<String, Value>,
    path: &Path,
    target: &Target,
    op: Op,
    value: Value,
    budget: &mut Budget,
) -> Result<()> {
    let attribute = target.attribute;
    match (&path.filter, target.sub_attribute) {
        (Some(_), _) => set_selected(members, path, target, op, value, budget),
        (None, Some(part)) if attribute.multi_valued => set_part_of_all(members, path, target, part, value, budget),
        (None, Some(part)) => {
            let complex = members.entry(attribute.name).or_insert_with(|| Value::Object(Map::new()));
            match complex.as_object_mut().filter(|_| part.multi_valued && op == Op::Add) {
                Some(parts) => add_to_part(parts, part, value, budget),
                None => set_part(complex, path, part, value),
            }
        }
        (None, None) if attribute.multi_valued && op == Op::Add => {
            let mut values = take_values(members, attribute);
            append_all(&mut values, attribute, into_array(value), budget)?;
            members.insert(attribute.name.to_owned(), Value::Array(values));
            Ok(())
        }
        (None, None) if attribute.kind == Kind::Complex && !attribute.multi_valued => {
            merge(members, attribute, value);
            Ok(())
        }
        (None, None) => {
            members.insert(attribute.name.to_owned(), value);
            Ok(())
        }
    }
}

/// A value path: changes the values it selects; an `add` that selects none makes one out of the filter.
fn set_selected(
    members: &mut Map<String, Value>,
    path: &Path,
    target: &Target,
    op: Op,
    value: Value,
    budget: &mut Budget,
) -> Result<()> {
    let Some(filter) = &path.filter else { return Ok(()) };
    let attribute = target.attribute;
    let mut values = take_values(members, attribute);
    budget.select(values.len(), filter)?;
    let selects = |element: &Value| matches_element(filter, element, attribute);
    let selected = values.iter().enumerate().filter(|(_, element)| selects(element)).map(|(index, _)| index);
    let selected = selected.collect::<Vec<_>>();
    if selected.is_empty() && op == Op::Replace {
        return Err(Error::no_target(format!("'{path}' selects no value")));
    }
    if selected.is_empty() {
        let value = match target.sub_attribute {
            Some(part) => Value::Object(Map::from_iter([(part.name.to_owned(), value.clone())])),
            None => value.clone(),
        };
        append(&mut values, attribute, with_pairs(value, filter), budget)?;
    }
    budget.copy(&value, selected.len())?;
    for index in selected {
        let Some(element) = values.get_mut(index) else { continue };
        match (target.sub_attribute, op) {
            (Some(part), _) => set_part(element, path, part, value.clone())?,
            (None, Op::Add) => merge_members(element, value.clone()),
            (None, _) => replace_element(element, path, attribute, with_pairs(value.clone(), filter))?,
        }
        if is_primary(element) && sets_primary(target, &value) {
            leave_primary_at(&mut values, index);
        }
    }
    members.insert(attribute.name.to_owned(), Value::Array(values));
    Ok(())
}

fn sets_primary(target: &Target, value: &Value) -> bool {
    match target.sub_attribute {
        Some(part) => part.name == "primary",
        None => value.get("primary").is_some(),
    }
}

fn replace_element(element: &mut Value, path: &Path, attribute: &Attribute, value: Value) -> Result<()> {
    for part in attribute.sub_attributes.iter().filter(|part| part.mutability == Mutability::Immutable) {
        if let (Some(before), Some(after)) = (element.get(part.name), value.get(part.name))
            && before != after
        {
            return Err(immutable_part(path, part));
        }
    }
    *element = value;
    Ok(())
}

fn set_part_of_all(
    members: &mut Map<String, Value>,
    path: &Path,
    target: &Target,
    part: &Attribute,
    value: Value,
    budget: &mut Budget,
) -> Result<()> {
    let attribute = target.attribute;
    let mut values = take_values(members, attribute);
    budget.copy(&value, values.len())?;
    if values.is_empty() {
        values.push(Value::Object(Map::new()));
    }
    values.iter_mut().try_for_each(|element| set_part(element, path, part, value.clone()))?;
    if values.iter().any(is_primary) && part.name == "primary" {
        leave_primary_at(&mut values, 0);
    }
    members.insert(attribute.name.to_owned(), Value::Array(values));
    Ok(())
}

fn set_part(complex: &mut Value, path: &Path, part: &Attribute, value: Value) -> Result<()> {
    if part.mutability == Mutability::Immutable && complex.get(part.name).is_some_and(|before| *before != value) {
        return Err(immutable_part(path, part));
    }
    if let Some(members) = complex.as_object_mut() {
        members.insert(part.name.to_owned(), value);
    }
    Ok(())
}

/// Adds to the values of a part that has many.
fn add_to_part(parts: &mut Map<String, Value>, part: &Attribute, value: Value, budget: &mut Budget) -> Result<()> {
    let mut values = take_values(parts, part);
    append_all(&mut values, part, into_array(value), budget)?;
    parts.insert(part.name.to_owned(), Value::Array(values));
    Ok(())
}

pub(super) fn immutable_part(path: &Path, part: &Attribute) -> Error {
    let name = &path.attribute.name;
    Error::mutability(format!("'{name}.{}' is immutable: remove the value and add another", part.name))
}

/// A complex attribute keeps the parts that are not given, unless its `value` becomes another: then it is another thing.
fn merge(members: &mut Map<String, Value>, attribute: &Attribute, value: Value) {
    match members.get_mut(attribute.name) {
        Some(existing) if value.get("value").is_none() || value.get("value") == existing.get("value") => {
            merge_members(existing, value);
        }
        _ => {
            members.insert(attribute.name.to_owned(), value);
        }
    }
}

fn merge_members(existing: &mut Value, value: Value) {
    match (existing.as_object_mut(), value) {
        (Some(existing), Value::Object(members)) => existing.extend(members),
        (_, value) => *existing = value,
    }
}

/// The value with what the filter says of it: `type` of `emails[type eq "work"]`.
fn with_pairs(mut value: Value, filter: &Filter) -> Value {
    if let Some(members) = value.as_object_mut() {
        for condition in filter.conditions() {
            if let Filter::Compare(path, Operator::Equal, operand) = condition
                && !operand.is_null()
            {
                members.entry(path.name.clone()).or_insert_with(|| operand.clone());
            }
        }
    }
    value
}

/// Takes the values of the attribute out; the caller puts them back. After an error the resource is given up anyway.
fn take_values(members: &mut Map<String, Value>, attribute: &Attribute) -> Vec<Value> {
    members.remove(attribute.name).map(into_array).unwrap_or_default()
}

fn into_array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        value => vec![value],
    }
}
