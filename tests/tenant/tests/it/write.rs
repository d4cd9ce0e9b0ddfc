//! Creating, changing and deleting users, and their managers.

use serde_json::{Value, json};

use crate::client::{ADELE, Box};

/// A body that creates a user.
fn body() -> Value {
    json!({"accountEnabled": true, "displayName": "Ünal Öz", "mailNickname": "unal", "userPrincipalName": "Unal.O'z@contoso.onmicrosoft.com",
        "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d", "forceChangePasswordNextSignIn": true}})
}

fn with(changes: &Value) -> Value {
    let mut body = body();
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
        if value == "remove" {
            body.as_object_mut().unwrap().remove(name);
        }
    }
    body
}

#[test]
fn a_user_lives() {
    let tenant = Box::sample();
    let extra = json!({"mail": "unal+x@contoso.com", "otherMails": ["a+b@c.example"], "usageLocation": "TR", "businessPhones": ["+90 1"],
        "employeeOrgData": {"division": "East"}, "onPremisesExtensionAttributes": {"extensionAttribute3": "three"},
        "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId": "x-1", "employeeHireDate": "2026-01-01T00:00:00Z"});
    let created = tenant.post("/users", &with(&extra));
    assert_eq!(created.status, 201, "{:?}", created.body);
    assert_eq!(created.body["displayName"], "Ünal Öz");
    assert!(created.body["@odata.context"].as_str().unwrap().ends_with("#users/$entity"));
    assert!(created.headers["location"].contains(created.body["id"].as_str().unwrap()));
    let path = format!("/users/{}", created.body["id"].as_str().unwrap());
    let select = "?$select=mail,proxyAddresses,userType,identities,passwordProfile,onPremisesExtensionAttributes,employeeOrgData,city";
    let user = tenant.get(&format!("{path}{select}")).body;
    assert_eq!(user["proxyAddresses"], json!(["SMTP:unal+x@contoso.com"]));
    assert_eq!(user["userType"], "Member");
    assert_eq!(user["passwordProfile"]["password"], Value::Null, "a password is never told");
    assert_eq!(user["onPremisesExtensionAttributes"]["extensionAttribute3"], "three");
    assert_eq!(user["onPremisesExtensionAttributes"]["extensionAttribute4"], Value::Null);

    let changes = json!({"city": "Ankara", "mail": null, "onPremisesExtensionAttributes": {"extensionAttribute4": "four"},
        "userPrincipalName": "unal@contoso.com"});
    let changed = tenant.patch(&path, &changes);
    assert_eq!((changed.status, changed.body), (204, Value::Null));
    let user = tenant.get(&format!("/users/unal@contoso.com{select}")).body;
    assert_eq!((&user["city"], &user["mail"], &user["proxyAddresses"]), (&json!("Ankara"), &Value::Null, &json!([])));
    assert_eq!(user["onPremisesExtensionAttributes"]["extensionAttribute3"], "three", "the others are kept");
    assert_eq!(tenant.get("/users/Unal.O'z@contoso.onmicrosoft.com").status, 404);

    assert_eq!(tenant.call("DELETE", &path, &[], &Value::Null).status, 204);
    assert_eq!(tenant.get(&path).code(), "Request_ResourceNotFound");
    let deleted = "/directory/deletedItems/microsoft.graph.user";
    assert_eq!(tenant.get(deleted).names().last(), Some(&"Ünal Öz"));
    let restore = format!("/directory/deletedItems/{}/restore", created.body["id"].as_str().unwrap());
    assert_eq!(tenant.post(&restore, &json!({})).body["displayName"], "Ünal Öz");
    assert_eq!(tenant.get("/users/unal@contoso.com").status, 200);
    assert_eq!(tenant.get(deleted).items().len(), 3, "those of the sample");
}

/// Changes that make a good body a bad one, and what Graph says of it.
fn bad_changes() -> Vec<(Value, &'static str)> {
    let read_only = "Property 'createdDateTime' is read-only and cannot be set.";
    vec![
        (json!({"displayName": "remove"}), "A value is required for property 'displayName' of resource 'User'."),
        (
            json!({"passwordProfile": "remove"}),
            "A value is required for property 'passwordProfile' of resource 'User'.",
        ),
        (json!({"passwordProfile": {}}), "A password must be specified to create a new user."),
        (
            json!({"passwordProfile": {"password": "short"}}),
            "The specified password does not comply with password complexity requirements. Please provide a different password.",
        ),
        (json!({"nothing": 1}), "Property 'nothing' does not exist as a declared property or extension property."),
        (
            json!({"employeeOrgData": {"nothing": "x"}}),
            "Property 'nothing' does not exist as a declared property or extension property.",
        ),
        (json!({"accountEnabled": "yes"}), "Cannot convert the literal '\"yes\"' to the expected type 'Edm.Boolean'."),
        (json!({"city": 5}), "Cannot convert the literal '5' to the expected type 'Edm.String'."),
        (json!({"otherMails": "a@b.c"}), "Cannot convert the literal '\"a@b.c\"' to the expected type 'Edm.String'."),
        (
            json!({"employeeHireDate": "yesterday"}),
            "Cannot convert the literal '\"yesterday\"' to the expected type 'Edm.DateTimeOffset'.",
        ),
        (json!({"createdDateTime": "2020-01-01T00:00:00Z"}), read_only),
        (json!({"city": ""}), "Invalid value specified for property 'city' of resource 'User'."),
        (
            json!({"department": "x".repeat(65)}),
            "Invalid value specified for property 'department' of resource 'User'.",
        ),
        (
            json!({"usageLocation": "Switzerland"}),
            "Invalid value specified for property 'usageLocation' of resource 'User'.",
        ),
        (json!({"usageLocation": null}), "Invalid value specified for property 'usageLocation' of resource 'User'."),
        (
            json!({"businessPhones": ["1", "2"]}),
            "Invalid value specified for property 'businessPhones' of resource 'User'.",
        ),
        (json!({"mail": "no address"}), "Invalid value specified for property 'mail' of resource 'User'."),
        (json!({"mailNickname": "a b"}), "Invalid value specified for property 'mailNickname' of resource 'User'."),
        (json!({"userPrincipalName": "a+b@contoso.com"}), "Property userPrincipalName is invalid."),
        (
            json!({"userPrincipalName": "a@elsewhere.example"}),
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        ),
        (
            json!({"userPrincipalName": "ADELEV@contoso.onmicrosoft.com"}),
            "Another object with the same value for property userPrincipalName already exists.",
        ),
        (
            json!({"mail": "adelev@contoso.onmicrosoft.com"}),
            "Another object with the same value for property proxyAddresses already exists.",
        ),
        (
            json!({"mySite": "https://x.example"}),
            "The request is currently not supported on the target entity set: properties stored outside the directory must be in a request of their own.",
        ),
    ]
}

