//! Applications: their registration, their credentials, and what belongs to them.

use serde_json::{Value, json};
use tenant::{APPLICATION_ID, CLIENT_ID};

use crate::client::{ADELE, Box};
use crate::judged::judge;

pub(crate) const PERMISSIONS: [&str; 6] = [
    "Application.ReadWrite.All",
    // Restoring is published for those who may write users alone.
    "User.ReadWrite.All",
    "Directory.Read.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Policy.ReadWrite.ApplicationConfiguration",
];
pub(crate) const ROLE: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const OTHER: &str = "11111111-2222-4333-8444-666666666666";

pub(crate) fn role(id: &str, value: &str, enabled: bool) -> Value {
    json!({"id": id, "value": value, "displayName": value, "description": value, "isEnabled": enabled,
        "allowedMemberTypes": ["User", "Application"]})
}

pub(crate) fn made(tenant: &Box, body: &Value) -> (String, Value) {
    let answer = tenant.post("/applications", body);
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    (format!("/applications/{}", answer.body["id"].as_str().unwrap()), answer.body)
}

#[test]
fn the_sample_is_there() {
    let tenant = Box::with(&PERMISSIONS);
    let cases = [
        ("/applications", 30),
        ("/servicePrincipals", 60),
        ("/applications?$filter=startswith(displayName,'Contoso')", 2),
        ("/servicePrincipals?$filter=servicePrincipalType eq 'ManagedIdentity'", 0),
        ("/applications?$top=3&$select=id,appId,displayName,passwordCredentials", 3),
        ("/applicationTemplates", 5),
        ("/applicationTemplates?$filter=contains(displayName,'force')", 1),
        ("/applicationTemplates?$filter=categories/any(c:contains(c,'crm'))", 1),
        ("/oauth2PermissionGrants", 8),
        ("/policies/claimsMappingPolicies", 1),
    ];
    for (path, expected) in cases {
        let answer = tenant.get(path);
        if expected == 0 {
            assert_eq!(answer.status, 400, "{path}");
        } else {
            assert_eq!(answer.items().len(), expected, "{path}");
        }
    }
    let by_key = tenant.get(&format!("/applications(appId='{CLIENT_ID}')")).body;
    assert_eq!((&by_key["id"], &by_key["displayName"]), (&json!(APPLICATION_ID), &json!("SCIM connector")));
    let graph = tenant.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").body;
    let has = |list: &str, value: &str| graph[list].as_array().unwrap().iter().any(|one| one["value"] == value);
    assert!(has("appRoles", "User.Read.All") && has("oauth2PermissionScopes", "User.Read"));
    let counted = tenant.get_eventual("/applications?$count=true&$search=\"displayName:contoso\"");
    assert_eq!(counted.body["@odata.count"], 2);
    assert_eq!(tenant.get_eventual("/servicePrincipals/$count").body, 60);
    let owned = tenant.get(&format!("/applications/{APPLICATION_ID}/owners"));
    assert_eq!(owned.names(), ["SCIM connector"]);
    judge(&tenant);
}

