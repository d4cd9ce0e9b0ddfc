//! What a caller may not do is refused before anything is called, and what was done is written down.

use std::cell::Cell;

use serde_json::{Value, json};
use trust::{Configuration, Operation, RightsRule, audit::Outcome};

use super::{Asked, Calling, ask_as, names, value};

const USER: &str = "00000000-0000-0000-0000-000000000007";
const GROUP: &str = "00000000-0000-0000-0000-00000000000a";

/// A caller with these rights, in a tenant with this that is protected.
fn calling(rights: &Value, protected: &Value) -> Calling {
    let hash = "0".repeat(64);
    let document = json!({ "tenants": { "t": {
        "tenant_id": "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34",
        "callers": { "c": { "secrets": [{ "name": "s", "sha256": hash }], "rights": rights } },
        "protected": protected,
    } } });
    let configuration = Configuration::parse(&document.to_string(), &|_| Err(String::new())).unwrap();
    let tenant = configuration.tenant(Some("t")).unwrap();
    let RightsRule::Fixed(rights) = &tenant.callers[0].rights else { panic!("they are fixed") };
    Calling { rights: (**rights).clone(), protected: tenant.protected.clone(), ..Calling::default() }
}

fn patch(path: &str, value: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": path, "value": value }] })
}

fn members(op: &str, id: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": op, "path": "members", "value": [{ "value": id }] }] })
}

fn user(id: &str) -> String {
    format!("/Users/{id}")
}

/// A resource as a client gives it.
fn given(schema: &str, mut resource: Value) -> Value {
    resource["schemas"] = json!([format!("urn:ietf:params:scim:schemas:core:2.0:{schema}")]);
    resource
}

/// Refused with 403, a SCIM body that says something, and no call at all; one entry.
fn assert_refused(asked: &Asked, told: &str) {
    let detail = value(&asked.response)["detail"].as_str().unwrap_or_default().to_owned();
    assert_eq!((asked.response.status().as_u16(), names(&asked.calls)), (403, vec![]), "{detail}");
    assert!(detail.contains(told), "{detail}");
    assert!(asked.entries.len() == 1 && asked.entries[0].outcome == Outcome::Refused, "{:?}", asked.entries);
}

#[test]
fn resources_and_operations_are_refused() {
    let rights = json!({ "roles": ["Scim.Write"], "resources": ["Users"], "operations": ["read", "update"] });
    let caller = calling(&rights, &json!({}));
    let new = given("User", json!({ "userName": "a@b.c" }));
    for (method, target, body) in [
        ("POST", "/Users".to_owned(), new.clone()),
        ("DELETE", user(USER), Value::Null),
        ("GET", "/Groups".to_owned(), Value::Null),
        ("GET", format!("/Groups/{GROUP}"), Value::Null),
        ("POST", "/Groups/.search".to_owned(), json!({})),
        ("PATCH", format!("/Groups/{GROUP}"), patch("displayName", json!("x"))),
    ] {
        assert_refused(&ask_as(&caller, &[], method, &target, &body), "rights");
    }
    let reader = calling(&json!(["Scim.Read"]), &json!({}));
    for (method, target, body) in [
        ("POST", "/Users".to_owned(), new),
        ("PATCH", user(USER), patch("title", json!("T"))),
        ("DELETE", user(USER), Value::Null),
    ] {
        assert_refused(&ask_as(&reader, &[], method, &target, &body), "Scim.Write");
    }
}

#[test]
fn attributes_are_refused() {
    let rights = json!({ "roles": ["Scim.Write"], "attributes": { "Users": { "only": ["active", "userName"] } } });
    let caller = calling(&rights, &json!({}));
    for body in [
        patch("title", json!("T")),
        patch("password", json!("hunter2")),
        patch("emails[type eq \"work\"].value", json!("a@b.c")),
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": { "active": true, "title": "T" } }] }),
    ] {
        assert_refused(&ask_as(&caller, &[], "PATCH", &user(USER), &body), "may not write");
    }
    assert_refused(
        &ask_as(&caller, &[], "PUT", &user(USER), &given("User", json!({ "userName": "a@b.c" }))),
        "may not write",
    );
    let made = ask_as(&caller, &[], "PATCH", &user(USER), &patch("active", json!(false)));
    assert_eq!(names(&made.calls)[0], format!("PATCH /users/{USER}"));
}

#[test]
fn a_property_is_barred_under_all_of_its_names() {
    let rights = json!({ "roles": ["Scim.Write"], "attributes": { "Users": { "except": ["displayName"] } } });
    let caller = calling(&rights, &json!({}));
    for body in [patch("displayName", json!("x")), patch("name.formatted", json!("x"))] {
        assert_refused(&ask_as(&caller, &[], "PATCH", &user(USER), &body), "may not write");
    }
    let rights = json!({ "roles": ["Scim.Write"], "attributes": { "Users": { "only": ["displayName"] } } });
    let made = ask_as(&calling(&rights, &json!({})), &[], "PATCH", &user(USER), &patch("displayName", json!("x")));
    assert_eq!(made.calls.len(), 2, "one of its names is enough");
}

