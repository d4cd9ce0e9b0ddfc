//! `scim-sign-ins` and `scim-directory-audits`: `/scim/v2/SignIns`, `/scim/v2/DirectoryAudits`.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{at, listed};
use crate::harness::{Server, State, Tenant};

fn encoded(filter: &str) -> String {
    filter.replace(' ', "%20").replace('"', "%22")
}

/// Row G1; `Get Sign-In Activity`: by time, user and application, all of it Graph's work.
#[test]
fn sign_ins_are_found_by_time_user_and_application() {
    let server = Server::sample();
    let one = listed(&server, "/SignIns?count=1").remove(0);
    let (exchanges, read) = server.exchanges_of(|| server.get(&at("/SignIns", &one)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &one));
    assert!(one["status"]["errorCode"].is_number() && one["location"]["city"].is_string(), "{one}");
    let user = one["userId"].as_str().unwrap();
    let app = one["appId"].as_str().unwrap();
    let name = one["userPrincipalName"].as_str().unwrap();
    let time = one["createdDateTime"].as_str().unwrap();
    for filter in [
        format!("userId eq \"{user}\""),
        format!("appId eq \"{app}\" and userPrincipalName sw \"{}\"", &name[..4]),
        format!(
            "createdDateTime ge \"2026-11-01T00:00:00Z\" and createdDateTime le \"{time}\" and userId eq \"{user}\""
        ),
        format!("meta.created ge \"{time}\" and location.city eq \"{}\"", one["location"]["city"].as_str().unwrap()),
    ] {
        let target = format!("/SignIns?filter={}&count=1000", encoded(&filter));
        let (exchanges, found) = server.exchanges_of(|| listed(&server, &target));
        assert!(exchanges.len() == 1 && found.contains(&one), "{filter}: {} {exchanges:?}", found.len());
        assert!(found.len() < 200, "{filter}");
    }
    // A page is a page, whatever Graph cannot do with it.
    let failed = listed(&server, &format!("/SignIns?filter={}", encoded("not (status.errorCode eq 0)")));
    assert!(!failed.is_empty() && failed.iter().all(|one| one["status"]["errorCode"] != 0));
}

/// Row G3: by time and by who did it.
#[test]
fn audit_records_are_found_by_time_and_initiator() {
    let server = Server::sample();
    let records = listed(&server, "/DirectoryAudits");
    let by_user = records.iter().find(|one| one["initiatedBy"]["userId"].is_string()).unwrap();
    let by_app = records.iter().find(|one| one["initiatedBy"]["appId"].is_string()).unwrap();
    assert_eq!(server.get(&at("/DirectoryAudits", by_user)).expect(200), *by_user);
    assert!(
        by_user["targetResources"][0]["type"].is_string() && by_user["meta"]["created"] == by_user["activityDateTime"]
    );
    for (filter, expected) in [
        (format!("initiatedBy.userId eq {}", by_user["initiatedBy"]["userId"]), by_user),
        (format!("initiatedBy.appId eq {}", by_app["initiatedBy"]["appId"]), by_app),
        (format!("activityDateTime ge {}", by_user["activityDateTime"]), by_user),
        ("activityDisplayName sw \"add\" and loggedByService eq \"Core Directory\"".to_owned(), &added(&records)),
    ] {
        let target = format!("/DirectoryAudits?filter={}&count=1000", encoded(&filter));
        let (exchanges, found) = server.exchanges_of(|| listed(&server, &target));
        assert!(exchanges.len() == 1 && found.contains(expected), "{filter}: {} {exchanges:?}", found.len());
    }
    let of_target = format!("targetResources.id eq {}", by_user["targetResources"][0]["id"]);
    let found = listed(&server, &format!("/DirectoryAudits?filter={}", encoded(&of_target)));
    assert!(found.contains(by_user), "{of_target}");
}

fn added(records: &[Value]) -> Value {
    let is_added = |one: &&Value| one["activityDisplayName"].as_str().is_some_and(|name| name.starts_with("Add"));
    records.iter().find(is_added).unwrap().clone()
}

#[test]
fn logs_are_only_read() {
    let server = Server::sample();
    let (exchanges, ()) = server.exchanges_of(|| {
        for (endpoint, name) in [("/SignIns", "SignIn"), ("/DirectoryAudits", "DirectoryAudit")] {
            let body = json!({ "schemas": [format!("urn:ietf:params:scim:schemas:extension:entra:2.0:{name}")] });
            let detail = server.post(&format!("/scim/v2{endpoint}"), &body).expect_error(501, None);
            assert!(detail.contains("can only be read"), "{detail}");
            server.delete(&format!("/scim/v2{endpoint}/1")).expect_error(501, None);
        }
    });
    assert!(exchanges.is_empty());
}

/// Row G1: Graph answers five requests in ten seconds; more wait, and none fails.
#[test]
fn a_burst_waits_for_the_quota() {
    let tenant = Tenant::start(20);
    let mut variables = tenant.variables();
    variables.push(("inventory_users_schedule", "off"));
    let server = Server::start(State::new(), &[], &variables);
    tenant.set(&json!({ "throttle": { "units": 350, "unitSeconds": 1, "writes": 300, "writeSeconds": 15 } }));
    let started = Instant::now();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let ask = || server.get("/scim/v2/SignIns?count=5").status;
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    let took = started.elapsed();
    assert_eq!(statuses, [200; 8], "{}", tenant.throttle());
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(28), "{took:?}");
}
