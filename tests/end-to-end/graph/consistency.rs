//! A Graph that takes its time to show a write.

use serde_json::json;

use super::{at, connected, ids, person};
use crate::harness::Tenant;

#[test]
fn what_was_just_written_is_read_back() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let manager = &ids(&server, 1)[0];
    tenant.set(&json!({ "replicationDelay": 1200 }));

    let created = server.post("/scim/v2/Users", &person("fresh")).expect(201);
    let id = created["id"].as_str().unwrap();
    let read = server.get(&at(id)).expect(200);
    assert_eq!((&read["userName"], &read["active"]), (&json!("fresh@contoso.onmicrosoft.com"), &json!(true)));

    let change = |operations: serde_json::Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let patched = server
        .patch(
            &at(id),
            &change(json!([
                { "op": "replace", "path": "title", "value": "Diver" },
                { "op": "add", "path": format!("{enterprise}:manager"), "value": { "value": manager } },
            ])),
        )
        .expect(200);
    assert_eq!((&patched["title"], &patched[enterprise]["manager"]["value"]), (&json!("Diver"), &json!(manager)));
    let read = server.get(&at(id)).expect(200);
    assert_eq!((&read["title"], &read[enterprise]["manager"]["value"]), (&json!("Diver"), &json!(manager)));

    let cleared = server.patch(&at(id), &change(json!([{ "op": "remove", "path": "title" }]))).expect(200);
    assert!(cleared["title"].is_null(), "{cleared}");
    assert!(server.get(&at(id)).expect(200)["title"].is_null());

    server.delete(&at(id)).expect(204);
    server.get(&at(id)).expect_error(404, None);
}

#[test]
fn a_write_that_depends_on_a_create_waits_for_it() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let manager = &ids(&server, 1)[0];
    tenant.set(&json!({ "replicationDelay": 3000 }));
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut user = person("managed");
    user[enterprise] = json!({ "manager": { "value": manager } });
    let created = server.post("/scim/v2/Users", &user).expect(201);
    assert_eq!(created[enterprise]["manager"]["value"], manager.as_str(), "{created}");
    tenant.set(&json!({ "replicationDelay": 0 }));
    let read = server.get(&at(created["id"].as_str().unwrap())).expect(200);
    assert_eq!(read[enterprise]["manager"]["value"], manager.as_str());
}

#[test]
fn a_change_that_needs_the_state_before_has_the_latest() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    tenant.set(&json!({ "replicationDelay": 2000 }));
    let created = server.post("/scim/v2/Users", &person("several")).expect(201);
    let id = created["id"].as_str().unwrap();
    let mut last = json!(null);
    for address in ["one@example.com", "two@example.com", "three@example.com"] {
        let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "emails", "value": [{ "type": "other", "value": address }] }] });
        last = server.patch(&at(id), &patch).expect(200);
    }
    let others = |user: &serde_json::Value| {
        let emails = user["emails"].as_array().unwrap().iter().filter(|email| email["type"] == "other");
        emails.map(|email| email["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(others(&last), ["one@example.com", "two@example.com", "three@example.com"]);
    tenant.set(&json!({ "replicationDelay": 0 }));
    assert_eq!(others(&server.get(&at(id)).expect(200)), others(&last));
}

#[test]
fn what_is_refused_leaves_the_manager_alone() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let manager = &ids(&server, 1)[0];
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut user = person("kept");
    user[enterprise] = json!({ "manager": { "value": manager } });
    let created = server.post("/scim/v2/Users", &user).expect(201);
    let id = created["id"].as_str().unwrap();
    user["userName"] = json!("kept@elsewhere.example");
    user[enterprise] = json!({});
    server.put(&at(id), &user).expect_error(400, Some("invalidValue"));
    assert_eq!(server.get(&at(id)).expect(200)[enterprise]["manager"]["value"], manager.as_str());
}
