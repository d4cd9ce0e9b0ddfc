//! OneLogin: what is sent is a JSON template that an administrator writes.
//!
//! Source: <https://scim.dev/guide/applications/onelogin>.

use serde_json::{Value, json};

use super::{
    ENTERPRISE, USER, USERS, assert_found, at, body_of, changed, look_up, named, read, typed, user, with_body,
};
use crate::harness::Server;

/// The URN with which the template of the older connector begins.
const CORE_1: &str = "urn:scim:schemas:core:1.0";

/// A template of SCIM 1.1 is told what it must name, and nobody is made.
#[test]
fn a_template_of_another_version() {
    let server = Server::sample();
    for schemas in [json!([CORE_1]), json!([]), json!(USER), json!("urn:x"), Value::Null] {
        let mut body = body_of("template");
        body["schemas"] = schemas.clone();
        let detail = server.post(USERS, &body).expect_error(400, Some("invalidSyntax"));
        assert!(detail.contains(USER), "{schemas}: {detail}");
    }
    assert_eq!(look_up(&server, USERS, &format!("userName eq \"{}\"", named("template")), "")["totalResults"], 0);
}

/// A template that names both, or more than the service knows, is understood.
#[test]
fn a_template_that_names_more() {
    let server = Server::sample();
    let mut body = body_of("template");
    body["schemas"] = json!([CORE_1, USER, ENTERPRISE, "urn:ietf:params:scim:schemas:extension:onelogin:2.0:User"]);
    body["urn:ietf:params:scim:schemas:extension:onelogin:2.0:User"] = json!({ "state": 1 });
    let user = server.post(USERS, &body).expect(201);
    let schemas = user["schemas"].as_array().unwrap();
    assert!(schemas.contains(&json!(USER)) && !schemas.contains(&json!(CORE_1)), "{user}");
}

/// Macros of the template that find no value leave an empty text.
#[test]
fn a_template_with_holes() {
    let server = Server::sample();
    let mut body = body_of("holes");
    body["title"] = json!("");
    body["phoneNumbers"] = json!([{ "value": "", "type": "work" }]);
    body["addresses"] = json!([{ "type": "work", "locality": "", "country": "Norway" }]);
    body[ENTERPRISE] = json!({ "department": "", "employeeNumber": "", "manager": { "value": "" } });
    let answer = server.send(with_body("POST", USERS, "application/json", &body));
    let user = read(&server, &answer.expect(201));
    assert!(user["title"].is_null() && user["phoneNumbers"].is_null() && user[ENTERPRISE].is_null(), "{user}");
    assert_eq!(typed(&user, "addresses", "work")["country"], "Norway", "{user}");
}

/// Users are looked up by name, and updated by PUT of the template.
#[test]
fn a_user_is_found_and_put() {
    let server = Server::sample();
    let user = user(&server, "onelogin");
    assert_found(&server, USERS, &format!("userName eq \"{}\"", named("onelogin")), &user);
    let mut body = body_of("onelogin");
    body["name"]["familyName"] = json!("King");
    body[ENTERPRISE]["department"] = json!("Sales");
    let put = server.put(&at(&user), &body).expect(200);
    for user in [put, read(&server, &user)] {
        assert_eq!((&user["name"]["familyName"], &user[ENTERPRISE]["department"]), (&json!("King"), &json!("Sales")));
        assert_eq!(user["title"], "Engineer", "{user}");
    }
}

/// Who was deactivated is found and reactivated; to make them again is a conflict that says so, and no other error.
#[test]
fn a_user_is_reactivated() {
    let server = Server::sample();
    let user = user(&server, "back");
    changed(&server, &user, json!([{ "op": "replace", "path": "active", "value": false }]));
    server.post(USERS, &body_of("back")).expect_error(409, Some("uniqueness"));
    assert_found(&server, USERS, &format!("userName eq \"{}\"", named("back")), &user);
    let read = changed(&server, &user, json!([{ "op": "replace", "path": "active", "value": true }]));
    assert_eq!(read["active"], true);
}
