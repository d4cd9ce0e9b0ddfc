//! Faults on order, counters, recorded traffic.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenant::{CLIENT_ID, Fault, Options, TENANT_ID};

use crate::client::{ADELE, Answer, Box, send};

/// The error of an answer, or of an answer in a batch.
fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

#[test]
fn errors_are_as_graph_sends_them_alone_and_in_a_batch() {
    let cases = [
        (json!({"status": 429}), 429, "TooManyRequests"),
        (json!({"status": 429, "retryAfter": 3}), 429, "TooManyRequests"),
        (json!({"status": 500}), 500, "InternalServerError"),
        (json!({"status": 502}), 502, "BadGateway"),
        (json!({"status": 503, "retryAfter": 2}), 503, "ServiceUnavailable"),
        (json!({"status": 504}), 504, "GatewayTimeout"),
        (json!({"status": 409}), 409, "Directory_ConcurrencyViolation"),
        (json!({"status": 403, "code": "Mine"}), 403, "Mine"),
        (json!({"status": 400, "code": "Directory_ExpiredPageToken"}), 400, "Directory_ExpiredPageToken"),
    ];
    let tenant = Box::sample();
    for (mut fault, status, expected) in cases {
        fault["match"] = json!("GET /users");
        fault["times"] = json!(2);
        tenant.order(&[fault.clone()]);
        let retry_after = fault["retryAfter"].as_u64().map(|seconds| seconds.to_string());

        let alone = tenant.get("/users?$top=1");
        assert_eq!((alone.status, alone.code()), (status, expected));
        assert_eq!(alone.headers.get("retry-after").cloned(), retry_after, "{fault}");
        assert_eq!(alone.body["error"]["innerError"]["request-id"], alone.headers["request-id"].as_str());

        let inside = tenant.batch(&[("GET", "/users?$top=1", json!(null)), ("GET", "/organization", json!(null))]);
        assert_eq!((&inside[0]["status"], code(&inside[0]["body"])), (&json!(status), expected));
        assert_eq!(inside[0]["headers"]["Retry-After"].as_str(), retry_after.as_deref(), "{fault}");
        assert_eq!(inside[1]["status"], 200);
    }
    assert_eq!(tenant.get("/users?$top=1").status, 200);
    assert_eq!(tenant.control("GET", "/faults", &Value::Null).body, json!([]));
}

