//! `scim-administrative-units`: `/scim/v2/AdministrativeUnits`.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

const URN: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:AdministrativeUnit";
const PATH: &str = "/scim/v2/AdministrativeUnits";

fn id_of(server: &Server, endpoint: &str, name: &str) -> String {
    find(server, endpoint, |one| one["displayName"] == name)["id"].as_str().unwrap().to_owned()
}

/// The elements of an attribute that comes on request.
fn asked(server: &Server, unit: &Value, attribute: &str) -> Vec<Value> {
    let unit = server.get(&format!("{}?attributes={attribute}", at("/AdministrativeUnits", unit))).expect(200);
    unit[attribute].as_array().cloned().unwrap_or_default()
}

/// Row C5.
#[test]
fn units_are_read() {
    let server = Server::sample();
    let unit = find(&server, "/AdministrativeUnits", |unit| unit["displayName"] == "Brazil");
    let (exchanges, read) = server.exchanges_of(|| server.get(&at("/AdministrativeUnits", &unit)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &unit));
    assert!(unit.get("members").is_none());
    let (exchanges, found) =
        server.exchanges_of(|| server.get(&format!("{PATH}?filter=displayName%20sw%20%22bra%22")).expect(200));
    assert_eq!((exchanges.len(), &found["Resources"]), (1, &json!([unit])));
    let members = asked(&server, &unit, "members");
    assert_eq!(members.len(), 2);
    let of_one =
        format!("/AdministrativeUnits?filter=members.value%20eq%20%22{}%22", members[0]["value"].as_str().unwrap());
    assert!(listed(&server, &of_one).iter().any(|found| found["id"] == unit["id"]));
}

/// Row C5: a unit is made with members, changed and deleted.
#[test]
fn a_unit_lives() {
    let server = Server::sample();
    let (alex, debra) = (id_of(&server, "/Users", "Alex Wilber"), id_of(&server, "/Users", "Debra Berger"));
    let body = json!({ "schemas": [URN], "displayName": "Night shift", "visibility": "HiddenMembership",
        "isMemberManagementRestricted": true, "members": [{ "value": alex }] });
    let unit = server.post(PATH, &body).expect(201);
    assert_eq!(
        (&unit["visibility"], &unit["isMemberManagementRestricted"]),
        (&json!("HiddenMembership"), &json!(true))
    );
    let path = at("/AdministrativeUnits", &unit);
    let change = patch(json!([
        { "op": "replace", "path": "description", "value": "Works at night" },
        { "op": "add", "path": "members", "value": [{ "value": debra }] },
    ]));
    let (exchanges, _) = server.exchanges_of(|| assert!(server.patch(&path, &change).status < 300));
    assert_eq!(exchanges.len(), 1, "{exchanges:?}");
    assert_eq!(asked(&server, &unit, "members").len(), 2);
    let remove = patch(json!([{ "op": "remove", "path": format!("members[value eq \"{alex}\"]") }]));
    assert!(server.patch(&path, &remove).status < 300);
    assert_eq!(asked(&server, &unit, "members")[0]["value"], debra.as_str());
    let mut whole = server.get(&path).expect(200);
    whole["displayName"] = json!("Late shift");
    assert_eq!(server.put(&path, &whole).expect(200)["displayName"], "Late shift");
    whole["isMemberManagementRestricted"] = json!(false);
    server.put(&path, &whole).expect_error(400, Some("mutability"));
    assert_eq!(server.delete(&path).status, 204);
    server.get(&path).expect_error(404, None);
}

/// Row C5: who has which role in a unit.
#[test]
fn scoped_roles_come_and_go() {
    let server = Server::sample();
    let unit = find(&server, "/AdministrativeUnits", |unit| unit["displayName"] == "Brazil");
    let path = at("/AdministrativeUnits", &unit);
    let before = asked(&server, &unit, "scopedRoleMembers");
    assert!(before.iter().all(|one| one["display"].is_string() && one["roleId"].is_string()), "{before:?}");
    let role = id_of(&server, "/DirectoryRoles", "User Administrator");
    let debra = id_of(&server, "/Users", "Debra Berger");
    let add =
        patch(json!([{ "op": "add", "path": "scopedRoleMembers", "value": [{ "roleId": role, "value": debra }] }]));
    let (exchanges, _) = server.exchanges_of(|| assert!(server.patch(&path, &add).status < 300));
    assert_eq!(exchanges.len(), 1, "{exchanges:?}");
    let with = asked(&server, &unit, "scopedRoleMembers");
    let new = with.iter().find(|one| one["value"] == debra.as_str()).unwrap();
    assert_eq!((with.len(), &new["display"]), (before.len() + 1, &json!("Debra Berger")));
    let remove = json!([{ "op": "remove", "path": format!("scopedRoleMembers[id eq {}]", new["id"]) }]);
    assert!(server.patch(&path, &patch(remove)).status < 300);
    assert_eq!(asked(&server, &unit, "scopedRoleMembers"), before);
}
