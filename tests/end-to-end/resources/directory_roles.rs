//! `scim-directory-roles`: `/scim/v2/DirectoryRoles`, `/scim/v2/DirectoryRoleTemplates`.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

const URN: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectoryRole";

fn role(server: &Server, name: &str) -> Value {
    find(server, "/DirectoryRoles", |role| role["displayName"] == name)
}

fn user(server: &Server, name: &str) -> String {
    find(server, "/Users", |user| user["displayName"] == name)["id"].as_str().unwrap().to_owned()
}

/// Who has a role.
fn members(server: &Server, role: &Value) -> Vec<String> {
    let role = server.get(&format!("{}?attributes=members", at("/DirectoryRoles", role))).expect(200);
    let members = role["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// Row C1; `Get Directory Role`, `Get Directory Role Member`, `Get/Delete/Update Directory Role by ID`.
#[test]
fn directory_roles_are_read() {
    let server = Server::sample();
    let role = role(&server, "Global Administrator");
    assert_eq!(role["roleTemplateId"], "62e90394-69f5-4237-9190-012177145e10");
    let (exchanges, read) = server.exchanges_of(|| server.get(&at("/DirectoryRoles", &role)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &role));
    let filter = "roleTemplateId%20eq%20%2262e90394-69f5-4237-9190-012177145e10%22";
    let (exchanges, found) =
        server.exchanges_of(|| server.get(&format!("/scim/v2/DirectoryRoles?filter={filter}")).expect(200));
    assert_eq!((exchanges.len(), &found["Resources"][0]), (1, &role));
    assert!(exchanges[0]["url"].as_str().unwrap().contains("$filter=roleTemplateId"), "{exchanges:?}");
    let who = members(&server, &role);
    assert_eq!(who.len(), 2);
    let shown = server.get(&format!("{}?attributes=members.display", at("/DirectoryRoles", &role))).expect(200);
    assert!(shown["members"].as_array().unwrap().iter().all(|member| member["display"].is_string()), "{shown}");
    let of_one = listed(&server, &format!("/DirectoryRoles?filter=members.value%20eq%20%22{}%22", who[0]));
    assert!(of_one.iter().any(|found| found["id"] == role["id"]), "{of_one:?}");
}

/// Row C2; `Get Directory Role Template`, `Get Directory Role`.
#[test]
fn a_role_is_activated_once_and_stays() {
    let server = Server::sample();
    let active = listed(&server, "/DirectoryRoles");
    let is_active = |template: &Value| active.iter().any(|role| role["roleTemplateId"] == template["id"]);
    let template = find(&server, "/DirectoryRoleTemplates?count=200", |template| !is_active(template));
    assert_eq!(server.get(&at("/DirectoryRoleTemplates", &template)).expect(200), template);
    let debra = user(&server, "Debra Berger");
    let body = json!({ "schemas": [URN], "roleTemplateId": template["id"], "members": [{ "value": debra }] });
    let created = server.post("/scim/v2/DirectoryRoles", &body);
    let role = created.expect(201);
    assert_eq!(role["displayName"], template["displayName"]);
    assert!(created.headers["location"].ends_with(role["id"].as_str().unwrap()));
    assert_eq!(members(&server, &role), [debra]);
    server.post("/scim/v2/DirectoryRoles", &body).expect_error(409, Some("uniqueness"));
    let none = json!({ "schemas": [URN] });
    server.post("/scim/v2/DirectoryRoles", &none).expect_error(400, Some("invalidValue"));
    let detail = server.delete(&at("/DirectoryRoles", &role)).expect_error(501, None);
    assert!(detail.contains("remove its members instead"), "{detail}");
    let detail = server.delete(&at("/DirectoryRoleTemplates", &template)).expect_error(501, None);
    assert!(detail.contains("/RoleDefinitions"), "{detail}");
}

/// Row C1; `Get/Delete/Update Directory Role by ID`: members are added and removed, and nothing else changes.
#[test]
fn members_come_and_go() {
    let server = Server::sample();
    let role = role(&server, "User Administrator");
    let path = at("/DirectoryRoles", &role);
    let (before, debra) = (members(&server, &role), user(&server, "Debra Berger"));
    let add = patch(json!([{ "op": "add", "path": "members", "value": [{ "value": debra }] }]));
    let (exchanges, _) = server.exchanges_of(|| assert!(server.patch(&path, &add).status < 300));
    assert_eq!(exchanges.len(), 1, "{exchanges:?}");
    assert_eq!(members(&server, &role).len(), before.len() + 1);
    assert!(server.patch(&path, &add).status < 300, "who is there already stays");
    let remove = patch(json!([{ "op": "remove", "path": format!("members[value eq \"{debra}\"]") }]));
    assert!(server.patch(&path, &remove).status < 300);
    assert_eq!(members(&server, &role), before);
    let mut whole = role.clone();
    whole["members"] = json!([{ "value": debra }]);
    assert_eq!(server.put(&path, &whole).expect(200)["displayName"], role["displayName"]);
    assert_eq!(members(&server, &role), [debra]);
    whole["roleTemplateId"] = json!("62e90394-69f5-4237-9190-012177145e10");
    server.put(&path, &whole).expect_error(400, Some("mutability"));
    let unknown =
        json!([{ "op": "add", "path": "members", "value": [{ "value": "00000000-0000-0000-0000-00000000000f" }] }]);
    server.patch(&path, &patch(unknown)).expect_error(400, Some("invalidValue"));
}

/// The last global administrator is Graph's to protect; what it says is passed on.
#[test]
fn the_last_administrator_remains() {
    let server = Server::sample();
    let role = role(&server, "Global Administrator");
    let who = members(&server, &role);
    let remove = |id: &str| patch(json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]));
    assert!(server.patch(&at("/DirectoryRoles", &role), &remove(&who[0])).status < 300);
    let detail = server.patch(&at("/DirectoryRoles", &role), &remove(&who[1])).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("last global administrator"), "{detail}");
}
