//! Who is in a group: PATCH in all the shapes that clients send, and in few exchanges with Graph.

use serde_json::{Value, json};

use super::{GROUPS, at, create, members, operations, sorted, users, values};
use crate::harness::{Server, State};

/// A connector whose tenant has more users than the sample.
fn large() -> Server {
    Server::start(State::new(), &["--simulate", "1200"], &[("inventory_users_schedule", "off")])
}

fn patched(server: &Server, group: &Value, changes: Value) -> Vec<String> {
    let answer = server.patch(&at(group), &operations(changes));
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    members(&server.get(&at(group)).expect(200))
}

#[test]
fn members_come_and_go_in_every_shape() {
    let server = Server::sample();
    let ids = users(&server, 4);
    let group = create(&server, "Shapes");
    let path = |id: &str| format!("members[value eq \"{id}\"]");
    let all = |indexes: &[usize]| sorted(&indexes.iter().map(|index| ids[*index].clone()).collect::<Vec<_>>());
    // Entra, classic: capital letters, an array with a null $ref. azure-docs#11784, scimmy#86.
    let changes = json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": ids[0] }, { "$ref": null, "value": ids[1] }] }]);
    assert_eq!(patched(&server, &group, changes), all(&[0, 1]));
    // Who is there already is no error.
    let changes = json!([{ "op": "add", "path": "members", "value": values(&ids[..3]) }]);
    assert_eq!(patched(&server, &group, changes), all(&[0, 1, 2]));
    // Only those named go: scim-for-keycloak#26 emptied the group.
    let changes = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": ids[0] }] }]);
    assert_eq!(patched(&server, &group, changes), all(&[1, 2]));
    // RFC 7644 section 3.5.2.2; and one who is not there.
    let changes = json!([{ "op": "remove", "path": path(&ids[1]) }, { "op": "remove", "path": path(&ids[0]) }]);
    assert_eq!(patched(&server, &group, changes), all(&[2]));
    // In order: added and removed in one request.
    let changes = json!([{ "op": "add", "path": "members", "value": values(&ids[..2]) }, { "op": "remove", "path": path(&ids[0]) }]);
    assert_eq!(patched(&server, &group, changes), all(&[1, 2]));
    // Okta: without a path, together with the name.
    let changes = json!([{ "op": "replace", "value": { "id": group["id"], "displayName": "Shapes 2" } }]);
    assert_eq!(patched(&server, &group, changes), all(&[1, 2]));
    let changes = json!([{ "op": "replace", "path": "members", "value": values(&ids[2..]) }]);
    assert_eq!(patched(&server, &group, changes), all(&[2, 3]));
    let changes = json!([{ "op": "remove", "path": "members" }]);
    assert_eq!(patched(&server, &group, changes), Vec::<String>::new());
    assert_eq!(server.get(&at(&group)).expect(200)["displayName"], "Shapes 2");
}

#[test]
fn an_unknown_member_changes_nothing() {
    let server = Server::sample();
    let ids = users(&server, 3);
    let group = create(&server, "Whole or nothing");
    let mut wanted = ids.clone();
    wanted.push("00000000-0000-4000-8000-000000000000".to_owned());
    let changes = operations(json!([
        { "op": "add", "path": "members", "value": values(&wanted) },
        { "op": "replace", "path": "displayName", "value": "Half" },
    ]));
    let detail = server.patch(&at(&group), &changes).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("1 of 4") && detail.contains("00000000-0000-4000-8000-000000000000"), "{detail}");
    let read = server.get(&at(&group)).expect(200);
    assert_eq!((read["displayName"].as_str(), members(&read)), (Some("Whole or nothing"), Vec::new()));
}

#[test]
fn twenty_are_one_exchange_and_a_thousand_three() {
    let server = large();
    let ids = users(&server, 1_000);
    let group = create(&server, "Large");
    let add = |ids: &[String]| operations(json!([{ "op": "add", "path": "members", "value": values(ids) }]));
    let (exchanges, answer) = server.exchanges_of(|| server.patch(&at(&group), &add(&ids[..20])));
    assert!(matches!(answer.status, 200 | 204));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let other = create(&server, "Larger");
    let (exchanges, answer) = server.exchanges_of(|| server.patch(&at(&other), &add(&ids)));
    assert_eq!(answer.status, 204);
    assert!(exchanges.len() <= 3, "{}", exchanges.len());
    let read = server.get(&at(&other)).expect(200);
    assert_eq!(members(&read), sorted(&ids));
    // Some are there already, over several calls.
    let answer = server.patch(&at(&group), &add(&ids[..120]));
    assert_eq!(answer.status, 204);
    assert_eq!(members(&server.get(&at(&group)).expect(200)), sorted(&ids[..120]));
    // The smallest difference: two come, one goes.
    let mut wanted = ids[..119].to_vec();
    wanted.extend_from_slice(&ids[200..202]);
    let replace = operations(json!([{ "op": "replace", "path": "members", "value": values(&wanted) }]));
    let (exchanges, _) = server.exchanges_of(|| server.patch(&at(&group), &replace));
    assert_eq!(exchanges.len(), 2, "{exchanges:#?}");
    assert_eq!(members(&server.get(&at(&group)).expect(200)), sorted(&wanted));
}

#[test]
fn owners_are_kept_apart() {
    const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group";
    let server = Server::sample();
    let ids = users(&server, 2);
    let group = create(&server, "Owned");
    let path = format!("{ENTRA}:owners");
    let changes = operations(json!([{ "op": "add", "path": path, "value": values(&ids) }]));
    assert!(matches!(server.patch(&at(&group), &changes).status, 200 | 204));
    let read = server.get(&format!("{}?attributes={path}", at(&group))).expect(200);
    assert_eq!(read[ENTRA]["owners"].as_array().unwrap().len(), 2);
    let changes = operations(json!([{ "op": "remove", "path": format!("{path}[value eq \"{}\"]", ids[0]) }]));
    assert!(matches!(server.patch(&at(&group), &changes).status, 200 | 204));
    let read = server.get(&format!("{}?attributes={path}", at(&group))).expect(200);
    assert_eq!(read[ENTRA]["owners"][0]["value"], ids[1].as_str());
    let list = server.get(&format!("{GROUPS}?filter={ENTRA}:owners.value%20eq%20%22{}%22", ids[1])).expect(200);
    assert!(list["Resources"].as_array().unwrap().iter().any(|found| found["id"] == group["id"]), "{list}");
}
