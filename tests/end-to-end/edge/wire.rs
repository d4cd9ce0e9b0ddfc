//! Requests that two servers could read differently: RFC 9112 sections 2.2, 5.1, 5.2, 6.3, 7.1, 11.2.

use super::{exchange, raw};
use crate::harness::{Answer, Server, TOKEN};

/// What a smuggled request would be; that it was served would show in the exchanges with Graph.
const SMUGGLED: &str = "GET /scim/v2/Users HTTP/1.1\r\nhost: a\r\n";

#[test]
fn what_is_malformed_is_refused_with_a_scim_error() {
    let server = Server::sample();
    let authorized = format!("{SMUGGLED}authorization: Bearer {TOKEN}\r\n");
    let post = format!("POST /scim/v2/Users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n");
    let many = "x-a: b\r\n".repeat(120);
    let large = "a".repeat(70 << 10);
    let long = "a".repeat(9 << 10);
    let cases = [
        // Where a line or a header ends.
        (format!("GET /scim/v2/Users HTTP/1.1\nhost: a\nauthorization: Bearer {TOKEN}\n\n"), 400),
        (format!("{authorized}x-a: b\nx-c: d\r\n\r\n"), 400),
        (format!("{authorized}x-a: b\rx-c: d\r\n\r\n"), 400),
        (format!("{authorized}x-a: b\r\n folded: c\r\n\r\n"), 400),
        (format!("{authorized}x-a: b\r\n\tfolded\r\n\r\n"), 400),
        (format!("{authorized}x-a : b\r\n\r\n"), 400),
        (format!("{authorized}x-a\r\n\r\n"), 400),
        (format!("{authorized}: b\r\n\r\n"), 400),
        (format!("{authorized}x\u{0}a: b\r\n\r\n"), 400),
        (format!("{authorized}x-a: b\u{0}c\r\n\r\n"), 400),
        (format!("{authorized}x-a: \u{1b}[2J\r\n\r\n"), 400),
        // Where a body ends.
        (format!("{post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{authorized}\r\n"), 400),
        (format!("{post}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n{authorized}\r\n"), 400),
        (format!("{post}content-length: 0\r\ncontent-length: 90\r\n\r\n{authorized}\r\n"), 400),
        (format!("{post}content-length: 2\r\ncontent-length: 2\r\n\r\n{{}}"), 400),
        (format!("{post}content-length: 2, 2\r\n\r\n{{}}"), 400),
        (format!("{post}content-length: +2\r\n\r\n{{}}"), 400),
        (format!("{post}content-length: 0x2\r\n\r\n{{}}"), 400),
        (format!("{post}content-length: -1\r\n\r\n"), 400),
        (format!("{post}content-length: 99999999999999999999\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: identity\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"), 400),
        (format!("{post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"), 400),
        (format!("{}transfer-encoding: chunked\r\n\r\n0\r\n\r\n", post.replace("1.1", "1.0")), 400),
        // The request line.
        (authorized.replace("GET ", "GET  ") + "\r\n", 400),
        (authorized.replace("GET ", "G(T ") + "\r\n", 400),
        (authorized.replace("HTTP/1.1", "HTTP/1.1 x") + "\r\n", 400),
        (authorized.replace("HTTP/1.1", "HTTP/3.0") + "\r\n", 400),
        (authorized.replace("/scim/v2/Users", "/scim/v2/Users/a\tb") + "\r\n", 400),
        (authorized.replace("/scim/v2/Users", "/scim/v2/Users/\u{e4}") + "\r\n", 400),
        (authorized.replace("GET /scim/v2/Users", "CONNECT 127.0.0.1:22") + "\r\n", 400),
        (authorized.replace("GET", "TRACE") + "\r\n", 400),
        (authorized.replace("/scim/v2/Users", "http://b/scim/v2/Users") + "\r\n", 400),
        (authorized.replace("/scim/v2/Users", "*") + "\r\n", 400),
        // Who is meant, and who calls.
        (authorized.replace("host: a\r\n", "") + "connection: close\r\n\r\n", 400),
        (format!("{authorized}host: b\r\n\r\n"), 400),
        (format!("{authorized}authorization: Bearer other\r\n\r\n"), 400),
        // Too much of it.
        (format!("{authorized}{many}\r\n"), 431),
        (format!("{authorized}x-a: {large}\r\n\r\n"), 431),
        (authorized.replace("/scim/v2/Users", &format!("/scim/v2/Users?filter={long}")) + "\r\n", 414),
        (authorized.replace("/scim/v2/Users", &format!("/{long}")) + "\r\n", 414),
        (format!("GET /{large}"), 414),
    ];
    for (request, status) in cases {
        let answers = exchange(server.address, request.as_bytes());
        let answer = Answer::read(&answers);
        let shown = request.chars().take(300).collect::<String>().replace(TOKEN, "TOKEN");
        assert_eq!(answer.status, status, "{shown:?}: {}", String::from_utf8_lossy(&answers));
        answer.expect_error(status, None);
        assert!(answer.headers.contains_key("x-request-id"), "{shown:?}");
        assert_eq!(String::from_utf8_lossy(&answers).matches("HTTP/1.1 ").count(), 1, "{shown:?}: one answer only");
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
    server.get("/scim/v2/Users?count=1").expect(200);
}

#[test]
fn malformed_chunks_are_refused() {
    let server = Server::sample();
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    for body in ["2\n{}\r\n0\r\n\r\n", "x\r\n", "-2\r\n{}\r\n", "2\r\n{}x\r\n0\r\n\r\n", "100000002\r\n{}\r\n0\r\n\r\n"]
    {
        raw(server.address, format!("{head}{body}").as_bytes()).expect_error(400, None);
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
}

#[test]
fn requests_that_follow_one_another_are_served_in_order() {
    let server = Server::sample();
    let authorized = format!("host: a\r\nauthorization: Bearer {TOKEN}\r\n");
    let requests = format!(
        "GET /scim/v2/Users?count=1 HTTP/1.1\r\n{authorized}\r\n\
         POST /scim/v2/.search HTTP/1.1\r\n{authorized}content-type: application/scim+json\r\n\
         transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n\
         GET /scim/v2/Nothing HTTP/1.1\r\n{authorized}\r\n\
         GET / HTTP/1.1\nhost: a\n\nGET /scim/v2/Users?count=1 HTTP/1.1\r\n{authorized}\r\n"
    );
    let text = String::from_utf8(exchange(server.address, requests.as_bytes())).unwrap();
    let statuses = text.match_indices("HTTP/1.1 ").map(|(at, found)| &text[at + found.len()..][..3]);
    let statuses = statuses.collect::<Vec<_>>();
    assert_eq!((statuses.len(), statuses[0], statuses[2], statuses[3]), (4, "200", "404", "400"), "{text}");
    assert!(["200", "400"].contains(&statuses[1]), "{text}");
}
