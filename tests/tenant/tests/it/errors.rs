//! Requests that break the contract.

use serde_json::{Value, json};

use crate::client::{ADELE, Box, send};

#[test]
fn what_is_not_in_the_contract_is_refused() {
    let tenant = Box::sample();
    let cases = [
        ("GET", "/devices", 400, "BadRequest"),
        ("GET", "/users/$nothing", 400, "BadRequest"),
        ("GET", "/me", 400, "BadRequest"),
        ("PUT", "/users", 405, "Request_BadRequest"),
        ("POST", "/users/87d349ed-44d7-43e1-9a83-5f2406dee5bd", 405, "Request_BadRequest"),
        ("GET", "/users?$skip=5", 400, "BadRequest"),
        ("GET", "/users?$nothing=5", 400, "BadRequest"),
        ("GET", "/users?nothing=5", 400, "BadRequest"),
        ("GET", "/users?$top=5&$top=6", 400, "BadRequest"),
        ("GET", "/users?$count=maybe", 400, "BadRequest"),
        ("GET", "/users?$select=nothing", 400, "BadRequest"),
        ("GET", "/users?$select=DisplayName", 400, "BadRequest"),
        ("GET", "/users?$orderby=city", 400, "Request_UnsupportedQuery"),
        ("GET", "/users?$orderby=displayName up", 400, "BadRequest"),
        ("GET", "/users/87d349ed-44d7-43e1-9a83-5f2406dee5bd?$filter=id eq 'a'", 400, "BadRequest"),
        ("GET", "/users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        ("GET", "/users/00000000-0000-0000-0000-000000000001/manager", 404, "Request_ResourceNotFound"),
        ("DELETE", "/users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        ("GET", "/directory/deletedItems/87d349ed-44d7-43e1-9a83-5f2406dee5bd", 404, "Request_ResourceNotFound"),
    ];
    for (method, path, status, code) in cases {
        let answer = tenant.call(method, path, &[], &Value::Null);
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {path}: {}", answer.message());
        let inner = &answer.body["error"]["innerError"];
        assert_eq!(inner["request-id"], answer.headers["request-id"], "{path}");
        assert!(inner["date"].is_string() && inner["client-request-id"].is_string());
    }
}

#[test]
fn a_body_needs_its_type_and_form() {
    let tenant = Box::sample();
    let path = format!("/v1.0/users/{ADELE}");
    let bearer = format!("Bearer {}", tenant.token);
    let authorization = ("authorization", bearer.as_str());
    let json_type = ("content-type", "application/json");
    for (headers, body) in [
        (vec![authorization], r#"{"city":"x"}"#),
        (vec![authorization, json_type], r#"{"city":"#),
        (vec![authorization, json_type], "[]"),
    ] {
        let answer = send(tenant.server.address(), "PATCH", &path, &headers, body).unwrap();
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{body}");
    }
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &json!({})).status, 204);
}