#[test]
fn bulk_is_judged_operation_by_operation() {
    let caller = calling(&json!({ "roles": ["Scim.Write"], "resources": ["Users"] }), &json!({}));
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "DELETE", "path": format!("/Groups/{GROUP}") },
        { "method": "DELETE", "path": user(USER) },
    ] });
    let asked = ask_as(&caller, &[], "POST", "/Bulk", &body);
    let statuses: Vec<Value> =
        value(&asked.response)["Operations"].as_array().unwrap().iter().map(|done| done["status"].clone()).collect();
    assert_eq!(statuses, ["403", "204"]);
    assert_eq!(names(&asked.calls), [format!("DELETE /users/{USER}")]);
    let written: Vec<_> = asked.entries.iter().map(|entry| (entry.outcome, entry.object.as_str())).collect();
    assert_eq!(written, [(Outcome::Refused, GROUP), (Outcome::Done, USER)]);
}

#[test]
fn a_search_over_all_leaves_out_what_may_not_be_read() {
    let caller = calling(&json!({ "roles": ["Scim.Read"], "resources": ["Users"] }), &json!({}));
    let page = |id: &str| json!({ "value": [{ "id": id, "displayName": "x" }] });
    let answers = [
        ("GET /users", 200, "", page(USER)),
        ("GET /groups", 200, "", page(GROUP)),
        ("GET /users/$count", 200, "", json!(1)),
    ];
    let asked = ask_as(&caller, &answers, "GET", "/", &Value::Null);
    let found = value(&asked.response);
    assert_eq!(found["Resources"].as_array().map(Vec::len), Some(1), "{found}");
    assert!(!names(&asked.calls).contains(&"GET /groups"));
}

#[test]
fn what_is_protected_is_not_touched_by_any_name() {
    let caller = calling(&json!(["Scim.Write"]), &json!({ "objects": [USER.to_uppercase()] }));
    for (method, body) in [
        ("PATCH", patch("active", json!(false))),
        ("PATCH", patch("password", json!("hunter2"))),
        ("PUT", given("User", json!({ "userName": "a@b.c" }))),
        ("DELETE", Value::Null),
    ] {
        assert_refused(&ask_as(&caller, &[], method, &user(USER), &body), "is protected");
    }
    for op in ["add", "remove", "replace"] {
        let asked = ask_as(&caller, &[], "PATCH", &format!("/Groups/{GROUP}"), &members(op, USER));
        assert!(asked.calls.iter().all(|(call, _)| call.starts_with("GET")), "{op}: {:?}", asked.calls);
        assert_eq!(asked.response.status(), if op == "replace" { 502 } else { 403 });
    }
    let group = given("Group", json!({ "displayName": "G", "members": [{ "value": USER }] }));
    assert_refused(&ask_as(&caller, &[], "POST", "/Groups", &group), "is protected");
    // By its name, which has to be looked up.
    let answers = [("GET /users/break@glass.com", 200, "", json!({ "id": USER }))];
    let asked = ask_as(&caller, &answers, "DELETE", "/Users/break@glass.com", &Value::Null);
    assert_eq!((asked.response.status().as_u16(), names(&asked.calls)), (403, vec!["GET /users/break@glass.com"]));
}

#[test]
fn groups_for_roles_are_not_touched() {
    let caller = calling(&json!(["Scim.Write"]), &json!({ "role_assignable_groups": true }));
    let read = format!("GET /groups/{GROUP}");
    let path: &'static str = Box::leak(read.clone().into_boxed_str());
    let of = |is_for_roles| [(path, 200, "", json!({ "id": GROUP, "isAssignableToRole": is_for_roles }))];
    for (method, body) in
        [("DELETE", Value::Null), ("PATCH", members("add", USER)), ("PATCH", patch("displayName", json!("x")))]
    {
        let asked = ask_as(&caller, &of(true), method, &format!("/Groups/{GROUP}"), &body);
        assert_eq!((asked.response.status().as_u16(), names(&asked.calls)), (403, vec![read.as_str()]), "{method}");
        let asked = ask_as(&caller, &of(false), method, &format!("/Groups/{GROUP}"), &body);
        assert!(names(&asked.calls).len() > 1, "another group may be: {method}");
    }
    let extension = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group";
    let group = given("Group", json!({ "displayName": "G", (extension): { "isAssignableToRole": true } }));
    assert_refused(&ask_as(&caller, &[], "POST", "/Groups", &group), "roles can be assigned");
}

