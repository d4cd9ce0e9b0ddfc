//! What holds of every filter and path.

use proptest::prelude::*;

use super::oracle::any_filter_of_users;
use super::*;
use crate::filter::{MAX_LENGTH, Narrowed};
use crate::path::AttributePath;

fn any_path() -> impl Strategy<Value = AttributePath> {
    let schema = prop_oneof![Just(None), Just(Some(ENTERPRISE.to_owned()))];
    (schema, "[a-zA-Z$]?[a-zA-Z][a-zA-Z0-9_-]{0,5}", proptest::option::of("[a-z][a-z0-9]{0,3}"))
        .prop_map(|(schema, name, sub_attribute)| AttributePath { schema, name, sub_attribute })
        .prop_filter("a name is no number", |path| !path.name.starts_with("$$"))
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ]
}

fn any_term() -> impl Strategy<Value = Filter> {
    let operator = proptest::sample::select(Operator::ALL.to_vec());
    prop_oneof![
        any_path().prop_map(Filter::Present),
        (any_path(), operator, any_value()).prop_map(|(path, operator, value)| Filter::Compare(path, operator, value)),
    ]
}

fn any_tree(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Filter::all),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Filter::any),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let whole = any_path().prop_map(|path| AttributePath { sub_attribute: None, ..path });
    let value_path = (whole, any_tree(any_term())).prop_map(|(path, filter)| Filter::ValuePath(path, Box::new(filter)));
    any_tree(prop_oneof![3 => any_term(), 1 => value_path])
}

/// A path of a user, the names in some letter case, the values of a filter such as their `to_uppercase` is the same.
fn any_patch_path() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec![
        "userName".to_owned(),
        "NAME.givenname".to_owned(),
        "active".to_owned(),
        "manager".to_owned(),
        format!("{ENTERPRISE}:manager.value"),
        "meta.lastModified".to_owned(),
    ]);
    let condition = proptest::sample::select(vec![
        "type eq \"WORK\"",
        "value co \"@X.ORG\"",
        "primary eq \"TRUE\"",
        "primary ne true",
        "display pr",
        "not (type pr or primary eq false)",
    ]);
    let conditions = proptest::collection::vec(condition, 1..4);
    let part = proptest::sample::select(vec!["", ".value", ".TYPE", ".primary"]);
    let filtered = (proptest::sample::select(vec!["emails", "Roles"]), conditions, "( and | OR )", part)
        .prop_map(|(name, conditions, join, part)| format!("{name}[{}]{part}", conditions.join(&join)));
    prop_oneof![name, filtered]
}

proptest! {
    #[test]
    fn property_another_implementation_reads_the_same(filter in any_filter()) {
        let text = filter.to_string();
        if let Some(other) = read_by_another(&text) {
            prop_assert_eq!(other, filter, "{}", text);
        }
    }

    #[test]
    fn property_a_printed_filter_parses_back(filter in any_filter()) {
        let text = filter.to_string();
        match Filter::parse(&text) {
            Ok(parsed) => prop_assert_eq!(parsed, filter),
            Err(error) => prop_assert!(text.len() > MAX_LENGTH || error.detail.contains("more than 128"), "{}: {}", text, error),
        }
    }

    #[test]
    fn property_a_printed_path_parses_back(path in any_patch_path()) {
        let parsed = Path::parse(&path, &USERS).unwrap();
        let printed = parsed.to_string();
        prop_assert_eq!(Path::parse(&printed, &USERS).unwrap(), parsed.clone(), "{}", printed);
        prop_assert_eq!(Path::parse(&path.to_uppercase().replace("URN:", "urn:"), &USERS).unwrap().to_string(), printed);
    }

    #[test]
    fn property_another_implementation_reads_the_same_path(path in any_patch_path()) {
        // It does not take a sub-attribute of a URN's attribute behind a filter; what it takes means the same.
        if let Ok(other) = path.parse::<scim_v2::filter::PatchPath>() {
            prop_assert_eq!(Path::parse(&other.to_string(), &USERS), Path::parse(&path, &USERS), "{}", other);
        }
    }

    #[test]
    fn property_a_narrowed_filter_matches_the_same(filter in any_filter_of_users()) {
        // Of a resource without what the type does not have, both must say the same.
        let expected = evaluate(&filter, &user(), &USERS);
        let found = match filter.narrow(&USERS).unwrap() {
            Narrowed::All => true,
            Narrowed::Nothing => false,
            Narrowed::Some(filter) => evaluate(&filter, &user(), &USERS),
        };
        prop_assert_eq!(found, expected, "{}", filter);
    }

    #[test]
    fn property_any_text_is_read_or_refused(text in ".{0,80}") {
        let _ = Filter::parse(&text);
        let _ = Path::parse(&text, &USERS);
    }

    #[test]
    fn property_near_filters_are_read_or_refused(words in proptest::collection::vec(
        proptest::sample::select(vec!["userName", "emails", "not", "(", ")", "[", "]", ".value", " eq ", " pr ", " and ", " or ", "\"x\"", "\\", "\"", "1", "urn:a:b"]), 0..20,
    )) {
        if let Ok(filter) = Filter::parse(&words.concat()) {
            prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter.clone());
            if let Ok(resolved) = filter.resolve(&USERS) {
                prop_assert_eq!(resolved.resolve(&USERS).unwrap(), resolved.clone());
                let _ = evaluate(&resolved, &user(), &USERS);
            }
        }
    }
}
