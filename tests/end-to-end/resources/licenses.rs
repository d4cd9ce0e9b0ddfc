//! `scim-licenses`: `/scim/v2/Licenses` and `/scim/v2/DirectorySubscriptions`; licences of users and groups.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

const ENTRA_GROUP: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group";

/// A user of the sample, by the first part of the name.
fn user(server: &Server, name: &str) -> Value {
    find(server, &format!("/Users?filter=userName%20sw%20%22{name}@%22"), |_| true)
}

fn license(server: &Server, part_number: &str) -> Value {
    find(server, "/Licenses", |license| license["skuPartNumber"] == part_number)
}

fn entitlements(server: &Server, user: &Value) -> Vec<Value> {
    let read = server.get(&format!("{}?attributes=entitlements", at("/Users", user))).expect(200);
    read["entitlements"].as_array().cloned().unwrap_or_default()
}

/// Row D1; `Get Subscribed Skus`.
#[test]
fn what_was_bought_is_read() {
    let server = Server::sample();
    let (exchanges, licenses) = server.exchanges_of(|| listed(&server, "/Licenses"));
    assert_eq!(exchanges.len(), 1);
    assert!(licenses.len() >= 6, "{licenses:#?}");
    for license in &licenses {
        let left = license["prepaidUnits"]["enabled"].as_i64().unwrap() - license["consumedUnits"].as_i64().unwrap();
        assert_eq!(license["availableUnits"], left, "{license}");
        assert!(license["servicePlans"][0]["servicePlanId"].is_string(), "{license}");
    }
    let found = listed(&server, "/Licenses?filter=skuPartNumber%20eq%20%22SPE_E5%22&attributes=skuId");
    assert_eq!(found.len(), 1);
    assert_eq!(server.get(&at("/Licenses", &found[0])).expect(200)["skuId"], found[0]["skuId"]);
    let subscription = listed(&server, "/DirectorySubscriptions").remove(0);
    assert!(licenses.iter().any(|license| license["skuId"] == subscription["skuId"]), "{subscription}");
    let detail = server.delete(&at("/Licenses", &found[0])).expect_error(501, None);
    assert!(detail.contains("entitlements"), "{detail}");
}

/// Rows D2 and D4.
#[test]
fn a_user_is_given_a_licence_and_it_is_taken_again() {
    let server = Server::sample();
    let user = user(&server, "AdeleV");
    let sku = license(&server, "VISIOCLIENT");
    let plan = &sku["servicePlans"][0]["servicePlanId"];
    let had = entitlements(&server, &user);
    let add = patch(json!([{ "op": "add", "path": "entitlements",
        "value": [{ "value": sku["skuId"], "disabledPlans": [plan] }] }]));
    let (exchanges, _) = server.exchanges_of(|| server.patch(&at("/Users", &user), &add));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let now = entitlements(&server, &user);
    assert_eq!(now.len(), had.len() + 1, "{now:#?}");
    let given = now.iter().find(|one| one["value"] == sku["skuId"]).unwrap();
    assert_eq!((&given["disabledPlans"], &given["state"]), (&json!([plan]), &json!("Active")));
    assert!(given.get("assignedByGroup").is_none() && given.get("error").is_none());
    let used = license(&server, "VISIOCLIENT");
    assert_eq!(used["consumedUnits"].as_i64(), sku["consumedUnits"].as_i64().map(|units| units + 1));
    let filter = format!("entitlements[value eq \"{}\"]", sku["skuId"].as_str().unwrap());
    let remove = patch(json!([{ "op": "remove", "path": filter }]));
    server.patch(&at("/Users", &user), &remove);
    assert_eq!(entitlements(&server, &user).len(), had.len());
}

/// Row D4: by which group, and why not.
#[test]
fn licences_by_group_are_told_with_their_errors() {
    let server = Server::sample();
    let users = listed(&server, "/Users?count=200&attributes=userName,entitlements");
    let all: Vec<&Value> = users.iter().filter_map(|user| user["entitlements"].as_array()).flatten().collect();
    assert!(all.iter().any(|one| one["assignedByGroup"].is_string() && one["state"] == "Active"));
    for error in ["CountViolation", "MutuallyExclusiveViolation"] {
        assert!(all.iter().any(|one| one["error"] == error && one["state"] == "Error"), "{error}: {all:#?}");
    }
}

#[test]
fn what_graph_refuses_is_told() {
    let server = Server::sample();
    let user = user(&server, "AdeleV");
    let unknown = "11111111-2222-3333-4444-555555555555";
    let add = |value: &str| patch(json!([{ "op": "add", "path": "entitlements", "value": [{ "value": value }] }]));
    let detail = server.patch(&at("/Users", &user), &add(unknown)).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("entitlements"), "{detail}");
    // What is no id is left out, because clients make such values up.
    let answer = server.patch(&at("/Users", &user), &add("premium"));
    assert!(answer.status < 300, "{}", answer.status);
}

/// Row D3.
#[test]
fn a_group_is_given_a_licence() {
    let server = Server::sample();
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Drawers" });
    let group = server.post("/scim/v2/Groups", &body).expect(201);
    let sku = license(&server, "VISIOCLIENT");
    let path = format!("{ENTRA_GROUP}:licenses");
    let add = patch(json!([{ "op": "add", "path": path, "value": [{ "value": sku["skuId"] }] }]));
    server.patch(&at("/Groups", &group), &add);
    let read = || server.get(&format!("{}?attributes={path}", at("/Groups", &group))).expect(200);
    assert_eq!(read()[ENTRA_GROUP]["licenses"][0]["value"], sku["skuId"]);
    let empty = patch(json!([{ "op": "replace", "path": path, "value": [] }]));
    server.patch(&at("/Groups", &group), &empty);
    assert!(read().get(ENTRA_GROUP).is_none());
}

/// Row C4, for a user.
#[test]
fn a_user_is_given_a_role_and_it_is_taken_again() {
    let server = Server::sample();
    let user = user(&server, "AdeleV");
    // Global Reader.
    let role = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
    let roles = || {
        let read = server.get(&format!("{}?attributes=roles", at("/Users", &user))).expect(200);
        read["roles"].as_array().cloned().unwrap_or_default()
    };
    let had = roles();
    let add = patch(json!([{ "op": "add", "path": "roles", "value": [{ "value": role }] }]));
    server.patch(&at("/Users", &user), &add);
    let now = roles();
    assert_eq!(now.len(), had.len() + 1);
    let given = now.iter().find(|one| one["value"] == role).unwrap();
    assert_eq!((&given["display"], &given["directoryScopeId"]), (&json!("Global Reader"), &json!("/")));
    // Once more is no error: it is so already.
    assert!(server.patch(&at("/Users", &user), &add).status < 300);
    assert_eq!(roles().len(), now.len());
    let remove = patch(json!([{ "op": "remove", "path": format!("roles[value eq \"{role}\"]") }]));
    server.patch(&at("/Users", &user), &remove);
    assert_eq!(roles().len(), had.len());
}