#[test]
fn holders_of_roles_are_not_touched() {
    let caller = calling(&json!(["Scim.Write"]), &json!({ "roles": ["Global Administrator"] }));
    let look: &'static str =
        Box::leak(format!("GET /users/{USER}/transitiveMemberOf/microsoft.graph.directoryRole").into_boxed_str());
    let template = "62e90394-69f5-4237-9190-012177145e10";
    let role = |id: &str| [(look, 200, "", json!({ "value": [{ "displayName": "R", "roleTemplateId": id }] }))];
    let asked = ask_as(&caller, &role(template), "PATCH", &user(USER), &patch("active", json!(false)));
    assert_eq!((asked.response.status().as_u16(), names(&asked.calls)), (403, vec![look]));
    let asked = ask_as(&caller, &role(template), "PATCH", &format!("/Groups/{GROUP}"), &members("add", USER));
    assert_eq!((asked.response.status().as_u16(), names(&asked.calls)), (403, vec![look]));
    let other = "fe930be7-5e62-47db-91af-98c3a49a38b1";
    let asked = ask_as(&caller, &role(other), "DELETE", &user(USER), &Value::Null);
    assert_eq!(asked.response.status().as_u16(), 204);
}

#[test]
fn deletions_end() {
    let caller = calling(&json!({ "roles": ["Scim.Write"], "deletions_per_hour": 2 }), &json!({}));
    let caller = Calling { deleted: Cell::new(0), ..caller };
    let delete = || ask_as(&caller, &[], "DELETE", &user(USER), &Value::Null);
    assert_eq!([delete(), delete()].map(|asked| asked.response.status().as_u16()), [204, 204]);
    assert_refused(&delete(), "may delete 2 objects within an hour");
}

#[test]
fn a_change_is_written_down_with_what_was_there() {
    let caller = Calling { old_values: true, ..Calling::default() };
    let read: &'static str = Box::leak(format!("GET /users/{USER}").into_boxed_str());
    let answers = [(read, 200, "", json!({ "id": USER, "jobTitle": "Old", "accountEnabled": true }))];
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "value": { "title": "New", "active": true, "password": "hunter2" } }] });
    let asked = ask_as(&caller, &answers, "PATCH", &user(USER), &body);
    assert_eq!(names(&asked.calls), [read, &format!("PATCH /users/{USER}"), read]);
    let entry = &asked.entries[0];
    assert_eq!((entry.operation, entry.object.as_str(), entry.status), (Operation::Update, USER, 200));
    let changes: Vec<_> = entry
        .changes
        .iter()
        .map(|change| (change.attribute.as_str(), change.old.clone(), change.new.clone()))
        .collect();
    // What was so before did not change, and a password is not told.
    assert_eq!(changes, [("title", Some(json!("Old")), Some(json!("New"))), ("password", None, Some(json!("***")))]);
}

#[test]
fn what_cannot_be_looked_at_is_written_all_the_same() {
    let caller = Calling { old_values: true, ..Calling::default() };
    let read: &'static str = Box::leak(format!("GET /users/{USER}").into_boxed_str());
    let answers = [(read, 403, "Authorization_RequestDenied", Value::Null)];
    let asked = ask_as(&caller, &answers, "PATCH", &user(USER), &patch("title", json!("New")));
    let write = format!("PATCH /users/{USER}");
    assert!(names(&asked.calls).contains(&write.as_str()), "{:?}", names(&asked.calls));
    assert_eq!(asked.entries[0].changes[0].old, None);
}

#[test]
fn a_deletion_is_written_down_with_a_name() {
    let caller = Calling { old_values: true, ..Calling::default() };
    let read: &'static str = Box::leak(format!("GET /users/{USER}").into_boxed_str());
    let answers = [(read, 200, "", json!({ "id": USER, "userPrincipalName": "a@b.c", "displayName": "A" }))];
    let asked = ask_as(&caller, &answers, "DELETE", &user(USER), &Value::Null);
    assert_eq!(asked.response.status().as_u16(), 204);
    let told: Vec<_> = asked.entries[0].changes.iter().map(|change| (change.old.clone(), change.new.clone())).collect();
    assert_eq!(told, [(Some(json!("a@b.c")), None), (Some(json!("A")), None)]);
    // One that is not there is not deleted.
    let asked =
        ask_as(&caller, &[(read, 404, "Request_ResourceNotFound", Value::Null)], "DELETE", &user(USER), &Value::Null);
    assert_eq!((asked.response.status().as_u16(), asked.entries.len()), (404, 0));
}

#[test]
fn reads_are_not_written_down_and_rehearsals_neither() {
    let answers = [];
    assert_eq!(ask_as(&Calling::default(), &answers, "GET", &user(USER), &Value::Null).entries, []);
}
