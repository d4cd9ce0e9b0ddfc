//! `PUT /Users/{id}`. RFC 7644 section 3.5.1.

use serde_json::json;

use super::{CORE, ENTERPRISE, NOBODY, at, create, id};
use crate::harness::Server;

#[test]
fn what_is_not_given_is_gone() {
    let server = Server::sample();
    let user = create(&server, "replaced@contoso.onmicrosoft.com");
    let body = json!({
        "schemas": [CORE, ENTERPRISE],
        "id": user["id"],
        "userName": "renamed@contoso.onmicrosoft.com",
        "active": false,
        "displayName": "Countess of Lovelace",
        "name": { "givenName": "Augusta", "familyName": "King" },
        ENTERPRISE: { "employeeNumber": "E1815" },
    });
    let answered = server.put(&at(id(&user)), &body).expect(200);
    let read = server.get(&at(id(&user))).expect(200);
    for user in [answered, read] {
        for pointer in ["/id", "/userName", "/active", "/displayName", "/name/givenName", "/name/familyName"] {
            assert_eq!(user.pointer(pointer), body.pointer(pointer), "{pointer}: {user}");
        }
        assert_eq!(user[ENTERPRISE]["employeeNumber"], "E1815", "{user}");
        assert!(user["title"].is_null() && user[ENTERPRISE]["department"].is_null(), "{user}");
    }
}

#[test]
fn a_replacement_is_one_graph_call() {
    let server = Server::sample();
    let user = create(&server, "replaced@contoso.onmicrosoft.com");
    let body = json!({
        "schemas": [CORE],
        "userName": user["userName"],
        "active": true,
        "displayName": "Ada",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
    });
    let (exchanges, _) = server.exchanges_of(|| server.put(&at(id(&user)), &body).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
}

#[test]
fn what_is_no_user_is_refused() {
    let server = Server::sample();
    let user = create(&server, "replaced@contoso.onmicrosoft.com");
    server
        .put(&at(id(&user)), &json!({ "schemas": [CORE], "displayName": "Ada" }))
        .expect_error(400, Some("invalidValue"));
    server.put(&at(id(&user)), &json!([])).expect_error(400, Some("invalidSyntax"));
    assert_eq!(server.get(&at(id(&user))).expect(200)["displayName"], "Ada Lovelace");
}

#[test]
fn a_user_that_is_not_there_is_not_made() {
    let server = Server::sample();
    let body = json!({
        "schemas": [CORE],
        "userName": "nobody@contoso.onmicrosoft.com",
        "displayName": "Nobody",
        "name": { "givenName": "No", "familyName": "Body" },
    });
    server.put(&at(NOBODY), &body).expect_error(404, None);
}
