//! 429, with and without `Retry-After`, alone and inside a batch.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{at, calls, connected, ids};
use crate::harness::Tenant;

#[test]
fn a_read_that_is_turned_away_twice_succeeds_in_the_end() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    for fault in [
        json!({ "match": "GET /users/*", "status": 429, "retryAfter": 1, "times": 2 }),
        json!({ "match": "GET /users/*", "status": 429, "times": 2 }),
        json!({ "match": "GET /users/*", "status": 429, "retryAfter": 1, "retryAfterDate": true, "throttleHeaders": true, "times": 2 }),
    ] {
        tenant.fault(&fault);
        let answer = server.get(&at(id));
        assert_eq!(answer.expect(200)["id"], id.as_str(), "{fault}");
        assert_eq!(calls(&answer), 3, "{fault}");
        let timing = &answer.headers["server-timing"];
        assert!(
            timing.contains("3 calls") && timing.contains("2 repeats") && !timing.ends_with("wait;dur=0.0"),
            "{timing}"
        );
    }
}

#[test]
fn a_wait_that_is_too_long_is_the_callers_and_no_storm() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    tenant.fault(&json!({ "match": "GET /users/*", "status": 429, "retryAfter": 120, "times": 100 }));
    let started = Instant::now();
    let first = server.get(&at(id));
    let detail = first.expect_error(429, None);
    assert!(detail.contains("request-id") && detail.contains("client-request-id"), "{detail}");
    assert_eq!((first.headers["retry-after"].as_str(), calls(&first)), ("120", 1));
    // Whoever asks in the meantime is told so, and soon every instance leaves Graph alone.
    let answers: Vec<_> = (0..12).map(|_| server.get(&at(id))).collect();
    for answer in &answers {
        answer.expect_error(429, None);
        let wait: u64 = answer.headers["retry-after"].parse().unwrap();
        assert!((100..=121).contains(&wait), "{wait}");
    }
    assert!(answers.iter().map(calls).sum::<u32>() < 4);
    assert_eq!(calls(answers.last().unwrap()), 0);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_is_turned_away_inside_a_batch_is_made_again_alone() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Astronaut" }] });
    for fault in [
        json!({ "match": "PATCH /users/*", "status": 429, "retryAfter": 1, "times": 1 }),
        json!({ "match": "GET /users/*", "status": 503, "times": 1 }),
        json!({ "match": "POST /$batch", "status": 429, "times": 1 }),
    ] {
        tenant.fault(&fault);
        let answer = server.patch(&at(id), &patch);
        assert_eq!(answer.expect(200)["title"], "Astronaut", "{fault}");
        assert_eq!(calls(&answer), 2, "{fault}");
    }
}

#[test]
fn a_create_that_is_turned_away_is_made_once() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    tenant.fault(&json!({ "match": "POST /users", "status": 429, "retryAfter": 1, "times": 1 }));
    let answer = server.post("/scim/v2/Users", &super::person("once"));
    answer.expect(201);
    let list = server.get("/scim/v2/Users?filter=userName%20eq%20%22once@contoso.onmicrosoft.com%22").expect(200);
    assert_eq!(list["totalResults"], 1);
}
