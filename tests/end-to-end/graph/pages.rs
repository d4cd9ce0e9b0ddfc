//! Pages that fail, come empty, or can no longer be found: no partial list, and no deletes by mistake.

use std::collections::BTreeSet;

use serde_json::json;

use super::connected;
use crate::harness::{Server, State, Tenant, finish};

/// Walks by index and gives the ids, in order, once each page could be read.
fn walk(server: &Server, count: usize, mut failed: impl FnMut(u16)) -> Vec<String> {
    let (mut ids, mut tries) = (Vec::new(), 0);
    loop {
        let answer = server.get(&format!("/scim/v2/Users?attributes=id&count={count}&startIndex={}", ids.len() + 1));
        if answer.status != 200 {
            tries += 1;
            assert!(tries < 5, "{}", answer.expect(200));
            failed(answer.status);
            continue;
        }
        let list = answer.expect(200);
        let page = list["Resources"].as_array().unwrap();
        assert!(!page.is_empty(), "{list}");
        ids.extend(page.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        if ids.len() as u64 >= list["totalResults"].as_u64().unwrap() {
            return ids;
        }
    }
}

fn all_of(ids: &[String], users: usize) {
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (users, users));
}

#[test]
fn a_sixth_page_that_fails_is_an_error_and_then_the_sixth_page() {
    let tenant = Tenant::start(1000);
    let server = connected(&tenant);
    tenant.fault(&json!({ "match": "GET /users?*skiptoken=*", "status": 503, "after": 4, "times": 1000 }));
    let mut failures = Vec::new();
    let ids = walk(&server, 100, |status| {
        failures.push(status);
        tenant.heal();
    });
    assert_eq!(failures, [503]);
    all_of(&ids, 1000);
}

#[test]
fn a_page_token_that_expires_between_two_pages_is_no_loss() {
    let tenant = Tenant::start(500);
    let server = connected(&tenant);
    tenant.fault(
        &json!({ "match": "GET /users?*skiptoken=*", "status": 400, "code": "Directory_ExpiredPageToken", "after": 2 }),
    );
    all_of(&walk(&server, 100, |status| panic!("{status}")), 500);
    // A cursor says so, as RFC 9865 has it.
    let first = server.get("/scim/v2/Users?cursor&count=100&attributes=id").expect(200);
    tenant.set(&json!({ "pageTokenLifetime": 1 }));
    let next = format!("/scim/v2/Users?count=100&attributes=id&cursor={}", first["nextCursor"].as_str().unwrap());
    server.get(&next).expect_error(400, Some("expiredCursor"));
}

#[test]
fn an_empty_page_is_not_the_end() {
    let tenant = Tenant::start(500);
    let server = connected(&tenant);
    for after in [0, 2] {
        tenant.fault(&json!({ "match": "GET /users", "emptyPage": true, "after": after, "times": 2 }));
        all_of(&walk(&server, 100, |status| panic!("{status}")), 500);
        tenant.heal();
    }
}

#[test]
fn an_inventory_whose_sixth_page_fails_removes_nothing() {
    let tenant = Tenant::start(2000);
    let server = connected(&tenant);
    let run = |budget: u32| server.post(&format!("/inventory/users/run?budget={budget}"), &json!({})).json();
    assert_eq!(run(60)["status"], "complete");
    // Everything has to be read anew, and cannot be.
    tenant.fault(&json!({ "match": "GET /users/delta", "status": 410, "code": "resyncRequired" }));
    tenant.fault(&json!({ "match": "GET /users/delta", "status": 500, "after": 5, "times": 1000 }));
    let failed = run(3);
    assert_eq!((&failed["status"], &failed["phase"]), (&json!("partial"), &json!("full")), "{failed}");
    assert!(failed["detail"].as_str().unwrap().contains("request-id"), "{failed}");
    assert_eq!(server.state.accounts(), 2000);
    tenant.heal();
    assert_eq!(run(60)["status"], "complete");
    assert_eq!(server.state.accounts(), 2000);
    assert_eq!(server.state.rows("SELECT count(*) FROM change_log WHERE change = 'deleted'"), [["0"]]);
}

#[test]
fn an_inventory_that_loses_its_place_begins_again() {
    for fault in [
        json!({ "match": "GET /users/delta", "status": 410, "code": "syncStateNotFound", "location": false, "after": 3 }),
        json!({ "match": "GET /users/delta", "status": 400, "code": "Directory_ExpiredPageToken", "after": 3 }),
        json!({ "match": "GET /users/delta", "emptyPage": true, "after": 3 }),
        json!({ "match": "GET /users/delta", "status": 429, "after": 3, "times": 2 }),
        json!({ "match": "GET /users/delta", "garble": true, "after": 3 }),
    ] {
        let (tenant, state) = (Tenant::start(1500), State::new());
        tenant.fault(&fault);
        let output = finish(state.command(&["run", "inventory-users"], &tenant.variables()));
        if fault["garble"] == true {
            assert!(!output.status.success(), "{fault}");
            let output = finish(state.command(&["run", "inventory-users"], &tenant.variables()));
            assert!(output.status.success(), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
        } else {
            assert!(output.status.success(), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(state.accounts(), 1500, "{fault}");
    }
}
