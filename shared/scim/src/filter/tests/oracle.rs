//! A second opinion: another implementation reads the filter, and what it has read is evaluated in the plainest way.

use proptest::prelude::*;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter as Other, ValFilter};

use super::*;

/// The values that a path leads to.
fn values<'a>(path: &AttrPath, resource: &'a Value) -> Vec<&'a Value> {
    let step = |value: &'a Value, name: &str| match &value[name] {
        Value::Array(items) => items.iter().collect(),
        Value::Null => vec![],
        value => vec![value],
    };
    let whole = step(resource, &path.name);
    let leaf = path.sub_attr.as_deref().or((path.name == "emails").then_some("value"));
    match leaf {
        Some(name) => whole.into_iter().flat_map(|value| step(value, name)).collect(),
        None => whole,
    }
}

fn compares(name: &str, value: &Value, operator: &CompareOp, operand: &CompValue) -> bool {
    let fold = |text: &str| if name == "externalId" { text.to_owned() } else { text.to_lowercase() };
    let order = match (value, operand) {
        (Value::String(text), CompValue::Str(operand)) => {
            let (text, operand) = (fold(text), fold(operand));
            match operator {
                CompareOp::Co => return text.contains(&operand),
                CompareOp::Sw => return text.starts_with(&operand),
                CompareOp::Ew => return text.ends_with(&operand),
                _ => text.cmp(&operand),
            }
        }
        (Value::Number(number), CompValue::Number(operand)) => number.as_i64().cmp(&operand.as_i64()),
        (Value::Bool(boolean), CompValue::True) => boolean.cmp(&true),
        (Value::Bool(boolean), CompValue::False) => boolean.cmp(&false),
        _ => panic!("{name}: {value} and {operand:?} are not of one type"),
    };
    match operator {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        _ => false,
    }
}

fn expression(expression: &AttrExp, resource: &Value) -> bool {
    match expression {
        // A complex value is there when any part of it is.
        AttrExp::Present(AttrPath { name, sub_attr: None, .. }) if name == "emails" => {
            let emails = resource["emails"].as_array().into_iter().flatten();
            emails.filter_map(Value::as_object).flatten().any(|(_, part)| *part != "")
        }
        AttrExp::Present(path) => values(path, resource).iter().any(|value| **value != ""),
        AttrExp::Comparison(path, operator, operand) => {
            let values = values(path, resource);
            match (values.is_empty(), operand) {
                (true, CompValue::Null) => *operator == CompareOp::Eq,
                (false, CompValue::Null) => *operator == CompareOp::Ne,
                (true, _) => *operator == CompareOp::Ne,
                (false, _) => values.iter().any(|value| compares(&path.name, value, operator, operand)),
            }
        }
    }
}

fn element(filter: &ValFilter, value: &Value) -> bool {
    match filter {
        ValFilter::Attr(inner) => expression(inner, value),
        ValFilter::Not(inner) => !element(inner, value),
        ValFilter::And(inner) => inner.iter().all(|filter| element(filter, value)),
        ValFilter::Or(inner) => inner.iter().any(|filter| element(filter, value)),
    }
}

fn matches(filter: &Other, resource: &Value) -> bool {
    match filter {
        Other::Attr(inner) => expression(inner, resource),
        Other::ValuePath(path) => {
            let elements = resource[&path.attr.name].as_array().into_iter().flatten();
            elements.into_iter().any(|value| element(&path.filter, value))
        }
        Other::Not(inner) => !matches(inner, resource),
        Other::And(inner) => inner.iter().all(|filter| matches(filter, resource)),
        Other::Or(inner) => inner.iter().any(|filter| matches(filter, resource)),
    }
}

fn any_text() -> impl Strategy<Value = String> {
    "[abAB]{0,2}"
}

fn any_comparison(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = proptest::sample::select(names);
    let text = proptest::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let number = proptest::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let equal = proptest::sample::select(vec!["eq", "ne"]);
    (name, text, number, equal, any_text(), 0..3, any::<bool>(), 0..10).prop_map(
        |(name, text, number, equal, operand, size, boolean, choice)| match (name, choice) {
            (name, 0) => format!("{name} pr"),
            (name, 1) => format!("{name} {equal} null"),
            ("active" | "emails.primary" | "primary", _) => format!("{name} {equal} {boolean}"),
            ("logins", _) => format!("{name} {number} {size}"),
            (name, _) => format!("{name} {text} \"{operand}\""),
        },
    )
}

fn any_combination(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} and {right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} or {right}")),
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

fn any_text_of_filter() -> impl Strategy<Value = String> {
    const NAMES: &[&str] =
        &["title", "externalId", "active", "logins", "tags", "emails", "emails.value", "emails.type", "emails.primary"];
    let element = any_combination(any_comparison(&["value", "type", "primary"]));
    let value_path = element.prop_map(|element| format!("emails[{element}]"));
    any_combination(prop_oneof![3 => any_comparison(NAMES), 1 => value_path])
}

/// A filter of users, in canonical form.
pub(super) fn any_filter_of_users() -> impl Strategy<Value = Filter> {
    any_text_of_filter().prop_map(|text| Filter::parse(&text).unwrap().resolve(&USERS).unwrap())
}

fn any_user() -> impl Strategy<Value = Value> {
    let text = || proptest::option::of(any_text());
    let email = (text(), text(), proptest::option::of(any::<bool>())).prop_map(|(value, kind, primary)| {
        let members = [("value", json!(value)), ("type", json!(kind)), ("primary", json!(primary))];
        members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Value>()
    });
    let emails = proptest::collection::vec(email, 0..3);
    let tags = proptest::collection::vec(any_text(), 0..3);
    (text(), text(), proptest::option::of(any::<bool>()), proptest::option::of(0..3), emails, tags).prop_map(
        |(title, external_id, active, logins, emails, tags)| {
            json!({ "title": title, "externalId": external_id, "active": active, "logins": logins, "emails": emails, "tags": tags })
        },
    )
}

proptest! {
    #[test]
    fn property_another_implementation_finds_the_same(text in any_text_of_filter(), user in any_user()) {
        let filter = Filter::parse(&text).unwrap().resolve(&USERS).unwrap();
        if let Ok(other) = text.parse::<Other>() {
            prop_assert_eq!(evaluate(&filter, &user, &USERS), matches(&other, &user), "{} {}", text, user);
        }
    }

    #[test]
    fn property_the_opposite_is_the_opposite(filter in any_filter_of_users(), user in any_user()) {
        let not = Filter::Not(Box::new(filter.clone()));
        prop_assert_ne!(evaluate(&filter, &user, &USERS), evaluate(&not, &user, &USERS), "{}", filter);
    }
}
