//! Who may call: RFC 7644 section 2, RFC 6750 section 3.

use super::{USERS, at, id, person};
use crate::harness::{Request, Server, TOKEN};

#[test]
fn a_caller_without_the_token_learns_nothing() {
    let server = Server::sample();
    let somebody = at(id(&person("AdeleV@contoso.onmicrosoft.com")));
    for authorization in [
        None,
        Some("Bearer wrong".to_owned()),
        Some("Bearer".to_owned()),
        Some(format!("Bearer {TOKEN}x")),
        Some(format!("Basic {TOKEN}")),
        Some(TOKEN.to_owned()),
    ] {
        for (method, target) in [
            ("GET", USERS),
            ("GET", somebody.as_str()),
            ("DELETE", somebody.as_str()),
            ("POST", USERS),
            ("GET", "/inventory/users"),
            ("POST", "/inventory/users/run"),
        ] {
            let request = Request::new(method, target);
            let request = match &authorization {
                Some(authorization) => request.header("authorization", authorization.as_str()),
                None => request,
            };
            let answer = request.send(server.address);
            answer.expect_error(401, None);
            let challenge = answer.headers.get("www-authenticate").map(String::as_str).unwrap_or_default();
            assert!(challenge.starts_with("Bearer"), "{method} {target} with {authorization:?}: {challenge}");
        }
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
    server.get(&somebody).expect(200);
}

#[test]
fn the_scheme_may_be_written_in_any_case() {
    let server = Server::sample();
    let request = Request::new("GET", USERS).header("authorization", format!("bearer {TOKEN}"));
    request.send(server.address).expect(200);
}
