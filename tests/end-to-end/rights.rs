//! What callers may not do is refused before Graph is asked.

use std::thread;

use serde_json::{Value, json};

use crate::harness::{Server, Tenant};
use crate::tenants::{get, ids, replace, send, serving, tenant};

const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0";

/// One tenant in a box as two tenants: `free`, and `guarded` with what is protected there.
fn guarded(box_: &Tenant, protected: &Value) -> Server {
    let mut guarded = tenant(1, box_, &[("guarded", json!(["Scim.Write"]))]);
    guarded["protected"] = protected.clone();
    serving(&[("free", tenant(0, box_, &[("free", json!(["Admin"]))])), ("guarded", guarded)])
}

fn refused(server: &Server, token: &str, method: &str, target: &str, body: &Value, told: &str) {
    let (exchanges, answer) = server.exchanges_of(|| send(server, token, method, target, body));
    let detail = answer.expect_error(403, None);
    assert!(detail.contains(told), "{method} {target}: {detail}");
    let written = exchanges.iter().filter(|exchange| exchange.to_string().contains("\"PATCH\"")).count();
    assert_eq!(written, 0, "{method} {target}: {exchanges:?}");
}

#[test]
fn roles_are_held_to() {
    let box_ = Tenant::start(5);
    let narrow = json!({ "roles": ["Scim.Write"], "resources": ["Users"], "operations": ["read", "update"],
        "attributes": { "Users": { "only": ["active", "title"] } } });
    let server = serving(&[(
        "contoso",
        tenant(
            0,
            &box_,
            &[
                ("admin", json!(["Admin"])),
                ("reader", json!(["Scim.Read"])),
                ("runner", json!(["Inventory.Run"])),
                ("narrow", narrow),
            ],
        ),
    )]);
    let id = &ids(&server, "admin", USERS)[0];
    let at = format!("{USERS}/{id}");
    let new = json!({ "schemas": [format!("{CORE}:User")], "userName": "new@contoso.onmicrosoft.com" });
    let title = replace("title", &json!("T"));
    let none = Value::Null;
    for (token, method, target, body, told) in [
        ("reader", "POST", USERS, &new, "Scim.Write"),
        ("reader", "PATCH", at.as_str(), &title, "Scim.Write"),
        ("reader", "DELETE", at.as_str(), &none, "Scim.Write"),
        ("reader", "GET", "/inventory/users", &none, "Inventory.Read"),
        ("reader", "POST", "/inventory/users/run", &none, "Inventory.Run"),
        ("reader", "GET", "/audit", &none, "Admin"),
        ("reader", "GET", "/scim/v2/$capabilities", &none, "Admin"),
        ("runner", "GET", USERS, &none, "Scim.Read"),
        ("runner", "GET", "/inventory/users", &none, "Inventory.Read"),
        ("narrow", "POST", USERS, &new, "operations"),
        ("narrow", "GET", GROUPS, &none, "resources"),
        ("narrow", "PATCH", at.as_str(), &replace("displayName", &json!("x")), "displayName"),
        ("narrow", "PATCH", at.as_str(), &replace("password", &json!("Hunter2!hunter2")), "password"),
        ("narrow", "PUT", at.as_str(), &new, "userName"),
    ] {
        refused(&server, token, method, target, body, told);
    }
    send(&server, "narrow", "PATCH", &at, &title).expect(200);
    get(&server, "reader", &at).expect(200);
    send(&server, "runner", "POST", "/inventory/users/run", &none).expect(200);
    // Every one of these is in the trail.
    let trail = get(&server, "admin", "/audit?outcome=refused&count=100").expect(200);
    let refusals = trail["Resources"].as_array().unwrap();
    assert_eq!(refusals.len(), 14, "{trail}");
}

