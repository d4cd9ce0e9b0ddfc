use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Incoming, Meta, set_schemas};
use crate::fixtures::{CORE, ENTERPRISE, GROUPS, USERS, user};

fn read(body: Value) -> Incoming {
    Incoming::read(&body, &USERS).unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[test]
fn ok_names_and_values_get_their_canonical_form() {
    let incoming = read(json!({
        "SCHEMAS": [CORE.to_uppercase().replace("URN", "urn")],
        "id": "mine", "meta": { "created": "x" }, "groups": [{ "value": "g" }],
        "USERNAME": "a@b", "Active": "False", "displayName": null, "roles": [], "logins": 3,
        "emails": { "Value": "a@b", "type": "work", "primary": "True", "display": "x" },
        "tags": "one", "name": { "givenname": "A", "middle": "M" }, "shoeSize": 44,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": { "manager": "m1", "Department": "IT", "floor": 2 },
    }));
    assert_eq!(
        incoming.resource,
        json!({
            "schemas": [CORE, ENTERPRISE], "userName": "a@b", "active": false, "logins": 3,
            "emails": [{ "value": "a@b", "type": "work", "primary": true }], "tags": ["one"],
            "name": { "givenName": "A" },
            ENTERPRISE: { "manager": { "value": "m1" }, "department": "IT" },
        })
    );
    assert_eq!(incoming.unknown, ["name.middle", "shoeSize", &format!("{ENTERPRISE}:floor")]);
}

#[test]
fn ok_what_is_not_kept_counts_as_unknown() {
    let incoming = read(json!({
        "schemas": [CORE], "userName": "a", "entitlements": "any",
        ENTERPRISE: { "schemas": [ENTERPRISE], "office": { "desk": "1", "room": "2" } },
    }));
    assert_eq!(incoming.resource[ENTERPRISE], json!({ "office": { "room": "2" } }));
    assert_eq!(incoming.resource.get("entitlements"), None);
    assert_eq!(incoming.unknown, ["entitlements", "office.desk"]);
}

#[test]
fn ok_what_was_read_can_be_put_back() {
    let incoming = read(user());
    assert_eq!(incoming.unknown, Vec::<String>::new());
    assert_eq!(incoming.resource["userName"], user()["userName"]);
    assert_eq!(incoming.resource["id"], Value::Null);
    assert_eq!(incoming.resource["schemas"], json!([CORE, ENTERPRISE]));
}

#[test]
fn err_read() {
    let valid = |member: &str, value: Value| json!({ "schemas": [CORE], "userName": "a", member: value });
    for (body, keyword, detail) in [
        (json!("x"), "invalidSyntax", "the body must be a JSON object"),
        (json!({ "userName": "a" }), "invalidSyntax", "'schemas' must hold urn:ietf:params:scim:schemas:core:2.0:User"),
        (
            json!({ "schemas": [ENTERPRISE], "userName": "a" }),
            "invalidSyntax",
            "'schemas' must hold urn:ietf:params:scim:schemas:core:2.0:User",
        ),
        (json!({ "schemas": [CORE] }), "invalidValue", "'userName' is required"),
        (json!({ "schemas": [CORE], "userName": null }), "invalidValue", "'userName' is required"),
        (json!({ "schemas": [CORE], "userName": " " }), "invalidValue", "'userName' is required and cannot be empty"),
        (
            valid("active", json!("maybe")),
            "invalidValue",
            "'active' must be of type boolean, found a string that cannot be read as one",
        ),
        (
            valid("logins", json!(1.5)),
            "invalidValue",
            "'logins' must be of type integer, found a number that cannot be read as one",
        ),
        (
            valid("title", json!({ "a": 1 })),
            "invalidValue",
            "'title' must be of type string, found an object that cannot be read as one",
        ),
        (
            valid("name", json!("Ann")),
            "invalidValue",
            "'name' must be of type complex, found a string that cannot be read as one",
        ),
        (
            valid("tags", json!([["a"]])),
            "invalidValue",
            "'tags' must be of type string, found an array that cannot be read as one",
        ),
        (
            valid(ENTERPRISE, json!("x")),
            "invalidValue",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User must be an object of attributes",
        ),
        (
            valid("emails", json!([{ "primary": true }, { "primary": "true" }])),
            "invalidValue",
            "'emails' has 2 primary values; only one can be",
        ),
    ] {
        let error = Incoming::read(&body, &USERS).unwrap_err();
        let found = error.scim_type.map(|scim_type| scim_type.keyword());
        assert_eq!((found, error.detail.as_str()), (Some(keyword), detail), "{body}");
    }
}

#[test]
fn err_bounds() {
    let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));
    let body = json!({ "schemas": [CORE], "userName": "a", "x": deep });
    assert_eq!(Incoming::read(&body, &USERS).unwrap_err().detail, "the body is nested deeper than 16 levels");
    let wide = json!({ "schemas": [CORE], "userName": "a", "tags": vec!["x"; 100_000] });
    assert_eq!(Incoming::read(&wide, &USERS).unwrap_err().status, 413);
}

#[test]
fn ok_and_err_immutable_in_a_replacement() {
    let existing = json!({ "userName": "a", "employeeBadge": "7" });
    let mut left_out = read(json!({ "schemas": [CORE], "userName": "a" }));
    left_out.keep_immutable(&existing, &USERS).unwrap();
    assert_eq!(left_out.resource["employeeBadge"], "7");
    let mut changed = read(json!({ "schemas": [CORE], "userName": "a", "employeeBadge": "8" }));
    let error = changed.keep_immutable(&existing, &USERS).unwrap_err();
    assert_eq!(error.detail, "'employeeBadge' is immutable and has another value");
    let mut first = read(json!({ "schemas": [CORE], "userName": "a", "employeeBadge": "8" }));
    first.keep_immutable(&json!({}), &USERS).unwrap();
    assert_eq!(first.resource["employeeBadge"], "8");
}

#[test]
fn ok_schemas_and_meta() {
    let mut resource = json!({ "displayName": "Tour" });
    set_schemas(&mut resource, &GROUPS);
    assert_eq!(resource["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
    let meta = Meta { resource_type: "User", version: Some("W/\"1\"".to_owned()), ..Meta::default() };
    assert_eq!(meta.to_value(), json!({ "resourceType": "User", "version": "W/\"1\"" }));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        "true|False|x||2026-01-31T08:00:00Z".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let name = proptest::sample::select(vec!["value", "TYPE", "primary", "givenName", "$ref", "shoeSize"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..3)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn property_what_was_read_reads_the_same(
        name in proptest::sample::select(vec!["emails", "NAME", "active", "tags", "logins", "title", "externalID", ENTERPRISE]),
        value in any_value(),
    ) {
        if let Ok(first) = Incoming::read(&json!({ "schemas": [CORE], "userName": "a", name: value }), &USERS) {
            let second = Incoming::read(&first.resource, &USERS).unwrap();
            prop_assert_eq!(second.resource, first.resource);
            prop_assert_eq!(second.unknown, Vec::<String>::new());
        }
    }
}
