//! `POST /Users`. RFC 7644 section 3.3.

use serde_json::{Value, json};

use super::{CORE, ENTERPRISE, USERS, at, create, id, person};
use crate::harness::Server;

/// What Graph was sent to make the user: it is part of a batch that also reads the user back.
fn creation(exchange: &Value) -> &Value {
    let parts = exchange["requestBody"]["requests"].as_array().unwrap_or_else(|| panic!("no batch: {exchange:#}"));
    let creation = parts.iter().find(|part| part["method"] == "POST" && part["url"] == "/users");
    &creation.unwrap_or_else(|| panic!("no creation: {exchange:#}"))["body"]
}

#[test]
fn what_entra_needs_is_derived() {
    let server = Server::sample();
    let body = json!({
        "schemas": [CORE],
        "userName": "grace.hopper@contoso.onmicrosoft.com",
        "name": { "givenName": "Grace", "familyName": "Hopper" },
    });
    let (exchanges, answer) = server.exchanges_of(|| server.post(USERS, &body));
    let user = answer.expect(201);
    assert_eq!(user["userName"], "grace.hopper@contoso.onmicrosoft.com");
    assert_eq!(user["displayName"], "Grace Hopper");
    assert!(user["password"].is_null(), "{user}");
    let location = &answer.headers["location"];
    assert!(location.ends_with(&at(id(&user))), "{location}");
    assert_eq!(user["meta"]["location"], location.as_str());

    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let sent = creation(&exchanges[0]);
    assert_eq!(sent["mailNickname"], "grace.hopper", "{sent}");
    assert_eq!(sent["passwordProfile"]["password"], "***", "{sent}");
    assert_eq!(sent["passwordProfile"]["forceChangePasswordNextSignIn"], true, "{sent}");
    assert_eq!(server.get(&at(id(&user))).expect(200)["userName"], user["userName"]);
}

#[test]
fn all_that_is_given_is_kept() {
    let server = Server::sample();
    let manager = person("MiriamG@contoso.onmicrosoft.com");
    let body = json!({
        "schemas": [CORE, ENTERPRISE],
        "userName": "Edsger.Dijkstra@contoso.onmicrosoft.com",
        "active": false,
        "displayName": "Edsger W. Dijkstra",
        "name": { "givenName": "Edsger", "familyName": "Dijkstra" },
        "title": "Professor \"emeritus\"",
        "preferredLanguage": "nl-NL",
        "password": "Xk9-not-to-be-told!",
        "phoneNumbers": [{ "type": "work", "value": "+31 40 555 0100" }, { "type": "mobile", "value": "+31 6 555 0101" }],
        "addresses": [{ "type": "work", "locality": "Nuenen", "postalCode": "5671", "streetAddress": "Plataanstraat 5" }],
        ENTERPRISE: { "department": "Ausgewählte Fächer", "employeeNumber": "E7", "manager": { "value": manager["id"] } },
    });
    let created = server.post(USERS, &body).expect(201);
    let user = server.get(&at(id(&created))).expect(200);
    for pointer in
        ["/userName", "/active", "/displayName", "/name/givenName", "/name/familyName", "/title", "/preferredLanguage"]
    {
        assert_eq!(user.pointer(pointer), body.pointer(pointer), "{pointer}: {user}");
    }
    assert_eq!(user[ENTERPRISE]["department"], "Ausgewählte Fächer", "{user}");
    assert_eq!(user[ENTERPRISE]["employeeNumber"], "E7", "{user}");
    assert_eq!(user[ENTERPRISE]["manager"]["value"], manager["id"], "{user}");
    for (attribute, kind, part, value) in [
        ("phoneNumbers", "work", "value", "+31 40 555 0100"),
        ("phoneNumbers", "mobile", "value", "+31 6 555 0101"),
        ("addresses", "work", "locality", "Nuenen"),
        ("addresses", "work", "streetAddress", "Plataanstraat 5"),
    ] {
        let values = user[attribute].as_array().unwrap();
        assert!(values.iter().any(|one| one["type"] == kind && one[part] == value), "{attribute} {kind}: {user}");
    }
}

#[test]
fn a_user_name_is_taken_once() {
    let server = Server::sample();
    let body = |user_name: &str| {
        let name = json!({ "givenName": "A", "familyName": "B" });
        json!({ "schemas": [CORE], "userName": user_name, "name": name })
    };
    let of_the_sample = body("adelev@contoso.onmicrosoft.com");
    server.post(USERS, &of_the_sample).expect_error(409, Some("uniqueness"));
    create(&server, "twice@contoso.onmicrosoft.com");
    server.post(USERS, &body("Twice@contoso.onmicrosoft.com")).expect_error(409, Some("uniqueness"));
}

#[test]
fn what_is_no_user_is_refused() {
    let server = Server::sample();
    let nobody = json!({ "schemas": [CORE], "displayName": "Nobody" });
    server.post(USERS, &nobody).expect_error(400, Some("invalidValue"));
    let number = json!({ "schemas": [CORE], "userName": 7 });
    server.post(USERS, &number).expect_error(400, Some("invalidValue"));
    for body in [json!([]), json!("user"), Value::Null] {
        server.post(USERS, &body).expect_error(400, Some("invalidSyntax"));
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
}

#[test]
fn a_domain_of_others_is_refused() {
    let server = Server::sample();
    let body = json!({ "schemas": [CORE], "userName": "ada@elsewhere.example", "displayName": "Ada" });
    server.post(USERS, &body).expect_error(400, Some("invalidValue"));
}
