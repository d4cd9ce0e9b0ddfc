//! `scim-applications`: `/scim/v2/Applications` and `/scim/v2/ApplicationTemplates`.

use serde_json::{Value, json};

use super::{at, find, granted, listed, patch, requests};
use crate::harness::Server;

const APPLICATIONS: &str = "/Applications";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:entra:2.0:Application";
const NON_GALLERY: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const ROLE: &str = "11111111-2222-4333-8444-555555555555";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

fn server() -> Server {
    granted(&["Application.ReadWrite.All"], &json!({}))
}

fn made(server: &Server, mut body: Value) -> Value {
    body["schemas"] = json!([SCHEMA]);
    server.post("/scim/v2/Applications", &body).expect(201)
}

/// An operation on an attribute.
fn change(op: &str, path: &str, value: Value) -> Value {
    match value {
        Value::Null => patch(json!([{ "op": op, "path": path }])),
        value => patch(json!([{ "op": op, "path": path, "value": value }])),
    }
}

/// Row E1; `Get Applications`.
#[test]
fn applications_are_read() {
    let server = server();
    let all = listed(&server, "/Applications?count=100");
    assert!(all.len() >= 30, "{}", all.len());
    let desk = find(&server, APPLICATIONS, |application| application["displayName"] == "Expense Desk");
    assert!(
        desk["passwordCredentials"][0]["endDateTime"].is_string() && desk["appRoles"].as_array().unwrap().len() == 2
    );
    assert!(desk["optionalClaims"][0]["token"].is_string(), "{desk}");
    assert!(desk.get("owners").is_none());
    let (exchanges, read) = server.exchanges_of(|| server.get(&at(APPLICATIONS, &desk)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &desk));
    let owned = server.get(&format!("{}?attributes=owners", at(APPLICATIONS, &desk))).expect(200);
    assert!(owned["owners"][0]["$ref"].as_str().unwrap().contains("/scim/v2/"), "{owned}");
    let filters = [
        ("displayName sw \"Contoso\"", 2),
        ("displayName eq \"expense desk\"", 1),
        ("identifierUris pr and displayName sw \"Contoso\"", 2),
        ("requiredResourceAccess.type eq \"Role\" and displayName eq \"Nightly backup\"", 1),
        ("web.redirectUris sw \"https://nowhere\"", 0),
    ];
    for (filter, count) in filters {
        let target = format!("/Applications?filter={}", filter.replace(' ', "%20").replace('"', "%22"));
        assert_eq!(listed(&server, &target).len(), count, "{filter}");
    }
    let uri = desk["web"]["redirectUris"][0].as_str().unwrap();
    assert_eq!(listed(&server, &format!("/Applications?filter=web.redirectUris%20eq%20%22{uri}%22")).len(), 1);
}

/// Rows E2 (OIDC), E3, E6, E7.
#[test]
fn an_application_is_created_changed_and_deleted() {
    let server = server();
    let permission = |id: &str| json!({ "resourceAppId": GRAPH, "id": id, "type": "Scope" });
    let first = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";
    let (exchanges, new) = server.exchanges_of(|| {
        made(
            &server,
            json!({
                "displayName": "Shop", "notes": "n",
                "web": { "redirectUris": ["https://shop.contoso.com/in"], "enableIdTokenIssuance": true },
                "requiredResourceAccess": [permission(first)],
                "optionalClaims": [{ "token": "idToken", "name": "email" }],
                "appRoles": [{ "value": "Buyer", "displayName": "Buyer", "description": "Buys", "isEnabled": true,
                    "allowedMemberTypes": ["User"] }],
            }),
        )
    });
    assert_eq!(requests(&exchanges), ["POST /applications"]);
    assert_eq!(new["appRoles"][0]["id"].as_str().unwrap().len(), 36);
    assert_eq!(new["optionalClaims"][0]["essential"], false);
    assert_eq!(new["requiredResourceAccess"], json!([permission(first)]));
    let place = at(APPLICATIONS, &new);

    let second = "37f7f235-527c-4136-accd-4a02d197296e";
    let operations = patch(json!([
        { "op": "add", "path": "web.redirectUris", "value": ["https://shop.contoso.com/two"] },
        { "op": "add", "path": "requiredResourceAccess", "value": [permission(second)] },
        { "op": "replace", "path": "web.homePageUrl", "value": "https://shop.contoso.com" },
        { "op": "remove", "path": "notes" },
    ]));
    let after = server.patch(&place, &operations).expect(200);
    assert_eq!(after["web"]["redirectUris"].as_array().unwrap().len(), 2, "{after}");
    assert_eq!(after["web"]["enableIdTokenIssuance"], true, "{after}");
    assert_eq!(after["requiredResourceAccess"], json!([permission(first), permission(second)]));
    assert!(after.get("notes").is_none());
    let after = server.patch(&place, &change("remove", "optionalClaims", Value::Null)).expect(200);
    assert!(after.get("optionalClaims").is_none(), "{after}");

    let body = json!({ "schemas": [SCHEMA], "displayName": "Web shop", "description": "d" });
    let put = server.put(&place, &body).expect(200);
    assert_eq!((&put["displayName"], &put["web"]), (&json!("Web shop"), &after["web"]), "what is not named stays");
    let fixed = change("add", "applicationTemplateId", json!(NON_GALLERY));
    let detail = server.patch(&place, &fixed).expect_error(400, Some("mutability"));
    assert!(detail.contains("ApplicationTemplates"), "{detail}");
    let signed_on = change("add", "singleSignOn", json!({ "mode": "saml" }));
    let detail = server.patch(&place, &signed_on).expect_error(400, Some("mutability"));
    assert!(detail.contains("ServicePrincipal"), "{detail}");
    let taken = change("replace", "identifierUris", json!(["https://fabrikam.com/x"]));
    server.patch(&place, &taken).expect_error(400, Some("invalidValue"));

    assert_eq!(server.delete(&place).status, 204);
    server.get(&place).expect_error(404, None);
}

