//! Custom security attributes, pictures, settings of mailboxes.

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Answer, Box, send};

const HENRIETTA: &str = "4b53c157-3bf7-5ae8-8136-6262c2ce3d0c";
const ISAIAH: &str = "80e18d14-3e14-5abd-b555-a8abed378ecc";
const GUEST: &str = "c03a5701-d8b9-5d06-bdc8-3f06cb4e9083";
const PHOTO: &[u8] = include_bytes!("../../data/sample-photo.jpg");
const WRITTEN: &str = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";

fn with(further: &[&str]) -> Box {
    let mut settings = Settings::default();
    settings.permissions.extend(further.iter().map(|name| (*name).to_owned()));
    Box::start(Options { settings, ..Options::default() })
}

fn attributes(tenant: &Box, id: &str) -> Value {
    let answer = tenant.get(&format!("/users/{id}?$select=customSecurityAttributes"));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body["customSecurityAttributes"].clone()
}

#[test]
fn custom_security_attributes_are_read() {
    let tenant = with(&["CustomSecAttributeAssignment.Read.All", "CustomSecAttributeDefinition.Read.All"]);
    let expected = json!({"Engineering": {
        "@odata.type": "#microsoft.graph.customSecurityAttributeValue", "CostCenter": "CC-1100", "Certification": true,
        "Project@odata.type": "#Collection(String)", "Project": ["Baker", "Cascade"],
    }});
    assert_eq!(attributes(&tenant, HENRIETTA), expected);
    assert_eq!(attributes(&tenant, ADELE), Value::Null);
    assert_eq!(tenant.get(&format!("/users/{HENRIETTA}")).body.get("customSecurityAttributes"), None);
    // The filter, and how many fit: case counts, and lists are compared by their items.
    let cases = [
        ("customSecurityAttributes/Engineering/Project eq 'Cascade'", 2),
        ("customSecurityAttributes/Engineering/Project eq 'cascade'", 0),
        ("customSecurityAttributes/Engineering/Project ne 'Baker'", 24),
        ("startsWith(customSecurityAttributes/Engineering/CostCenter,'CC')", 1),
        ("customSecurityAttributes/Engineering/NumVendors eq 4", 1),
        ("not(customSecurityAttributes/Engineering/Certification eq true)", 24),
    ];
    for (filter, expected) in cases {
        let answer = tenant.get_eventual(&format!("/users?$filter={filter}&$count=true&$select=id"));
        assert_eq!(answer.items().len(), expected, "{filter}");
        assert_eq!(tenant.get(&format!("/users?$filter={filter}")).code(), "Request_UnsupportedQuery", "{filter}");
    }
    for bad in ["Engineering/Nothing eq 'a'", "Engineering eq 'a'", "Engineering/Project ge 'a'"] {
        let answer = tenant.get_eventual(&format!("/users?$filter=customSecurityAttributes/{bad}&$count=true"));
        assert_eq!(answer.status, 400, "{bad}");
    }
    let definitions = tenant.get("/directory/customSecurityAttributeDefinitions?$filter=attributeSet eq 'Engineering'");
    assert_eq!(definitions.items().len(), 5);
    let one = tenant.get("/directory/customSecurityAttributeDefinitions/Engineering_Project");
    assert_eq!((&one.body["isCollection"], &one.body["type"]), (&json!(true), &json!("String")));
    assert_eq!(tenant.get("/directory/attributeSets").items()[0]["id"], "Engineering");
    assert_eq!(tenant.get("/directory/attributeSets/Nothing").status, 404);
}

#[test]
fn custom_security_attributes_are_assigned() {
    let tenant = with(&["CustomSecAttributeAssignment.ReadWrite.All"]);
    let write = |values: Value| {
        let mut values = values;
        values["@odata.type"] = json!(WRITTEN);
        tenant.patch(&format!("/users/{ADELE}"), &json!({"customSecurityAttributes": {"Engineering": values}})).status
    };
    assert_eq!(write(json!({"CostCenter": "CC-1", "NumVendors@odata.type": "#Int32", "NumVendors": 3})), 204);
    assert_eq!(
        write(json!({"Project@odata.type": "#Collection(String)", "Project": ["Alpine"], "CostCenter": null})),
        204
    );
    let expected = json!({"Engineering": {"@odata.type": "#microsoft.graph.customSecurityAttributeValue",
        "NumVendors@odata.type": "#Int32", "NumVendors": 3, "Project@odata.type": "#Collection(String)", "Project": ["Alpine"]}});
    assert_eq!(attributes(&tenant, ADELE), expected);
    for bad in [
        json!({"Nothing": "x"}),
        json!({"CostCenter": 5}),
        json!({"NumVendors": 5}),
        json!({"Project": ["x"]}),
        json!({"Project@odata.type": "#Collection(String)", "Project": [5]}),
        json!({"Certification": "true"}),
        json!({"CostCenter": "x".repeat(65)}),
    ] {
        assert_eq!(write(bad.clone()), 400, "{bad}");
    }
    let untyped = json!({"customSecurityAttributes": {"Engineering": {"CostCenter": "x"}}});
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &untyped).status, 400);
    assert_eq!(write(json!({"Project": [], "NumVendors": null})), 204);
    assert_eq!(attributes(&tenant, ADELE), Value::Null);

    let without = Box::sample();
    assert_eq!(attributes(&without, HENRIETTA), Value::Null, "what is not shown is null");
    let body = json!({"customSecurityAttributes": {"Engineering": {"@odata.type": WRITTEN, "CostCenter": "x"}}});
    assert_eq!(without.patch(&format!("/users/{ADELE}"), &body).status, 403);
    let filter = "/users?$filter=customSecurityAttributes/Engineering/CostCenter eq 'CC-1100'&$count=true";
    assert_eq!(without.get_eventual(filter).status, 403);
    assert_eq!(without.get("/directory/attributeSets").status, 403);
}

