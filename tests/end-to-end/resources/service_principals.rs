//! `scim-service-principals`: `/scim/v2/ServicePrincipals`, `/scim/v2/OAuth2PermissionGrants` and
//! `/scim/v2/ClaimsMappingPolicies`.

use serde_json::{Value, json};

use super::{at, find, granted, listed, patch, requests};
use crate::harness::Server;

const PRINCIPALS: &str = "/ServicePrincipals";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:ServicePrincipal";
const ENTRA_USER: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";
const GRANT: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:OAuth2PermissionGrant";
const POLICY: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:ClaimsMappingPolicy";
const APPLICATION: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:Application";
const ROLE: &str = "11111111-2222-4333-8444-555555555555";

fn server() -> Server {
    let permissions = [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "Policy.Read.All",
        "Policy.ReadWrite.ApplicationConfiguration",
    ];
    granted(&permissions, &json!({}))
}

/// A service principal of a new application with a role.
fn made(server: &Server) -> Value {
    let role = json!({ "id": ROLE, "value": "Read", "displayName": "Read", "description": "Read", "isEnabled": true,
        "allowedMemberTypes": ["User", "Application"] });
    let body = json!({ "schemas": [APPLICATION], "displayName": "API", "appRoles": [role] });
    let application = server.post("/scim/v2/Applications", &body).expect(201);
    let body = json!({ "schemas": [SCHEMA], "appId": application["appId"], "tags": ["shop"],
        "appRoleAssignmentRequired": true });
    server.post("/scim/v2/ServicePrincipals", &body).expect(201)
}

/// A PATCH of one operation.
fn change(op: &str, path: &str, value: Value) -> Value {
    match value {
        Value::Null => patch(json!([{ "op": op, "path": path }])),
        value => patch(json!([{ "op": op, "path": path, "value": value }])),
    }
}

/// Row E1; `Get Service Principals`.
#[test]
fn service_principals_are_read() {
    let server = server();
    assert!(listed(&server, "/ServicePrincipals?count=200").len() >= 60);
    let graph = listed(&server, "/ServicePrincipals?filter=displayName%20eq%20%22Microsoft%20Graph%22").remove(0);
    assert_eq!((&graph["appId"], graph.get("appRoles")), (&json!("00000003-0000-0000-c000-000000000000"), None));
    let place = at(PRINCIPALS, &graph);
    let (exchanges, read) = server.exchanges_of(|| server.get(&place).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &graph));
    let roles = server.get(&format!("{place}?attributes=appRoles,appRoleAssignedTo")).expect(200);
    assert!(roles["appRoles"].as_array().unwrap().iter().any(|role| role["value"] == "User.Read.All"));
    assert!(roles["appRoleAssignedTo"][0]["principalDisplayName"].is_string(), "{roles}");
    let managed = listed(&server, "/ServicePrincipals?filter=servicePrincipalType%20eq%20%22ManagedIdentity%22");
    assert!(managed.len() >= 5, "{}", managed.len());
}

/// Rows E2, E3; `Get/Delete/Update Service Principal by ID`.
#[test]
fn a_service_principal_is_created_changed_and_deleted() {
    let server = server();
    let new = made(&server);
    let place = at(PRINCIPALS, &new);
    assert_eq!((&new["displayName"], &new["appRoleAssignmentRequired"]), (&json!("API"), &json!(true)));
    let (exchanges, after) = server.exchanges_of(|| {
        let operations = patch(json!([
            { "op": "replace", "path": "accountEnabled", "value": false },
            { "op": "replace", "path": "preferredSingleSignOnMode", "value": "saml" },
            { "op": "replace", "path": "notificationEmailAddresses", "value": ["it@contoso.com"] },
        ]));
        server.patch(&place, &operations).expect(200)
    });
    assert_eq!((exchanges.len(), &after["accountEnabled"]), (1, &json!(false)));
    assert_eq!(after["notificationEmailAddresses"], json!(["it@contoso.com"]));
    let body = json!({ "schemas": [SCHEMA], "appId": new["appId"], "notes": "n" });
    let put = server.put(&place, &body).expect(200);
    assert_eq!((&put["notes"], &put["tags"]), (&json!("n"), &json!(["shop"])));
    let other = json!({ "schemas": [SCHEMA], "appId": ROLE });
    server.put(&place, &other).expect_error(400, Some("mutability"));
    server.post("/scim/v2/ServicePrincipals", &other).expect_error(400, Some("invalidValue"));
    let again = json!({ "schemas": [SCHEMA], "appId": new["appId"] });
    server.post("/scim/v2/ServicePrincipals", &again).expect_error(409, Some("uniqueness"));
    assert_eq!(server.delete(&place).status, 204);
    server.get(&place).expect_error(404, None);
}

