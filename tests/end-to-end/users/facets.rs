//! What other services than the directory keep of users, and what the tenant defines: the settings of mailboxes, pictures,
//! custom security attributes. All of it comes only when it is asked for.

use serde_json::{Value, json};

use super::{NOBODY, at, id, operations, person, resources};
use crate::harness::{Request, Server};

const ADELE: &str = "AdeleV@contoso.onmicrosoft.com";
const GUEST: &str = "ravi_fabrikam.com#EXT#@contoso.onmicrosoft.com";
const HENRIETTA: &str = "HenriettaM@contoso.onmicrosoft.com";
const ISAIAH: &str = "IsaiahL@contoso.onmicrosoft.com";
const SECURITY: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:CustomSecurityAttributes";
const REPLIES: &str =
    "status,scheduledStartDateTime,scheduledEndDateTime,internalReplyMessage,externalReplyMessage,externalAudience";

/// A connector beside the sample tenant, whose application was granted one permission more.
fn granted(permission: &str) -> Server {
    let server = Server::sample();
    let address = server.banner.split_once("simulated at http://").unwrap().1.split_once(": ").unwrap().0;
    let permissions = ["User.ReadWrite.All", "User-LifeCycleInfo.ReadWrite.All", "Group.ReadWrite.All", permission];
    let change = json!({ "permissions": permissions, "revokeTokens": true });
    Request::new("PATCH", "/_tenant/settings").json(&change).send(address.parse().unwrap()).expect(200);
    server
}

/// Where a person of the sample is.
fn of(user_name: &str) -> String {
    at(id(&person(user_name)))
}

/// Changes the attributes at these paths; null removes one.
fn changes(pairs: &[(&str, Value)]) -> Value {
    let change = |(path, value): &(&str, Value)| match value {
        Value::Null => json!({ "op": "remove", "path": path }),
        value => json!({ "op": "replace", "path": path, "value": value }),
    };
    operations(pairs.iter().map(change).collect())
}

