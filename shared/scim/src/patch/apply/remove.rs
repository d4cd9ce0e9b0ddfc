//! `remove` of RFC 7644 section 3.5.2.2.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::append::is_same;
use super::budget::Budget;
use super::set::immutable_part;
use crate::error::{Error, Result};
use crate::filter::{Filter, Operator, folded, matches_element};
use crate::patch::{Op, Operation};
use crate::path::{Path, Target};
use crate::schema::{Attribute, Kind, Mutability};
use crate::value::is_unassigned;

/// Removes what the path leads to; what is not there is no error.
pub(super) fn remove(
    members: &mut Map<String, Value>,
    path: &Path,
    target: &Target,
    value: Option<&Value>,
    budget: &mut Budget,
) -> Result<()> {
    let attribute = target.attribute;
    let Some(existing) = members.get_mut(attribute.name) else {
        return Ok(());
    };
    if let (Value::Array(values), Some(filter)) = (&*existing, &path.filter) {
        budget.select(values.len(), filter)?;
    }
    match (existing, &path.filter, target.sub_attribute) {
        (Value::Array(values), filter, Some(part)) => {
            let selected =
                |value: &Value| filter.as_ref().is_none_or(|filter| matches_element(filter, value, attribute));
            for element in values.iter_mut().filter(|value| selected(value)) {
                remove_part(element, path, part)?;
            }
            values.retain(|element| !is_husk(element));
        }
        (Value::Array(values), Some(filter), None) => {
            values.retain(|element| !matches_element(filter, element, attribute));
        }
        (Value::Array(values), None, None) => match value {
            Some(Value::Array(given)) => remove_given(values, attribute, given, budget)?,
            _ => values.clear(),
        },
        (Value::Object(parts), None, Some(part)) if part.multi_valued && value.is_some_and(Value::is_array) => {
            let given = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if let Some(Value::Array(values)) = parts.get_mut(part.name) {
                remove_given(values, part, given, budget)?;
            }
        }
        (complex @ Value::Object(_), None, Some(part)) => remove_part(complex, path, part)?,
        (existing, ..) => *existing = Value::Null,
    }
    if members.get(attribute.name).is_some_and(is_unassigned) {
        members.remove(attribute.name);
    }
    Ok(())
}

/// Removes simple values.
fn remove_given(values: &mut Vec<Value>, attribute: &Attribute, given: &[Value], budget: &mut Budget) -> Result<()> {
    let texts = given.iter().filter_map(Value::as_str).map(|text| folded(text, attribute.case_exact));
    let texts = texts.collect::<BTreeSet<_>>();
    let others = given.iter().filter(|value| !value.is_string()).collect::<Vec<_>>();
    budget.compare(values.len(), others.len())?;
    values.retain(|existing| match existing {
        Value::String(text) => !texts.contains(&folded(text, attribute.case_exact)),
        existing => !others.iter().any(|value| is_same(attribute, existing, value)),
    });
    Ok(())
}

/// How many operations from the first one on remove an element of the same attribute by its `value` alone.
pub(super) fn count_removals(operations: &[Operation]) -> usize {
    let Some(first) = operations.first() else { return 0 };
    let is_alike =
        |operation: &&Operation| removed_value(operation).is_some() && operation.path.attribute == first.path.attribute;
    operations.iter().take_while(is_alike).count()
}

/// Removes the elements that a run of operations names, looking at each element once.
pub(super) fn remove_run(members: &mut Map<String, Value>, attribute: &Attribute, operations: &[Operation]) {
    let Some(part) = attribute.value_attribute() else { return };
    let Some(Value::Array(values)) = members.get_mut(attribute.name) else { return };
    let removed = operations.iter().filter_map(removed_value).map(|text| folded(text, part.case_exact));
    let removed = removed.collect::<BTreeSet<_>>();
    values.retain(|element| {
        let value = element.get(part.name).unwrap_or(element);
        value.as_str().is_none_or(|text| !removed.contains(&folded(text, part.case_exact)))
    });
    if values.is_empty() {
        members.remove(attribute.name);
    }
}

/// Whether elements of the attribute can be found by a text that is their `value`.
pub(super) fn has_text_values(attribute: &Attribute) -> bool {
    let is_text = |part: &Attribute| matches!(part.kind, Kind::String | Kind::Reference);
    attribute.multi_valued && attribute.value_attribute().is_some_and(is_text)
}

/// The text in `members[value eq "text"]`.
fn removed_value(operation: &Operation) -> Option<&str> {
    match &operation.path.filter {
        Some(Filter::Compare(path, Operator::Equal, Value::String(text)))
            if operation.op == Op::Remove
                && path.name == "value"
                && operation.path.attribute.sub_attribute.is_none() =>
        {
            Some(text)
        }
        _ => None,
    }
}

fn remove_part(complex: &mut Value, path: &Path, part: &Attribute) -> Result<()> {
    let Some(members) = complex.as_object_mut() else { return Ok(()) };
    match members.contains_key(part.name) {
        true if part.mutability == Mutability::Immutable => Err(immutable_part(path, part)),
        true if part.required && part.name != "value" => {
            let name = &path.attribute.name;
            Err(Error::mutability(format!("'{name}.{}' is required and cannot be removed", part.name)))
        }
        _ => {
            members.remove(part.name);
            Ok(())
        }
    }
}

/// An element of which only its label is left says nothing any more.
fn is_husk(element: &Value) -> bool {
    element
        .as_object()
        .is_some_and(|members| members.keys().all(|name| matches!(name.as_str(), "type" | "primary" | "display")))
}
