//! `GET /Groups/{id}`, and the groups of a user.

use serde_json::json;

use super::{CORE, ENTRA, GROUPS, at, create, members, operations, sorted, users, values};
use crate::harness::Server;

#[test]
fn members_cost_nothing_where_they_are_not_wanted() {
    let server = Server::sample();
    let ids = users(&server, 2);
    let body = json!({ "schemas": [CORE], "displayName": "Two", "members": values(&ids) });
    let group = server.post(GROUPS, &body).expect(201);
    let answer = server.get(&at(&group));
    assert_eq!(answer.headers["x-graph-calls"], "1");
    assert_eq!(members(&answer.json()), sorted(&ids));
    let (exchanges, group) =
        server.exchanges_of(|| server.get(&format!("{}?excludedAttributes=members", at(&group))).expect(200));
    assert!(group.get("members").is_none());
    assert!(exchanges.len() == 1 && !exchanges[0].to_string().contains("/members"), "{exchanges:#?}");
}

#[test]
fn a_version_is_known_again() {
    let server = Server::sample();
    let group = create(&server, "Versioned");
    let answer = server.get(&at(&group));
    let version = answer.headers["etag"].clone();
    assert_eq!(answer.json()["meta"]["version"], version.as_str());
    assert_eq!(group["meta"]["version"], version.as_str());
    assert_eq!(server.get_with(&at(&group), &[("if-none-match", &version)]).status, 304);
    let change = operations(json!([{ "op": "replace", "path": "displayName", "value": "Changed" }]));
    server.patch_with(&at(&group), &change, &[("if-match", "W/\"other\"")]).expect_error(412, None);
    server.patch_with(&at(&group), &change, &[("if-match", &version)]).expect(200);
    server.patch_with(&at(&group), &change, &[("if-match", &version)]).expect_error(412, None);
    assert_eq!(server.get_with(&at(&group), &[("if-none-match", &version)]).status, 200);
}

#[test]
fn a_user_in_101_groups_shows_101() {
    let server = Server::sample();
    let user = users(&server, 1).remove(0);
    for number in 0..101 {
        let body = json!({ "schemas": [CORE], "displayName": format!("G{number:03}"), "members": [{ "value": user }] });
        server.post(GROUPS, &body).expect(201);
    }
    let before = server.get(&format!("/scim/v2/Users/{user}")).expect(200);
    assert!(before.get("groups").is_none());
    let answer = server.get(&format!("/scim/v2/Users/{user}?attributes=groups"));
    assert_eq!(answer.headers["x-graph-calls"], "1");
    let groups = answer.json()["groups"].as_array().unwrap().len();
    assert!(groups >= 101, "{groups}");
    let filter = format!("{GROUPS}?count=200&attributes=displayName&filter=members.value%20eq%20%22{user}%22");
    let list = server.get(&filter).expect(200);
    assert_eq!(list["totalResults"], groups);
    assert_eq!(list["Resources"].as_array().unwrap().len(), groups);
}

#[test]
fn nested_groups_are_told() {
    let server = Server::sample();
    let user = users(&server, 1).remove(0);
    let inner = server
        .post(GROUPS, &json!({ "schemas": [CORE], "displayName": "Inner", "members": [{ "value": user }] }))
        .expect(201);
    let outer = server
        .post(GROUPS, &json!({ "schemas": [CORE], "displayName": "Outer", "members": [{ "value": inner["id"] }] }))
        .expect(201);
    assert_eq!(outer["members"][0]["type"], "Group");
    let read = server.get(&format!("{}?attributes=members,{ENTRA}:transitiveMembers", at(&outer))).expect(200);
    assert_eq!(members(&read), [inner["id"].as_str().unwrap()]);
    let transitive = read[ENTRA]["transitiveMembers"].to_string();
    assert!(transitive.contains(&user) && transitive.contains(inner["id"].as_str().unwrap()), "{transitive}");
    let read = server.get(&format!("{}?attributes={ENTRA}:memberOf", at(&inner))).expect(200);
    assert_eq!(read[ENTRA]["memberOf"][0]["value"], outer["id"]);
}
