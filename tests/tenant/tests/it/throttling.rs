//! Throttling by resource units and writes.

use serde_json::{Value, json};
use tenant::{CLIENT_ID, Limits, Options, Settings, TENANT_ID, Throttle};

use crate::client::{ADELE, Answer, Box};

const PERCENTAGE: &str = "x-ms-throttle-limit-percentage";

fn limited(units: u32, writes: u32) -> Box {
    let limits = Limits { units, unit_seconds: 600, writes, write_seconds: 600 };
    Box::start(Options {
        settings: Settings { throttle: Throttle::Own(limits), ..Settings::default() },
        ..Options::default()
    })
}

fn percentage(answer: &Answer) -> Option<f64> {
    answer.headers.get(PERCENTAGE).map(|value| value.parse().unwrap())
}

fn usage(tenant: &Box) -> Value {
    tenant.control("GET", "/throttle", &Value::Null).body
}

#[test]
fn reads_over_the_limit_of_units_are_refused() {
    let tenant = limited(20, 1_000);
    for read in 1..=10 {
        let answer = tenant.get("/users");
        let expected = (read > 8).then_some(f64::from(read) / 10.0);
        assert_eq!((answer.status, percentage(&answer)), (200, expected), "read {read}");
        assert_eq!(answer.headers["x-ms-resource-unit"], "2");
    }
    let refused = tenant.get("/users");
    assert_eq!((refused.status, refused.code()), (429, "TooManyRequests"));
    assert_eq!(refused.body["error"]["innerError"]["status"], "429");
    // Two units come back in a minute.
    let wait: u32 = refused.headers["retry-after"].parse().unwrap();
    assert!((55..=60).contains(&wait), "{wait}");
    assert_eq!(refused.headers["x-ms-throttle-scope"], format!("Tenant_Application/ReadWrite/{CLIENT_ID}/{TENANT_ID}"));
    assert_eq!(refused.headers["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    assert_eq!((refused.headers["x-ms-resource-unit"].as_str(), percentage(&refused)), ("2", Some(1.1)));
    let write = tenant.patch(&format!("/users/{ADELE}"), &json!({"city": "Oslo"}));
    assert_eq!(write.headers["x-ms-throttle-information"], "ResourceUnitLimitExceeded", "writes cost units too");

    let expected = json!({"units": 20, "writes": 0, "requests": {"single": 12, "inBatch": 0},
        "throttled": {"single": 2, "inBatch": 0}});
    assert_eq!(usage(&tenant), expected);
    assert_eq!(tenant.control("DELETE", "/throttle", &Value::Null).status, 204);
    assert_eq!(usage(&tenant)["requests"]["single"], 0);
    assert_eq!(tenant.get("/users").status, 200);
}

#[test]
fn writes_over_the_limit_are_refused_and_reads_go_on() {
    let tenant = limited(1_000, 5);
    let user = format!("/users/{ADELE}");
    for number in 1..=5 {
        let answer = tenant.patch(&user, &json!({"city": format!("City {number}")}));
        assert_eq!((answer.status, percentage(&answer)), (204, (number == 5).then_some(1.0)), "write {number}");
        assert_eq!(answer.headers["x-ms-resource-unit"], "1");
    }
    let refused = tenant.call("DELETE", &user, &[], &Value::Null);
    assert_eq!((refused.status, percentage(&refused)), (429, Some(1.2)));
    assert_eq!(refused.headers["x-ms-throttle-scope"], format!("Tenant_Application/Write/{CLIENT_ID}/{TENANT_ID}"));
    assert_eq!(refused.headers["x-ms-throttle-information"], "WriteLimitExceeded");
    let read = tenant.get(&user);
    assert_eq!((read.status, percentage(&read)), (200, None), "a read does not draw on the writes");
    assert_eq!(read.body["displayName"], "Adele Vance");
}

#[test]
fn each_request_of_a_batch_is_throttled_alone() {
    let tenant = limited(3, 1_000);
    let user = format!("/users/{ADELE}");
    let requests = ["/users", &user, "/users", "/organization"].map(|url| ("GET", url, Value::Null));
    let inside = tenant.batch(&requests);
    let statuses: Vec<_> = inside.iter().map(|response| response["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 429, 429]);
    assert_eq!(inside[1]["headers"]["x-ms-resource-unit"], "1");
    assert_eq!(inside[1]["headers"][PERCENTAGE], "1.00");
    assert!(inside[2]["headers"]["Retry-After"].as_str().unwrap().parse::<u32>().unwrap() > 300);
    assert_eq!(inside[2]["headers"]["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    assert_eq!(inside[2]["body"]["error"]["code"], "TooManyRequests");
    assert_eq!(tenant.get("/organization").status, 429);
    let expected = json!({"units": 3, "writes": 0, "requests": {"single": 2, "inBatch": 4},
        "throttled": {"single": 1, "inBatch": 2}});
    assert_eq!(usage(&tenant), expected);
}

#[test]
fn costs_are_counted_as_documented() {
    let tenant = Box::sample();
    let cases = [
        ("/users", "2"),
        ("/users?$select=id", "1"),
        ("/users?$expand=manager", "3"),
        ("/users?$top=5", "1"),
        ("/users?$top=5&$select=id", "1"),
        ("/users?$top=20", "2"),
        ("/users/delta", "1"),
        ("/users/nobody@contoso.com", "1"),
        ("/organization", "1"),
    ];
    for (path, units) in cases {
        assert_eq!(tenant.get(path).headers["x-ms-resource-unit"], units, "{path}");
    }
    // What is refused at the door costs nothing, and a batch only what is in it.
    for path in ["/users?$nothing=1", "/nothing"] {
        assert!(!tenant.get(path).headers.contains_key("x-ms-resource-unit"), "{path}");
    }
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": "/users"}]});
    assert!(!tenant.post("/$batch", &batch).headers.contains_key("x-ms-resource-unit"));
    let used = usage(&tenant);
    assert_eq!((&used["units"], &used["writes"]), (&json!(15), &json!(0)));
}

#[test]
fn without_a_limit_nothing_is_refused_and_all_is_counted() {
    let tenant = limited(2, 2);
    assert_eq!((tenant.get("/users").status, tenant.get("/users").status), (200, 429));
    tenant.set(&json!({"throttle": "off"}));
    let answer = tenant.get("/users");
    assert_eq!((answer.status, percentage(&answer)), (200, None));
    assert_eq!(usage(&tenant)["units"], 4);
}
