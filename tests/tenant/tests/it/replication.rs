//! Writes that take their time to be seen.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Box};

const DEBRA: &str = "DebraB@contoso.onmicrosoft.com";

fn slow() -> Box {
    let settings = Settings { replication_delay: 600_000, ..Settings::default() };
    Box::start(Options { settings, ..Options::default() })
}

fn create(tenant: &Box) -> String {
    let body = json!({"accountEnabled": true, "displayName": "New", "mailNickname": "new",
        "userPrincipalName": "new@contoso.com", "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d"}});
    let created = tenant.post("/users", &body);
    assert_eq!((created.status, created.body["displayName"].as_str()), (201, Some("New")));
    created.body["id"].as_str().unwrap().to_owned()
}

fn reference(id: &str) -> Value {
    json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{id}")})
}

#[test]
fn a_new_user_is_unknown_for_a_while() {
    let tenant = slow();
    let start = tenant.get("/users/delta?$deltatoken=latest&$select=id").body["@odata.deltaLink"].clone();
    let id = create(&tenant);
    let again = json!({"accountEnabled": true, "displayName": "New", "mailNickname": "new",
        "userPrincipalName": "new@contoso.com", "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d"}});
    let statuses = || {
        [
            tenant.get(&format!("/users/{id}")).status,
            tenant.get("/users/new@contoso.com").status,
            tenant.patch(&format!("/users/{id}"), &json!({"jobTitle": "Patched"})).status,
            tenant.call("PUT", &format!("/users/{id}/manager/$ref"), &[], &reference(ADELE)).status,
            tenant.call("PUT", &format!("/users/{ADELE}/manager/$ref"), &[], &reference(&id)).status,
            tenant.batch(&[("PATCH", &format!("/users/{id}"), json!({"city": "Oslo"}))])[0]["status"].as_u64().unwrap()
                as u16,
        ]
    };
    let lists = || {
        [
            tenant.get("/users?$top=999").items().len(),
            tenant.get("/users?$filter=userPrincipalName eq 'new@contoso.com'").items().len(),
            tenant.get_eventual("/users/$count").body.as_u64().unwrap() as usize,
            tenant.get(start.as_str().unwrap()).items().len(),
        ]
    };
    assert_eq!(statuses(), [404; 6]);
    assert_eq!(lists(), [25, 0, 25, 0]);
    assert_eq!(tenant.post("/users", &again).status, 400, "the name is taken all the same");
    assert!(tenant.server.tenant().user(&id).is_some());

    tenant.set(&json!({"replicationDelay": 0}));
    assert_eq!(lists(), [26, 1, 26, 1]);
    assert_eq!(statuses(), [200, 200, 204, 204, 204, 204]);
}

#[test]
fn a_change_and_a_deletion_are_seen_late() {
    let tenant = slow();
    let user = format!("/users/{ADELE}");
    let seen = |path: &str| tenant.get(path).body["jobTitle"].clone();
    let before = seen(&user);
    assert_eq!(
        tenant.patch(&user, &json!({"jobTitle": "Changed", "userPrincipalName": "adele@contoso.com"})).status,
        204
    );
    assert_eq!(tenant.call("DELETE", &format!("{user}/manager/$ref"), &[], &Value::Null).status, 204);
    assert_eq!(tenant.call("DELETE", &format!("/users/{DEBRA}"), &[], &Value::Null).status, 204);
    assert_eq!((seen(&user), seen("/users/AdeleV@contoso.onmicrosoft.com")), (before.clone(), before));
    assert_eq!(tenant.get("/users/adele@contoso.com").status, 404);
    assert_eq!(tenant.get(&format!("{user}/manager")).status, 200);
    assert_eq!(tenant.get(&format!("/users/{DEBRA}")).status, 200);
    let deleted = "/directory/deletedItems/microsoft.graph.user";
    assert!(!tenant.get(deleted).items().iter().any(|item| item["id"] == DEBRA));
    // Writes go to where the user is gone already.
    assert_eq!(tenant.patch(&format!("/users/{DEBRA}"), &json!({"city": "Oslo"})).status, 404);
    assert_eq!(tenant.call("DELETE", &format!("/users/{DEBRA}"), &[], &Value::Null).status, 404);
    assert_eq!(tenant.call("DELETE", &format!("{user}/manager/$ref"), &[], &Value::Null).status, 404);

    tenant.set(&json!({"replicationDelay": 0}));
    assert_eq!((seen(&user), seen("/users/adele@contoso.com")), (json!("Changed"), json!("Changed")));
    assert_eq!(tenant.get(&format!("{user}/manager")).status, 404);
    assert_eq!(tenant.get(&format!("/users/{DEBRA}")).status, 404);
    assert_eq!(tenant.get("/directory/deletedItems/microsoft.graph.user").items().len(), 4, "with those of the sample");
}

#[test]
fn what_was_written_is_seen_in_the_end() {
    let tenant = Box::sample();
    tenant.set(&json!({"replicationDelay": 50}));
    let started = Instant::now();
    let id = create(&tenant);
    while tenant.get(&format!("/users/{id}")).status == 404 {
        assert!(started.elapsed() < Duration::from_secs(10), "the new user is never seen");
    }
    assert!(started.elapsed() >= Duration::from_millis(50));
    assert_eq!(tenant.patch(&format!("/users/{id}"), &json!({"jobTitle": "Patched"})).status, 204);
}
