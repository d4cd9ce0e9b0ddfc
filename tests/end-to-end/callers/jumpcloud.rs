//! JumpCloud: custom SCIM integrations.
//!
//! Source: <https://jumpcloud.com/support/provision-and-manage-users-and-groups-in-apps-using-custom-scim-identity-management-integration>.

use serde_json::json;

use super::{
    GROUP, GROUPS, USER, USERS, assert_found, at, changed, group, id, look_up, members, named, people, read, user,
    values,
};
use crate::harness::Server;

/// Activation makes a user and a group, looks for both, changes them, and takes them away again.
#[test]
fn an_activation_leaves_nothing_behind() {
    let server = Server::sample();
    let name = named("jumpcloud-test");
    let by_name = format!("userName eq \"{name}\"");
    assert_eq!(look_up(&server, USERS, &by_name, "")["totalResults"], 0);
    let body = json!({ "schemas": [USER], "userName": name, "active": true, "displayName": "Test User",
        "name": { "givenName": "Test", "familyName": "User" },
        "emails": [{ "value": name, "type": "work", "primary": true }] });
    let user = server.post(USERS, &body).expect(201);
    assert_found(&server, USERS, &by_name, &user);
    let mut whole = read(&server, &user);
    whole["name"]["familyName"] = json!("Changed");
    assert_eq!(server.put(&at(&user), &whole).expect(200)["name"]["familyName"], "Changed");

    let by_name = "displayName eq \"JumpCloud Test Group\"";
    assert_eq!(look_up(&server, GROUPS, by_name, "")["totalResults"], 0);
    let body =
        json!({ "schemas": [GROUP], "displayName": "JumpCloud Test Group", "members": [{ "value": id(&user) }] });
    let group = server.post(GROUPS, &body).expect(201);
    assert_found(&server, GROUPS, by_name, &group);
    let gone = json!([{ "op": "remove", "path": "members", "value": [{ "value": id(&user) }] }]);
    assert_eq!(members(&changed(&server, &group, gone)), Vec::<String>::new());

    for resource in [&group, &user] {
        assert_eq!(server.delete(&at(resource)).status, 204);
        server.get(&at(resource)).expect_error(404, None);
    }
}

/// No schema but that of the core is sent, so nothing of an extension is lost by a PUT.
#[test]
fn extensions_are_left_alone() {
    let server = Server::sample();
    let user = user(&server, "core");
    let body = json!({ "schemas": [USER], "userName": named("core"), "active": true, "displayName": "Core",
        "name": { "givenName": "Co", "familyName": "Re" } });
    server.put(&at(&user), &body).expect(200);
    let read = read(&server, &user);
    assert_eq!(read[super::ENTERPRISE]["department"], "Research", "{read}");
    assert!(read["title"].is_null(), "of the core what is not given is gone: {read}");
}

/// A group that is there already is matched by its name, and filled; who leaves it goes by a value.
#[test]
fn a_group_that_is_there_is_matched() {
    let server = Server::sample();
    let ids = people(3);
    let group = group(&server, "Matched", &ids[..1]);
    let list = look_up(&server, GROUPS, "displayName eq \"matched\"", "");
    assert_eq!(list["Resources"][0]["id"], group["id"], "{list}");
    let add = json!([{ "op": "add", "path": "members", "value": values(&ids) }]);
    assert_eq!(members(&changed(&server, &group, add)).len(), 3);
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": ids[0] }, { "value": ids[2] }] }]);
    assert_eq!(members(&changed(&server, &group, remove)), ids[1..2]);
}

/// Where a group is no longer bound to the application, its members are deactivated one by one, and stay members.
#[test]
fn members_are_deactivated() {
    let server = Server::sample();
    let user = user(&server, "member");
    let group = group(&server, "Unbound", &[id(&user).to_owned()]);
    let mut whole = read(&server, &user);
    whole["active"] = json!(false);
    assert_eq!(server.put(&at(&user), &whole).expect(200)["active"], false);
    assert_eq!(members(&read(&server, &group)), [id(&user)]);
}
