//! Whether a user fits a filter. The directory compares texts without regard to case.

use std::cmp::Ordering;

use chrono::DateTime;
use serde_json::Value;

use crate::graph::filter::{Expression, Operator, SECURITY_ATTRIBUTES, Test};

/// What a filter is held against.
pub(crate) trait Subject {
    /// The value at the head of a path, for example of `employeeOrgData` or `manager`.
    fn value(&self, name: &str) -> Value;
}

/// Whether a filter fits.
pub(crate) fn fits(expression: &Expression, subject: &impl Subject) -> bool {
    holds(expression, &|path: &str| read(subject, path))
}

fn holds(expression: &Expression, value_of: &dyn Fn(&str) -> Value) -> bool {
    match expression {
        Expression::And(left, right) => holds(left, value_of) && holds(right, value_of),
        Expression::Or(left, right) => holds(left, value_of) || holds(right, value_of),
        Expression::Not(inner) => !holds(inner, value_of),
        Expression::Test(test) if test.path.starts_with(SECURITY_ATTRIBUTES) => {
            passes_exactly(test, value_of(&test.relative))
        }
        Expression::Test(test) => passes(test, &value_of(&test.relative)),
        Expression::Any { path, inner } => {
            let Value::Array(items) = value_of(path) else { return false };
            match inner {
                None => !items.is_empty(),
                Some(inner) => items.iter().any(|item| holds(inner, &|path: &str| descend(item.clone(), path))),
            }
        }
    }
}

fn read(subject: &impl Subject, path: &str) -> Value {
    let (head, rest) = path.split_once('/').unwrap_or((path, ""));
    descend(subject.value(head), rest)
}

fn descend(value: Value, path: &str) -> Value {
    path.split('/').filter(|segment| !segment.is_empty()).fold(value, |value, segment| match value {
        Value::Array(items) if segment == "$count" => Value::from(items.len()),
        Value::Object(mut members) => members.remove(segment).unwrap_or_default(),
        _ => Value::Null,
    })
}

fn passes(test: &Test, value: &Value) -> bool {
    let mut literals = test.literals.iter().map(|literal| literal.to_value());
    let text_test =
        |check: fn(&str, &str) -> bool| match (value, test.literals.first().map(|literal| literal.to_value())) {
            (Value::String(text), Some(Value::String(part))) => check(&text.to_lowercase(), &part.to_lowercase()),
            _ => false,
        };
    match test.operator {
        Operator::Eq | Operator::In => literals.any(|literal| compare(value, &literal) == Some(Ordering::Equal)),
        Operator::Ne => literals.all(|literal| compare(value, &literal) != Some(Ordering::Equal)),
        Operator::Ge => literals.all(|literal| compare(value, &literal).is_some_and(Ordering::is_ge)),
        Operator::Gt => literals.all(|literal| compare(value, &literal).is_some_and(Ordering::is_gt)),
        Operator::Le => literals.all(|literal| compare(value, &literal).is_some_and(Ordering::is_le)),
        Operator::Lt => literals.all(|literal| compare(value, &literal).is_some_and(Ordering::is_lt)),
        Operator::StartsWith => text_test(|text, part| text.starts_with(part)),
        Operator::EndsWith => text_test(|text, part| text.ends_with(part)),
        Operator::Contains => text_test(|text, part| text.contains(part)),
    }
}

/// A test of custom security attributes: any item of a list may pass it, and none may be what it must not be.
fn passes_exactly(test: &Test, value: Value) -> bool {
    let items = match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        single => vec![single],
    };
    let Some(literal) = test.literals.first().map(|literal| literal.to_value()) else { return false };
    let begins =
        |item: &Value| item.as_str().zip(literal.as_str()).is_some_and(|(text, beginning)| text.starts_with(beginning));
    match test.operator {
        Operator::Ne => !items.contains(&literal),
        Operator::StartsWith => items.iter().any(begins),
        _ => items.contains(&literal),
    }
}

/// The order of two values of one kind; `None` for values that cannot be compared.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => Some(left.as_i64().cmp(&right.as_i64())),
        (Value::String(left), Value::String(right)) => match (instant(left), instant(right)) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ if left.eq_ignore_ascii_case(right) => Some(Ordering::Equal),
            _ => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        },
        _ => None,
    }
}

/// A time; a date alone is its midnight in UTC.
fn instant(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    if !text.starts_with(|character: char| character.is_ascii_digit()) || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    DateTime::parse_from_rfc3339(&whole).ok()
}