/// Rows E4, E8.
#[test]
fn secrets_signing_certificates_and_owners() {
    let server = server();
    let new = made(&server);
    let place = at(PRINCIPALS, &new);
    let added =
        server.patch(&place, &change("add", "passwordCredentials", json!([{ "displayName": "one" }]))).expect(200);
    assert!(added["passwordCredentials"][0]["secretText"].is_string(), "{added}");
    let certificate = json!([{ "displayName": "CN=sso", "endDateTime": "2028-01-01T00:00:00Z" }]);
    let signed = server.patch(&place, &change("add", "tokenSigningCertificates", certificate)).expect(200);
    let told = &signed["tokenSigningCertificates"][0];
    assert_eq!((told["thumbprint"].as_str().unwrap().len(), told["key"].is_string()), (40, true), "{signed}");
    assert_eq!(signed["tokenSigningCertificates"].as_array().unwrap().len(), 1);
    let read = server.get(&place).expect(200);
    assert!(!read.to_string().contains("secretText") && read["tokenSigningCertificates"][0].get("key").is_none());
    let gone = change("remove", "tokenSigningCertificates", Value::Null);
    let detail = server.patch(&place, &gone).expect_error(400, Some("mutability"));
    assert!(detail.contains("keyCredentials"), "{detail}");
    let thumbprint = change("replace", "preferredTokenSigningKeyThumbprint", told["thumbprint"].clone());
    server.patch(&place, &thumbprint).expect(200);
    let after = server.patch(&place, &change("remove", "keyCredentials", Value::Null)).expect(200);
    assert!(after.get("tokenSigningCertificates").is_none(), "{after}");

    let owner = listed(&server, "/Users?count=1").remove(0)["id"].clone();
    let owners = format!("{place}?attributes=owners");
    let after = server.patch(&owners, &change("add", "owners", json!([{ "value": owner }]))).expect(200);
    assert_eq!(after["owners"][0]["value"], owner);
}

/// Row E9; `Get AppRole Assignments`.
#[test]
fn users_and_groups_are_assigned_to_roles() {
    let server = server();
    let new = made(&server);
    let place = format!("{}?attributes=appRoleAssignedTo", at(PRINCIPALS, &new));
    let user = listed(&server, "/Users?count=1").remove(0);
    let group = find(&server, "/Groups", |group| group["displayName"] == "Finance");
    let assignments = json!([
        { "principalId": user["id"], "appRoleId": ROLE }, { "principalId": group["id"], "appRoleId": ROLE },
    ]);
    let (exchanges, after) =
        server.exchanges_of(|| server.patch(&place, &change("add", "appRoleAssignedTo", assignments)).expect(200));
    let path = format!("/servicePrincipals/{}", new["id"].as_str().unwrap());
    let post = format!("POST {path}/appRoleAssignedTo");
    assert_eq!(requests(&exchanges)[..2], [post.clone(), post]);
    let assigned = after["appRoleAssignedTo"].as_array().unwrap();
    assert_eq!(assigned.len(), 2, "{after}");
    let types: Vec<&str> = assigned.iter().map(|one| one["principalType"].as_str().unwrap()).collect();
    assert!(types.contains(&"User") && types.contains(&"Group"), "{types:?}");
    let own = format!("{}?attributes={ENTRA_USER}:appRoleAssignments", at("/Users", &user));
    let own = server.get(&own).expect(200);
    let roles = own[ENTRA_USER]["appRoleAssignments"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["resourceId"] == new["id"] && role["appRoleId"] == ROLE), "{own}");
    let again = change("add", "appRoleAssignedTo", json!({ "principalId": user["id"], "appRoleId": ROLE }));
    let same = server.patch(&place, &again).expect(200);
    assert_eq!(same["appRoleAssignedTo"].as_array().unwrap().len(), 2, "who is assigned already stays so: {same}");
    let gone = change("remove", &format!("appRoleAssignedTo[principalId eq {}]", user["id"]), Value::Null);
    let after = server.patch(&place, &gone).expect(200);
    assert_eq!(after["appRoleAssignedTo"].as_array().unwrap().len(), 1, "{after}");
    let moved = change("replace", "appRoleAssignedTo[principalType eq \"Group\"].principalId", user["id"].clone());
    server.patch(&place, &moved).expect_error(400, Some("mutability"));
}