#[test]
fn bodies_that_are_refused() {
    let tenant = Box::sample();
    for (changes, message) in bad_changes() {
        let answer = tenant.post("/users", &with(&changes));
        assert_eq!((answer.status, answer.code(), answer.message()), (400, "Request_BadRequest", message), "{changes}");
    }
    assert_eq!(tenant.server.tenant().ids().len(), 25);
    let conflict =
        tenant.patch(&format!("/users/{ADELE}"), &json!({"userPrincipalName": "AlexW@contoso.onmicrosoft.com"}));
    assert_eq!(conflict.body["error"]["details"][0]["code"], "ObjectConflict");
    assert_eq!(conflict.body["error"]["details"][0]["target"], "userPrincipalName");
    let cleared = tenant.patch(&format!("/users/{ADELE}"), &json!({"displayName": null}));
    assert_eq!(cleared.status, 400);
}

#[test]
fn synchronised_users_are_mastered_elsewhere() {
    let tenant = Box::sample();
    let path = "/users/HenriettaM@contoso.onmicrosoft.com";
    for changes in [
        json!({"jobTitle": "x"}),
        json!({"usageLocation": "DE", "city": "x"}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute1": "x"}}),
    ] {
        let answer = tenant.patch(path, &changes);
        assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"), "{changes}");
        assert!(answer.message().starts_with("Unable to update the specified properties for on-premises mastered"));
    }
    for changes in
        [json!({"usageLocation": "AT"}), json!({"accountEnabled": false}), json!({"otherMails": ["a@b.example"]})]
    {
        assert_eq!(tenant.patch(path, &changes).status, 204, "{changes}");
    }
    tenant
        .server
        .tenant()
        .update("HenriettaM@contoso.onmicrosoft.com", json!({"jobTitle": "Synced", "onPremisesSamAccountName": "hm"}))
        .unwrap();
    assert_eq!(tenant.get(path).body["jobTitle"], "Synced");
}

#[test]
fn managers() {
    let tenant = Box::sample();
    let path = format!("/users/{ADELE}/manager");
    let reference = format!("{path}/$ref");
    assert_eq!(tenant.get(&path).body["displayName"], "Miriam Graham");
    assert_eq!(tenant.get(&format!("{path}?$select=mail")).body.get("displayName"), None);
    assert!(tenant.get(&reference).body["@odata.id"].as_str().unwrap().contains("/directoryObjects/"));
    let put = |url: &str| tenant.call("PUT", &reference, &[], &json!({ "@odata.id": url }));
    let cases = [
        (format!("https://graph.microsoft.com/v1.0/users/{ADELE}"), 400),
        ("https://graph.microsoft.com/v1.0/users/00000000-0000-0000-0000-000000000001".to_owned(), 404),
        ("https://graph.microsoft.com/v1.0/groups/1".to_owned(), 400),
        ("nonsense".to_owned(), 400),
        ("https://graph.microsoft.com/v1.0/users/AlexW@contoso.onmicrosoft.com".to_owned(), 204),
    ];
    for (url, status) in cases {
        assert_eq!(put(&url).status, status, "{url}");
    }
    assert_eq!(tenant.get(&path).body["displayName"], "Alex Wilber");
    assert_eq!(tenant.call("DELETE", &reference, &[], &Value::Null).status, 204);
    assert_eq!(tenant.get(&path).status, 404);
    assert_eq!(tenant.call("DELETE", &reference, &[], &Value::Null).code(), "Request_ResourceNotFound");
    tenant.server.tenant().set_manager(ADELE, "AlexW@contoso.onmicrosoft.com").unwrap();
    tenant.server.tenant().delete("AlexW@contoso.onmicrosoft.com").unwrap();
    assert_eq!(tenant.get(&path).status, 404, "who is deleted manages nobody");
}
