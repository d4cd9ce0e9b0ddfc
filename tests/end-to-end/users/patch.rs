//! `PATCH /Users/{id}`: changes part of a user. RFC 7644 section 3.5.2, and as Entra's provisioning service writes it.

use serde_json::{Value, json};

use super::{ENTERPRISE, NOBODY, at, create, id, operations, person};
use crate::harness::Server;

/// Changes a user, and gives it as it is read afterwards.
fn change(server: &Server, user: &Value, changes: Value) -> Value {
    let answered = server.patch(&at(id(user)), &operations(changes)).expect(200);
    let read = server.get(&at(id(user))).expect(200);
    assert_eq!(answered["id"], read["id"], "{answered}");
    read
}

#[test]
fn a_text_may_stand_for_a_boolean() {
    let server = Server::sample();
    let user = create(&server, "patched@contoso.onmicrosoft.com");
    for (value, expected) in [(json!("False"), false), (json!("True"), true), (json!(false), false)] {
        let user = change(&server, &user, json!([{ "op": "Replace", "path": "active", "value": value }]));
        assert_eq!(user["active"], expected, "{value}");
    }
}

#[test]
fn an_attribute_of_an_extension_is_named_by_its_urn() {
    let server = Server::sample();
    let user = create(&server, "patched@contoso.onmicrosoft.com");
    let path = format!("{ENTERPRISE}:department");
    for (operation, expected) in [
        (
            json!({ "op": "replace", "path": path, "value": "Forschung & Entwicklung" }),
            json!("Forschung & Entwicklung"),
        ),
        (json!({ "op": "remove", "path": path }), Value::Null),
        (json!({ "op": "Add", "path": path, "value": "Sales" }), json!("Sales")),
    ] {
        let user = change(&server, &user, json!([operation]));
        assert_eq!(user[ENTERPRISE]["department"], expected, "{operation}");
        assert_eq!(user["title"], "Analyst");
    }
}

#[test]
fn a_manager_comes_changes_and_goes() {
    let server = Server::sample();
    let user = create(&server, "patched@contoso.onmicrosoft.com");
    let (first, second) = (person("MiriamG@contoso.onmicrosoft.com"), person("NestorW@contoso.onmicrosoft.com"));
    let path = format!("{ENTERPRISE}:manager");
    for (operation, expected) in [
        (json!({ "op": "Add", "path": path, "value": first["id"] }), &first["id"]),
        (json!({ "op": "replace", "path": path, "value": { "value": second["id"] } }), &second["id"]),
        (json!({ "op": "Remove", "path": path }), &Value::Null),
    ] {
        let user = change(&server, &user, json!([operation]));
        assert_eq!(&user[ENTERPRISE]["manager"]["value"], expected, "{operation}");
    }
}

#[test]
fn several_changes_are_one_graph_call() {
    let server = Server::sample();
    let user = create(&server, "patched@contoso.onmicrosoft.com");
    let changes = operations(json!([
        { "op": "replace", "value": { "displayName": "Ada King", format!("{ENTERPRISE}:department"): "Mathematics" } },
        { "op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+44 20 5550 0100" },
        { "op": "remove", "path": "title" },
    ]));
    let (exchanges, answered) = server.exchanges_of(|| server.patch(&at(id(&user)), &changes).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let read = server.get(&at(id(&user))).expect(200);
    for user in [answered, read] {
        assert_eq!(user["displayName"], "Ada King", "{user}");
        assert_eq!(user[ENTERPRISE]["department"], "Mathematics", "{user}");
        assert_eq!(user["phoneNumbers"][0]["value"], "+44 20 5550 0100", "{user}");
        assert!(user["title"].is_null(), "{user}");
    }
}

#[test]
fn wrong_operations_change_nothing() {
    let server = Server::sample();
    let user = create(&server, "patched@contoso.onmicrosoft.com");
    let rename = json!({ "op": "replace", "path": "displayName", "value": "Changed" });
    for (operation, scim_type) in [
        (json!({ "op": "replace", "path": "shoeSize", "value": "44" }), "invalidPath"),
        (json!({ "op": "replace", "path": "name.shoe", "value": "a" }), "invalidPath"),
        (json!({ "op": "replace", "path": "emails[type like \"work\"].value", "value": "a" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "active", "value": "maybe" }), "invalidValue"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "replace", "path": "id", "value": NOBODY }), "mutability"),
        (json!({ "op": "increment", "path": "title", "value": "a" }), "invalidSyntax"),
    ] {
        let body = operations(json!([rename, operation]));
        let (exchanges, answer) = server.exchanges_of(|| server.patch(&at(id(&user)), &body));
        answer.expect_error(400, Some(scim_type));
        assert_eq!(exchanges.len(), 0, "{operation}: {exchanges:#?}");
    }
    assert_eq!(server.get(&at(id(&user))).expect(200)["displayName"], "Ada Lovelace");
}

#[test]
fn a_user_that_is_not_there_is_not_found() {
    let server = Server::sample();
    let body = operations(json!([{ "op": "replace", "path": "title", "value": "Ghost" }]));
    server.patch(&at(NOBODY), &body).expect_error(404, None);
}

/// Row A4; `Reset User Password`: a new password that the user must change, which nobody sees again.
#[test]
fn a_password_is_reset() {
    let server = Server::sample();
    let user = server.get("/scim/v2/Users?count=1&attributes=id").expect(200)["Resources"][0].clone();
    let target = format!("/scim/v2/Users/{}", user["id"].as_str().unwrap());
    let urn = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";
    let reset = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "path": "password", "value": "Sunny-Meadow-4711" },
        { "op": "replace", "path": format!("{urn}:passwordForceChangeOnNextSignIn"), "value": true }] });
    let (exchanges, answer) = server.exchanges_of(|| server.patch(&target, &reset));
    assert!(answer.status < 300, "{}", answer.status);
    assert_eq!(exchanges.len(), 1);
    let sent = exchanges[0].to_string();
    assert!(sent.contains("forceChangePasswordNextSignIn"), "{sent}");
    let shown = server.get(&target).expect(200).to_string();
    assert!(!shown.contains("Sunny-Meadow") && !shown.contains("password\""), "{shown}");
}
