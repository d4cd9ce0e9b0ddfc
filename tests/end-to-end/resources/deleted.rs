//! `scim-deleted-users`, `scim-deleted-groups`, `scim-deleted-applications`: what was deleted, and comes back or goes for good.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

/// A deleted user whom nobody misses.
fn bianca(server: &Server) -> Value {
    find(server, "/DeletedUsers", |user| user["displayName"] == "Bianca Pisani")
}

fn not_deleted() -> Value {
    patch(json!([{ "op": "replace", "path": "deleted", "value": false }]))
}

/// Row A9; `Get All Deleted Users`, `Check Deleted User`.
#[test]
fn deleted_users_are_listed_found_and_read() {
    let server = Server::sample();
    let bianca = bianca(&server);
    assert_eq!(bianca["schemas"], json!(["urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedUser"]));
    assert_eq!((&bianca["deleted"], &bianca["jobTitle"]), (&json!(true), &json!("Account Manager")));
    assert!(bianca["deletedDateTime"].is_string() && bianca["meta"]["created"] == "2021-02-01T09:00:00Z");
    let (exchanges, read) = server.exchanges_of(|| server.get(&at("/DeletedUsers", &bianca)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &bianca));
    let (exchanges, found) =
        server.exchanges_of(|| server.get("/scim/v2/DeletedUsers?filter=displayName%20sw%20%22cam%22").expect(200));
    assert_eq!((exchanges.len(), &found["totalResults"]), (1, &json!(1)));
    let total = server.get("/scim/v2/DeletedUsers?count=0").expect(200);
    assert_eq!((&total["totalResults"], total["Resources"].as_array().map(Vec::len)), (&json!(3), Some(0)));
    // Graph does not compare when; the service does.
    let since = "/DeletedUsers?filter=deletedDateTime%20gt%20%222020-01-01T00:00:00Z%22%20and%20deleted%20eq%20true";
    assert_eq!(listed(&server, since).len(), 3);
    server.get("/scim/v2/DeletedUsers/00000000-0000-0000-0000-00000000000f").expect_error(404, None);
}

/// Row A9: somebody who was deleted through here a moment ago is back at once.
#[test]
fn a_user_is_deleted_and_restored() {
    let server = Server::sample();
    let user = find(&server, "/Users", |user| user["displayName"] == "Alex Wilber");
    let (here, there) = (at("/Users", &user), at("/DeletedUsers", &user));
    server.get(&there).expect_error(404, None);
    assert_eq!(server.delete(&here).status, 204);
    server.get(&here).expect_error(404, None);
    assert_eq!(server.get(&there).expect(200)["displayName"], "Alex Wilber");
    let (exchanges, restored) = server.exchanges_of(|| server.patch(&there, &not_deleted()));
    // A look at what it is, and the restoration.
    assert_eq!((restored.status, exchanges.len()), (204, 2), "{exchanges:?}");
    assert_eq!(server.get(&here).expect(200)["displayName"], "Alex Wilber");
    server.get(&there).expect_error(404, None);
    server.patch(&there, &not_deleted()).expect_error(404, None);
}

/// Row A9; `Get All Deleted Groups`, `Check Deleted Group`.
#[test]
fn a_group_is_restored() {
    let server = Server::sample();
    let group = find(&server, "/DeletedGroups", |group| group["displayName"] == "Trade fair");
    assert_eq!(group["groupTypes"], json!(["Unified"]));
    assert_eq!(server.get(&at("/DeletedGroups", &group)).expect(200), group);
    assert_eq!(server.patch(&at("/DeletedGroups", &group), &not_deleted()).status, 204);
    assert_eq!(server.get(&at("/Groups", &group)).expect(200)["displayName"], "Trade fair");
    assert_eq!(listed(&server, "/DeletedGroups").len(), 1);
}

#[test]
fn applications_and_service_principals_go_for_good() {
    let server = Server::sample();
    for endpoint in ["/DeletedApplications", "/DeletedServicePrincipals"] {
        let gone = find(&server, endpoint, |one| one["displayName"] == "Old timesheets");
        assert_eq!(server.delete(&at(endpoint, &gone)).status, 204);
        server.get(&at(endpoint, &gone)).expect_error(404, None);
        assert_eq!(server.patch(&at(endpoint, &gone), &not_deleted()).status, 404);
        let left = listed(&server, endpoint);
        assert_eq!((left.len(), &left[0]["displayName"]), (1, &json!("Survey tool (pilot)")));
    }
    // A service principal comes back with its application.
    let application = listed(&server, "/DeletedApplications").remove(0);
    assert_eq!(server.patch(&at("/DeletedApplications", &application), &not_deleted()).status, 204);
    assert!(listed(&server, "/DeletedApplications").is_empty());
}

/// Row A9: what an application may not do is refused with the reason, and Graph is not asked.
#[test]
fn what_cannot_be_done_is_refused() {
    let server = Server::sample();
    let user = bianca(&server);
    let group = listed(&server, "/DeletedGroups").remove(0);
    let (exchanges, ()) = server.exchanges_of(|| {
        for (endpoint, resource, word) in [("/DeletedUsers", &user, "users"), ("/DeletedGroups", &group, "groups")] {
            let detail = server.delete(&at(endpoint, resource)).expect_error(403, None);
            assert!(detail.contains(&format!("no application delete {word} for good")), "{detail}");
            let body = json!({ "schemas": resource["schemas"], "deleted": true });
            let detail = server.post(&format!("/scim/v2{endpoint}"), &body).expect_error(501, None);
            assert!(detail.contains("send DELETE to the object itself"), "{detail}");
        }
    });
    assert!(exchanges.is_empty());
    let renamed = patch(json!([{ "op": "replace", "path": "displayName", "value": "X" }]));
    server.patch(&at("/DeletedUsers", &user), &renamed).expect_error(400, Some("mutability"));
}

/// All that was deleted is in one place of Graph; who may restore groups may not restore users by their endpoint.
#[test]
fn an_object_of_another_type_is_not_there() {
    let server = Server::sample();
    let user = bianca(&server);
    let body =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedApplication"], "deleted": false });
    server.get(&at("/DeletedGroups", &user)).expect_error(404, None);
    server.patch(&at("/DeletedGroups", &user), &not_deleted()).expect_error(404, None);
    server.put(&at("/DeletedApplications", &user), &body).expect_error(404, None);
    server.delete(&at("/DeletedApplications", &user)).expect_error(404, None);
    assert_eq!(server.get(&at("/DeletedUsers", &user)).expect(200), user);
}

/// A PUT of what was read changes nothing; one with `deleted` false restores.
#[test]
fn a_put_restores_too() {
    let server = Server::sample();
    let mut user = bianca(&server);
    server.put(&at("/DeletedUsers", &user), &user);
    assert_eq!(server.get(&at("/DeletedUsers", &user)).expect(200), user);
    user["deleted"] = json!(false);
    assert_eq!(server.put(&at("/DeletedUsers", &user), &user).status, 204);
    assert_eq!(server.get(&at("/Users", &user)).expect(200)["title"], "Account Manager");
}
