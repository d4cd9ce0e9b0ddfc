//! What clients are known to send beside what the RFC shows.

use super::*;

/// The value at the pointer after the operations, which a client sends in one request.
fn after(changes: Value, pointer: &str) -> Value {
    let (resource, _) = patch(&user(), changes.clone(), &USERS).unwrap_or_else(|error| panic!("{changes}: {error}"));
    resource.pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn ok_entra_classic() {
    for word in ["False", "false", "FALSE"] {
        check(json!({ "op": "Replace", "path": "active", "value": word }), "/active", json!(false));
    }
    check(json!({ "op": "Add", "path": "active", "value": "True" }), "/active", json!(true));
    check(
        json!({ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "admin" }),
        "/roles",
        json!([{ "primary": true, "value": "admin" }]),
    );
    check(
        json!({ "op": "Add", "path": "roles", "value": [{ "value": "admin", "primary": "True" }] }),
        "/roles/0/primary",
        json!(true),
    );
    check(
        json!({ "op": "Add", "path": "addresses[type eq \"work\" and primary eq \"true\"].locality", "value": "Oslo" }),
        "/addresses",
        json!([{ "type": "work", "primary": true, "locality": "Oslo" }]),
    );
    // An element that `or` describes can be made as well: nothing of it is certain.
    check(
        json!({ "op": "Add", "path": "addresses[type eq \"a\" or type eq \"b\"].locality", "value": "Oslo" }),
        "/addresses",
        json!([{ "locality": "Oslo" }]),
    );
    // Microsoft's reference code writes every value as an array of values.
    check(
        json!({ "op": "Replace", "path": "displayName", "value": [{ "$ref": null, "value": "Babs" }] }),
        "/displayName",
        json!("Babs"),
    );
    check(json!({ "op": "Replace", "path": "active", "value": [{ "value": "False" }] }), "/active", json!(false));
    check(json!({ "op": "Replace", "path": "title", "value": { "value": null } }), "/title", json!(null));
}

#[test]
fn ok_entra_with_its_flag() {
    let department = format!("{ENTERPRISE}:department");
    let changes = json!([{ "op": "replace", "value": {
        "displayName": "Babs", "name.givenName": "B", "name.FAMILYNAME": "J", "emails[type eq \"work\"].value": "new@x",
        "active": "false", department: "IT", format!("{ENTERPRISE}:manager.value"): "m2",
    } }]);
    assert_eq!(after(changes.clone(), "/name"), json!({ "givenName": "B", "familyName": "J" }));
    assert_eq!(after(changes.clone(), "/emails/0"), json!({ "value": "new@x", "type": "work", "primary": true }));
    assert_eq!(after(changes.clone(), "/active"), json!(false));
    let enterprise = after(changes, &format!("/{ENTERPRISE}"));
    assert_eq!(enterprise, json!({ "department": "IT", "manager": { "value": "m2" } }));
}

#[test]
fn ok_entra_roles_are_documents_in_strings() {
    let role = |id: u8| format!(r#"{{"id":"{id}","value":"admin \"x\"","displayName":"Ädmin"}}"#);
    let add = json!({ "op": "Add", "path": "roles", "value": [{ "value": role(1) }, { "value": role(2) }] });
    assert_eq!(after(json!([add]), "/roles"), json!([{ "value": role(1) }, { "value": role(2) }]));
    let path = format!("roles[value eq {}]", json!(role(1)));
    let changes = json!([add, { "op": "Remove", "path": path }]);
    assert_eq!(after(changes, "/roles"), json!([{ "value": role(2) }]));
    let changes = json!([add, { "op": "Remove", "path": "roles", "value": [{ "value": role(2) }] }]);
    assert_eq!(after(changes, "/roles"), json!([{ "value": role(1) }]));
    let changes = json!([add, { "op": "replace", "path": "roles", "value": [{ "value": role(3) }] }]);
    assert_eq!(after(changes, "/roles"), json!([{ "value": role(3) }]));
}

#[test]
fn ok_attributes_of_extensions_without_their_urn() {
    let pointer = format!("/{ENTERPRISE}/manager");
    for operation in [
        json!({ "op": "Add", "path": "manager", "value": "m2" }),
        json!({ "op": "Add", "path": "Manager", "value": [{ "$ref": null, "value": "m2" }] }),
        json!({ "op": "replace", "path": "manager.value", "value": "m2" }),
        json!({ "op": "replace", "value": { "manager": { "value": "m2" } } }),
    ] {
        check(operation, &pointer, json!({ "value": "m2" }));
    }
    for value in [json!(""), json!(null), json!([]), json!([{ "value": "" }]), json!({})] {
        check(json!({ "op": "Replace", "path": "manager", "value": value }), &pointer, json!(null));
    }
    check(json!({ "op": "remove", "path": "manager" }), &pointer, json!(null));
    check(
        json!({ "op": "replace", "path": "department", "value": "IT" }),
        &format!("/{ENTERPRISE}/department"),
        json!("IT"),
    );
    refuse(
        json!({ "op": "replace", "path": format!("{CORE}:manager"), "value": "m2" }),
        "invalidPath",
        "operation 1: 'urn:ietf:params:scim:schemas:core:2.0:User:manager' is not an attribute of User",
    );
}

#[test]
fn ok_okta() {
    let rename = json!([{ "op": "replace", "value": { "id": "another", "displayName": "Guides" } }]);
    let (renamed, changed) = patch(&group(), rename, &GROUPS).unwrap();
    assert_eq!((&renamed["id"], &renamed["displayName"], changed), (&json!("g"), &json!("Guides"), true));
    check(json!({ "op": "replace", "value": { "active": false } }), "/active", json!(false));
    // A client that sends all it has read changes nothing by that.
    let mut whole = user();
    whole["meta"]["lastModified"] = json!("2020-01-01T00:00:00Z");
    whole["meta.version"] = json!("W/\"1\"");
    let (resource, changed) = patch(&user(), json!([{ "op": "replace", "value": whole }]), &USERS).unwrap();
    assert_eq!((resource, changed), (user(), false));
}

#[test]
fn ok_members_in_every_form() {
    let all = json!([{ "value": "z" }]);
    for changes in [
        json!([{ "op": "replace", "path": "members", "value": [{ "value": "z" }] }]),
        json!([{ "op": "Replace", "value": { "members": ["z"] } }]),
        json!([{ "op": "replace", "path": "members", "value": [] }, { "op": "add", "path": "members", "value": { "value": "z", "display": "Z" } }]),
        json!([{ "op": "replace", "path": "members", "value": null }, { "op": "add", "value": { "MEMBERS": [{ "VALUE": "z" }] } }]),
        json!({ "op": "replace", "path": "members", "value": "z" }),
    ] {
        assert_eq!(members_after(changes.clone()), all, "{changes}");
    }
    for nobody in [
        json!({ "op": "remove", "path": "members[value eq \"nobody\"]" }),
        json!({ "op": "Remove", "path": "members", "value": [{ "value": "nobody" }] }),
        json!({ "op": "Remove", "path": "members", "value": [] }),
    ] {
        let (resource, changed) = patch(&group(), json!([nobody]), &GROUPS).unwrap();
        assert_eq!((resource, changed), (group(), false), "{nobody}");
    }
    // A removal that does not say which value must not empty the group.
    let unclear = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null }] }]);
    assert_eq!(patch(&group(), unclear, &GROUPS).unwrap_err().scim_type.unwrap().keyword(), "invalidValue");
}

#[test]
fn ok_a_run_of_removals_is_as_each_alone() {
    let removal = |value: &str| json!({ "op": "remove", "path": format!("members[value eq \"{value}\"]") });
    assert_eq!(members_after(json!([removal("a"), removal("c"), removal("x")])), json!([{ "value": "b" }]));
    assert_eq!(members_after(json!([removal("a"), removal("b"), removal("c")])), json!(null));
    // Members are caseExact, e-mail addresses are not.
    assert_eq!(members_after(json!([removal("A"), removal("B")])).as_array().map(Vec::len), Some(3));
    let removal = |value: &str| json!({ "op": "remove", "path": format!("emails[value eq \"{value}\"]") });
    assert_eq!(after(json!([removal("B@EXAMPLE.COM"), removal("Babs@home.org")]), "/emails"), json!(null));
    let other = json!({ "op": "remove", "path": "tags", "value": ["RED", "red"] });
    assert_eq!(after(json!([removal("b@example.com"), other, removal("x")]), "/tags"), json!(["blue"]));
    // What is required stays required.
    let error = patch(&group(), json!([{ "op": "remove", "path": "displayName" }]), &GROUPS).unwrap_err();
    assert_eq!(error.scim_type.unwrap().keyword(), "mutability");
}