/// Row E5.
#[test]
fn roles_and_scopes_are_disabled_before_they_go() {
    let server = server();
    let scope = json!({ "value": "Use", "adminConsentDisplayName": "Use", "adminConsentDescription": "Use it",
        "type": "User", "isEnabled": true });
    let role = json!({ "id": ROLE, "value": "Read", "displayName": "Read", "description": "Read", "isEnabled": true,
        "allowedMemberTypes": ["User", "Application"] });
    let new = made(&server, json!({ "displayName": "API", "appRoles": [role], "oauth2PermissionScopes": [scope] }));
    let place = at(APPLICATIONS, &new);
    let removal = patch(json!([
        { "op": "remove", "path": format!("appRoles[id eq \"{ROLE}\"]") },
        { "op": "remove", "path": "oauth2PermissionScopes[value eq \"Use\"]" },
    ]));
    let (exchanges, after) = server.exchanges_of(|| server.patch(&place, &removal).expect(200));
    let path = format!("/applications/{}", new["id"].as_str().unwrap());
    // What is there is read to be changed; then, in one exchange: what the trail tells of before, both writes, and what came of it.
    let told = ["GET", "GET", "PATCH", "PATCH", "GET"].map(|method| format!("{method} {path}"));
    assert_eq!((exchanges.len(), requests(&exchanges)), (2, told.to_vec()));
    assert!(after.get("appRoles").is_none() && after.get("oauth2PermissionScopes").is_none(), "{after}");
}

/// Row E4.
#[test]
fn a_secret_is_told_once() {
    let server = server();
    let new = made(&server, json!({ "displayName": "Secretive", "passwordCredentials": [{ "displayName": "first" }] }));
    let place = at(APPLICATIONS, &new);
    let secret = new["passwordCredentials"][0]["secretText"].as_str().unwrap();
    assert_eq!(new["passwordCredentials"][0]["hint"], secret[..3]);
    let read = server.get(&place).expect(200);
    assert!(read["passwordCredentials"][0].get("secretText").is_none(), "{read}");
    let added = server.patch(&place, &change("add", "passwordCredentials", json!([{ "displayName": "second" }])));
    let added = added.expect(200);
    let of = |resource: &Value, name: &str| {
        let all = resource["passwordCredentials"].as_array().unwrap();
        all.iter().find(|one| one["displayName"] == name).cloned().unwrap_or_default()
    };
    assert!(of(&added, "second")["secretText"].is_string() && of(&added, "first").get("secretText").is_none());
    let key = of(&added, "first")["keyId"].as_str().unwrap().to_owned();
    let gone = change("remove", &format!("passwordCredentials[keyId eq \"{key}\"]"), Value::Null);
    let after = server.patch(&place, &gone).expect(200);
    assert_eq!((of(&after, "first"), after.to_string().contains("secretText")), (Value::Null, false));
    // To put back what was read changes nothing.
    let (exchanges, _) = server.exchanges_of(|| server.put(&place, &after).expect(200));
    assert!(!requests(&exchanges).iter().any(|one| one.contains("Password")), "{exchanges:?}");
    let renamed = change("replace", "passwordCredentials[displayName eq \"second\"].displayName", json!("third"));
    server.patch(&place, &renamed).expect_error(400, Some("mutability"));
}

/// Row E4.
#[test]
fn a_certificate_is_added_to_the_others() {
    let server = server();
    let key =
        |name: &str| json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": "MIIBIjAN", "displayName": name });
    let new = made(&server, json!({ "displayName": "Certain", "keyCredentials": [key("CN=one")] }));
    let place = at(APPLICATIONS, &new);
    let after = server.patch(&place, &change("add", "keyCredentials", json!([key("CN=two")]))).expect(200);
    let keys = after["keyCredentials"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "{after}");
    assert!(keys.iter().all(|key| key["keyId"].is_string() && key.get("key").is_none()), "{after}");
    let first = keys[0]["keyId"].as_str().unwrap();
    let gone = change("remove", &format!("keyCredentials[keyId eq \"{first}\"]"), Value::Null);
    let after = server.patch(&place, &gone).expect(200);
    assert_eq!(after["keyCredentials"], json!([keys[1]]));
}