#[test]
fn throttling_tells_what_it_is_told_to() {
    let tenant = Box::sample();
    tenant.order(&[
        json!({"match": "GET /users/*", "status": 429, "throttleHeaders": true}),
        json!({"match": "GET /users/*", "status": 429, "retryAfter": 100, "retryAfterDate": true}),
        json!({"match": "GET /users/*", "limitPercentage": 0.95}),
    ]);
    let path = format!("/users/{ADELE}");
    let told = tenant.get(&path);
    assert_eq!(told.body["error"]["innerError"]["status"], "429");
    assert_eq!(told.headers["x-ms-throttle-scope"], format!("Tenant_Application/ReadWrite/{CLIENT_ID}/{TENANT_ID}"));
    assert_eq!(told.headers["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    assert!(!told.headers.contains_key("retry-after"));

    let dated = tenant.get(&path);
    let date = chrono::DateTime::parse_from_rfc2822(&dated.headers["retry-after"]).unwrap();
    let seconds = (date.to_utc() - chrono::Utc::now()).num_seconds();
    assert!((95..=100).contains(&seconds) && dated.headers["retry-after"].ends_with(" GMT"), "{:?}", dated.headers);
    assert!(!dated.headers.contains_key("x-ms-throttle-scope"));

    let near = tenant.get(&path);
    assert_eq!((near.status, near.headers["x-ms-throttle-limit-percentage"].as_str()), (200, "0.95"));
    assert!(!tenant.get(&path).headers.contains_key("x-ms-throttle-limit-percentage"));
}

#[test]
fn a_fault_of_a_batch_meets_all_of_it() {
    let tenant = Box::sample();
    tenant.order(&[json!({"match": "POST /$batch", "status": 503, "retryAfter": 1})]);
    let requests = json!({"requests": [{"id": "1", "method": "DELETE", "url": format!("/users/{ADELE}")}]});
    let refused = tenant.post("/$batch", &requests);
    assert_eq!((refused.status, refused.code()), (503, "ServiceUnavailable"));
    assert_eq!(tenant.get(&format!("/users/{ADELE}")).status, 200);
    assert_eq!(tenant.post("/$batch", &requests).body["responses"][0]["status"], 204);
}

#[test]
fn the_query_can_be_part_of_the_match() {
    let tenant = Box::sample();
    tenant.order(&[json!({"match": "GET /users?*skiptoken=*", "status": 400, "code": "Directory_ExpiredPageToken"})]);
    let first = tenant.get("/users?$top=10");
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!((tenant.get(next).code(), tenant.get(next).items().len()), ("Directory_ExpiredPageToken", 10));
}

#[test]
fn a_lost_delta_state_says_where_to_start_again_unless_told_not_to() {
    let tenant = Box::sample();
    let state = |fault: Value| {
        tenant.order(&[fault]);
        let answer = tenant.get("/users/delta?$select=id");
        assert_eq!(answer.status, 410);
        (answer.code().to_owned(), answer.headers.get("location").cloned())
    };
    let again = format!("http://{}/v1.0/users/delta?$deltatoken=", tenant.server.address());
    let delta = "GET /users/delta";
    assert_eq!(state(json!({"match": delta, "status": 410})), ("syncStateNotFound".to_owned(), Some(again.clone())));
    let reset = json!({"match": delta, "status": 410, "code": "resyncRequired"});
    assert_eq!(state(reset), ("resyncRequired".to_owned(), Some(again.clone())));
    let silent = json!({"match": delta, "status": 410, "location": false});
    assert_eq!(state(silent), ("syncStateNotFound".to_owned(), None));
    assert_eq!(tenant.get(&again).items().len(), 25);
}

#[test]
fn a_proxy_answers_in_html() {
    let tenant = Box::sample();
    tenant.order(&[json!({"match": "* /users", "status": 502, "html": true, "times": 2, "retryAfter": 1})]);
    let alone = tenant.get("/users");
    assert_eq!((alone.status, alone.headers["content-type"].as_str()), (502, "text/html"));
    assert!(alone.body.as_str().unwrap().starts_with("<html>") && !alone.headers.contains_key("request-id"));
    let inside = tenant.batch(&[("GET", "/users", json!(null))]);
    assert_eq!((&inside[0]["status"], &inside[0]["body"]), (&json!(502), &alone.body));
}

#[test]
fn a_garbled_answer_is_no_json_and_the_request_was_performed() {
    let tenant = Box::sample();
    let user = format!("/users/{ADELE}");
    tenant.order(&[
        json!({"match": "GET /users*", "garble": true, "times": 3}),
        json!({"match": "PATCH /users/*", "garble": true}),
    ]);
    let is_no_json = |answer: &Answer| answer.status == 200 && answer.body.is_string();
    assert!(is_no_json(&tenant.get("/users?$top=2")));
    assert!(is_no_json(&tenant.get_eventual("/users/$count")));
    let inside = tenant.batch(&[("GET", "/users?$top=2", json!(null))]);
    assert_eq!(inside[0]["status"], 200);
    assert!(inside[0]["body"].as_str().unwrap().starts_with("{\"@odata.context\":"));
    assert!(is_no_json(&tenant.patch(&user, &json!({"city": "Oslo"}))));
    assert_eq!(tenant.get(&user).status, 200);
    assert_eq!(tenant.server.tenant().user(ADELE).unwrap()["city"], "Oslo");
}

#[test]
fn connections_break_before_and_within_answers() {
    let tenant = Box::sample();
    let user = format!("/users/{ADELE}");
    let title = || tenant.server.tenant().user(ADELE).unwrap()["jobTitle"].clone();
    let patch = |title: &str| tenant.try_call("PATCH", &user, &[], &json!({ "jobTitle": title }));
    tenant.order(&[
        json!({"match": "PATCH /users/*", "drop": true}),
        json!({"match": "PATCH /users/*", "cut": true}),
        json!({"match": "GET /users", "cut": true}),
    ]);
    let before = title();
    assert!(patch("Lost").is_err());
    assert_eq!(title(), before, "a dropped request is not performed");
    assert!(patch("Kept").is_err());
    assert_eq!(title(), "Kept", "the answer to a request that was performed has no body to cut");

    let cut = tenant.get("/users?$top=20");
    let received = cut.body.as_str().unwrap().len();
    let promised: usize = cut.headers["content-length"].parse().unwrap();
    assert_eq!((cut.status, received), (200, promised / 2));
    assert_eq!(tenant.get("/users?$top=20").items().len(), 20);
}

#[test]
fn the_connection_of_a_batch_breaks_with_one_request_in_it() {
    let tenant = Box::sample();
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": format!("/users/{ADELE}")}, {"id": "2", "method": "GET", "url": "/organization"},
    ]});
    tenant.order(&[json!({"match": "GET /organization", "drop": true})]);
    assert!(tenant.try_call("POST", "/$batch", &[], &batch).is_err());
    tenant.order(&[json!({"match": "GET /organization", "cut": true})]);
    assert!(tenant.post("/$batch", &batch).body.is_string());
    assert_eq!(tenant.post("/$batch", &batch).body["responses"].as_array().unwrap().len(), 2);
}

#[test]
fn slow_answers() {
    let tenant = Box::start(Options {
        faults: vec![Fault { matches: "GET /organization".into(), delay: Some(80), times: 2, ..Fault::default() }],
        ..Options::default()
    });
    let is_slow = |request: &dyn Fn()| {
        let started = Instant::now();
        request();
        started.elapsed() >= Duration::from_millis(80)
    };
    assert!(is_slow(&|| assert_eq!(tenant.get("/organization").status, 200)));
    assert!(is_slow(&|| assert_eq!(tenant.batch(&[("GET", "/organization", json!(null))])[0]["status"], 200)));
}

