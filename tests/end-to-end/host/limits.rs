//! What the host answers before a component is asked, and what it keeps to itself.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use crate::harness::{Request, Server, State, TOKEN};

const USERS: &str = "/scim/v2/Users";

/// One byte more than the body of a request may have.
const TOO_LONG: usize = (8 << 20) + 1;

#[test]
fn an_unknown_path_is_not_found() {
    let server = Server::sample();
    for target in ["/", "/scim", "/scim/v2/Nothing", "/inventory"] {
        server.get(target).expect_error(404, None);
    }
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let server = Server::sample();
    // Refused for what it says: nothing of it is sent.
    let announced = Request::new("POST", USERS).header("content-length", TOO_LONG.to_string());
    let detail = server.send(announced).expect_error(413, None);
    assert!(detail.contains("8388608"), "{detail}");
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
    server.get(&format!("{USERS}?count=1")).expect(200);
}

#[test]
fn a_component_that_is_not_asked_for_is_not_there() {
    let server = Server::start(State::new(), &["--simulate", "--components", "scim-users"], &[]);
    server.get(&format!("{USERS}?count=1")).expect(200);
    server.get("/inventory/users").expect_error(404, None);
}

#[test]
fn the_traffic_file_has_no_secrets() {
    let server = Server::inventoried();
    let password = "Correct-Horse-7-Battery";
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "secretive@contoso.onmicrosoft.com",
        "name": { "givenName": "Se", "familyName": "Cretive" },
        "password": password,
    });
    let user = server.post(USERS, &body).expect(201);
    server.get(&format!("{USERS}?count=2")).expect(200);
    server.delete(&format!("{USERS}/{}", user["id"].as_str().unwrap())).expect(204);

    let text = fs::read_to_string(server.state.traffic()).unwrap();
    for secret in [TOKEN, password, "Bearer ey", "tenant-in-a-box~secret", "client_secret"] {
        assert!(!text.contains(secret), "{secret} is in the traffic file");
    }
    let exchanges = server.state.exchanges();
    assert!(exchanges.len() >= 4, "{exchanges:#?}");
    for exchange in exchanges {
        let names = exchange.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>();
        let expected = BTreeSet::from([
            "method",
            "requestBody",
            "requestHeaders",
            "responseBody",
            "responseHeaders",
            "status",
            "url",
        ]);
        assert_eq!(names, expected);
        assert_eq!(exchange["requestHeaders"]["authorization"], "***", "{exchange}");
    }
}