#[test]
fn an_application_is_made_changed_deleted_and_restored() {
    let tenant = Box::with(&PERMISSIONS);
    let (path, new) =
        made(&tenant, &json!({"displayName": "Shop", "web": {"redirectUris": ["https://shop.contoso.com/in"]}}));
    assert_eq!((&new["signInAudience"], &new["web"]["homePageUrl"]), (&json!("AzureADMyOrg"), &Value::Null));
    let app_id = new["appId"].as_str().unwrap();
    let principal = tenant.post("/servicePrincipals", &json!({"appId": app_id}));
    assert_eq!((principal.status, &principal.body["displayName"]), (201, &json!("Shop")));
    let principal_path = format!("/servicePrincipals/{}", principal.body["id"].as_str().unwrap());
    assert_eq!(tenant.post("/servicePrincipals", &json!({"appId": app_id})).status, 409);
    assert_eq!(tenant.post("/servicePrincipals", &json!({"appId": ADELE})).status, 400);

    let changes = json!({"displayName": "Web shop", "web": {"homePageUrl": "https://shop.contoso.com"},
        "identifierUris": [format!("api://{app_id}")], "tags": ["shop"],
        "optionalClaims": {"idToken": [{"name": "email", "essential": true}]},
        "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}]}]});
    assert_eq!(tenant.patch(&path, &changes).status, 204);
    let after = tenant.get(&path).body;
    assert_eq!(after["web"]["redirectUris"][0], "https://shop.contoso.com/in", "what is not named stays");
    let shown = tenant.get(&principal_path).body;
    assert_eq!((&shown["displayName"], &shown["homepage"]), (&json!("Web shop"), &json!("https://shop.contoso.com")));
    assert_eq!(shown["servicePrincipalNames"], json!([app_id, format!("api://{app_id}")]));

    assert_eq!(
        (tenant.delete(&path).status, tenant.get(&path).status, tenant.get(&principal_path).status),
        (204, 404, 404)
    );
    let deleted = "/directory/deletedItems/microsoft.graph.application";
    assert_eq!(tenant.get(deleted).names().last(), Some(&"Web shop"));
    let principals = tenant.get("/directory/deletedItems/microsoft.graph.servicePrincipal");
    assert_eq!(principals.names().last(), Some(&"Web shop"));
    let item = format!("/directory/deletedItems/{}", new["id"].as_str().unwrap());
    assert_eq!(tenant.call("POST", &format!("{item}/restore"), &[], &Value::Null).status, 200);
    assert_eq!((tenant.get(&path).status, tenant.get(&principal_path).status), (200, 200), "both come back");
    assert_eq!((tenant.delete(&path).status, tenant.delete(&item).status, tenant.get(&item).status), (204, 204, 404));
    assert_eq!(tenant.get(deleted).items().len(), 2, "those of the sample");
    judge(&tenant);
}

#[test]
fn what_an_application_cannot_be() {
    let tenant = Box::with(&PERMISSIONS);
    let with = |name: &str, value: Value| json!({"displayName": "New", name: value});
    let cases = [
        (json!({}), 400),
        (with("shoeSize", json!(1)), 400),
        (with("appId", json!(ADELE)), 400),
        (with("tags", json!("one")), 400),
        (with("signInAudience", json!("Everybody")), 400),
        (with("identifierUris", json!(["urn:contoso:zoom"])), 400),
        (with("identifierUris", json!(["https://fabrikam.com/x"])), 400),
        (with("identifierUris", json!(["https://api.contoso.com/x"])), 201),
        (with("web", json!({"redirectUris": ["http://contoso.com"]})), 400),
        (with("web", json!({"redirectUris": ["http://localhost:8080/in"]})), 201),
        (with("web", json!({"urls": []})), 400),
        (with("publicClient", json!({"redirectUris": ["msal://auth"]})), 201),
        (with("appRoles", json!([role(ROLE, "Read", true), role(ROLE, "Write", true)])), 400),
        (with("appRoles", json!([role(ROLE, "Read", true), role(OTHER, "Read", true)])), 400),
        (with("appRoles", json!([role(ROLE, "Read all", true)])), 400),
        (with("requiredResourceAccess", json!([{"resourceAppId": ADELE, "resourceAccess": []}])), 400),
        (with("passwordCredentials", json!([{"displayName": "mine"}])), 400),
        (with("keyCredentials", json!([{"type": "AsymmetricX509Cert", "usage": "Verify"}])), 400),
    ];
    for (body, status) in cases {
        let answer = tenant.post("/applications", &body);
        assert_eq!(answer.status, status, "{body}: {:?}", answer.body);
    }
}

#[test]
fn what_is_enabled_is_not_taken_away() {
    let tenant = Box::with(&PERMISSIONS);
    let scope = |enabled: bool| {
        json!({"id": OTHER, "value": "Use", "adminConsentDisplayName": "Use", "adminConsentDescription": "Use it",
            "type": "User", "isEnabled": enabled})
    };
    let body = json!({"displayName": "API", "appRoles": [role(ROLE, "Read", true)], "api": {"oauth2PermissionScopes": [scope(true)]}});
    let (path, _) = made(&tenant, &body);
    let refused = [
        json!({"appRoles": []}),
        json!({"appRoles": [role(ROLE, "Write", true)]}),
        json!({"api": {"oauth2PermissionScopes": []}}),
    ];
    for body in refused {
        let answer = tenant.patch(&path, &body);
        assert_eq!((answer.status, answer.code()), (400, "CannotDeleteOrUpdateEnabledEntitlement"), "{body}");
    }
    let allowed = [
        json!({"appRoles": [role(ROLE, "Read", false)]}),
        json!({"appRoles": []}),
        json!({"api": {"oauth2PermissionScopes": [scope(false)]}}),
        json!({"api": {"oauth2PermissionScopes": []}}),
    ];
    for body in allowed {
        assert_eq!(tenant.patch(&path, &body).status, 204, "{body}");
    }
    judge(&tenant);
}

#[test]
fn a_secret_is_told_once() {
    let tenant = Box::with(&PERMISSIONS);
    let (path, new) = made(&tenant, &json!({"displayName": "Secretive"}));
    let principal = tenant.post("/servicePrincipals", &json!({"appId": new["appId"]})).body;
    let principal = format!("/servicePrincipals/{}", principal["id"].as_str().unwrap());
    for path in [&path, &principal] {
        let order = json!({"passwordCredential": {"displayName": "one", "endDateTime": "2027-06-30T00:00:00Z"}});
        let added = tenant.post(&format!("{path}/addPassword"), &order);
        let (id, secret) = (added.body["keyId"].clone(), added.body["secretText"].as_str().unwrap());
        assert_eq!((added.status, secret.len(), &added.body["hint"]), (200, 40, &json!(secret[..3])));
        let kept = tenant.get(path).body["passwordCredentials"].clone();
        assert_eq!((&kept[0]["keyId"], &kept[0]["secretText"], kept.as_array().unwrap().len()), (&id, &Value::Null, 1));
        assert_eq!(tenant.patch(path, &json!({"passwordCredentials": [{"displayName": "two"}]})).status, 400);
        let remove = format!("{path}/removePassword");
        assert_eq!(
            (tenant.post(&remove, &json!({"keyId": id})).status, tenant.post(&remove, &json!({"keyId": id})).status),
            (204, 400)
        );
        assert_eq!(tenant.get(path).body["passwordCredentials"], json!([]));
        assert_eq!(
            tenant.post(&format!("{path}/addPassword"), &json!({"passwordCredential": {"secretText": "x"}})).status,
            400
        );
        let key = json!({"type": "AsymmetricX509Cert", "usage": "Verify", "key": "MIIBIjAN", "displayName": "CN=x"});
        assert_eq!(tenant.patch(path, &json!({"keyCredentials": [key]})).status, 204);
        let keys = tenant.get(path).body["keyCredentials"].clone();
        assert!(keys[0]["keyId"].is_string() && keys[0]["key"].is_null());
        assert_eq!(tenant.patch(path, &json!({"keyCredentials": keys})).status, 204, "what is there stays");
        assert_eq!(tenant.get(path).body["keyCredentials"], keys);
        assert_eq!(tenant.post(&format!("{path}/addKey"), &json!({"keyCredential": {}, "proof": "x"})).status, 400);
    }
    let signing = tenant.post(&format!("{principal}/addTokenSigningCertificate"), &json!({"displayName": "CN=sso"}));
    assert_eq!((signing.status, signing.body["thumbprint"].as_str().unwrap().len()), (200, 40));
    let keys = tenant.get(&principal).body["keyCredentials"].as_array().unwrap().len();
    assert_eq!(keys, 3);
    let settings = json!({"preferredSingleSignOnMode": "saml", "preferredTokenSigningKeyThumbprint": signing.body["thumbprint"],
        "samlSingleSignOnSettings": {"relayState": "/home"}, "accountEnabled": false});
    assert_eq!(tenant.patch(&principal, &settings).status, 204);
    assert_eq!(tenant.get(&principal).body["preferredSingleSignOnMode"], "saml");
    assert_eq!(tenant.patch(&principal, &json!({"preferredSingleSignOnMode": "magic"})).status, 400);
    judge(&tenant);
}

#[test]
fn owners_and_federated_credentials() {
    let tenant = Box::with(&PERMISSIONS);
    let (path, _) = made(&tenant, &json!({"displayName": "Owned"}));
    let adele = json!({"@odata.id": format!("{}/v1.0/directoryObjects/{ADELE}", tenant.server.origin())});
    let owners = format!("{path}/owners");
    let add = || tenant.post(&format!("{owners}/$ref"), &adele).status;
    assert_eq!((add(), add(), tenant.get(&owners).items().len()), (204, 400, 1));
    assert!(tenant.get(&format!("/users/{ADELE}/ownedObjects")).names().contains(&"Owned"));
    assert_eq!(tenant.delete(&format!("{owners}/{ADELE}/$ref")).status, 204);

    let all = format!("{path}/federatedIdentityCredentials");
    let body = |name: &str, subject: &str| json!({"name": name, "issuer": "https://token.example.com", "subject": subject, "audiences": ["api://AzureADTokenExchange"]});
    let one = tenant.post(&all, &body("one", "a"));
    assert_eq!((one.status, &one.body["name"]), (201, &json!("one")));
    let refused = [
        (body("one", "b"), 409),
        (body("two", "a"), 409),
        (body("a b", "c"), 400),
        (json!({"name": "two", "issuer": "https://x.y", "subject": "s", "audiences": []}), 400),
        (json!({"name": "two", "issuer": "ftp://x.y", "subject": "s", "audiences": ["a"]}), 400),
        (json!({"name": "two", "subject": "s", "audiences": ["a"]}), 400),
        (json!({"name": "two", "issuer": "https://x.y", "audiences": ["a"]}), 400),
    ];
    for (body, status) in refused {
        assert_eq!(tenant.post(&all, &body).status, status, "{body}");
    }
    let by_name = format!("{all}('{}')", one.body["id"].as_str().unwrap());
    assert_eq!(tenant.patch(&by_name, &json!({"description": "d", "subject": "b"})).status, 204);
    assert_eq!(tenant.get(&format!("{all}(name='one')")).body["subject"], "b");
    assert_eq!(tenant.patch(&by_name, &json!({"name": "other"})).status, 400);
    for number in 2..=20 {
        assert_eq!(tenant.post(&all, &body(&format!("name{number}"), &format!("s{number}"))).status, 201);
    }
    assert_eq!(tenant.post(&all, &body("name21", "s21")).status, 400);
    assert_eq!(
        (tenant.get(&all).items().len(), tenant.delete(&by_name).status, tenant.get(&by_name).status),
        (20, 204, 404)
    );
    judge(&tenant);
}

#[test]
fn an_application_of_a_template_takes_its_time() {
    let tenant = Box::with(&PERMISSIONS);
    let instantiate = "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate";
    assert_eq!(tenant.get("/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621").body["displayName"], "Custom");
    tenant.set(&json!({"instantiationDelay": 300}));
    let made = tenant.post(instantiate, &json!({"displayName": "Wiki"}));
    assert_eq!((made.status, &made.body["servicePrincipal"]["displayName"]), (201, &json!("Wiki")));
    let paths =
        ["application", "servicePrincipal"].map(|kind| format!("/{kind}s/{}", made.body[kind]["id"].as_str().unwrap()));
    assert!(paths.iter().all(|path| tenant.get(path).status == 404), "not there yet");
    assert_eq!(tenant.patch(&paths[1], &json!({"preferredSingleSignOnMode": "saml"})).status, 404);
    std::thread::sleep(std::time::Duration::from_millis(350));
    assert!(paths.iter().all(|path| tenant.get(path).status == 200));
    assert_eq!(tenant.patch(&paths[1], &json!({"preferredSingleSignOnMode": "saml"})).status, 204);
    let cases = [
        (instantiate, json!({}), 400),
        (instantiate, json!({"displayName": "x", "y": 1}), 400),
        ("/applicationTemplates/none/instantiate", json!({"displayName": "x"}), 404),
    ];
    for (path, body, status) in cases {
        assert_eq!(tenant.post(path, &body).status, status, "{path} {body}");
    }
    judge(&tenant);
}
