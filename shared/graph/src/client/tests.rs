use std::time::Duration;

use futures::executor::block_on;
use runtime::HttpError;
use serde_json::json;

use super::Client;
use crate::{
    error::Kind,
    operation::Operation,
    plan::Plan,
    testing::{Script, Slept, Token},
};

const BASE: &str = "https://graph.test";

fn client<'a>(script: &'a Script, slept: &'a Slept) -> Client<&'a Script, &'a Slept, Token> {
    Client::new(script, slept, Token, BASE)
}

#[test]
fn ok_a_call_has_its_headers() {
    let (script, slept) = (Script::of(&[(200, "", "{}"), (204, "", "")]), Slept::default());
    let client = client(&script, &slept);
    block_on(client.send(&Operation::get("/users").query("$count", "true").eventual().prefer("return=minimal")))
        .unwrap();
    let response = block_on(client.send(&Operation::patch("/users/1").body(b"{}".to_vec()))).unwrap();
    assert_eq!((response.status.as_u16(), response.body.len(), client.calls()), (204, 0, 2));

    let requests = script.requests.borrow();
    assert_eq!(requests[0].uri(), "https://graph.test/v1.0/users?$count=true");
    for (name, value) in [
        ("authorization", "Bearer token-1"),
        ("accept", "application/json"),
        ("consistencylevel", "eventual"),
        ("prefer", "return=minimal"),
    ] {
        assert_eq!(requests[0].headers()[name], value);
    }
    assert!(!requests[0].headers().contains_key("content-type"));
    assert_eq!(requests[1].headers()["content-type"], "application/json");
    let names: Vec<&str> =
        requests.iter().map(|request| request.headers()["client-request-id"].to_str().unwrap()).collect();
    assert!(names[0] != names[1] && names[0].len() == 36, "{names:?}");
}

#[test]
fn ok_a_link_is_followed_as_it_is_and_only_home() {
    let (script, slept) = (Script::of(&[(200, "", "{}")]), Slept::default());
    let client = client(&script, &slept);
    let link = "https://graph.test/v1.0/users/delta?$deltatoken=a%2Bb";
    block_on(client.send(&Operation::link(link))).unwrap();
    assert_eq!(script.requests.borrow()[0].uri(), link);
    for elsewhere in ["https://graph.test/v1.0@evil/users", "https://graph.test/beta/users", "users", ""] {
        let error = block_on(client.send(&Operation::link(elsewhere))).unwrap_err();
        assert_eq!(error.kind, Kind::InvalidAnswer, "{elsewhere}");
    }
    assert_eq!(client.calls(), 1);
}

#[test]
fn ok_a_link_of_another_host_is_followed_at_home() {
    let (script, slept) = (Script::of(&[(200, "", "{}")]), Slept::default());
    let client = client(&script, &slept);
    block_on(client.send(&Operation::link("https://graph.test.evil:8443/v1.0/users?$skiptoken=x"))).unwrap();
    assert_eq!(script.requests.borrow()[0].uri(), "https://graph.test/v1.0/users?$skiptoken=x");
}

/// What `operation` comes to: the kind or the status, the calls made, and the seconds slept.
fn retried(operation: &Operation, answers: &[(u16, &str, &str)]) -> (Result<u16, Kind>, u32, u64) {
    let (script, slept) = (Script::of(answers), Slept::default());
    let client = client(&script, &slept);
    let outcome = block_on(client.send(operation));
    let outcome = outcome.map(|response| response.status.as_u16()).map_err(|error| error.kind);
    (outcome, client.calls(), slept.0.get().as_secs())
}

#[test]
fn ok_a_short_wait_is_waited() {
    let (get, post) = (Operation::get("/users"), Operation::post("/users").body(b"{}".to_vec()));
    let (busy, down, good) = ((429, "1", ""), (503, "2", ""), (200, "", "{}"));
    for (operation, answers, expected) in [
        (&get, vec![busy, good], (Ok(200), 2, 1)),
        (&get, vec![busy, down, good], (Ok(200), 3, 3)),
        (&get, vec![busy, busy, busy], (Err(Kind::Throttled), 3, 2)),
        (&get, vec![(504, "0", ""), good], (Ok(200), 2, 0)),
        (&get, vec![(429, "3", "")], (Err(Kind::Throttled), 1, 0)),
        (&get, vec![(429, "", "")], (Err(Kind::Throttled), 1, 0)),
        (&get, vec![(500, "1", "")], (Err(Kind::Unavailable), 1, 0)),
        (&get, vec![(404, "1", "")], (Err(Kind::NotFound), 1, 0)),
        (&post, vec![busy], (Err(Kind::Throttled), 1, 0)),
    ] {
        assert_eq!(retried(operation, &answers), expected, "{operation} {answers:?}");
    }
}

#[test]
fn ok_a_long_wait_is_told() {
    let (script, slept) = (Script::of(&[(429, "150", "")]), Slept::default());
    let error = block_on(client(&script, &slept).send(&Operation::get("/users"))).unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(150)));
}

