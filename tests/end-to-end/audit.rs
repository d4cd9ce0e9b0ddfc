//! `GET /audit`: who did what.

use serde_json::{Value, json};

use crate::harness::{Request, Server, Tenant};
use crate::tenants::{get, ids, replace, send, serving, tenant};

const USERS: &str = "/scim/v2/Users";

fn connected(box_: &Tenant) -> Server {
    serving(&[("contoso", tenant(0, box_, &[("admin", json!(["Admin"])), ("hr", json!(["Scim.Write"]))]))])
}

/// The records that a query finds, the latest first.
fn records(server: &Server, query: &str) -> Vec<Value> {
    let trail = get(server, "admin", &format!("/audit{query}")).expect(200);
    trail["Resources"].as_array().unwrap().iter().map(|line| line["record"].clone()).collect()
}

#[test]
fn a_change_is_told_with_what_was_there() {
    let box_ = Tenant::start(5);
    let server = connected(&box_);
    let id = &ids(&server, "hr", USERS)[0];
    let at = format!("{USERS}/{id}");
    send(&server, "hr", "PATCH", &at, &replace("title", &json!("First"))).expect(200);
    let request = Request::new("PATCH", &at).header("authorization", "Bearer hr").header("x-request-id", "change-42");
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "value": { "title": "Second", "password": "Hunter2!hunter2", "active": true } }] });
    let (exchanges, answer) = server.exchanges_of(|| request.json(&body).send(server.address));
    answer.expect(200);
    assert_eq!(exchanges.len(), 1, "what was there is read in the same call: {exchanges:?}");
    send(&server, "hr", "DELETE", &at, &Value::Null).expect(204);
    let told = records(&server, &format!("?object={id}"));
    assert_eq!(told.len(), 3);
    let (deleted, changed) = (&told[0], &told[1]);
    assert_eq!(
        (&deleted["operation"], &deleted["outcome"], &deleted["caller"]),
        (&json!("delete"), &json!("done"), &json!("hr"))
    );
    assert!(deleted["changes"].as_array().unwrap().iter().any(|change| change["attribute"] == "userName"), "{deleted}");
    assert_eq!((&changed["request_id"], &changed["proof"]), (&json!("change-42"), &json!("secret one")));
    assert_eq!((&changed["address"], &changed["tenant"]), (&json!("127.0.0.1"), &json!("contoso")));
    let changes = changed["changes"].as_array().unwrap();
    assert!(changes.contains(&json!({ "attribute": "title", "old": "First", "new": "Second" })), "{changed}");
    assert!(changes.contains(&json!({ "attribute": "password", "new": "***" })), "{changed}");
    assert_eq!(changes.len(), 2, "what was so before did not change: {changed}");
    assert!(changed["graph_request_ids"].as_array().is_some_and(|ids| !ids.is_empty()), "{changed}");
    let all = server.state.rows("SELECT record FROM audit").concat().concat();
    assert!(!all.contains("Hunter2"), "{all}");
}

#[test]
fn creations_and_bulk_are_told() {
    let box_ = Tenant::start(5);
    let server = connected(&box_);
    let user = |name: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{name}@contoso.onmicrosoft.com"), "displayName": name })
    };
    let made = send(&server, "hr", "POST", USERS, &user("one")).expect(201);
    let told = records(&server, "?operation=create");
    assert_eq!((told.len(), &told[0]["object"]), (1, &made["id"]));
    assert!(told[0]["changes"].to_string().contains("one@contoso.onmicrosoft.com"), "{told:?}");
    let create = |name: &str| json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": user(name) });
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [create("two"), create("three"), create("one")] });
    send(&server, "hr", "POST", "/scim/v2/Bulk", &bulk).expect(200);
    let told = records(&server, "?operation=create");
    let outcomes: Vec<&Value> = told.iter().map(|record| &record["outcome"]).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "failed").count(), 1, "{told:?}");
}

#[test]
fn the_trail_is_paged() {
    let box_ = Tenant::start(5);
    let server = connected(&box_);
    let id = &ids(&server, "hr", USERS)[0];
    for number in 0..5 {
        send(&server, "hr", "PATCH", &format!("{USERS}/{id}"), &replace("title", &json!(number.to_string())))
            .expect(200);
    }
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = get(&server, "admin", &format!("/audit?count=2&cursor={cursor}")).expect(200);
        seen.extend(page["Resources"].as_array().unwrap().iter().map(|line| line["sequence"].as_u64().unwrap()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    for wrong in ["?count=0", "?colour=red", "?cursor=x", "?from=yesterday"] {
        assert_eq!(get(&server, "admin", &format!("/audit{wrong}")).status, 400, "{wrong}");
    }
    assert_eq!(send(&server, "admin", "DELETE", "/audit", &Value::Null).status, 405);
    assert_eq!(get(&server, "hr", "/audit").status, 403);
}

#[test]
fn a_flood_of_refusals_is_counted() {
    let box_ = Tenant::start(5);
    let server = connected(&box_);
    for _ in 0..150 {
        assert_eq!(get(&server, "guess", USERS).status, 401);
    }
    let told = crate::harness::wait_for("the refusals", || {
        let told = records(&server, "?outcome=refused&count=1000");
        (!told.is_empty()).then_some(told)
    });
    assert!(told.len() <= 60, "{}", told.len());
    assert!(
        told.iter().all(|record| record["caller"].is_null() && record["detail"].as_str().unwrap().contains("secret")),
        "{told:?}"
    );
}