/// Rows E8, E10.
#[test]
fn owners_and_federated_credentials() {
    let server = server();
    let owner = listed(&server, "/Users?count=1").remove(0)["id"].clone();
    let federated = json!({ "name": "main", "issuer": "https://token.example.com", "subject": "repo:a",
        "audiences": ["api://AzureADTokenExchange"] });
    let new = made(
        &server,
        json!({ "displayName": "Owned", "owners": [{ "value": owner }], "federatedIdentityCredentials": [federated] }),
    );
    let place = format!("{}?attributes=owners,federatedIdentityCredentials", at(APPLICATIONS, &new));
    let read = server.get(&place).expect(200);
    assert_eq!((&read["owners"][0]["value"], &read["owners"][0]["type"]), (&owner, &json!("User")));
    assert!(read["federatedIdentityCredentials"][0]["id"].is_string(), "{read}");
    let changed = change("replace", "federatedIdentityCredentials[name eq \"main\"].subject", json!("repo:b"));
    let after = server.patch(&place, &changed).expect(200);
    assert_eq!(after["federatedIdentityCredentials"][0]["subject"], "repo:b");
    let other =
        json!({ "name": "other", "issuer": "https://token.example.com", "subject": "repo:c", "audiences": ["a"] });
    let after = server.patch(&place, &change("add", "federatedIdentityCredentials", other)).expect(200);
    assert_eq!(after["federatedIdentityCredentials"].as_array().unwrap().len(), 2);
    let (exchanges, after) = server.exchanges_of(|| {
        let gone = change("remove", "federatedIdentityCredentials[name eq \"main\"]", Value::Null);
        server.patch(&place, &gone).expect(200)
    });
    let path = format!("/applications/{}", new["id"].as_str().unwrap());
    assert_eq!(requests(&exchanges)[0], format!("DELETE {path}/federatedIdentityCredentials(name='main')"));
    assert_eq!(after["federatedIdentityCredentials"][0]["name"], "other");
    let gone = change("remove", &format!("owners[value eq {owner}]"), Value::Null);
    let after = server.patch(&place, &gone).expect(200);
    assert!(after.get("owners").is_none(), "{after}");
}

/// Row E2 (SAML, in the gallery and not): made of a template, waited for and configured.
#[test]
fn an_application_of_a_template_is_waited_for() {
    let server = granted(&["Application.ReadWrite.All"], &json!({ "instantiationDelay": 700 }));
    let (exchanges, new) = server.exchanges_of(|| {
        made(
            &server,
            json!({
                "displayName": "Wiki", "notes": "n",
                "singleSignOn": { "mode": "saml", "loginUrl": "https://wiki.contoso.com/login", "relayState": "/home" },
                "web": { "redirectUris": ["https://wiki.contoso.com/saml"] },
                "appRoles": [{ "value": "Editor", "displayName": "Editor", "description": "Edits", "isEnabled": true,
                    "allowedMemberTypes": ["User"] }],
            }),
        )
    });
    assert_eq!(requests(&exchanges)[0], format!("POST /applicationTemplates/{NON_GALLERY}/instantiate"));
    assert_eq!((&new["applicationTemplateId"], &new["notes"]), (&json!(NON_GALLERY), &json!("n")));
    let roles = new["appRoles"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["value"] == "Editor") && roles.len() > 1, "those of the template stay: {new}");
    assert!(new.get("singleSignOn").is_none());
    let place = at(APPLICATIONS, &new);
    assert_eq!(server.get(&place).expect(200), new, "what was made by the action is not laid over what followed");
    let after = server.patch(&place, &change("remove", "appRoles", Value::Null)).expect(200);
    assert!(after.get("appRoles").is_none(), "{after}");
    let filter = format!("/ServicePrincipals?filter=appId%20eq%20{}", new["appId"].to_string().replace('"', "%22"));
    let principal = listed(&server, &filter).remove(0);
    assert_eq!(principal["preferredSingleSignOnMode"], "saml");
    assert_eq!(principal["samlSingleSignOnSettings"]["relayState"], "/home");

    let template = find(&server, "/ApplicationTemplates", |template| template["displayName"] == "Salesforce");
    let gallery = made(&server, json!({ "displayName": "CRM", "applicationTemplateId": template["id"] }));
    assert_eq!(gallery["applicationTemplateId"], template["id"]);
    server.get(&at(APPLICATIONS, &gallery)).expect(200);
    let unknown = json!({ "schemas": [SCHEMA], "displayName": "X", "applicationTemplateId": ROLE });
    server.post("/scim/v2/Applications", &unknown).expect_error(404, None);
}

#[test]
fn templates_are_read_only() {
    let server = server();
    let found = listed(&server, "/ApplicationTemplates?filter=displayName%20co%20%22force%22");
    assert_eq!((found.len(), &found[0]["displayName"]), (1, &json!("Salesforce")));
    let place = at("/ApplicationTemplates", &found[0]);
    assert_eq!(server.get(&place).expect(200), found[0]);
    let detail = server.delete(&place).expect_error(501, None);
    assert!(detail.contains("applicationTemplateId"), "{detail}");
}
