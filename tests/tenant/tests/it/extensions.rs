//! Applications and the directory extensions they define.

use serde_json::{Value, json};
use tenant::{APPLICATION_ID, CLIENT_ID, Options, Settings};

use crate::client::{ADELE, Box};

const PREFIX: &str = "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8";
const IDEAS: &str = "0888b818-ba80-517a-9b8a-4b4d13272177";

fn tenant(external_id_extension: bool) -> Box {
    let mut settings = Settings { external_id_extension, ..Settings::default() };
    settings.permissions.push("Application.ReadWrite.OwnedBy".to_owned());
    Box::start(Options { settings, ..Options::default() })
}

fn properties() -> String {
    format!("/applications/{APPLICATION_ID}/extensionProperties")
}

#[test]
fn the_application_is_found() {
    let tenant = tenant(true);
    let found = tenant.get(&format!("/applications?$filter=appId eq '{CLIENT_ID}'&$select=id,appId,displayName"));
    assert_eq!(found.items(), [json!({"id": APPLICATION_ID, "appId": CLIENT_ID, "displayName": "SCIM connector"})]);
    assert_eq!(tenant.get("/applications?$filter=appId eq 'x'").items().len(), 0);
    for path in [format!("/applications/{APPLICATION_ID}"), format!("/applications(appId='{CLIENT_ID}')")] {
        assert_eq!(tenant.get(&path).body["appId"], CLIENT_ID, "{path}");
    }
    assert_eq!(tenant.get(&format!("/applications/{CLIENT_ID}")).status, 404, "the id of the object is another");
    let program = tenant.get(&format!("/servicePrincipals(appId='{CLIENT_ID}')?$select=displayName"));
    assert_eq!(program.body["displayName"], "SCIM connector");
    assert_eq!(tenant.get(&format!("/servicePrincipals/{CLIENT_ID}")).status, 404);
    for bad in ["$filter=startswith(signInAudience,'a')", "$orderby=appId", "$select=nothing"] {
        assert_eq!(tenant.get(&format!("/applications?{bad}")).status, 400, "{bad}");
    }
    let known = tenant.get(&properties());
    assert_eq!((known.items().len(), &known.items()[0]["targetObjects"]), (1, &json!(["User", "Group"])));
}

#[test]
fn an_extension_is_defined_used_and_taken_away() {
    let tenant = tenant(false);
    let name = format!("{PREFIX}_externalId");
    let (user, group) = (format!("/users/{ADELE}"), format!("/groups/{IDEAS}"));
    let uses = || {
        [
            tenant.get(&format!("/users?$select=id,{name}")).status,
            tenant.get(&format!("{user}?$select={name}")).status,
            tenant.get(&format!("/users/delta?$select={name}")).status,
            tenant.get(&format!("/users?$filter={name} eq 'a'")).status,
            tenant.get(&format!("/groups?$filter=startswith({name},'a')&$select={name}")).status,
            tenant.get(&format!("{group}/members?$select=id,{name}")).status,
            tenant.patch(&user, &json!({&name: "a"})).status,
            tenant.patch(&group, &json!({&name: "b"})).status,
        ]
    };
    assert_eq!(uses(), [400; 8]);
    let body = json!({"name": "externalId", "dataType": "String", "targetObjects": ["User", "Group"]});
    let made = tenant.post(&properties(), &body);
    assert_eq!((made.status, &made.body["name"], &made.body["dataType"]), (201, &json!(name), &json!("String")));
    assert!(made.body["@odata.context"].as_str().unwrap().ends_with("/extensionProperties/$entity"));
    assert_eq!(uses(), [200, 200, 200, 200, 200, 200, 204, 204]);
    assert_eq!(tenant.get(&format!("/groups?$filter={name} eq 'b'&$select=displayName")).names(), ["Ideas 山"]);
    let again = tenant.post(&properties(), &body);
    assert_eq!(
        (again.status, again.message()),
        (400, format!("An extension property exists with the name {name}.").as_str())
    );

    let path = format!("{}/{}", properties(), made.body["id"].as_str().unwrap());
    assert_eq!(tenant.get(&path).body["name"], json!(name));
    assert_eq!(tenant.call("DELETE", &path, &[], &Value::Null).status, 204);
    assert_eq!(tenant.call("DELETE", &path, &[], &Value::Null).status, 404);
    assert_eq!(uses(), [400; 8]);
    tenant.set(&json!({"externalIdExtension": true}));
    assert_eq!(uses(), [200, 200, 200, 200, 200, 200, 204, 204]);
}

#[test]
fn values_are_of_the_type_that_is_defined() {
    let tenant = tenant(true);
    for (name, data_type, many) in [
        ("level", "Integer", false),
        ("active", "Boolean", false),
        ("since", "DateTime", false),
        ("tags", "String", true),
    ] {
        let body = json!({"name": name, "dataType": data_type, "targetObjects": ["User"], "isMultiValued": many});
        assert_eq!(tenant.post(&properties(), &body).status, 201, "{name}");
    }
    let cases = [
        ("level", json!(5), 204),
        ("level", json!("5"), 400),
        ("active", json!(true), 204),
        ("since", json!("2026-01-01T00:00:00Z"), 204),
        ("since", json!("yesterday"), 400),
        ("tags", json!(["a", "b"]), 204),
        ("tags", json!("a"), 400),
        ("tags", json!(null), 204),
        ("externalId", json!("x".repeat(256)), 204),
        ("externalId", json!("x".repeat(257)), 400),
        ("externalId", json!(["x"]), 400),
        ("externalId", json!(""), 400),
        ("nothing", json!("x"), 400),
    ];
    for (name, value, status) in cases {
        let answer = tenant.patch(&format!("/users/{ADELE}"), &json!({format!("{PREFIX}_{name}"): value}));
        assert_eq!(answer.status, status, "{name} {value}: {:?}", answer.body);
    }
    let group = tenant.patch(&format!("/groups/{IDEAS}"), &json!({format!("{PREFIX}_level"): 5}));
    assert_eq!(group.status, 400, "it is defined for users");
    for body in [
        json!({"dataType": "String", "targetObjects": ["User"]}),
        json!({"name": "a-b", "dataType": "String", "targetObjects": ["User"]}),
        json!({"name": "a", "dataType": "Text", "targetObjects": ["User"]}),
        json!({"name": "a", "dataType": "String", "targetObjects": []}),
        json!({"name": "a", "dataType": "String", "targetObjects": ["user"]}),
        json!({"name": "a", "dataType": "String", "targetObjects": ["User"], "more": 1}),
    ] {
        assert_eq!(tenant.post(&properties(), &body).status, 400, "{body}");
    }
    let reader = Box::sample();
    assert_eq!(reader.get(&properties()).status, 200, "Directory.Read.All reads applications");
    assert_eq!(reader.post(&properties(), &json!({})).status, 403);
}
