use std::time::Duration;

use futures::executor::block_on;
use runtime::HttpError;
use serde_json::json;

use super::Client;
use crate::{
    cloud::{Cloud, Endpoints},
    error::Kind,
    operation::Operation,
    plan::Plan,
    testing::{Script, Slept, Token},
};

const BASE: &str = "https://graph.test";

fn client<'a>(script: &'a Script, slept: &'a Slept) -> Client<&'a Script, &'a Slept, Token> {
    Client::new(script, slept, Token, &Endpoints::new(Cloud::Global, "", BASE, "https://arm.test"))
}

#[test]
fn ok_a_call_has_its_headers() {
    let (script, slept) = (Script::of(&[(200, "", "{}"), (204, "", "")]), Slept::default());
    let client = client(&script, &slept);
    block_on(client.send(&Operation::get("/users").query("$count", "true").eventual().prefer("return=minimal")))
        .unwrap();
    let response = block_on(client.send(&Operation::patch("/users/1").body(b"{}".to_vec()))).unwrap();
    assert_eq!((response.status.as_u16(), response.body.len(), client.usage().calls), (204, 0, 2));

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
    assert_eq!(client.usage().calls, 1);
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
    (outcome, client.usage().calls, slept.0.get().as_secs())
}

#[test]
fn ok_what_may_be_repeated_is_repeated_in_time() {
    let (get, post) = (Operation::get("/users"), Operation::post("/users").body(b"{}".to_vec()));
    let (busy, down, good) = ((429, "1", ""), (503, "2", ""), (200, "", "{}"));
    for (operation, answers, expected) in [
        (&get, vec![busy, good], (Ok(200), 2, 1)),
        (&get, vec![busy, down, good], (Ok(200), 3, 3)),
        (&get, vec![busy, busy, (404, "", "")], (Err(Kind::NotFound), 3, 2)),
        (&get, vec![(504, "0", ""), good], (Ok(200), 2, 0)),
        (&get, vec![(429, "45", "")], (Err(Kind::Throttled), 1, 0)),
        (&get, vec![busy; 6], (Err(Kind::Throttled), 6, 5)),
        (&get, vec![(404, "1", "")], (Err(Kind::NotFound), 1, 0)),
        (&get, vec![(401, "", ""), good], (Ok(200), 2, 0)),
        (&get, vec![(401, "", ""); 3], (Err(Kind::Unauthorized), 3, 0)),
        (&post, vec![busy, (201, "", "{}")], (Ok(201), 2, 1)),
        (&post, vec![down], (Err(Kind::Unavailable), 1, 0)),
    ] {
        assert_eq!(retried(operation, &answers), expected, "{operation} {answers:?}");
    }
    // Without Retry-After it waits longer each time, and never past the time of the request.
    let (outcome, calls, slept) = retried(&get, &vec![(429, "", ""); 6]);
    assert_eq!((outcome, calls > 3, (7..=30).contains(&slept)), (Err(Kind::Throttled), true, true), "{calls} {slept}");
}

#[test]
fn ok_in_the_background_nothing_is_repeated() {
    let (script, slept) = (Script::of(&[(503, "1", "")]), Slept::default());
    let client = client(&script, &slept).in_background();
    assert_eq!(block_on(client.send(&Operation::get("/users"))).unwrap_err().kind, Kind::Unavailable);
    assert_eq!(client.usage().calls, 1);
    assert_eq!(script.requests.borrow()[0].headers()["x-ms-throttle-priority"], "Low");
}

#[test]
fn ok_a_long_wait_is_told() {
    let (script, slept) = (Script::of(&[(429, "150", "")]), Slept::default());
    let client = client(&script, &slept);
    let error = block_on(client.send(&Operation::get("/users"))).unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(150)));
    // The next call is not even made.
    let error = block_on(client.send(&Operation::get("/users"))).unwrap_err();
    assert_eq!((error.kind, error.status, client.usage().calls), (Kind::Throttled, None, 1));
    assert!(error.retry_after.is_some_and(|wait| wait >= Duration::from_secs(150)), "{error:?}");
}

