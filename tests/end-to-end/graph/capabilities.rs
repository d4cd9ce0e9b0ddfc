//! `GET /scim/v2/$capabilities`.

use serde_json::{Value, json};

use super::{calls, connected};
use crate::harness::{Request, Tenant};

fn status<'a>(survey: &'a Value, name: &str) -> &'a str {
    let functions = survey["functions"].as_array().unwrap();
    functions.iter().find(|function| function["name"] == name).unwrap()["status"].as_str().unwrap()
}

#[test]
fn what_can_be_done_is_told() {
    let tenant = Tenant::start(50);
    tenant.set(&json!({ "permissions": ["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All", "AuditLog.Read.All"] }));
    let server = connected(&tenant);
    assert_eq!(Request::new("GET", "/scim/v2/$capabilities").send(server.address).status, 401);
    let answer = server.get("/scim/v2/$capabilities");
    let survey = answer.expect(200);
    assert_eq!(calls(&answer), 1, "one batch");
    assert_eq!((status(&survey, "scim-users"), status(&survey, "inventory-users")), ("degraded", "works"));
    assert_eq!(survey["grant"]["permissions"], json!(["User-LifeCycleInfo.Read.All"]));
    assert_eq!((&survey["credential"], &survey["cloud"]), (&json!("client secret"), &json!("global")));

    tenant.set(&json!({ "premium": false }));
    let survey = server.get("/scim/v2/$capabilities").expect(200);
    assert!(survey["functions"][0]["notes"][0].as_str().unwrap().contains("P1 or P2"), "{survey}");

    tenant.set(&json!({ "permissions": ["User.Read.All"], "revokeTokens": true }));
    let survey = server.get("/scim/v2/$capabilities").expect(200);
    assert_eq!((status(&survey, "scim-users"), status(&survey, "inventory-users")), ("degraded", "works"));
    assert!(survey["grant"]["permissions"].as_array().unwrap().contains(&json!("User.ReadWrite.All")), "{survey}");

    tenant.set(&json!({ "permissions": [], "revokeTokens": true }));
    let survey = server.get("/scim/v2/$capabilities").expect(200);
    assert_eq!((status(&survey, "scim-users"), status(&survey, "inventory-users")), ("cannot", "cannot"));
    assert!(survey["grant"]["commands"][0].as_str().unwrap().contains("az rest"), "{survey}");
}

#[test]
fn a_credential_that_does_not_work_is_told() {
    let tenant = Tenant::start(50);
    tenant.revoke(&json!({ "credential": "secret" }));
    let server = connected(&tenant);
    let survey = server.get("/scim/v2/$capabilities").expect(200);
    assert!(survey["problems"][0].as_str().unwrap().contains("AADSTS"), "{survey}");
    assert_eq!(status(&survey, "scim-users"), "cannot");
}

#[test]
fn the_property_behind_an_external_id_is_asked_for() {
    let tenant = Tenant::start(50);
    tenant.set(&json!({ "externalIdExtension": false }));
    let server = connected(&tenant);
    let survey = server.get("/scim/v2/$capabilities").expect(200);
    assert_eq!((status(&survey, "scim-users"), status(&survey, "scim-groups")), ("degraded", "degraded"));
    let commands = survey["grant"]["commands"].to_string();
    assert!(commands.contains("extensionProperties"), "{survey}");
    // Until it is defined the service goes on without it, and says so.
    let answer = server.get("/scim/v2/Users?count=2");
    assert_eq!(answer.expect(200)["Resources"].as_array().unwrap().len(), 2);
    let list = server.get("/scim/v2/Users?filter=externalId%20eq%20%22x%22");
    list.expect_error(400, Some("invalidValue"));
}