#[test]
fn an_empty_page_leads_to_the_page_that_would_have_come() {
    let tenant = Box::start(Options { delta_page_size: 10, ..Options::default() });
    let start = tenant.follow("/users/delta?$deltatoken=latest&$select=jobTitle", &[]).1;
    let start = start["@odata.deltaLink"].as_str().unwrap();
    tenant.server.tenant().update(ADELE, json!({"jobTitle": "Changed"})).unwrap();
    let paths = ["/users?$top=10&$select=id", "/users?$top=10&$orderby=displayName", "/users/delta?$select=id", start];
    for path in paths {
        let (expected, _) = tenant.follow(path, &[]);
        // Before the first page, and twice before the second one.
        for (after, times) in [(0, 1), (1, 2)] {
            tenant.order(&[json!({"match": "GET /users*", "emptyPage": true, "after": after, "times": times})]);
            let first = tenant.get(path);
            if after == 0 {
                assert_eq!(first.items(), [json!(null); 0]);
            }
            let onward = first.body["@odata.nextLink"].as_str();
            let rest = onward.map(|link| tenant.follow(link, &[]).0).unwrap_or_default();
            assert_eq!([first.items(), &rest].concat(), expected, "{path}");
            tenant.control("DELETE", "/faults", &Value::Null);
        }
    }
    tenant.order(&[json!({"match": "GET /users", "emptyPage": true})]);
    let counted = tenant.get_eventual("/users?$count=true");
    assert_eq!((counted.items().len(), &counted.body["@odata.count"]), (0, &json!(25)));
}

#[test]
fn the_login_fails_too() {
    let tenant = Box::sample();
    let token = |expected: u16| {
        let answer = send(tenant.server.address(), "POST", "/x/oauth2/v2.0/token", &[], "").unwrap();
        assert_eq!(answer.status, expected);
        answer
    };
    tenant.order(&[
        json!({"match": "POST /*/oauth2/v2.0/token", "status": 503, "retryAfter": 1}),
        json!({"match": "POST /*/oauth2/v2.0/token", "status": 502, "html": true}),
        json!({"match": "POST /*/oauth2/v2.0/token", "garble": true}),
    ]);
    assert_eq!(token(503).headers["retry-after"], "1");
    assert!(token(502).body.as_str().unwrap().starts_with("<html>"));
    assert!(token(400).body.is_string());
}

#[test]
fn what_is_no_fault_is_refused_and_what_waits_is_told() {
    let tenant = Box::sample();
    let cases = [
        (json!({"status": "x"}), "not a fault: invalid type: string \"x\", expected u16"),
        (json!({"match": "GET /users", "nothing": 1}), "not a fault: unknown field `nothing`"),
        (json!({"match": "GET /users", "status": 410, "cut": true}), "not a fault: only one of `status`, `drop`"),
    ];
    for (fault, expected) in cases {
        let answer = tenant.control("POST", "/faults", &fault);
        assert_eq!(answer.status, 400);
        assert!(answer.body["error"].as_str().unwrap().starts_with(expected), "{:?}", answer.body);
    }
    let refused = tenant.server.fault(Fault { matches: "GET /users".into(), ..Fault::default() });
    assert!(refused.unwrap_err().to_string().starts_with("the tenant refused: it does nothing"));
    let options = Options { faults: vec![Fault::default()], ..Options::default() };
    assert!(tenant::Server::start(options, ([127, 0, 0, 1], 0).into()).is_err());

    tenant.order(&[json!({"match": "GET /users", "status": 429, "after": 1, "times": 3})]);
    tenant.get("/users");
    tenant.get("/users");
    let waiting = tenant.control("GET", "/faults", &Value::Null).body;
    assert_eq!(
        (&waiting[0]["match"], &waiting[0]["after"], &waiting[0]["times"]),
        (&json!("GET /users"), &json!(0), &json!(2))
    );
    assert_eq!(tenant.control("DELETE", "/faults", &Value::Null).status, 204);
    assert_eq!(tenant.get("/users").status, 200);
}

#[test]
fn calls_are_counted_and_recorded_without_the_token() {
    let tenant = Box::start(Options { record: 2, ..Options::default() });
    for path in ["/users?$top=1", "/users?$top=2", "/organization"] {
        assert_eq!(tenant.get(path).status, 200);
    }
    let counts = tenant.control("GET", "/requests", &Value::Null).body;
    assert_eq!(counts, json!({"GET /users": 2, "GET /organization": 1}));
    let recorded = tenant.server.requests();
    assert_eq!(recorded.len(), 2, "only the last two are kept");
    assert_eq!(recorded[0].url, format!("http://{}/v1.0/users?$top=2", tenant.server.address()));
    assert!(!format!("{recorded:?}").contains(&tenant.token));
    assert!(recorded[1].response_body.contains("Contoso"));
    assert_eq!(tenant.control("DELETE", "/requests", &Value::Null).status, 204);
    assert!(tenant.server.counts().is_empty() && tenant.server.requests().is_empty());
}
