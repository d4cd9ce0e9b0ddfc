mod bounds;
mod clients;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Operation, PATCH_SCHEMA, apply, parse, parse_noting};
use crate::error::Result;
use crate::fixtures::{CORE, ENTERPRISE, GROUPS, ON_PREMISES, USERS, user};
use crate::schema::ResourceType;

fn operations(operations: Value, resource_type: &ResourceType) -> Result<Vec<Operation>> {
    parse(&json!({ "schemas": [PATCH_SCHEMA], "Operations": operations }), resource_type)
}

fn patch(resource: &Value, changes: Value, resource_type: &ResourceType) -> Result<(Value, bool)> {
    let mut resource = resource.clone();
    let applied = apply(&mut resource, &operations(changes, resource_type)?, resource_type)?;
    Ok((resource, applied.changed))
}

/// The change of one user attribute: the operation, a pointer to look at, and what is there afterwards.
fn check(operation: Value, pointer: &str, expected: Value) {
    let (resource, changed) =
        patch(&user(), json!([operation.clone()]), &USERS).unwrap_or_else(|e| panic!("{operation}: {e}"));
    assert_eq!(resource.pointer(pointer).cloned().unwrap_or_default(), expected, "{operation}");
    assert_eq!(changed, resource != user(), "{operation}");
}

fn refuse(operation: Value, keyword: &str, detail: &str) {
    let error = patch(&user(), json!([operation.clone()]), &USERS).unwrap_err();
    assert_eq!(error.scim_type.map(|scim_type| scim_type.keyword()), Some(keyword), "{operation}: {error}");
    assert_eq!(error.detail, detail, "{operation}");
}

fn group() -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g", "displayName": "Tour",
        "members": [{ "value": "a", "display": "Ann" }, { "value": "b" }, { "value": "c" }] })
}

fn members_after(changes: Value) -> Value {
    patch(&group(), changes, &GROUPS).unwrap().0.get("members").cloned().unwrap_or_default()
}

#[test]
fn ok_what_is_not_kept_is_passed_over() {
    let desk = format!("{ENTERPRISE}:office.desk");
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": [
        { "op": "add", "path": "entitlements[primary eq \"True\"].display", "value": "x" },
        { "op": "remove", "path": "ENTITLEMENTS" },
        { "op": "replace", "path": desk, "value": 7 },
        { "op": "replace", "value": { "entitlements": {}, desk.clone(): "x", "title": "T" } },
        { "op": "add", "path": ENTERPRISE, "value": {
            "schemas": [ENTERPRISE], "office": { "desk": "1", "room": "2" }, "office.desk": "3" } },
    ] });
    let mut unkept = Vec::new();
    let operations = parse_noting(&body, &USERS, &mut unkept).unwrap();
    let paths = operations.iter().map(|operation| operation.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths, ["title", &format!("{ENTERPRISE}:office")]);
    assert_eq!(operations[1].value, Some(json!({ "room": "2" })));
    assert_eq!(unkept.len(), 6, "{unkept:?}");
}

#[test]
fn ok_a_schema_is_removed_but_for_what_cannot_go() {
    let operations = operations(json!([{ "op": "remove", "path": ENTERPRISE }]), &USERS).unwrap();
    let names = operations.iter().map(|operation| operation.path.attribute.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["department", "office", "manager"]);
}

#[test]
fn ok_add() {
    check(json!({ "op": "Add", "path": "nickName", "value": "Babs" }), "/nickName", json!("Babs"));
    check(json!({ "op": "add", "path": "name", "value": { "formatted": "B" } }), "/name/givenName", json!("Barbara"));
    check(
        json!({ "op": "add", "value": { "nickname": "Babs", "tags": ["green"] } }),
        "/tags",
        json!(["red", "blue", "green"]),
    );
    check(json!({ "op": "add", "path": "tags", "value": "RED" }), "/tags", json!(["red", "blue"]));
    check(
        json!({ "op": "add", "path": "emails", "value": [{ "value": "b@example.com", "type": "work" }] }),
        "/emails/2",
        json!(null),
    );
    check(
        json!({ "op": "add", "path": "emails", "value": { "value": "n@x.org", "primary": true } }),
        "/emails/0/primary",
        json!(false),
    );
    check(
        json!({ "op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Way" }),
        "/addresses",
        json!([{ "type": "work", "streetAddress": "1 Way" }]),
    );
    check(
        json!({ "op": "add", "path": format!("{ON_PREMISES}:onPremisesExtensionAttributes.extensionAttribute1"), "value": "x" }),
        "/schemas/2",
        json!(ON_PREMISES),
    );
}

