//! `/rp/scim`: a client of Microsoft's own SCIM API, unchanged.

use serde_json::json;

use crate::harness::Server;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";

#[test]
fn a_client_of_it_finds_what_it_expects() {
    let server = Server::sample();
    let body = json!({ "schemas": [USER, ENTRA], "userName": "rp@contoso.onmicrosoft.com", "password": "Secret-12345!",
        "name": { "givenName": "R", "familyName": "P" }, "active": true, "displayName": "R P",
        ENTRA: { "mailNickname": "rp" } });
    let user = server.post("/rp/scim/users", &body).expect(201);
    assert_eq!(user["meta"]["resourceType"], "user");
    let id = user["id"].as_str().unwrap();
    assert!(user["meta"]["location"].as_str().unwrap().ends_with(&format!("/rp/scim/users/{id}")), "{user}");
    let change = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "operations": [{ "op": "replace", "path": "displayName", "value": "R Q" }] });
    let answer = server.patch(&format!("/rp/scim/users/{id}"), &change);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(server.get(&format!("/rp/scim/users/{id}")).expect(200)["displayName"], "R Q");
    let list = server.get("/rp/scim/users?count=2").expect(200);
    assert_eq!(list["resources"].as_array().unwrap().len(), 2);
    let next = list["nextCursor"].as_str().unwrap();
    let second = server.get(&format!("/rp/scim/users?count=2&cursor={next}")).expect(200);
    assert_ne!(second["resources"][0]["id"], list["resources"][0]["id"]);
    // Members are found by the group, and never come with it.
    let group = server
        .post(
            "/rp/scim/groups",
            &json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "RP" }),
        )
        .expect(201);
    let group = group["id"].as_str().unwrap();
    let add = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": id }] }] });
    assert_eq!(server.patch(&format!("/rp/scim/groups/{group}"), &add).status, 204);
    assert!(server.get(&format!("/rp/scim/groups/{group}")).expect(200).get("members").is_none());
    let members = server.get(&format!("/rp/scim/users?filter=groups.value%20eq%20%22{group}%22")).expect(200);
    assert_eq!(members["resources"][0]["id"], id, "{members}");
    let config = server.get("/rp/scim/serviceproviderconfig").expect(200);
    assert_eq!(config["pagination"]["cursor"], true);
    assert_eq!(server.get("/rp/scim/resourcetypes").expect(200)["Resources"].as_array().unwrap().len(), 2);
    assert_eq!(server.delete(&format!("/rp/scim/users/{id}")).status, 204);
}