#[test]
fn ok_what_was_just_made_is_looked_for() {
    let missing = (404, "", "{}");
    let known = Operation::get("/users/1").known();
    assert_eq!(retried(&known, &[missing, missing, (200, "", "{}")]).0, Ok(200));
    assert_eq!(retried(&known, &[missing; 9]).0, Err(Kind::NotFound));
}

#[test]
fn ok_a_call_that_the_host_denies_says_what_to_do() {
    let (script, slept) = (Script::default(), Slept::default());
    script.answers.borrow_mut().push_back(Err(HttpError::Denied(BASE.to_owned())));
    let error = block_on(client(&script, &slept).send(&Operation::get("/users"))).unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::Denied, None));
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
        { "id": "1", "status": 429, "headers": { "Retry-After": "99" }, "body": { "error": { "code": "TooManyRequests", "message": "y" } } },
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

    assert_eq!(client.usage().calls, 1);
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
    assert_eq!((throttled.kind, throttled.retry_after), (Kind::Throttled, Some(Duration::from_secs(99))));
    assert_eq!(outcomes[2].as_ref().unwrap_err().kind, Kind::FailedDependency);
    assert!(outcomes[3].as_ref().unwrap().body.is_empty());
    assert_eq!(outcomes[4].as_ref().unwrap_err().kind, Kind::InvalidAnswer);
}

/// The answer to a batch: id, status, `Retry-After`.
fn responses(responses: &[(&str, u16, &str)]) -> String {
    let response = |(id, status, retry_after): &(&str, u16, &str)| {
        let headers = if retry_after.is_empty() { json!({}) } else { json!({ "Retry-After": retry_after }) };
        json!({ "id": id, "status": status, "headers": headers, "body": {} })
    };
    json!({ "responses": responses.iter().map(response).collect::<Vec<_>>() }).to_string()
}

#[test]
fn ok_a_delete_that_was_made_after_all_is_a_success() {
    let delete = Operation::delete("/users/1");
    assert_eq!(retried(&delete, &[(503, "0", ""), (404, "", "")]).0, Ok(204));
    assert_eq!(retried(&delete, &[(429, "0", ""), (404, "", "")]).0, Err(Kind::NotFound));
    assert_eq!(retried(&delete, &[(404, "", "")]).0, Err(Kind::NotFound));
}

#[test]
fn ok_only_what_failed_is_made_again_and_what_waits_for_it() {
    let first = responses(&[("0", 200, ""), ("1", 429, "2"), ("2", 424, ""), ("3", 404, "")]);
    let second = responses(&[("1", 201, ""), ("2", 204, "")]);
    let (script, slept) = (Script::of(&[(200, "", &first), (200, "", &second)]), Slept::default());
    let client = client(&script, &slept);
    let plan = Plan::from(vec![
        Operation::get("/users/0"),
        Operation::post("/users").body(b"{}".to_vec()),
        Operation::put("/users/1/manager/$ref").body(b"{}".to_vec()).after(0).after(1),
        Operation::get("/users/3"),
    ]);
    let outcomes = block_on(client.run(&plan)).unwrap();
    let statuses: Vec<Result<u16, Kind>> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().map(|answer| answer.status.as_u16()).map_err(|error| error.kind))
        .collect();
    assert_eq!(statuses, [Ok(200), Ok(201), Ok(204), Err(Kind::NotFound)]);
    assert_eq!((client.usage().calls, client.usage().repeats, slept.0.get().as_secs()), (2, 1, 2));
    let again = script.body(1);
    assert_eq!(again["requests"][0]["id"], "1");
    assert_eq!(again["requests"][1]["dependsOn"], json!(["1"]), "what is done is no longer waited for");
}

#[test]
fn ok_a_create_that_may_have_been_made_is_not_made_again() {
    let answer = responses(&[("0", 503, ""), ("1", 424, "")]);
    let (script, slept) = (Script::of(&[(200, "", &answer)]), Slept::default());
    let client = client(&script, &slept);
    let create = Operation::post("/users").body(b"{}".to_vec());
    let outcomes = block_on(client.run(&Plan::from(vec![create, Operation::get("/users/a").after(0)]))).unwrap();
    let kinds: Vec<Kind> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap_err().kind).collect();
    assert_eq!((kinds.as_slice(), client.usage().calls), (&[Kind::Unavailable, Kind::FailedDependency][..], 1));
}

