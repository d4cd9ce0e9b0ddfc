//! Sign-ins and audit records.

use serde_json::json;
use tenant::{CLIENT_ID, Options, Settings, Throttle};

use crate::client::{ADELE, Box};
use crate::judged::judge;

const SIGN_INS: &str = "/auditLogs/signIns";
const AUDITS: &str = "/auditLogs/directoryAudits";
const PERMISSIONS: [&str; 2] = ["AuditLog.Read.All", "Directory.Read.All"];

#[test]
fn records_are_filtered_ordered_and_paged() {
    let tenant = Box::with(&PERMISSIONS);
    assert_eq!(tenant.get(SIGN_INS).items().len(), 200);
    let (all, _) = tenant.follow(&format!("{SIGN_INS}?$top=60"), &[]);
    assert_eq!(all.len(), 200);
    let times: Vec<_> = all.iter().map(|one| one["createdDateTime"].as_str().unwrap().to_owned()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "the latest first");
    let from = "2026-11-10T00:00:00Z";
    let late = tenant.get(&format!("{SIGN_INS}?$filter=createdDateTime ge {from}&$orderby=createdDateTime"));
    assert_eq!(late.items().len(), times.iter().filter(|time| time.as_str() >= from).count());
    assert!(
        late.items()[0]["createdDateTime"].as_str().unwrap() < late.items()[1]["createdDateTime"].as_str().unwrap()
    );
    for condition in [format!("userId eq '{ADELE}'"), "startswith(userPrincipalName,'AdeleV@')".to_owned()] {
        let own = tenant.get(&format!("{SIGN_INS}?$filter={condition}"));
        let expected = all.iter().filter(|one| one["userId"] == ADELE).count();
        assert_eq!((own.items().len(), expected > 0), (expected, true), "{condition}");
    }
    let failed = tenant.get(&format!("{SIGN_INS}?$filter=status/errorCode eq 50126 and createdDateTime ge {from}"));
    assert!(!failed.items().is_empty() && failed.items().iter().all(|one| one["status"]["errorCode"] == 50126));
    let one = all[7]["id"].as_str().unwrap();
    assert_eq!(tenant.get(&format!("{SIGN_INS}/{one}")).body["id"], json!(one));

    assert_eq!(tenant.follow(&format!("{AUDITS}?$top=99"), &[]).0.len(), 200);
    let added =
        tenant.get(&format!("{AUDITS}?$filter=activityDisplayName eq 'Add user' and activityDateTime ge {from}"));
    assert!(!added.items().is_empty() && added.items().iter().all(|one| one["category"] == "UserManagement"));
    let by = tenant
        .get(&format!("{AUDITS}?$filter=initiatedBy/user/id eq '{ADELE}' or targetResources/any(t:t/id eq '{ADELE}')"));
    assert!(!by.items().is_empty());
    judge(&tenant);
}

#[test]
fn each_last_sign_in_of_a_user_is_there() {
    let tenant = Box::with(&["AuditLog.Read.All", "User.Read.All"]);
    let users = tenant.get("/users?$select=id,signInActivity&$top=999");
    let mut found = 0;
    for user in users.items() {
        let Some(last) = user["signInActivity"]["lastSignInDateTime"].as_str() else { continue };
        let id = user["id"].as_str().unwrap();
        let answer = tenant.get(&format!("{SIGN_INS}?$filter=userId eq '{id}' and createdDateTime eq {last}"));
        assert_eq!(answer.items().len(), 1, "{id} {last}");
        found += 1;
    }
    assert!(found > 0);
}

#[test]
fn writes_are_recorded() {
    let tenant = Box::with(&["AuditLog.Read.All", "Directory.Read.All", "User.ReadWrite.All"]);
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &json!({"city": "Oslo"})).status, 204);
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &json!({"shoeSize": 1})).status, 400);
    let filter = format!(
        "targetResources/any(t:t/id eq '{ADELE}') and activityDisplayName eq 'Update user' and initiatedBy/app/appId eq '{CLIENT_ID}'"
    );
    let records = tenant.get(&format!("{AUDITS}?$filter={filter} and activityDateTime ge 2026-11-23T08:00:01Z"));
    assert_eq!(records.items().len(), 1);
    assert_eq!(tenant.get(&format!("{AUDITS}?$top=1")).items()[0]["id"], records.items()[0]["id"]);
    judge(&tenant);
}

#[test]
fn refusals() {
    let tenant = Box::with(&PERMISSIONS);
    let cases = [
        format!("{SIGN_INS}?$top=1001"),
        format!("{SIGN_INS}?$orderby=userId"),
        format!("{SIGN_INS}?$filter=userAgent eq 'x'"),
        format!("{SIGN_INS}?$filter=not(userId eq 'x')"),
        format!("{SIGN_INS}?$filter=createdDateTime gt 2026-11-01T00:00:00Z"),
        format!("{SIGN_INS}?$filter=createdDateTime ge 'yesterday'"),
        format!("{AUDITS}?$filter=activityDateTime startswith 'x'"),
    ];
    for path in &cases {
        assert_eq!(tenant.get(path).status, 400, "{path}");
    }
    assert_eq!(tenant.get(&format!("{SIGN_INS}?$top=1000")).status, 200);
    assert_eq!(Box::with(&["Directory.Read.All"]).get(SIGN_INS).status, 403);
    tenant.set(&json!({"premium": false}));
    assert_eq!(tenant.get(SIGN_INS).code(), "Authentication_RequestFromNonPremiumTenantOrB2CTenant");
}

#[test]
fn five_requests_in_ten_seconds_are_served() {
    let settings = Settings { throttle: Throttle::Documented, ..Settings::default() };
    let tenant = Box::start(Options { settings, ..Options::default() });
    let answers: Vec<_> = (0..6).map(|_| tenant.get(&format!("{SIGN_INS}?$top=1"))).collect();
    assert!(answers[..5].iter().all(|answer| answer.status == 200));
    assert_eq!((answers[5].status, answers[5].headers["retry-after"].as_str()), (429, "2"));
    assert_eq!(tenant.get("/users?$top=1").status, 200, "others are served");
}

#[test]
fn each_documented_filter_is_taken() {
    let tenant = Box::with(&PERMISSIONS);
    let sign_ins = [
        "appDisplayName",
        "appId",
        "clientAppUsed",
        "conditionalAccessStatus",
        "correlationId",
        "ipAddress",
        "location/city",
        "resourceDisplayName",
        "riskState",
        "userDisplayName",
        "userId",
        "userPrincipalName",
    ];
    let audits = [
        "activityDisplayName",
        "category",
        "correlationId",
        "loggedByService",
        "result",
        "initiatedBy/user/id",
        "initiatedBy/user/userPrincipalName",
        "initiatedBy/app/displayName",
    ];
    for (path, properties) in [(SIGN_INS, &sign_ins[..]), (AUDITS, &audits[..])] {
        let record = tenant.get(&format!("{path}?$top=1")).items()[0].clone();
        for property in properties {
            let value = record.pointer(&format!("/{property}")).and_then(|value| value.as_str()).unwrap_or("none");
            let value = value.replace('\'', "''");
            let found = tenant.get(&format!("{path}?$filter={property} eq '{value}'&$top=5"));
            assert!(
                found.status == 200 && (value == "none" || !found.items().is_empty()),
                "{property}: {:?}",
                found.body
            );
        }
    }
    judge(&tenant);
}
