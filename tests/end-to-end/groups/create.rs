//! `POST /Groups`, `PUT` and `DELETE`.

use serde_json::json;

use super::{CORE, ENTRA, GROUPS, at, create, members, sorted, users, values};
use crate::harness::Server;

#[test]
fn a_name_is_enough() {
    let server = Server::sample();
    let (exchanges, group) = server.exchanges_of(|| create(&server, "Field Service 2"));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    assert_eq!(group["displayName"], "Field Service 2");
    assert_eq!(group[ENTRA]["mailNickname"], "FieldService2");
    assert_eq!(group[ENTRA]["securityEnabled"], true);
    assert_eq!(group[ENTRA]["mailEnabled"], false);
    assert_eq!(group["meta"]["resourceType"], "Group");
    let read = server.get(&at(&group)).expect(200);
    assert_eq!(read, group);
}

#[test]
fn kinds_of_groups() {
    let server = Server::sample();
    let body = json!({ "schemas": [CORE, ENTRA], "displayName": "Team",
        ENTRA: { "groupTypes": ["Unified"], "mailNickname": "team-x", "description": "A team", "visibility": "Private" } });
    let team = server.post(GROUPS, &body).expect(201);
    assert_eq!(team[ENTRA]["groupTypes"], json!(["Unified"]));
    assert_eq!(team[ENTRA]["mailEnabled"], true);
    let rule = "user.department -eq \"Sales\"";
    let body = json!({ "schemas": [CORE, ENTRA], "displayName": "Sales staff",
        ENTRA: { "groupTypes": ["DynamicMembership"], "membershipRule": rule, "membershipRuleProcessingState": "On" } });
    let dynamic = server.post(GROUPS, &body).expect(201);
    assert_eq!(dynamic[ENTRA]["membershipRule"], rule);
}

#[test]
fn members_come_with_the_group() {
    let server = Server::sample();
    let ids = users(&server, 25);
    let body = json!({ "schemas": [CORE], "displayName": "All of us", "externalId": "g-1", "members": values(&ids) });
    let group = server.post(GROUPS, &body).expect(201);
    assert_eq!(members(&group), sorted(&ids));
    assert_eq!(group["externalId"], "g-1");
    let read = server.get(&at(&group)).expect(200);
    assert_eq!(members(&read), sorted(&ids));
    assert_eq!(read["members"][0]["type"], "User");
    // An unknown member makes no group.
    let unknown = json!({ "schemas": [CORE], "displayName": "Nobody's",
        "members": [{ "value": ids[0] }, { "value": "00000000-0000-4000-8000-000000000000" }] });
    let detail = server.post(GROUPS, &unknown).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("00000000-0000-4000-8000-000000000000"), "{detail}");
    let list = server.get(&format!("{GROUPS}?filter=displayName%20eq%20%22Nobody's%22")).expect(200);
    assert_eq!(list["totalResults"], 0);
}

#[test]
fn a_group_is_replaced_and_deleted() {
    let server = Server::sample();
    let ids = users(&server, 3);
    let group = create(&server, "Before");
    let mut body = group.clone();
    body["displayName"] = json!("After");
    body["members"] = values(&ids);
    let replaced = server.put(&at(&group), &body).expect(200);
    assert_eq!((replaced["displayName"].as_str(), members(&replaced)), (Some("After"), sorted(&ids)));
    // Members are not lost because they are left out.
    body.as_object_mut().unwrap().remove("members");
    let replaced = server.put(&at(&group), &body).expect(200);
    assert_eq!(members(&replaced), sorted(&ids));
    body["members"] = json!([]);
    let replaced = server.put(&at(&group), &body).expect(200);
    assert_eq!(members(&replaced), Vec::<String>::new());
    server.delete(&at(&group)).expect(204);
    server.get(&at(&group)).expect_error(404, None);
    server.delete(&at(&group)).expect_error(404, None);
}