#[test]
fn ok_a_batch_turned_away_as_a_whole_is_made_again() {
    for (status, second, calls) in [
        (429, Operation::post("/users"), 2),
        (503, Operation::get("/users/2"), 2),
        (503, Operation::post("/users").after(0), 2),
    ] {
        let answers = [
            (status, "1", String::new()),
            (200, "", responses(&[("0", 200, ""), ("1", 200, "")])),
            (200, "", responses(&[])),
        ];
        let answers: Vec<(u16, &str, &str)> =
            answers.iter().map(|(status, wait, body)| (*status, *wait, body.as_str())).collect();
        let (script, slept) = (Script::of(&answers), Slept::default());
        let client = client(&script, &slept);
        let outcomes = block_on(client.run(&Plan::from(vec![Operation::get("/users/1"), second]))).unwrap();
        assert_eq!((client.usage().calls, outcomes.len()), (calls, 2), "{status}");
    }
}

#[test]
fn ok_a_long_plan_is_several_batches() {
    let all = |range: std::ops::Range<u32>| {
        let ids: Vec<String> = range.map(|id| id.to_string()).collect();
        responses(&ids.iter().map(|id| (id.as_str(), 200, "")).collect::<Vec<_>>())
    };
    let answers = [all(0..20), all(20..40), all(40..45)];
    let answers: Vec<(u16, &str, &str)> = answers.iter().map(|body| (200, "", body.as_str())).collect();
    let (script, slept) = (Script::of(&answers), Slept::default());
    let client = client(&script, &slept);
    let outcomes = block_on(client.run(&Plan::from(vec![Operation::get("/users/1"); 45]))).unwrap();
    assert!(outcomes.len() == 45 && outcomes.iter().all(Result::is_ok));
    assert_eq!(client.usage().calls, 3);
}

#[test]
fn ok_arm_is_called_at_its_own_host() {
    let (script, slept) = (Script::of(&[(200, "", "{}"), (200, "", "{}")]), Slept::default());
    let client = client(&script, &slept);
    let list = Operation::get("/subscriptions").query("api-version", "2022-12-01").arm();
    let next = Operation::link("https://elsewhere/subscriptions?api-version=2022-12-01&$skiptoken=x").arm();
    assert!(block_on(client.run(&Plan::from(vec![list, next]))).unwrap().iter().all(Result::is_ok));
    let uris: Vec<String> = script.requests.borrow().iter().map(|request| request.uri().to_string()).collect();
    assert_eq!(uris[0], "https://arm.test/subscriptions?api-version=2022-12-01");
    assert_eq!(uris[1], "https://arm.test/subscriptions?api-version=2022-12-01&$skiptoken=x");
    assert!(block_on(client.send(&Operation::link("https://arm.test/evil").arm())).is_err());
}

#[test]
fn ok_a_plan_that_cannot_be_is_not_made() {
    let (script, slept) = (Script::default(), Slept::default());
    let client = client(&script, &slept);
    let get = || Operation::get("/users/1");
    for plan in [vec![get(), get().after(1)], vec![get().after(7), get()]] {
        assert_eq!(block_on(client.run(&Plan::from(plan))).unwrap_err().kind, Kind::BadRequest);
    }
    let garbled = Plan::from(vec![get(), Operation::post("/users").body(b"{".to_vec())]);
    let outcomes = block_on(client.run(&garbled)).unwrap();
    assert_eq!(outcomes[1].as_ref().unwrap_err().kind, Kind::BadRequest);
    assert_eq!(client.usage().calls, 0);
}

#[test]
fn ok_a_batch_answered_otherwise_is_an_invalid_answer() {
    let (script, slept) = (Script::of(&[(200, "", "<html>")]), Slept::default());
    let plan = Plan::from(vec![Operation::get("/users/1"), Operation::get("/users/2")]);
    let outcomes = block_on(client(&script, &slept).run(&plan)).unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap_err().kind, Kind::InvalidAnswer);
}