#[test]
fn what_is_protected_is_not_touched() {
    let box_ = Tenant::start(5);
    let server = guarded(&box_, &json!({}));
    let glass = ids(&server, "free", USERS)[0].clone();
    let name = get(&server, "free", &format!("{USERS}/{glass}")).expect(200)["userName"].as_str().unwrap().to_owned();
    let group = json!({ "schemas": [format!("{CORE}:Group")], "displayName": "Team",
        "members": [{ "value": glass }] });
    let group = send(&server, "free", "POST", GROUPS, &group).expect(201)["id"].as_str().unwrap().to_owned();
    drop(server);
    let server = guarded(&box_, &json!({ "objects": [glass] }));
    let members = |op: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": op, "path": format!("members[value eq \"{glass}\"]") }] })
    };
    let none = Value::Null;
    for (method, target, body) in [
        ("PATCH", format!("{USERS}/{glass}"), replace("active", &json!(false))),
        ("PATCH", format!("{USERS}/{}", glass.to_uppercase()), replace("password", &json!("Hunter2!hunter2"))),
        ("DELETE", format!("{USERS}/{glass}"), none.clone()),
        ("DELETE", format!("{USERS}/{name}"), none.clone()),
        ("PATCH", format!("{USERS}/{}", name.to_uppercase()), replace("active", &json!(false))),
        ("PATCH", format!("{GROUPS}/{group}"), members("remove")),
        ("PATCH", format!("{GROUPS}/{group}"), replace("members", &json!([]))),
    ] {
        refused(&server, "guarded", method, &format!("/guarded{target}"), &body, "protected");
    }
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "DELETE", "path": format!("/Users/{glass}") }] });
    let answer = send(&server, "guarded", "POST", "/guarded/scim/v2/Bulk", &bulk).expect(200);
    assert_eq!(answer["Operations"][0]["status"], "403", "{answer}");
    // Others may be changed, and it may be read.
    let other = &ids(&server, "guarded", "/guarded/scim/v2/Users")[1];
    send(&server, "guarded", "PATCH", &format!("/guarded{USERS}/{other}"), &replace("title", &json!("T"))).expect(200);
    get(&server, "guarded", &format!("/guarded{USERS}/{glass}")).expect(200);
}

#[test]
fn groups_for_roles_are_not_touched() {
    let box_ = Tenant::start(5);
    let server = guarded(&box_, &json!({ "role_assignable_groups": true }));
    let group = |name: &str, is_for_roles: bool| {
        json!({ "schemas": [format!("{CORE}:Group")], "displayName": name,
            "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group": { "isAssignableToRole": is_for_roles } })
    };
    let made = |name, is_for_roles| {
        let made = send(&server, "free", "POST", GROUPS, &group(name, is_for_roles)).expect(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let (privileged, plain) = (made("Helpdesk", true), made("Readers", false));
    let rename = replace("displayName", &json!("Renamed"));
    let at = |id: &str| format!("/guarded{GROUPS}/{id}");
    refused(&server, "guarded", "PATCH", &at(&privileged), &rename, "roles");
    refused(&server, "guarded", "DELETE", &at(&privileged), &Value::Null, "roles");
    refused(&server, "guarded", "POST", &format!("/guarded{GROUPS}"), &group("More", true), "roles");
    send(&server, "guarded", "PATCH", &at(&plain), &rename).expect(200);
    // It never changes, so it is asked once.
    let (exchanges, answer) = server.exchanges_of(|| send(&server, "guarded", "PATCH", &at(&privileged), &rename));
    assert_eq!((answer.status, exchanges.len()), (403, 0));
}

#[test]
fn holders_of_roles_are_looked_for_once_a_write() {
    let box_ = Tenant::start(5);
    let server = guarded(&box_, &json!({ "roles": ["Global Administrator"] }));
    let id = &ids(&server, "free", USERS)[0];
    let change = replace("title", &json!("T"));
    let (exchanges, answer) =
        server.exchanges_of(|| send(&server, "guarded", "PATCH", &format!("/guarded{USERS}/{id}"), &change));
    // The token, the look at the roles, the write.
    assert!(answer.status == 200 && exchanges.len() <= 3, "{answer:?} {exchanges:?}");
}

#[test]
fn deletions_are_counted_over_all_requests_at_once() {
    let box_ = Tenant::start(30);
    let rights = json!({ "roles": ["Scim.Write"], "deletions_per_hour": 3 });
    let server = serving(&[("contoso", tenant(0, &box_, &[("cleaner", rights), ("admin", json!(["Admin"]))]))]);
    let ids = ids(&server, "admin", USERS);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let delete = |id: &String| {
            let target = format!("{USERS}/{id}");
            let server = &server;
            scope.spawn(move || send(server, "cleaner", "DELETE", &target, &Value::Null).status)
        };
        let deletions: Vec<_> = ids.iter().take(12).map(delete).collect();
        deletions.into_iter().map(|deletion| deletion.join().unwrap()).collect()
    });
    let count = |status| statuses.iter().filter(|known| **known == status).count();
    assert_eq!((count(204), count(403)), (3, 9), "{statuses:?}");
    let left = get(&server, "admin", &format!("{USERS}?count=1")).expect(200);
    assert_eq!(left["totalResults"], 27);
}
