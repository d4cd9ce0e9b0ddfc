//! What every answer says, and under which name a request is known.

use super::seen;
use crate::harness::{Request, Server};
use crate::host::probe::Probe;

#[test]
fn every_answer_has_the_security_headers() {
    let server = Server::sample();
    let unauthorized = Request::new("GET", "/scim/v2/Users").send(server.address);
    for (answer, status) in [
        (server.get("/scim/v2/Users?count=1"), 200),
        (server.get("/scim/v2/Users/nobody"), 404),
        (server.get("/nothing"), 404),
        (server.get("/scim//v2"), 400),
        (unauthorized, 401),
    ] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-request-id"].len(), 32);
        assert!(!answer.headers.contains_key("server"));
        assert!(!answer.headers.contains_key("strict-transport-security"), "this is no TLS");
    }
}

#[test]
fn a_sane_request_id_is_taken_over() {
    let probe = Probe::start(&[], &[], &[]);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (name, value, expected) in [
        ("x-request-id", "mine-1", Some("mine-1")),
        ("client-request-id", "3f2a-b", Some("3f2a-b")),
        ("traceparent", trace, Some("0af7651916cd43dd8448eb211c80319c")),
        ("x-request-id", "a b\"", None),
        ("x-request-id", "${jndi:ldap://a}", None),
        ("traceparent", "00-0-0-0", None),
    ] {
        let answer = Request::new("GET", "/probe/headers").header(name, value).send(probe.address);
        let (told, text) = (answer.headers["x-request-id"].clone(), String::from_utf8(answer.body).unwrap());
        assert_eq!(seen(&text, "x-request-id"), Some(told.as_str()), "{text}");
        match expected {
            Some(expected) => assert_eq!(told, expected),
            None => assert!(told.len() == 32 && told != value, "{told}"),
        }
    }
}
