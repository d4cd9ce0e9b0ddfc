//! Settings changed at run time: permissions, licences, links that expire.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Box};

#[test]
fn settings_are_told_and_changed_in_part() {
    let tenant = Box::sample();
    let before = tenant.control("GET", "/settings", &Value::Null).body;
    let expected = json!({"permissions": ["User.ReadWrite.All", "User-LifeCycleInfo.ReadWrite.All", "Directory.Read.All", "AuditLog.Read.All", "Group.ReadWrite.All"],
        "premium": true, "replicationDelay": 0, "instantiationDelay": 0, "pageTokenLifetime": 0, "throttle": "off", "externalIdExtension": true});
    assert_eq!(before, expected);
    let after = tenant.control("PATCH", "/settings", &json!({"premium": false, "throttle": "documented"})).body;
    assert_eq!((&after["premium"], &after["throttle"]), (&json!(false), &json!("documented")));
    assert_eq!(after["permissions"], before["permissions"]);
    let refused = tenant.control("PATCH", "/settings", &json!({"premium": true, "nothing": 1}));
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"].as_str().unwrap().starts_with("no change of settings: unknown field `nothing`"));
    assert_eq!(tenant.control("GET", "/settings", &Value::Null).body, after, "a refused change changes nothing");
}

#[test]
fn permissions_are_those_of_the_token() {
    let mut tenant = Box::sample();
    let read = |tenant: &Box| tenant.get(&format!("/users/{ADELE}")).status;
    tenant.set(&json!({"permissions": ["Group.Read.All"]}));
    assert_eq!(read(&tenant), 200, "a token keeps the roles it was issued with");
    let old = std::mem::take(&mut tenant.token);
    tenant.sign_in();
    assert_eq!(read(&tenant), 403);

    tenant.token = old;
    tenant.set(&json!({"revokeTokens": true}));
    let revoked = tenant.get("/users");
    assert_eq!((revoked.status, revoked.code()), (401, "InvalidAuthenticationToken"));
    assert!(revoked.message().ends_with("TokenIssuedBeforeRevocationTimestamp"));
    assert!(revoked.headers.contains_key("www-authenticate"));
    tenant.set(&json!({"permissions": ["User.Read.All"]}));
    tenant.sign_in();
    assert_eq!(read(&tenant), 200);
}

#[test]
fn without_a_premium_licence_there_is_no_sign_in_activity() {
    let tenant =
        Box::start(Options { settings: Settings { premium: false, ..Settings::default() }, ..Options::default() });
    let asking = [
        "/users?$select=id,signInActivity".to_owned(),
        format!("/users/{ADELE}?$select=signInActivity"),
        format!("/users/{ADELE}/manager?$select=signInActivity"),
        "/users/delta?$select=signInActivity".to_owned(),
        "/users?$filter=signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z".to_owned(),
    ];
    for path in &asking {
        let answer = tenant.get(path);
        assert_eq!(
            (answer.status, answer.code(), answer.message()),
            (
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license"
            ),
            "{path}"
        );
    }
    let inside = tenant.batch(&[("GET", &asking[0], json!(null)), ("GET", "/users?$select=id", json!(null))]);
    assert_eq!((&inside[0]["status"], &inside[1]["status"]), (&json!(403), &json!(200)));
    tenant.set(&json!({"premium": true}));
    for path in &asking[..4] {
        assert_eq!(tenant.get(path).status, 200, "{path}");
    }
}

#[test]
fn links_to_next_pages_expire() {
    let tenant = Box::start(Options { delta_page_size: 5, ..Options::default() });
    let list = tenant.get("/users?$top=5&$select=id").body["@odata.nextLink"].as_str().unwrap().to_owned();
    let delta = tenant.get("/users/delta?$select=id").body["@odata.nextLink"].as_str().unwrap().to_owned();
    let round = tenant.follow(&delta, &[]).1["@odata.deltaLink"].as_str().unwrap().to_owned();
    tenant.set(&json!({"pageTokenLifetime": 600_000}));
    assert_eq!((tenant.get(&list).status, tenant.get(&delta).status), (200, 200));

    tenant.set(&json!({"pageTokenLifetime": 1}));
    let deadline = Instant::now() + Duration::from_secs(5);
    while tenant.get(&list).status == 200 {
        assert!(Instant::now() < deadline, "the link does not expire");
    }
    let expired = tenant.get(&list);
    let text = "The specified page token value has expired and can no longer be included in your request.";
    assert_eq!((expired.status, expired.code(), expired.message()), (400, "Directory_ExpiredPageToken", text));
    let lost = tenant.get(&delta);
    assert_eq!((lost.status, lost.code()), (410, "syncStateNotFound"));
    assert!(lost.headers["location"].ends_with("/v1.0/users/delta?$deltatoken="));
    assert_eq!(tenant.get(&round).status, 200, "a link to the next round is no link to a next page");
}
