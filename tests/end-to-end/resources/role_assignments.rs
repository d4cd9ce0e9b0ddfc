//! `scim-role-assignments`: `/scim/v2/RoleAssignments`, `/scim/v2/RoleEligibilitySchedules`, `/scim/v2/RoleAssignmentSchedules`.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

const URN: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleAssignment";
const PATH: &str = "/scim/v2/RoleAssignments";
/// The template and definition of User Administrator.
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

fn body(server: &Server, scope: Option<&str>) -> Value {
    let user = find(server, "/Users", |user| user["displayName"] == "Debra Berger");
    let mut body = json!({ "schemas": [URN], "principalId": user["id"], "roleDefinitionId": USER_ADMINISTRATOR });
    if let Some(scope) = scope {
        body["directoryScopeId"] = json!(scope);
    }
    body
}

/// Row C3; `Get Unified Role Assignment`: what Graph compares is asked of it.
#[test]
fn assignments_are_read() {
    let server = Server::sample();
    let scoped = find(&server, PATH.trim_start_matches("/scim/v2"), |assignment| {
        assignment["directoryScopeId"].as_str().is_some_and(|scope| scope.starts_with("/administrativeUnits/"))
    });
    let (exchanges, read) = server.exchanges_of(|| server.get(&at("/RoleAssignments", &scoped)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &scoped));
    for name in ["principalId", "roleDefinitionId", "directoryScopeId"] {
        let value = scoped[name].as_str().unwrap();
        let filter = format!("{name}%20eq%20%22{value}%22");
        let (exchanges, found) = server.exchanges_of(|| listed(&server, &format!("/RoleAssignments?filter={filter}")));
        assert!(found.contains(&scoped) && found.iter().all(|one| one[name] == value), "{name}: {found:?}");
        assert!(exchanges[0]["url"].as_str().unwrap().contains(&format!("$filter={name}")), "{exchanges:?}");
    }
    server.get("/scim/v2/RoleAssignments/none").expect_error(404, None);
}

/// Row C3: a role is assigned in the directory, in an administrative unit and for an application, and taken away.
#[test]
fn a_role_is_assigned_and_removed() {
    let server = Server::sample();
    let unit = listed(&server, "/AdministrativeUnits").remove(0);
    let unit = format!("/administrativeUnits/{}", unit["id"].as_str().unwrap());
    for (scope, expected) in [(None, "/"), (Some(unit.as_str()), unit.as_str())] {
        let body = body(&server, scope);
        let (exchanges, assigned) = server.exchanges_of(|| server.post(PATH, &body).expect(201));
        assert_eq!((exchanges.len(), &assigned["directoryScopeId"]), (1, &json!(expected)));
        server.post(PATH, &body).expect_error(409, Some("uniqueness"));
        let path = at("/RoleAssignments", &assigned);
        assert_eq!(server.get(&path).expect(200)["principalId"], body["principalId"]);
        assert_eq!(server.delete(&path).status, 204);
        server.get(&path).expect_error(404, None);
    }
    let nobody = body(&server, Some("/administrativeUnits/00000000-0000-0000-0000-00000000000f"));
    server.post(PATH, &nobody).expect_error(404, None);
    let mut no_role = nobody;
    no_role.as_object_mut().unwrap().remove("roleDefinitionId");
    server.post(PATH, &no_role).expect_error(400, Some("invalidValue"));
}

#[test]
fn an_assignment_does_not_change() {
    let server = Server::sample();
    let assignment = listed(&server, "/RoleAssignments").remove(0);
    let change = patch(json!([{ "op": "replace", "path": "directoryScopeId", "value": "/" }]));
    let (exchanges, ()) = server.exchanges_of(|| {
        for answer in [
            server.patch(&at("/RoleAssignments", &assignment), &change),
            server.put(&at("/RoleAssignments", &assignment), &assignment),
        ] {
            let detail = answer.expect_error(501, None);
            assert!(detail.contains("delete it and make another"), "{detail}");
        }
    });
    assert!(exchanges.is_empty());
}

/// Row C4: who could have a role, and who has one until when.
#[test]
fn schedules_are_read() {
    let server = Server::sample();
    let eligible = listed(&server, "/RoleEligibilitySchedules");
    assert_eq!(eligible.len(), 3);
    let first =
        find(&server, "/RoleEligibilitySchedules", |one| one["scheduleInfo"]["expirationType"] == "afterDateTime");
    assert_eq!(first["scheduleInfo"]["endDateTime"], "2027-03-01T00:00:00Z");
    assert_eq!(server.get(&at("/RoleEligibilitySchedules", &first)).expect(200), first);
    let active = listed(&server, "/RoleAssignmentSchedules?filter=assignmentType%20eq%20%22Assigned%22");
    assert!(!active.is_empty() && active.iter().all(|one| one["assignmentType"] == "Assigned"));
    let (exchanges, ()) = server.exchanges_of(|| {
        for endpoint in ["/RoleEligibilitySchedules", "/RoleAssignmentSchedules"] {
            let detail = server.delete(&at(endpoint, &first)).expect_error(501, None);
            assert!(detail.contains("Privileged Identity Management"), "{detail}");
        }
    });
    assert!(exchanges.is_empty());
}
