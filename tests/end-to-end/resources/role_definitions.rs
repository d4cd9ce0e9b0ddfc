//! `scim-role-definitions`: `/scim/v2/RoleDefinitions`.

use serde_json::{Value, json};

use super::{at, find, listed, patch};
use crate::harness::Server;

const URN: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleDefinition";
const PATH: &str = "/scim/v2/RoleDefinitions";

fn body(name: &str) -> Value {
    json!({ "schemas": [URN], "displayName": name, "description": "Reads what apps are called",
        "rolePermissions": [{ "allowedResourceActions": ["microsoft.directory/applications/basic/read"] }] })
}

/// Row C2; `Get Directory Role Template`.
#[test]
fn definitions_are_read() {
    let server = Server::sample();
    let filter = "displayName%20eq%20%22application%20administrator%22";
    let (exchanges, found) = server.exchanges_of(|| listed(&server, &format!("/RoleDefinitions?filter={filter}")));
    assert_eq!((exchanges.len(), found.len()), (1, 1));
    let (role, permission) = (&found[0], &found[0]["rolePermissions"][0]);
    assert_eq!((&role["isBuiltIn"], &role["templateId"]), (&json!(true), &role["id"]));
    assert!(permission["allowedResourceActions"].as_array().unwrap().len() > 1, "{permission}");
    assert_eq!(server.get(&at("/RoleDefinitions", role)).expect(200), *role);
    let own = listed(&server, "/RoleDefinitions?filter=isBuiltIn%20eq%20false");
    assert!(!own.is_empty() && own.iter().all(|role| role["isBuiltIn"] == false), "{own:?}");
}

/// Row C2: a role of the tenant's own is made, changed and deleted.
#[test]
fn a_role_of_our_own_lives() {
    let server = Server::sample();
    let role = server.post(PATH, &body("App readers")).expect(201);
    assert_eq!((&role["isEnabled"], &role["isBuiltIn"]), (&json!(true), &json!(false)));
    server.post(PATH, &body("App readers")).expect_error(409, Some("uniqueness"));
    let path = at("/RoleDefinitions", &role);
    let rename = patch(json!([{ "op": "replace", "path": "displayName", "value": "App watchers" }]));
    let (exchanges, renamed) = server.exchanges_of(|| server.patch(&path, &rename).expect(200));
    assert_eq!((exchanges.len(), &renamed["displayName"]), (1, &json!("App watchers")));
    let more = json!([{ "op": "add", "path": "rolePermissions",
        "value": [{ "allowedResourceActions": ["microsoft.directory/servicePrincipals/standard/read"] }] }]);
    let permissions = server.patch(&path, &patch(more)).expect(200)["rolePermissions"].clone();
    assert_eq!(permissions.as_array().unwrap().len(), 2, "{permissions}");
    let mut whole = server.get(&path).expect(200);
    whole["rolePermissions"] = body("")["rolePermissions"].clone();
    whole.as_object_mut().unwrap().remove("description");
    let replaced = server.put(&path, &whole).expect(200);
    assert_eq!((replaced["rolePermissions"].as_array().unwrap().len(), replaced.get("description")), (1, None));
    let unnamed = patch(json!([{ "op": "remove", "path": "displayName" }]));
    server.patch(&path, &unnamed).expect_error(400, Some("mutability"));
    assert_eq!(server.delete(&path).status, 204);
    server.get(&path).expect_error(404, None);
}

/// Row C2: Graph says of which roles nobody can change, and which are still assigned.
#[test]
fn what_graph_refuses_is_passed_on() {
    let server = Server::sample();
    let built_in = find(&server, "/RoleDefinitions", |role| role["isBuiltIn"] == true);
    let rename = patch(json!([{ "op": "replace", "path": "displayName", "value": "X" }]));
    for answer in
        [server.patch(&at("/RoleDefinitions", &built_in), &rename), server.delete(&at("/RoleDefinitions", &built_in))]
    {
        let detail = answer.expect_error(400, Some("invalidValue"));
        assert!(detail.contains("Built-in role definitions cannot be changed or deleted"), "{detail}");
    }
    let mut nothing = body("Nothing");
    nothing["rolePermissions"] = json!([{ "allowedResourceActions": ["everything"] }]);
    let detail = server.post(PATH, &nothing).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("rolePermissions"), "{detail}");
    nothing.as_object_mut().unwrap().remove("rolePermissions");
    server.post(PATH, &nothing).expect_error(400, Some("invalidValue"));
}
