//! Paths that could name something else after a proxy or a server has tidied them up: RFC 3986 section 6.2.

use crate::harness::{Server, TOKEN};

use super::raw;

#[test]
fn paths_are_plain_or_refused() {
    let server = Server::sample();
    for (path, status) in [
        ("//scim/v2/Users", 400),
        ("/scim//v2/Users", 400),
        ("/scim/v2//Users", 400),
        ("/scim/v2/Users//", 400),
        ("/./scim/v2/Users", 400),
        ("/scim/v2/./Users", 400),
        ("/scim/v2/Groups/../Users", 400),
        ("/scim/v2/Users/..", 400),
        ("/x/../scim/v2/Users", 400),
        ("/scim/v2/Users/%2e%2e/Groups", 400),
        ("/scim/v2/Users/%2E%2E", 400),
        ("/scim/v2/Users/.%2e/Groups", 400),
        ("/scim/v2/Users/..;/Groups", 400),
        ("/scim/v2/Users/..%2fGroups", 400),
        ("/scim%2fv2%2fUsers", 400),
        ("/scim/v2/Users%2F1", 400),
        ("/scim/v2/Users/..%5cGroups", 400),
        ("/scim/v2/Users/%5c", 400),
        ("/scim/v2/Users/%00", 400),
        ("/scim/v2/Users/a%00b", 400),
        ("/scim/v2/Users/a%0d%0ahost:%20b", 400),
        ("/scim/v2/Users/%0a", 400),
        ("/scim/v2/Users/%7f", 400),
        ("/scim/v2/Users/%252e%252e", 400),
        ("/scim/v2/Users/%252f", 400),
        ("/scim/v2/Users/%2500", 400),
        ("/scim/v2/Users/%25252e", 400),
        ("/scim/v2/Users/%c0%ae%c0%ae", 400),
        ("/scim/v2/Users/%ff", 400),
        ("/scim/v2/Users/%", 400),
        ("/scim/v2/Users/%4", 400),
        ("/scim/v2/Users/%zz", 400),
        ("/scim/v2/Users/%u002e", 400),
        // What is plain and leads nowhere.
        ("/SCIM/v2/Users", 404),
        ("/scim/V2/Users", 404),
        ("/scim/v2/USERS%20", 404),
        ("/%73cim/v2/Users", 404),
        ("/scim/v1/Users", 404),
        ("/.well-known/security.txt", 404),
        ("/metrics", 404),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n");
        let answer = raw(server.address, request.as_bytes());
        assert_eq!(answer.status, status, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.expect_error(status, None);
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
}

#[test]
fn names_with_encoded_characters_are_found() {
    let server = Server::sample();
    let adele = server.get("/scim/v2/Users/AdeleV@contoso.onmicrosoft.com").expect(200);
    for path in [
        "/scim/v2/Users/AdeleV%40contoso.onmicrosoft.com",
        "/scim/v2/Users/AdeleV%40contoso%2eonmicrosoft.com",
        "/scim/v2/Users/%41deleV@contoso.onmicrosoft.com/",
    ] {
        assert_eq!(server.get(path).expect(200)["id"], adele["id"], "{path}");
    }
    // Nobody has these names, but they are names.
    for path in ["/scim/v2/Users/o%27neill@contoso.onmicrosoft.com", "/scim/v2/Users/a_b.com%23EXT%23@contoso.com"] {
        server.get(path).expect_error(404, None);
    }
}