/// Row E6: consent to application permissions and to delegated ones.
#[test]
fn permissions_are_granted() {
    let server = server();
    let client = made(&server);
    let graph = listed(&server, "/ServicePrincipals?filter=displayName%20eq%20%22Microsoft%20Graph%22").remove(0);
    let roles = server.get(&format!("{}?attributes=appRoles", at(PRINCIPALS, &graph))).expect(200);
    let role =
        roles["appRoles"].as_array().unwrap().iter().find(|role| role["value"] == "User.Read.All").unwrap()["id"]
            .clone();
    let place = format!("{}?attributes=appRoleAssignments,oauth2PermissionGrants", at(PRINCIPALS, &client));
    let operations = patch(json!([
        { "op": "add", "path": "appRoleAssignments", "value": { "resourceId": graph["id"], "appRoleId": role } },
        { "op": "add", "path": "oauth2PermissionGrants",
            "value": { "consentType": "AllPrincipals", "resourceId": graph["id"], "scope": "User.Read" } },
    ]));
    let after = server.patch(&place, &operations).expect(200);
    assert_eq!(after["appRoleAssignments"][0]["principalId"], client["id"]);
    assert_eq!(after["oauth2PermissionGrants"][0]["scope"], "User.Read");
    let more =
        change("replace", "oauth2PermissionGrants[consentType eq \"AllPrincipals\"].scope", json!("User.Read openid"));
    let after = server.patch(&place, &more).expect(200);
    assert_eq!(after["oauth2PermissionGrants"][0]["scope"], "User.Read openid");
    let operations = patch(json!([
        { "op": "remove", "path": "appRoleAssignments" }, { "op": "remove", "path": "oauth2PermissionGrants" },
    ]));
    let after = server.patch(&place, &operations).expect(200);
    assert!(after.get("appRoleAssignments").is_none() && after.get("oauth2PermissionGrants").is_none(), "{after}");
}

/// Row E6, as a resource of its own.
#[test]
fn grants_are_resources() {
    let server = server();
    let grants = "/scim/v2/OAuth2PermissionGrants";
    assert!(listed(&server, "/OAuth2PermissionGrants").len() >= 8);
    let client = made(&server);
    let graph = listed(&server, "/ServicePrincipals?filter=displayName%20eq%20%22Microsoft%20Graph%22").remove(0);
    let body = json!({ "schemas": [GRANT], "clientId": client["id"], "consentType": "AllPrincipals",
        "resourceId": graph["id"], "scope": "User.Read" });
    let new = server.post(grants, &body).expect(201);
    let place = at("/OAuth2PermissionGrants", &new);
    let filter = format!("/OAuth2PermissionGrants?filter=clientId%20eq%20%22{}%22", client["id"].as_str().unwrap());
    assert_eq!(listed(&server, &filter), [server.get(&place).expect(200)]);
    let mut changed = body.clone();
    changed["scope"] = json!("User.Read openid");
    assert_eq!(server.put(&place, &changed).expect(200)["scope"], "User.Read openid");
    changed["consentType"] = json!("Principal");
    server.put(&place, &changed).expect_error(400, Some("mutability"));
    let scope = change("replace", "scope", json!("openid"));
    assert_eq!(server.patch(&place, &scope).expect(200)["scope"], "openid");
    server.post(grants, &body).expect_error(409, Some("uniqueness"));
    assert_eq!(server.delete(&place).status, 204);
    server.get(&place).expect_error(404, None);
}

#[test]
fn claims_are_mapped_by_policies() {
    let server = server();
    let definition = r#"{"ClaimsMappingPolicy":{"Version":1,"IncludeBasicClaimSet":"true"}}"#;
    let body = json!({ "schemas": [POLICY], "displayName": "Basic", "definition": [definition] });
    let policy = server.post("/scim/v2/ClaimsMappingPolicies", &body).expect(201);
    let new = made(&server);
    let place = format!("{}?attributes=claimsMappingPolicies,claimsMappingPolicies.display", at(PRINCIPALS, &new));
    let add = change("add", "claimsMappingPolicies", json!([{ "value": policy["id"] }]));
    let after = server.patch(&place, &add).expect(200);
    let shown = &after["claimsMappingPolicies"][0];
    assert_eq!((&shown["value"], &shown["type"]), (&policy["id"], &json!("ClaimsMappingPolicy")));
    let target = shown["$ref"].as_str().unwrap().split_once("/scim/v2").unwrap().1.to_owned();
    assert_eq!(server.get(&format!("/scim/v2{target}")).expect(200)["displayName"], "Basic");
    let gone = change("remove", "claimsMappingPolicies", Value::Null);
    let after = server.patch(&place, &gone).expect(200);
    assert!(after.get("claimsMappingPolicies").is_none(), "{after}");
    assert_eq!(server.delete(&at("/ClaimsMappingPolicies", &policy)).status, 204);
}
