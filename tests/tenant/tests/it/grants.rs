//! App roles that are assigned, permissions that are granted, and policies of claims.

use serde_json::{Value, json};

use crate::applications::{OTHER, PERMISSIONS, ROLE, made, role};
use crate::client::{ADELE, Box};
use crate::judged::judge;

#[test]
fn grants_are_made_and_taken_back() {
    let tenant = Box::with(&PERMISSIONS);
    let (_, new) = made(
        &tenant,
        &json!({"displayName": "API", "appRoles": [role(ROLE, "Read", true), role(OTHER, "Old", false)]}),
    );
    let resource = tenant.post("/servicePrincipals", &json!({"appId": new["appId"]})).body["id"].clone();
    let client = tenant.id_of("/servicePrincipals", "Travel Planner");
    let assigned = format!("/servicePrincipals/{}/appRoleAssignedTo", resource.as_str().unwrap());
    let body =
        |principal: &str, role: &str| json!({"principalId": principal, "resourceId": resource, "appRoleId": role});
    let finance = tenant.id_of("/groups", "Finance");
    let cases = [
        (body(ADELE, ROLE), 201),
        (body(&finance, ROLE), 201),
        (body(&client, ROLE), 201),
        (body(ADELE, ROLE), 400),
        (body(ADELE, OTHER), 400),
        (body(ADELE, "00000000-0000-0000-0000-000000000000"), 400),
        (body("00000000-0000-0000-0000-000000000001", ROLE), 404),
        (json!({"principalId": ADELE, "resourceId": client, "appRoleId": ROLE}), 400),
        (json!({"principalId": ADELE, "resourceId": resource}), 400),
    ];
    for (body, status) in &cases {
        assert_eq!(tenant.post(&assigned, body).status, *status, "{body}");
    }
    assert_eq!(tenant.get(&assigned).items().len(), 3);
    let own =
        tenant.get(&format!("/users/{ADELE}/appRoleAssignments?$filter=resourceId eq {}", resource.as_str().unwrap()));
    let own = own.items()[0].clone();
    assert_eq!((&own["principalType"], &own["resourceDisplayName"]), (&json!("User"), &json!("API")));
    assert_eq!(tenant.get(&format!("/groups/{finance}/appRoleAssignments")).items().len(), 2);
    let one = format!("{assigned}/{}", own["id"].as_str().unwrap());
    assert_eq!((tenant.delete(&one).status, tenant.delete(&one).status), (204, 404));

    let grants = "/oauth2PermissionGrants";
    let grant = json!({"clientId": client, "consentType": "AllPrincipals", "resourceId": resource, "scope": "Use"});
    let granted = tenant.post(grants, &grant);
    assert_eq!((granted.status, tenant.post(grants, &grant).status), (201, 409));
    let path = format!("{grants}/{}", granted.body["id"].as_str().unwrap());
    let refused = [
        (json!({"clientId": client, "consentType": "Principal", "resourceId": resource, "scope": "Use"}), 400),
        (json!({"clientId": client, "consentType": "Everyone", "resourceId": resource, "scope": "Use"}), 400),
        (json!({"clientId": ADELE, "consentType": "AllPrincipals", "resourceId": resource, "scope": "Use"}), 404),
        (json!({"consentType": "AllPrincipals", "resourceId": resource, "scope": "Use"}), 400),
    ];
    for (body, status) in refused {
        assert_eq!(tenant.post(grants, &body).status, status, "{body}");
    }
    assert_eq!(tenant.patch(&path, &json!({"scope": "Use More"})).status, 204);
    assert_eq!(tenant.patch(&path, &json!({"consentType": "Principal"})).status, 400);
    let filter = format!("clientId eq '{client}' and consentType eq 'AllPrincipals'");
    assert_eq!(tenant.get(&format!("{grants}?$filter={filter}")).items().len(), 2);
    assert_eq!(tenant.get(&format!("/servicePrincipals/{client}/oauth2PermissionGrants")).items().len(), 2);
    assert_eq!(
        (tenant.get(&path).body["scope"].clone(), tenant.delete(&path).status, tenant.get(&path).status),
        (json!("Use More"), 204, 404)
    );
    judge(&tenant);
}

#[test]
fn policies_of_claims() {
    let tenant = Box::with(&PERMISSIONS);
    let all = "/policies/claimsMappingPolicies";
    let definition = json!([r#"{"ClaimsMappingPolicy":{"Version":1,"IncludeBasicClaimSet":"true"}}"#]);
    let made = tenant.post(all, &json!({"displayName": "Basic", "definition": definition}));
    assert_eq!(made.status, 201);
    let id = made.body["id"].as_str().unwrap();
    for body in [
        json!({"displayName": "x"}),
        json!({"displayName": "x", "definition": ["text"]}),
        json!({"definition": definition}),
    ] {
        assert_eq!(tenant.post(all, &body).status, 400, "{body}");
    }
    let principal = format!("/servicePrincipals/{}/claimsMappingPolicies", tenant.id_of("/servicePrincipals", "Zoom"));
    let reference = json!({"@odata.id": format!("{}/v1.0{all}/{id}", tenant.server.origin())});
    let unknown = json!({"@odata.id": format!("{}/v1.0{all}/{ADELE}", tenant.server.origin())});
    let add = |body: &Value| tenant.post(&format!("{principal}/$ref"), body).status;
    assert_eq!((add(&unknown), add(&reference), add(&reference)), (404, 204, 400));
    assert_eq!(tenant.get(&principal).items()[0]["displayName"], "Basic");
    assert_eq!(tenant.patch(&format!("{all}/{id}"), &json!({"displayName": "Basic claims"})).status, 204);
    assert_eq!(tenant.delete(&format!("{principal}/{id}/$ref")).status, 204);
    assert_eq!((tenant.get(&principal).items().len(), tenant.delete(&format!("{all}/{id}")).status), (0, 204));
    judge(&tenant);
}
