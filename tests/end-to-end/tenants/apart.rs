//! Nothing of one tenant is reachable with the rights of another.

use std::thread;

use serde_json::{Value, json};

use super::{get, ids, replace, send, serving, tenant};
use crate::harness::{Server, Tenant};

/// Two tenants of different sizes, each with a caller of its own who may do everything.
fn two() -> ([Tenant; 2], Server) {
    let boxes = [Tenant::start(7), Tenant::start(11)];
    let server = serving(&[
        (
            "contoso",
            tenant(0, &boxes[0], &[("contoso-admin", json!(["Admin"])), ("contoso-other", json!(["Scim.Read"]))]),
        ),
        ("fabrikam", tenant(1, &boxes[1], &[("fabrikam-admin", json!(["Admin"]))])),
    ]);
    (boxes, server)
}

#[test]
fn each_caller_sees_its_own_tenant() {
    let (_boxes, server) = two();
    for (token, base, users) in [
        ("contoso-admin", "/scim/v2", 7),
        ("contoso-admin", "/contoso/scim/v2", 7),
        ("fabrikam-admin", "/fabrikam/scim/v2", 11),
    ] {
        let list = get(&server, token, &format!("{base}/Users")).expect(200);
        assert_eq!(list["totalResults"], users, "{base}");
        let location = list["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert!(location.contains(&format!("{}{base}/Users/", server.address)), "{location}");
        // The location leads back to the resource.
        let path = location.split_once(&server.address.to_string()).unwrap().1;
        get(&server, token, path).expect(200);
        get(&server, token, &format!("{base}/Schemas")).expect(200);
        get(&server, token, &format!("{base}/$capabilities")).expect(200);
    }
    let list = get(&server, "fabrikam-admin", "/fabrikam/rp/scim/users").expect(200);
    assert_eq!(list["resources"].as_array().map(Vec::len), Some(11));
}

#[test]
fn a_foreign_tenant_and_one_that_is_not_there_look_alike() {
    let (_boxes, server) = two();
    let mut told = Vec::new();
    for (token, base) in [
        ("contoso-admin", "/fabrikam"),
        ("fabrikam-admin", "/contoso"),
        ("fabrikam-admin", ""),
        ("contoso-admin", "/tailspin"),
        ("nobody", "/contoso"),
        ("nobody", "/tailspin"),
        ("contoso-admin", "/Contoso"),
        ("contoso-admin", "/default"),
    ] {
        for below in [
            "/scim/v2/Users",
            "/scim/v2/Schemas",
            "/rp/scim/users",
            "/audit",
            "/inventory/users",
            "/scim/v2/$capabilities",
        ] {
            let target = format!("{base}{below}");
            let answer = get(&server, token, &target);
            let detail = answer.expect_error(401, None);
            told.push((detail, answer.headers["www-authenticate"].clone()));
            assert!(!answer.headers.contains_key("x-graph-calls"), "{target}");
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(server.state.exchanges().len(), 0, "Microsoft was asked");
}

#[test]
fn a_cursor_is_its_callers_and_its_tenants() {
    let (_boxes, server) = two();
    let first = get(&server, "contoso-admin", "/scim/v2/Users?cursor=&count=3").expect(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let target = |base: &str| format!("{base}/scim/v2/Users?cursor={cursor}&count=3");
    get(&server, "contoso-admin", &target("")).expect(200);
    get(&server, "contoso-admin", &target("/contoso")).expect(200);
    get(&server, "fabrikam-admin", &target("/fabrikam")).expect_error(400, Some("invalidCursor"));
    get(&server, "contoso-other", &target("")).expect_error(400, Some("invalidCursor"));
}

#[test]
fn under_load_no_answer_holds_what_is_anothers() {
    let (_boxes, server) = two();
    let tenants = [("contoso-admin", "/contoso/scim/v2/Users"), ("fabrikam-admin", "/fabrikam/scim/v2/Users")];
    for (token, users) in tenants {
        for id in ids(&server, token, users) {
            let change = replace("title", &json!(format!("of {token}")));
            send(&server, token, "PATCH", &format!("{users}/{id}"), &change).expect(200);
        }
    }
    // Objects of both have the same ids: what is kept by id alone would be taken for the other's.
    let same = ids(&server, tenants[0].0, tenants[0].1);
    let same = same.iter().filter(|id| ids(&server, tenants[1].0, tenants[1].1).contains(id)).count();
    assert!(same > 0, "the tenants have ids in common");
    thread::scope(|scope| {
        for worker in 0..4_usize {
            let (server, tenants) = (&server, &tenants);
            scope.spawn(move || {
                for round in 0..15_usize {
                    let (token, users) = tenants[(worker + round) % 2];
                    let own = json!(format!("of {token}"));
                    let all = get(server, token, &format!("{users}?count=4&startIndex={}", 1 + round % 4)).expect(200);
                    for user in all["Resources"].as_array().unwrap() {
                        assert_eq!(user["title"], own, "{user}");
                    }
                    let id = all["Resources"][0]["id"].as_str().unwrap();
                    let change = replace("nickName", &Value::Null);
                    let body = if round % 3 == 0 { replace("title", &own) } else { change };
                    send(server, token, "PATCH", &format!("{users}/{id}"), &body);
                    assert_eq!(get(server, token, &format!("{users}/{id}")).expect(200)["title"], own);
                }
            });
        }
    });
    let mixed = server.state.rows(
        "SELECT count(*) FROM audit WHERE (caller LIKE 'contoso%') <> (tenant_id LIKE '8f4d2c1b%') AND caller <> ''",
    );
    assert_eq!(mixed, [["0"]]);
}

#[test]
fn each_has_an_inventory_of_its_own() {
    let (_boxes, server) = two();
    for (token, base, users) in [("contoso-admin", "", 7), ("fabrikam-admin", "/fabrikam", 11)] {
        let summary = send(&server, token, "POST", &format!("{base}/inventory/users/run"), &Value::Null).expect(200);
        assert_eq!((&summary["status"], &summary["total"]), (&json!("complete"), &json!(users)));
    }
    for (token, base, users) in [("contoso-admin", "", 7), ("fabrikam-admin", "/fabrikam", 11)] {
        let state = get(&server, token, &format!("{base}/inventory/users")).expect(200);
        assert_eq!(state["counts"]["active"], users);
        let trail = get(&server, token, &format!("{base}/audit")).expect(200);
        let runs: Vec<&Value> = trail["Resources"].as_array().unwrap().iter().map(|line| &line["record"]).collect();
        assert_eq!(
            (runs.len(), &runs[0]["operation"], &runs[0]["resource"]),
            (1, &json!("run"), &json!("inventory-users"))
        );
    }
}