fn upload(tenant: &Box, id: &str, kind: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", tenant.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    send(tenant.server.address(), "PUT", &format!("/v1.0/users/{id}/photo/$value"), &headers, body).unwrap()
}

#[test]
fn pictures() {
    let tenant = with(&["ProfilePhoto.ReadWrite.All"]);
    let photo = format!("/users/{ADELE}/photo");
    let told = tenant.get(&photo);
    assert_eq!((&told.body["width"], &told.body["id"]), (&json!(48), &json!("48x48")));
    assert_eq!(told.body["@odata.mediaContentType"], "image/jpeg");
    let batch = tenant.batch(&[("GET", &format!("{photo}/$value"), Value::Null)]);
    assert_eq!((&batch[0]["status"], &batch[0]["headers"]["Content-Type"]), (&json!(200), &json!("image/jpeg")));
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, batch[0]["body"].as_str().unwrap());
    assert_eq!(bytes.unwrap(), PHOTO);
    for path in [format!("/users/{ISAIAH}/photo"), format!("/users/{ISAIAH}/photo/$value")] {
        assert_eq!((tenant.get(&path).status, tenant.get(&path).code()), (404, "ImageNotFound"), "{path}");
    }
    assert_eq!(tenant.get("/users/nobody@contoso.com/photo").code(), "Request_ResourceNotFound");
    assert_eq!(upload(&tenant, ISAIAH, "image/jpeg", b"no picture").status, 400);
    assert_eq!(upload(&tenant, ISAIAH, "text/plain", PHOTO).status, 400);
    assert_eq!(upload(&tenant, ISAIAH, "image/jpeg", PHOTO).status, 200);
    assert_eq!(tenant.get(&format!("/users/{ISAIAH}/photo")).body["height"], 48);
    assert_eq!(tenant.call("DELETE", &photo, &[], &Value::Null).status, 204);
    assert_eq!(tenant.call("DELETE", &photo, &[], &Value::Null).status, 404);
    assert_eq!(tenant.get(&photo).status, 404);
}

#[test]
fn settings_of_mailboxes() {
    let tenant = with(&["MailboxSettings.ReadWrite"]);
    let path = format!("/users/{ISAIAH}/mailboxSettings");
    let replies = &tenant.get(&path).body["automaticRepliesSetting"];
    assert_eq!((&replies["status"], &replies["externalAudience"]), (&json!("scheduled"), &json!("all")));
    let usual =
        tenant.get(&format!("/users/{ADELE}/mailboxSettings?$select=timeZone,language,automaticRepliesSetting"));
    assert_eq!(usual.body["automaticRepliesSetting"]["status"], "disabled");
    assert_eq!((&usual.body["timeZone"], usual.body.get("workingHours")), (&json!("UTC"), None));
    let changes = json!({"timeZone": "W. Europe Standard Time", "language": {"locale": "de-DE"},
        "automaticRepliesSetting": {"status": "Scheduled", "internalReplyMessage": "Weg",
            "scheduledStartDateTime": {"dateTime": "2027-01-01T00:00:00", "timeZone": "UTC"},
            "scheduledEndDateTime": {"dateTime": "2027-01-08T00:00:00.0000000", "timeZone": "UTC"}}});
    let told = tenant.patch(&path, &changes);
    assert_eq!((told.status, &told.body["automaticRepliesSetting"]["status"]), (200, &json!("scheduled")));
    let after = tenant.get(&path).body;
    assert_eq!(after["automaticRepliesSetting"]["scheduledStartDateTime"]["dateTime"], "2027-01-01T00:00:00.0000000");
    assert_eq!(after["automaticRepliesSetting"]["externalAudience"], "all", "what is not named stays");
    assert_eq!(
        (&after["timeZone"], &after["language"]["locale"]),
        (&json!("W. Europe Standard Time"), &json!("de-DE"))
    );
    for bad in [
        json!({"nothing": 1}),
        json!({"userPurpose": "room"}),
        json!({"timeZone": ""}),
        json!({"automaticRepliesSetting": {"status": "sometimes"}}),
        json!({"automaticRepliesSetting": {"scheduledEndDateTime": {"dateTime": "soon", "timeZone": "UTC"}}}),
        json!({"automaticRepliesSetting": {"scheduledEndDateTime": {"dateTime": "2020-01-01T00:00:00", "timeZone": "UTC"}}}),
    ] {
        assert_eq!(tenant.patch(&path, &bad).status, 400, "{bad}");
    }
    assert_eq!(tenant.get(&path).body, after, "a refused change changes nothing");
    let guest = tenant.get(&format!("/users/{GUEST}/mailboxSettings"));
    assert_eq!((guest.status, guest.code()), (404, "MailboxNotEnabledForRESTAPI"));
    assert_eq!(Box::sample().get(&path).status, 403);
}
