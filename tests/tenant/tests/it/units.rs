//! Administrative units, who is in them, and who has a role in them.

use serde_json::{Value, json};

use crate::client::{ADELE, Box};
use crate::judged::judge;

const UNITS: &str = "/directory/administrativeUnits";
const PERMISSIONS: [&str; 4] =
    ["AdministrativeUnit.ReadWrite.All", "Directory.Read.All", "RoleManagement.ReadWrite.Directory", "User.Read.All"];

fn reference(tenant: &Box, id: &str) -> Value {
    json!({"@odata.id": format!("{}/v1.0/directoryObjects/{id}", tenant.server.origin())})
}

#[test]
fn units_are_written_and_read() {
    let tenant = Box::with(&PERMISSIONS);
    assert_eq!(
        tenant.get(&format!("{UNITS}?$orderby=displayName")).names(),
        ["Brazil", "Executives", "Germany and Switzerland", "Redmond campus"]
    );
    assert_eq!(tenant.get_eventual(&format!("{UNITS}/$count")).body, 4);
    let made = tenant.post(UNITS, &json!({"displayName": "Night shift", "isMemberManagementRestricted": false}));
    assert_eq!(made.status, 201);
    let unit = format!("{UNITS}/{}", made.body["id"].as_str().unwrap());
    let cases = [
        ("POST", UNITS, json!({"description": "No name"}), 400),
        ("POST", UNITS, json!({"displayName": "x", "shoeSize": 1}), 400),
        ("POST", UNITS, json!({"displayName": 7}), 400),
        ("PATCH", &unit, json!({"isMemberManagementRestricted": true}), 400),
        ("PATCH", &unit, json!({"displayName": null}), 400),
        ("PATCH", &unit, json!({"displayName": "Early shift", "description": "Before eight"}), 204),
        ("GET", &format!("{unit}x"), Value::Null, 404),
    ];
    for (method, path, body, status) in &cases {
        assert_eq!(tenant.call(method, path, &[], body).status, *status, "{method} {path} {body}");
    }
    assert_eq!(tenant.get(&unit).body["displayName"], "Early shift");
    assert_eq!((tenant.delete(&unit).status, tenant.get(&unit).status), (204, 404));
    assert_eq!(tenant.get(&format!("{UNITS}?$filter=startswith(displayName,'Ex')")).names(), ["Executives"]);
    judge(&tenant);
}

#[test]
fn members_know_their_units() {
    let tenant = Box::with(&PERMISSIONS);
    let unit = tenant.id_of(UNITS, "Executives");
    let members = format!("{UNITS}/{unit}/members");
    let finance = tenant.id_of("/groups", "Finance");
    let cases = [
        (ADELE, 204),
        (ADELE, 400),
        (finance.as_str(), 204),
        (unit.as_str(), 400),
        ("00000000-0000-0000-0000-000000000001", 404),
    ];
    for (id, status) in cases {
        assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(&tenant, id)).status, status, "{id}");
    }
    assert_eq!(tenant.get(&members).items().len(), 3);
    assert_eq!(tenant.get_eventual(&format!("{members}/microsoft.graph.group?$count=true")).names(), ["Finance"]);
    assert!(tenant.get(&format!("/users/{ADELE}/memberOf")).names().contains(&"Executives"));
    let units = format!("/users/{ADELE}/memberOf/microsoft.graph.administrativeUnit?$count=true");
    assert_eq!(tenant.get_eventual(&units).names(), ["Executives"]);
    // Who is in a group of a unit is not in the unit.
    let lynne = tenant.id_of("/users", "Lynne Robbins");
    let units = format!("/users/{lynne}/transitiveMemberOf/microsoft.graph.administrativeUnit?$count=true");
    assert_eq!(tenant.get_eventual(&units).names(), Vec::<&str>::new());
    assert_eq!(tenant.delete(&format!("{members}/{ADELE}/$ref")).status, 204);
    assert_eq!(tenant.delete(&format!("{members}/{ADELE}/$ref")).status, 404);
    judge(&tenant);
}

#[test]
fn roles_in_a_unit_are_assignments_of_its_scope() {
    let tenant = Box::with(&PERMISSIONS);
    let unit = tenant.id_of(UNITS, "Brazil");
    let role = tenant.id_of("/directoryRoles", "Helpdesk Administrator");
    let scoped = format!("{UNITS}/{unit}/scopedRoleMembers");
    assert_eq!(tenant.get(&scoped).items().len(), 1);
    let made = tenant.post(&scoped, &json!({"roleId": role, "roleMemberInfo": {"id": ADELE}}));
    assert_eq!((made.status, &made.body["roleMemberInfo"]["displayName"]), (201, &json!("Adele Vance")));
    let assignments = format!("/roleManagement/directory/roleAssignments?$filter=principalId eq '{ADELE}'");
    assert_eq!(tenant.get(&assignments).items()[0]["directoryScopeId"], format!("/administrativeUnits/{unit}"));
    assert_eq!(tenant.get(&format!("/directoryRoles/{role}/members")).items().len(), 1, "in the unit only");
    let refused = [
        (json!({"roleId": role, "roleMemberInfo": {"id": ADELE}}), 400),
        (json!({"roleId": ADELE, "roleMemberInfo": {"id": ADELE}}), 404),
        (json!({"roleMemberInfo": {"id": ADELE}}), 400),
        (json!({"roleId": role}), 400),
    ];
    for (body, status) in refused {
        assert_eq!(tenant.post(&scoped, &body).status, status, "{body}");
    }
    let one = format!("{scoped}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(tenant.get(&one).body["roleId"], json!(role));
    assert_eq!((tenant.delete(&one).status, tenant.get(&one).status), (204, 404));
    assert_eq!(tenant.get(&assignments).items().len(), 0);
    judge(&tenant);
}
