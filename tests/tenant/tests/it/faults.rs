//! Faults on order, counters, recorded traffic.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenant::{Fault, Options};

use crate::client::{Box, send};

fn order(tenant: &Box, fault: &Value) -> u16 {
    send(tenant.server.address(), "POST", "/_tenant/faults", &[], &fault.to_string()).unwrap().status
}

#[test]
fn throttling_outages_and_lost_states() {
    let tenant = Box::sample();
    assert_eq!(order(&tenant, &json!({"match": "GET /users", "status": 429, "retryAfter": 3, "times": 2})), 204);
    for _ in 0..2 {
        let answer = tenant.get("/users?$top=1");
        assert_eq!(
            (answer.status, answer.code(), answer.headers["retry-after"].as_str()),
            (429, "TooManyRequests", "3")
        );
        assert_eq!(answer.body["error"]["innerError"]["status"], "429");
    }
    assert_eq!(tenant.get("/users?$top=1").status, 200);
    order(&tenant, &json!({"match": "* /users*", "status": 503}));
    assert_eq!(tenant.get("/users/delta").code(), "ServiceUnavailable");
    order(&tenant, &json!({"match": "GET /users/delta", "status": 410, "code": "resyncRequired", "after": 1}));
    assert_eq!(tenant.get("/users/delta").status, 200);
    let lost = tenant.get("/users/delta");
    assert_eq!((lost.status, lost.code()), (410, "resyncRequired"));
    assert!(lost.headers["location"].ends_with("$deltatoken="));
    assert_eq!(order(&tenant, &json!({"status": "x"})), 400);
    assert_eq!(order(&tenant, &json!({"match": "GET /users", "nothing": 1})), 400);
}

#[test]
fn slow_answers_and_broken_connections() {
    let tenant = Box::start(Options {
        faults: vec![Fault { matches: "GET /organization".into(), delay: Some(80), ..Fault::default() }],
        ..Options::default()
    });
    let started = Instant::now();
    assert_eq!(tenant.get("/organization").status, 200);
    assert!(started.elapsed() >= Duration::from_millis(80));
    tenant.server.fault(Fault { matches: "GET /v1.0/users".into(), drop: true, ..Fault::default() }).unwrap();
    let bearer = format!("Bearer {}", tenant.token);
    let headers = [("authorization", bearer.as_str())];
    assert!(send(tenant.server.address(), "GET", "/v1.0/users", &headers, "").is_err());
    assert_eq!(tenant.get("/users").status, 200);
    let login = Fault {
        matches: "POST /*/oauth2/v2.0/token".into(),
        status: Some(503),
        retry_after: Some(1),
        ..Fault::default()
    };
    tenant.server.fault(login).unwrap();
    let answer = send(tenant.server.address(), "POST", "/x/oauth2/v2.0/token", &[], "").unwrap();
    assert_eq!((answer.status, answer.headers["retry-after"].as_str()), (503, "1"));
}

#[test]
fn a_fault_meets_a_request_inside_a_batch() {
    let tenant = Box::sample();
    order(&tenant, &json!({"match": "GET /users", "status": 429, "retryAfter": 1}));
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "method": "GET", "url": "/organization"}]});
    let answer = tenant.post("/$batch", &batch);
    let mut statuses: Vec<_> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["id"].clone(), step["status"].clone()))
        .collect();
    statuses.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(statuses, [(json!("1"), json!(429)), (json!("2"), json!(200))]);
}

#[test]
fn calls_are_counted_and_recorded_without_the_token() {
    let tenant = Box::start(Options { record: 2, ..Options::default() });
    for path in ["/users?$top=1", "/users?$top=2", "/organization"] {
        assert_eq!(tenant.get(path).status, 200);
    }
    let address = tenant.server.address();
    let counts = send(address, "GET", "/_tenant/requests", &[], "").unwrap().body;
    assert_eq!(counts, json!({"GET /users": 2, "GET /organization": 1}));
    let recorded = tenant.server.requests();
    assert_eq!(recorded.len(), 2, "only the last two are kept");
    assert_eq!(recorded[0].url, format!("http://{address}/v1.0/users?$top=2"));
    assert!(!format!("{recorded:?}").contains(&tenant.token));
    assert!(recorded[1].response_body.contains("Contoso"));
    assert_eq!(send(address, "DELETE", "/_tenant/requests", &[], "").unwrap().status, 204);
    assert!(tenant.server.counts().is_empty() && tenant.server.requests().is_empty());
}