#[test]
fn ok_no_answer_is_an_error_of_transport() {
    let (script, slept) = (Script::default(), Slept::default());
    script.answers.borrow_mut().push_back(Err(HttpError::Denied(BASE.to_owned())));
    let error = block_on(client(&script, &slept).send(&Operation::get("/users"))).unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Transport, None));
    assert!(error.message.contains("allowed_outbound_hosts"), "{error}");
}

#[test]
fn ok_a_plan_of_one_is_one_call_and_of_none_is_none() {
    let (script, slept) = (Script::of(&[(404, "", "{}")]), Slept::default());
    let client = client(&script, &slept);
    assert!(block_on(client.run(&Plan::default())).unwrap().is_empty());
    let outcomes = block_on(client.run(&Plan::of(Operation::get("/users/1")))).unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind, Kind::NotFound);
    assert_eq!(script.requests.borrow()[0].uri(), "https://graph.test/v1.0/users/1");
}

#[test]
fn ok_a_plan_of_several_is_a_batch() {
    let answer = json!({ "responses": [
        { "id": "2", "status": 424, "headers": {}, "body": { "error": { "code": "FailedDependency", "message": "x" } } },
        { "id": "0", "status": 201, "headers": { "Location": "https://graph.test/v1.0/users/1" }, "body": { "id": "1" } },
        { "id": "1", "status": 429, "headers": { "Retry-After": "9" }, "body": { "error": { "code": "TooManyRequests", "message": "y" } } },
        { "id": "3", "status": 204, "headers": {} },
    ] });
    let (script, slept) = (Script::of(&[(200, "", &answer.to_string())]), Slept::default());
    let client = client(&script, &slept);
    let plan = Plan::from(vec![
        Operation::post("/users").body(br#"{"displayName":"A"}"#.to_vec()),
        Operation::get("/users").query("$search", "\"displayName:a b\"").eventual(),
        Operation::put("/users/1/manager/$ref").body(b"{}".to_vec()).after(1),
        Operation::link("https://graph.test/v1.0/users?$skiptoken=x"),
        Operation::get("/users/5"),
    ]);
    let outcomes = block_on(client.run(&plan)).unwrap();

    assert_eq!(client.calls(), 1);
    assert_eq!(script.requests.borrow()[0].uri(), "https://graph.test/v1.0/$batch");
    let json_type = json!({ "Content-Type": "application/json" });
    assert_eq!(
        script.body(0),
        json!({ "requests": [
            { "id": "0", "method": "POST", "url": "/users", "headers": json_type, "body": { "displayName": "A" } },
            { "id": "1", "method": "GET", "url": "/users?$search=%22displayName:a%20b%22", "headers": { "ConsistencyLevel": "eventual" } },
            { "id": "2", "method": "PUT", "url": "/users/1/manager/$ref", "headers": json_type, "body": {}, "dependsOn": ["1"] },
            { "id": "3", "method": "GET", "url": "/users?$skiptoken=x" },
            { "id": "4", "method": "GET", "url": "/users/5" },
        ] })
    );
    let created = outcomes[0].as_ref().unwrap();
    assert_eq!((created.status.as_u16(), &created.body[..]), (201, &br#"{"id":"1"}"#[..]));
    assert_eq!(created.headers["location"], "https://graph.test/v1.0/users/1");
    let throttled = outcomes[1].as_ref().unwrap_err();
    assert_eq!((throttled.kind, throttled.retry_after), (Kind::Throttled, Some(Duration::from_secs(9))));
    assert_eq!(outcomes[2].as_ref().unwrap_err().kind, Kind::FailedDependency);
    assert!(outcomes[3].as_ref().unwrap().body.is_empty());
    assert_eq!(outcomes[4].as_ref().unwrap_err().kind, Kind::InvalidAnswer);
}

#[test]
fn ok_a_batch_is_repeated_when_all_of_it_may_be() {
    for (second, expected) in [(Operation::get("/users/2"), 2), (Operation::post("/users"), 1)] {
        let (script, slept) = (Script::of(&[(429, "1", ""), (200, "", r#"{"responses":[]}"#)]), Slept::default());
        let client = client(&script, &slept);
        let _ = block_on(client.run(&Plan::from(vec![Operation::get("/users/1"), second])));
        assert_eq!(client.calls(), expected);
    }
}

#[test]
fn ok_a_batch_that_cannot_be_is_not_made() {
    let (script, slept) = (Script::default(), Slept::default());
    let client = client(&script, &slept);
    let get = || Operation::get("/users/1");
    for plan in [
        vec![get(); 21],
        vec![get(), get().after(1)],
        vec![get().after(7), get()],
        vec![get(), Operation::post("/users").body(b"{".to_vec())],
    ] {
        assert_eq!(block_on(client.run(&Plan::from(plan))).unwrap_err().kind, Kind::BadRequest);
    }
    assert_eq!(client.calls(), 0);
}

#[test]
fn ok_a_batch_answered_otherwise_is_an_invalid_answer() {
    let (script, slept) = (Script::of(&[(200, "", "<html>")]), Slept::default());
    let plan = Plan::from(vec![Operation::get("/users/1"), Operation::get("/users/2")]);
    let error = block_on(client(&script, &slept).run(&plan)).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidAnswer);
}