#[test]
fn ok_an_identical_addition_changes_nothing() {
    for operation in [
        json!({ "op": "add", "path": "title", "value": "Guide" }),
        json!({ "op": "add", "path": "emails", "value": [{ "value": "b@example.com" }] }),
        json!({ "op": "add", "path": "tags", "value": ["blue"] }),
        json!({ "op": "add", "path": "tags", "value": [] }),
        json!({ "op": "add", "path": "emails", "value": null }),
        json!({ "op": "replace", "value": { "emails.display": "x", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName": "x" } }),
        json!({ "op": "remove", "path": "nickName" }),
        json!({ "op": "remove", "path": "emails[type eq \"other\"]" }),
        json!({ "op": "replace", "path": "schemas", "value": [CORE] }),
        json!({ "op": "replace", "value": { "id": "u1", "meta": { "resourceType": "User" }, "schemas": [] } }),
    ] {
        let (resource, changed) = patch(&user(), json!([operation.clone()]), &USERS).unwrap();
        assert_eq!((resource, changed), (user(), false), "{operation}");
    }
}

#[test]
fn ok_replace() {
    check(json!({ "op": "Replace", "path": "active", "value": "False" }), "/active", json!(false));
    check(
        json!({ "op": "replace", "value": { "active": "true", "name.givenName": "B" } }),
        "/name/givenName",
        json!("B"),
    );
    check(
        json!({ "op": "replace", "path": "name", "value": { "familyName": "J" } }),
        "/name/givenName",
        json!("Barbara"),
    );
    check(
        json!({ "op": "replace", "path": "emails", "value": [{ "value": "x" }] }),
        "/emails",
        json!([{ "value": "x" }]),
    );
    check(
        json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@x" }),
        "/emails/0",
        json!({ "value": "new@x", "type": "work", "primary": true }),
    );
    check(
        json!({ "op": "replace", "path": "emails[type eq \"home\"]", "value": { "value": "h", "primary": "True" } }),
        "/emails",
        json!([{ "value": "b@example.com", "type": "work", "primary": false }, { "value": "h", "type": "home", "primary": true }]),
    );
    check(json!({ "op": "replace", "path": "title", "value": null }), "/title", json!(null));
    check(
        json!({ "op": "replace", "value": { format!("{ENTERPRISE}:department"): "IT" } }),
        "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
        json!("IT"),
    );
    check(
        json!({ "op": "replace", "value": { ENTERPRISE: { "department": "IT" } } }),
        "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
        json!("IT"),
    );
    check(
        json!({ "op": "replace", "path": ENTERPRISE, "value": { "department": "IT" } }),
        "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value",
        json!("m1"),
    );
    check(json!({ "op": "replace", "path": format!("{CORE}:title"), "value": "X" }), "/title", json!("X"));
    check(json!({ "op": "replace", "path": "employeeBadge", "value": "1" }), "/employeeBadge", json!("1"));
    check(
        json!({ "op": "add", "path": "roles", "value": [{ "value": "{\"id\":\"1\"}" }] }),
        "/roles/0/value",
        json!("{\"id\":\"1\"}"),
    );
}

#[test]
fn ok_manager_in_every_form() {
    let pointer = format!("/{ENTERPRISE}/manager");
    let path = format!("{ENTERPRISE}:manager");
    for operation in [
        json!({ "op": "add", "path": path, "value": "m2" }),
        json!({ "op": "Replace", "path": path, "value": { "value": "m2" } }),
        json!({ "op": "Add", "path": path, "value": [{ "value": "m2", "$ref": null }] }),
        json!({ "op": "replace", "path": format!("{path}.value"), "value": "m2" }),
        json!({ "op": "replace", "value": { path.clone(): "m2" } }),
        json!({ "op": "replace", "value": { ENTERPRISE: { "manager": ["m2"] } } }),
    ] {
        check(operation, &pointer, json!({ "value": "m2" }));
    }
    for operation in [
        json!({ "op": "remove", "path": path }),
        json!({ "op": "Remove", "path": path, "value": "" }),
        json!({ "op": "replace", "path": path, "value": "" }),
        json!({ "op": "replace", "path": path, "value": null }),
        json!({ "op": "replace", "path": path, "value": { "value": "" } }),
        json!({ "op": "replace", "path": format!("{path}.value"), "value": "" }),
        json!({ "op": "remove", "path": format!("{path}.value") }),
    ] {
        check(operation, &pointer, json!(null));
    }
}

#[test]
fn ok_remove() {
    check(json!({ "op": "remove", "path": "name.givenName" }), "/name", json!({ "familyName": "Müller" }));
    check(json!({ "op": "remove", "path": "emails" }), "/emails", json!(null));
    check(json!({ "op": "remove", "path": "emails[type eq \"home\" or primary eq \"True\"]" }), "/emails", json!(null));
    check(
        json!({ "op": "remove", "path": "emails[type eq \"work\"].value" }),
        "/emails",
        json!([{ "value": "babs@home.org", "type": "home" }]),
    );
    check(json!({ "op": "remove", "path": "tags", "value": ["Red"] }), "/tags", json!(["blue"]));
    check(json!({ "op": "remove", "path": ENTERPRISE }), "/schemas", json!([CORE]));
}

#[test]
fn ok_members() {
    let rest = json!([{ "value": "b" }, { "value": "c" }]);
    for operation in [
        json!({ "op": "remove", "path": "members[value eq \"a\"]" }),
        json!({ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "a" }] }),
        json!({ "op": "Remove", "path": "members", "value": { "value": "a" } }),
        json!({ "op": "Remove", "path": "members", "value": ["a", "nobody"] }),
    ] {
        assert_eq!(members_after(json!([operation.clone()])), rest, "{operation}");
    }
    assert_eq!(members_after(json!([{ "op": "remove", "path": "members" }])), json!(null));
    assert_eq!(members_after(json!([{ "op": "replace", "value": { "members": null } }])), json!(null));
    assert_eq!(members_after(json!([{ "op": "remove", "path": "members", "value": [] }])), group()["members"]);
    assert_eq!(
        members_after(json!([{ "op": "add", "path": "members", "value": [{ "value": "a", "display": "X" }] }])),
        group()["members"]
    );
    let sequence =
        json!([{ "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [{ "value": "z" }] }]);
    assert_eq!(members_after(sequence), json!([{ "value": "z" }]));
}

#[test]
fn ok_many_members() {
    let added = (0..2000).map(|index| json!({ "value": format!("m{index}") })).collect::<Vec<_>>();
    let twice =
        json!([{ "op": "add", "path": "members", "value": added }, { "op": "add", "path": "members", "value": added }]);
    let (full, _) = patch(&group(), twice, &GROUPS).unwrap();
    assert_eq!(full["members"].as_array().map(Vec::len), Some(2003));
    let removed = json!([{ "op": "Remove", "path": "members", "value": &added[..500] }]);
    let (rest, _) = patch(&full, removed, &GROUPS).unwrap();
    assert_eq!(rest["members"].as_array().map(Vec::len), Some(1503));
    let all = vec![json!({ "value": "x" }); 5001];
    let error = operations(json!([{ "op": "remove", "path": "members", "value": all }]), &GROUPS).unwrap_err();
    assert_eq!(
        (error.status, error.detail.as_str()),
        (413, "operation 1: more than 5000 values to remove; split the request")
    );
}

#[test]
fn err_values_and_targets() {
    refuse(
        json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }),
        "noTarget",
        "change 1: 'emails[type eq \"other\"].value' selects no value",
    );
    refuse(json!({ "op": "remove" }), "noTarget", "operation 1: a removal needs a 'path'");
    refuse(json!({ "op": "remove", "path": "" }), "noTarget", "operation 1: a removal needs a 'path'");
    refuse(json!({ "op": "add", "path": "title" }), "invalidValue", "operation 1: 'value' is missing");
    refuse(
        json!({ "op": "add", "value": "x" }),
        "invalidValue",
        "operation 1: without a 'path', 'value' must be an object of attributes",
    );
    refuse(
        json!({ "op": "replace", "path": "active", "value": "maybe" }),
        "invalidValue",
        "operation 1: 'active' must be of type boolean, found a string that cannot be read as one",
    );
    refuse(
        json!({ "op": "replace", "path": "title", "value": ["a", "b"] }),
        "invalidValue",
        "operation 1: 'title' must be of type string, found an array that cannot be read as one",
    );
    refuse(
        json!({ "op": "replace", "path": "userName", "value": "" }),
        "invalidValue",
        "operation 1: 'userName' is required and cannot be empty",
    );
    refuse(
        json!({ "op": "replace", "path": "shoeSize", "value": 1 }),
        "invalidPath",
        "operation 1: 'shoeSize' is not an attribute of User",
    );
    refuse(
        json!({ "op": "replace", "value": { "shoeSize": 1 } }),
        "invalidPath",
        "operation 1: 'shoeSize' is not an attribute of User",
    );
    refuse(
        json!({ "op": "replace", "path": "emails[type regex 1].value", "value": 1 }),
        "invalidFilter",
        "operation 1: filter, character 13: expected an operator: eq ne co sw ew pr gt ge lt le, found 'regex'",
    );
    refuse(
        json!({ "op": "add", "path": "emails", "value": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] }),
        "invalidValue",
        "operation 1: 'emails' has 2 primary values; only one can be",
    );
}

#[test]
fn err_mutability() {
    refuse(json!({ "op": "replace", "path": "id", "value": "x" }), "mutability", "operation 1: 'id' is readOnly");
    refuse(json!({ "op": "remove", "path": "ID" }), "mutability", "operation 1: 'id' is readOnly");
    refuse(
        json!({ "op": "replace", "value": { "groups": [{ "value": "g2" }] } }),
        "mutability",
        "change 1: 'groups' is readOnly",
    );
    refuse(
        json!({ "op": "add", "path": "groups", "value": [{ "value": "g" }] }),
        "mutability",
        "operation 1: 'groups' is readOnly",
    );
    refuse(
        json!({ "op": "replace", "path": "meta.created", "value": "x" }),
        "mutability",
        "operation 1: 'meta.created' is readOnly",
    );
    refuse(
        json!({ "op": "remove", "path": "userName" }),
        "mutability",
        "change 1: 'userName' is required and cannot be removed",
    );
    refuse(
        json!({ "op": "replace", "value": { "userName": null } }),
        "mutability",
        "change 1: 'userName' is required and cannot be removed",
    );
    refuse(
        json!({ "op": "remove", "path": "schemas" }),
        "mutability",
        "operation 1: 'schemas' is required and cannot be removed",
    );
    let change = json!([{ "op": "replace", "path": "members[value eq \"a\"].value", "value": "z" }]);
    let error = patch(&group(), change, &GROUPS).unwrap_err();
    assert_eq!(error.detail, "change 1: 'members.value' is immutable: remove the value and add another");
    let twice = json!([{ "op": "add", "path": "employeeBadge", "value": "1" }, { "op": "add", "path": "employeeBadge", "value": "2" }]);
    let error = patch(&user(), twice, &USERS).unwrap_err();
    assert_eq!(error.detail, "change 2: 'employeeBadge' is immutable and has another value already");
}

#[test]
fn err_bodies() {
    for (body, detail) in [
        (json!([]), "the body must be a JSON object"),
        (json!({ "Operations": [] }), "'schemas' must hold urn:ietf:params:scim:api:messages:2.0:PatchOp"),
        (json!({ "schemas": [PATCH_SCHEMA] }), "'Operations' must be an array of operations"),
        (json!({ "schemas": [PATCH_SCHEMA], "Operations": [] }), "'Operations' must be an array of operations"),
        (json!({ "schemas": [PATCH_SCHEMA], "operations": [1] }), "operation 1: must be a JSON object"),
        (
            json!({ "schemas": [PATCH_SCHEMA], "operations": [{ "op": "move", "path": "title" }] }),
            "operation 1: 'op' must be add, remove or replace, found 'move'",
        ),
        (
            json!({ "schemas": [PATCH_SCHEMA], "operations": [{ "path": "title" }] }),
            "operation 1: 'op' is missing: add, remove or replace",
        ),
    ] {
        let error = parse(&body, &USERS).unwrap_err();
        assert_eq!((error.status, error.detail.as_str()), (400, detail), "{body}");
    }
    let many = vec![json!({ "op": "remove", "path": "title" }); 1001];
    assert_eq!(operations(Value::Array(many), &USERS).unwrap_err().status, 413);
}

#[test]
fn err_the_resource_is_as_it_was() {
    let changes = json!([{ "op": "replace", "path": "title", "value": "X" }, { "op": "remove", "path": "userName" }]);
    let mut resource = user();
    let operations = operations(changes, &USERS).unwrap();
    assert!(apply(&mut resource, &operations, &USERS).is_err());
    assert_eq!(resource, user());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\"]{0,4}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name = proptest::sample::select(vec!["value", "type", "primary", "givenName", "x"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..3).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "",
        "title",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails.primary",
        "emails[type pr].primary",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "tags",
        "active",
        "userName",
        "id",
        "logins",
        ENTERPRISE,
        "roles[primary eq \"True\"].value",
        "addresses[type pr].locality",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn property_a_change_twice_is_a_change_once(op in "add|remove|replace", path in any_path(), value in any_json()) {
        let change = json!([{ "op": op, "path": path, "value": value }]);
        if let Ok((once, _)) = patch(&user(), change.clone(), &USERS)
            && let Ok((twice, changed)) = patch(&once, change, &USERS)
        {
            prop_assert_eq!(&once, &twice);
            prop_assert!(!changed);
        }
    }

    #[test]
    fn property_removals_together_are_removals_alone(values in proptest::collection::vec("[a-e]", 0..6)) {
        let removals = values.iter().map(|value| json!({ "op": "remove", "path": format!("members[value eq \"{value}\"]") }));
        let removals = removals.collect::<Vec<_>>();
        let mut alone = group();
        for removal in &removals {
            alone = patch(&alone, json!([removal]), &GROUPS).unwrap().0;
        }
        if !removals.is_empty() {
            prop_assert_eq!(patch(&group(), Value::Array(removals), &GROUPS).unwrap().0, alone);
        }
    }

    #[test]
    fn property_additions_together_are_additions_alone(
        emails in proptest::collection::vec(("[abAB]", proptest::option::of("[xX]"), proptest::option::of(Just(false))), 9..14),
    ) {
        let email = |(value, kind, primary): (String, Option<String>, Option<bool>)| {
            let members = [("value", json!(value)), ("type", json!(kind)), ("primary", json!(primary))];
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Value>()
        };
        let emails = emails.into_iter().map(email).collect::<Vec<_>>();
        let mut alone = user();
        for email in &emails {
            alone = patch(&alone, json!([{ "op": "add", "path": "emails", "value": [email] }]), &USERS).unwrap().0;
        }
        let together = patch(&user(), json!([{ "op": "add", "path": "emails", "value": emails }]), &USERS).unwrap().0;
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn property_any_operation_is_applied_or_refused(op in "add|remove|replace", path in any_path(), value in any_json()) {
        if let Ok((resource, _)) = patch(&user(), json!([{ "op": op, "path": path, "value": value }]), &USERS) {
            prop_assert_eq!(&resource["id"], "u1");
            prop_assert!(resource["userName"].is_string());
            let primaries = resource["emails"].as_array().into_iter().flatten().filter(|email| email["primary"] == true).count();
            prop_assert!(primaries <= 1);
        }
    }
}