#[test]
fn automatic_replies_are_read_with_the_user() {
    let server = granted("MailboxSettings.Read");
    let target = format!("{}?attributes=userName,{REPLIES}", of(ISAIAH));
    server.get(&target).expect(200);
    let (exchanges, user) = server.exchanges_of(|| server.get(&target).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    assert_eq!((&user["userName"], &user["status"]), (&json!(ISAIAH), &json!("scheduled")));
    assert_eq!(user["scheduledStartDateTime"], "2026-11-16T07:00:00Z");
    assert_eq!(user["externalAudience"], "all");
    assert!(user["internalReplyMessage"].as_str().unwrap().contains("ask Miriam"), "{user}");
    // Nobody asks for them by default, so they are not read.
    let (exchanges, user) = server.exchanges_of(|| server.get(&of(ISAIAH)).expect(200));
    assert_eq!((exchanges.len(), user.get("status")), (1, None));
    // A guest has no mailbox.
    let guest = server.get(&format!("{}?attributes=userName,{REPLIES}", of(GUEST)));
    assert_eq!((guest.expect(200).get("status"), guest.headers.get("x-left-out")), (None, None));
}

#[test]
fn automatic_replies_are_written() {
    let server = granted("MailboxSettings.ReadWrite");
    let target = format!("{}?attributes=title,{REPLIES}", of(ADELE));
    let away = changes(&[
        ("title", json!("Away")),
        ("status", json!("Scheduled")),
        ("scheduledStartDateTime", json!("2027-01-01T01:00:00+01:00")),
        ("scheduledEndDateTime", json!("2027-01-08T00:00:00Z")),
        ("internalReplyMessage", json!("Ask Miriam.")),
        ("externalAudience", json!("none")),
    ]);
    let expected = |user: &Value| {
        assert_eq!((&user["title"], &user["status"]), (&json!("Away"), &json!("scheduled")), "{user}");
        assert_eq!(user["scheduledStartDateTime"], "2027-01-01T00:00:00Z");
        assert_eq!(user["scheduledEndDateTime"], "2027-01-08T00:00:00Z");
        assert_eq!((&user["internalReplyMessage"], &user["externalAudience"]), (&json!("Ask Miriam."), &json!("none")));
    };
    expected(&server.patch(&target, &away).expect(200));
    expected(&server.get(&target).expect(200));
    let user = server.patch(&target, &changes(&[("internalReplyMessage", Value::Null)])).expect(200);
    assert_eq!((user.get("internalReplyMessage"), &user["status"]), (None, &json!("scheduled")));
    server.patch(&target, &changes(&[("status", Value::Null)])).expect_error(400, Some("mutability"));
    // What is not in the body of a PUT stays: a client that did not ask for it cannot know it.
    let body = json!({ "schemas": [super::CORE], "userName": ADELE, "displayName": "Adele Vance", "active": true,
        "emails": [{ "value": ADELE, "type": "work" }] });
    server.put(&of(ADELE), &body).expect(200);
    assert_eq!(server.get(&target).expect(200)["status"], "scheduled");
    let detail =
        server.patch(&of(GUEST), &changes(&[("status", json!("disabled"))])).expect_error(400, Some("invalidValue"));
    assert!(detail.contains("the user has no mailboxSettings"), "{detail}");
}

#[test]
fn what_may_not_be_read_is_told() {
    let server = Server::sample();
    for (attribute, needs) in [("status", "MailboxSettings.Read"), ("photos", "ProfilePhoto.Read.All")] {
        let answer = server.get(&format!("{}?attributes=userName,{attribute}", of(ADELE)));
        assert_eq!(answer.expect(200)["userName"], ADELE);
        assert!(answer.headers["x-left-out"].contains(needs), "{:?}", answer.headers);
    }
    let detail = server.patch(&of(ADELE), &changes(&[("status", json!("alwaysEnabled"))])).expect_error(403, None);
    assert!(detail.contains("MailboxSettings.ReadWrite"), "{detail}");
}

#[test]
fn a_list_has_no_facets_and_says_so() {
    let server = granted("MailboxSettings.Read");
    let answer = server.get("/scim/v2/Users?attributes=userName,status&count=3");
    let list = answer.expect(200);
    assert!(resources(&list).iter().all(|user| user["userName"].is_string() && user.get("status").is_none()), "{list}");
    assert!(answer.headers["x-left-out"].contains("mailboxSettings"), "{:?}", answer.headers);
    server.get("/scim/v2/Users?filter=status%20eq%20%22disabled%22").expect_error(400, Some("invalidFilter"));
}

#[test]
fn a_picture_is_where_the_user_says() {
    let server = granted("ProfilePhoto.Read.All");
    let user = server.get(&format!("{}?attributes=photos", of(ADELE))).expect(200);
    let value = user["photos"][0]["value"].as_str().unwrap();
    assert_eq!((user["photos"].as_array().map(Vec::len), &user["photos"][0]["type"]), (Some(1), &json!("work")));
    let path = value.split_once(&server.address.to_string()).unwrap().1;
    assert_eq!(path, format!("{}/photo", of(ADELE)));
    let picture = server.get(path);
    assert_eq!((picture.status, picture.headers["content-type"].as_str()), (200, "image/jpeg"));
    assert_eq!(picture.body, include_bytes!("../../tenant/data/sample-photo.jpg"));
    assert!(server.get(&format!("{}?attributes=photos", of(ISAIAH))).expect(200).get("photos").is_none());
    for missing in [format!("{}/photo", of(ISAIAH)), format!("{}/photo", at(NOBODY))] {
        server.get(&missing).expect_error(404, None);
    }
    let given = json!([{ "value": "https://example.com/a.jpg", "type": "work" }]);
    let answer = server.patch(&of(ISAIAH), &changes(&[("photos", given), ("title", json!("Pictured"))]));
    assert_eq!(answer.expect(200)["title"], "Pictured");
    assert!(answer.headers["x-left-out"].contains("photos"), "{:?}", answer.headers);
}

#[test]
fn custom_security_attributes_are_read() {
    let server = granted("CustomSecAttributeAssignment.Read.All");
    let engineering = json!({ "Project": ["Baker", "Cascade"], "CostCenter": "CC-1100", "Certification": true });
    for (attributes, expected) in [
        (SECURITY.to_owned(), json!({ "Engineering": engineering })),
        (format!("{SECURITY}:Engineering"), json!({ "Engineering": engineering })),
        (format!("{SECURITY}:Engineering.CostCenter"), json!({ "Engineering": { "CostCenter": "CC-1100" } })),
        (format!("{SECURITY}:Marketing"), Value::Null),
    ] {
        let user = server.get(&format!("{}?attributes={attributes}", of(HENRIETTA))).expect(200);
        assert_eq!(user[SECURITY], expected, "{attributes}");
    }
    assert!(server.get(&of(HENRIETTA)).expect(200).get(SECURITY).is_none());
    let list = server.get(&format!("/scim/v2/Users?attributes={SECURITY}&count=100")).expect(200);
    assert_eq!(resources(&list).iter().filter(|user| user.get(SECURITY).is_some()).count(), 3, "{list}");
    // The sets are the tenant's own: there is nothing that a schema could show.
    server.get(&format!("/scim/v2/Schemas/{SECURITY}")).expect_error(404, None);
}

#[test]
fn custom_security_attributes_are_assigned() {
    let server = granted("CustomSecAttributeAssignment.ReadWrite.All");
    let target = format!("{}?attributes=title,{SECURITY}", of(ADELE));
    let named = |name: &str| format!("{SECURITY}:Engineering.{name}");
    let whole = json!({ "Engineering": { "CostCenter": "CC-1", "NumVendors": 3, "Certification": true } });
    for (changes, expected) in [
        (changes(&[(SECURITY, whole.clone()), ("title", json!("Cleared"))]), whole["Engineering"].clone()),
        (
            changes(&[(&named("Project"), json!(["Alpine"])), (&named("NumVendors"), json!(4))]),
            json!({ "CostCenter": "CC-1", "NumVendors": 4, "Certification": true, "Project": ["Alpine"] }),
        ),
        (
            changes(&[(&named("Project"), Value::Null), (&named("CostCenter"), Value::Null)]),
            json!({ "NumVendors": 4, "Certification": true }),
        ),
        (changes(&[(&format!("{SECURITY}:Engineering"), Value::Null)]), Value::Null),
    ] {
        let user = server.patch(&target, &changes).expect(200);
        assert_eq!((&user[SECURITY]["Engineering"], &user["title"]), (&expected, &json!("Cleared")), "{changes}");
        assert_eq!(server.get(&target).expect(200)[SECURITY]["Engineering"], expected, "{changes}");
    }
    let wrong = changes(&[(&named("Project"), json!({ "a": 1 }))]);
    server.patch(&target, &wrong).expect_error(400, Some("invalidValue"));
    let created = json!({ "schemas": [super::CORE, SECURITY], "userName": "secured@contoso.onmicrosoft.com",
        "displayName": "Secured", SECURITY: whole });
    let created = server.post(&format!("/scim/v2/Users?attributes={SECURITY}"), &created).expect(201);
    assert_eq!(created[SECURITY], whole);
    let without = Server::sample();
    without.patch(&of(ADELE), &changes(&[(SECURITY, whole)])).expect_error(403, None);
}
