//! 5xx, broken connections and broken answers: an error or the truth, never less.

use std::thread;

use serde_json::json;

use super::{at, calls, connected, ids, person};
use crate::harness::Tenant;

/// What goes wrong, and what the caller gets when it does not stop.
fn faults() -> Vec<(serde_json::Value, u16)> {
    vec![
        (json!({ "status": 500 }), 503),
        (json!({ "status": 502, "html": true }), 503),
        (json!({ "status": 503 }), 503),
        (json!({ "status": 504 }), 503),
        (json!({ "drop": true }), 503),
        (json!({ "cut": true }), 503),
        (json!({ "garble": true }), 502),
    ]
}

#[test]
fn an_outage_is_told_and_never_not_found() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let ids = ids(&server, faults().len());
    thread::scope(|scope| {
        for ((mut fault, expected), id) in faults().into_iter().zip(&ids) {
            let (tenant, server) = (&tenant, &server);
            scope.spawn(move || {
                fault["match"] = json!(format!("GET /users/{id}"));
                fault["times"] = json!(1000);
                tenant.fault(&fault);
                let answer = server.get(&at(id));
                let detail = answer.expect_error(expected, None);
                assert!(!detail.is_empty(), "{fault}");
                assert_eq!(answer.headers.contains_key("retry-after"), expected == 503, "{fault}");
            });
        }
    });
}

#[test]
fn an_outage_that_passes_is_not_noticed() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let ids = ids(&server, faults().len());
    for ((mut fault, expected), id) in faults().into_iter().zip(&ids) {
        fault["match"] = json!(format!("GET /users/{id}"));
        tenant.fault(&fault);
        let answer = server.get(&at(id));
        // What is no JSON is not asked for again: it may be a proxy's word, and a repeat hides it.
        if expected == 502 {
            answer.expect_error(502, None);
        } else {
            assert_eq!(answer.expect(200)["id"], id.as_str(), "{fault}");
            assert_eq!(calls(&answer), 2, "{fault}");
        }
    }
}

#[test]
fn a_failed_part_fails_the_whole() {
    let tenant = Tenant::start(300);
    let server = connected(&tenant);
    // The first page of a walk is a batch of the page and the count.
    tenant.fault(&json!({ "match": "GET /users/$count", "status": 503, "times": 1000 }));
    let detail = server.get("/scim/v2/Users").expect_error(503, None);
    assert!(detail.contains("503"), "{detail}");
    tenant.heal();
    tenant.fault(&json!({ "match": "GET /users/$count", "status": 503, "times": 1 }));
    assert_eq!(server.get("/scim/v2/Users").expect(200)["totalResults"], 300);
}

#[test]
fn a_create_that_may_have_happened_is_not_repeated() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    tenant.fault(&json!({ "match": "POST /users", "status": 503, "times": 1000 }));
    let answer = server.post("/scim/v2/Users", &person("twice"));
    answer.expect_error(503, None);
    assert_eq!(calls(&answer), 1);
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn a_slow_answer_is_waited_for_as_long_as_the_caller_waits() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    tenant.fault(&json!({ "match": "GET /users/*", "delay": 2000 }));
    server.get(&at(id)).expect(200);
    tenant.fault(&json!({ "match": "GET /users/*", "delay": 60_000 }));
    let started = std::time::Instant::now();
    server.get(&at(id)).expect_error(503, None);
    assert!((25..45).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn a_delete_that_happened_after_all_is_a_success() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    tenant.fault(&json!({ "match": "DELETE /users/*", "cut": true }));
    server.delete(&at(id)).expect(204);
    server.get(&at(id)).expect_error(404, None);
}

#[test]
fn a_login_that_is_down_is_told_as_an_outage() {
    let tenant = Tenant::start(50);
    tenant.fault(&json!({ "match": "POST /*/oauth2/v2.0/token", "status": 503, "times": 1000 }));
    let server = connected(&tenant);
    let answer = server.get("/scim/v2/Users?count=1");
    let detail = answer.expect_error(503, None);
    assert!(detail.contains("no token") && answer.headers.contains_key("retry-after"), "{detail}");
    tenant.heal();
    crate::harness::wait_for("the login", || (server.get("/scim/v2/Users?count=1").status == 200).then_some(()));
}

#[test]
fn a_create_whose_answer_is_lost_is_told_and_happened_once() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    tenant.fault(&json!({ "match": "POST /users", "cut": true, "times": 1 }));
    server.post("/scim/v2/Users", &person("lost")).expect_error(503, None);
    server.post("/scim/v2/Users", &person("lost")).expect_error(409, Some("uniqueness"));
    let list = server.get("/scim/v2/Users?filter=userName%20eq%20%22lost@contoso.onmicrosoft.com%22").expect(200);
    assert_eq!(list["totalResults"], 1);
}
