//! Decides whether a resource matches a filter.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Filter, Operator};
use crate::path::AttributePath;
use crate::schema::{Attribute, Kind, ResourceType};
use crate::value::{boolean, date_time, element_part, lookup, member};

/// Whether the resource matches the filter, which [`Filter::resolve`] has checked; what it does not know matches as an
/// attribute without a value does.
///
/// An attribute without a value is not equal to anything: `ne` and `not (… eq …)` are true for it, the rest is false.
pub fn evaluate(filter: &Filter, resource: &Value, resource_type: &ResourceType) -> bool {
    match filter {
        Filter::Or(inner) => inner.iter().any(|filter| evaluate(filter, resource, resource_type)),
        Filter::And(inner) => inner.iter().all(|filter| evaluate(filter, resource, resource_type)),
        Filter::Not(inner) => !evaluate(inner, resource, resource_type),
        Filter::ValuePath(path, inner) => match lookup(path, resource, resource_type) {
            Some((attribute, value)) => {
                elements(value).iter().any(|element| matches_element(inner, element, attribute))
            }
            None => false,
        },
        Filter::Present(path) => match lookup(path, resource, resource_type) {
            Some((_, value)) => parts(path, value).iter().any(|value| is_present(value)),
            None => false,
        },
        Filter::Compare(path, operator, operand) => match lookup(path, resource, resource_type) {
            Some((attribute, value)) => compare_any(path, attribute, value, *operator, operand),
            None => absent(*operator, operand),
        },
    }
}

/// Whether one value of a multi-valued attribute matches the filter between the brackets.
pub(crate) fn matches_element(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    match filter {
        Filter::Or(inner) => inner.iter().any(|filter| matches_element(filter, element, attribute)),
        Filter::And(inner) => inner.iter().all(|filter| matches_element(filter, element, attribute)),
        Filter::Not(inner) => !matches_element(inner, element, attribute),
        Filter::ValuePath(..) => false,
        Filter::Present(path) => element_part(element, &path.name).is_some_and(is_present),
        Filter::Compare(path, operator, operand) => {
            let part = attribute.sub_attribute(&path.name).unwrap_or(attribute);
            match element_part(element, &path.name) {
                Some(value) => compare(part, value, *operator, operand),
                None => absent(*operator, operand),
            }
        }
    }
}

/// Whether there is a value: not null, not empty, nor an object of nothing but such (RFC 7644 table 3, `pr`).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
        _ => true,
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

/// The values the path leads to: the elements, or the named part of each.
fn parts<'a>(path: &AttributePath, value: &'a Value) -> Vec<&'a Value> {
    match &path.sub_attribute {
        Some(name) => elements(value).iter().filter_map(|element| object_member(element, name)).collect(),
        None => elements(value).iter().collect(),
    }
}

fn object_member<'a>(element: &'a Value, name: &str) -> Option<&'a Value> {
    element.as_object().and_then(|members: &Map<String, Value>| member(members, name))
}

fn compare_any(
    path: &AttributePath,
    attribute: &Attribute,
    value: &Value,
    operator: Operator,
    operand: &Value,
) -> bool {
    let name = path.sub_attribute.as_deref().or((attribute.kind == Kind::Complex).then_some("value"));
    let part = name.and_then(|name| attribute.sub_attribute(name)).unwrap_or(attribute);
    let value_of = |element| match name {
        Some(name) => element_part(element, name),
        None => Some(element),
    };
    let mut values = elements(value).iter().filter_map(value_of).filter(|value| !value.is_null()).peekable();
    match values.peek() {
        Some(_) => values.any(|value| compare(part, value, operator, operand)),
        None => absent(operator, operand),
    }
}

fn absent(operator: Operator, operand: &Value) -> bool {
    match operator {
        Operator::Equal => operand.is_null(),
        Operator::NotEqual => !operand.is_null(),
        _ => false,
    }
}

/// Compares one value by the attribute's type and case rule.
fn compare(attribute: &Attribute, value: &Value, operator: Operator, operand: &Value) -> bool {
    if value.is_null() || operand.is_null() {
        return match operator {
            Operator::Equal => value.is_null() && operand.is_null(),
            Operator::NotEqual => value.is_null() != operand.is_null(),
            _ => false,
        };
    }
    if operator.is_substring() {
        return match (value.as_str(), operand.as_str()) {
            (Some(text), Some(part)) => contains(text, part, operator, attribute.case_exact),
            _ => false,
        };
    }
    match order(attribute, value, operand) {
        Some(order) => decide(operator, order),
        None => operator == Operator::NotEqual,
    }
}

fn decide(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

fn order(attribute: &Attribute, value: &Value, operand: &Value) -> Option<Ordering> {
    match attribute.kind {
        Kind::Boolean => Some(boolean(value)?.cmp(&boolean(operand)?)),
        Kind::Integer | Kind::Decimal => match (value.as_i64(), operand.as_i64()) {
            (Some(value), Some(operand)) => Some(value.cmp(&operand)),
            _ => value.as_f64()?.partial_cmp(&operand.as_f64()?),
        },
        Kind::DateTime => match (date_time(value.as_str()?), date_time(operand.as_str()?)) {
            (Some(value), Some(operand)) => Some(value.cmp(&operand)),
            _ => None,
        },
        Kind::String | Kind::Reference | Kind::Binary | Kind::Complex => {
            let (value, operand) = (value.as_str()?, operand.as_str()?);
            match attribute.case_exact {
                true => Some(value.cmp(operand)),
                false => Some(fold(value).cmp(fold(operand))),
            }
        }
    }
}

/// Whether two strings are the same by the case rule.
pub(crate) fn same_text(left: &str, right: &str, case_exact: bool) -> bool {
    left == right || (!case_exact && fold(left).eq(fold(right)))
}

/// The text as the case rule sees it: equal texts are the same.
pub(crate) fn folded(text: &str, case_exact: bool) -> String {
    if case_exact { text.to_owned() } else { fold(text).collect() }
}

fn contains(text: &str, part: &str, operator: Operator, case_exact: bool) -> bool {
    let find = |text: &str, part: &str| match operator {
        Operator::StartsWith => text.starts_with(part),
        Operator::EndsWith => text.ends_with(part),
        _ => text.contains(part),
    };
    match case_exact {
        true => find(text, part),
        false => find(&text.to_lowercase(), &part.to_lowercase()),
    }
}

fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}
