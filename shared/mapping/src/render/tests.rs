use serde_json::json;

use super::*;
use crate::{ENTERPRISE, GROUPS, USER, USERS, table::Shape};

fn render(mapping: &'static Mapping, projection: &Projection, object: &Value, parts: &[(&str, &str)]) -> Value {
    let settings = Settings::new("11111111-2222-3333-4444-555555555555", "", "");
    let renderer = Renderer::new(mapping, &settings, projection, "http://h/scim/v2");
    renderer.value(&object.to_string(), parts).unwrap()
}

#[test]
fn a_full_user_becomes_a_resource() {
    let user = json!({
        "id": "7", "userPrincipalName": "a@b.c", "displayName": "Ana \"A\"", "givenName": null, "mail": "a@b.c",
        "otherMails": ["x@y.z"], "proxyAddresses": ["SMTP:a@b.c", "smtp:b@b.c"], "businessPhones": ["1", "2"],
        "city": "Köln", "officeLocation": "4/12", "employeeOrgData": { "costCenter": "77", "division": null },
        "manager": { "id": "9", "displayName": "Bo" }, "createdDateTime": "2026-01-01T00:00:00Z",
        "extension_11111111222233334444555555555555_externalId": "E1", "accountEnabled": false,
        "onPremisesExtensionAttributes": null, "unknown": { "a": [1, { "b": 2 }] },
    });
    let resource = render(&USERS, &Projection::all(&USER), &user, &[]);
    assert_eq!(resource["displayName"], "Ana \"A\"");
    assert_eq!(resource["externalId"], "E1");
    assert_eq!(resource["active"], false);
    assert_eq!(
        resource["emails"],
        json!([
            { "value": "a@b.c", "type": "work", "primary": true },
            { "value": "x@y.z", "type": "other" },
        ])
    );
    assert_eq!(resource["phoneNumbers"], json!([{ "value": "1", "type": "work", "primary": true }]));
    assert_eq!(
        resource["addresses"],
        json!([{ "locality": "Köln", "type": "work", "primary": true }, { "formatted": "4/12", "type": "other" }])
    );
    assert_eq!(resource["employeeOrgData"], json!({ "costCenter": "77" }));
    assert_eq!(resource[ENTERPRISE]["manager"], json!({ "value": "9", "$ref": "http://h/scim/v2/Users/9" }));
    assert_eq!(resource["name"], json!({ "formatted": "Ana \"A\"" }));
    assert!(resource.get("proxyAddresses").is_none() && resource.get("groups").is_none());
    assert_eq!(resource["meta"]["created"], "2026-01-01T00:00:00Z");
    assert_eq!(resource["meta"]["lastModified"], "2026-01-01T00:00:00Z");
    assert_eq!(resource["meta"]["location"], "http://h/scim/v2/Users/7");
    assert_eq!(resource["schemas"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_version_stands_for_the_whole() {
    let settings = Settings::default();
    let text = |projection: &Projection, name: &str| {
        let renderer = Renderer::new(&USERS, &settings, projection, "http://h");
        renderer.resource(&json!({ "id": "7", "displayName": name }).to_string(), &[]).unwrap()
    };
    let whole = Projection::all(&USER);
    let (ana, bo) = (text(&whole, "Ana"), text(&whole, "Bo"));
    assert_eq!(Renderer::version(&ana).map(str::len), Some(16));
    assert_ne!(Renderer::version(&ana), Renderer::version(&bo));
    assert_eq!(ana, text(&whole, "Ana"));
    let cut = Projection::parse(Some("displayName"), None, &USER).unwrap();
    assert_eq!(Renderer::version(&text(&cut, "Ana")), None);
    let cut: Value = serde_json::from_str(&text(&cut, "Ana")).unwrap();
    assert_eq!(cut, json!({ "schemas": [USER.schema.id], "id": "7", "displayName": "Ana" }));
}

#[test]
fn a_version_is_that_of_the_attributes() {
    let settings = Settings::default();
    let projection = Projection::all(GROUPS.resource_type);
    let renderer = Renderer::new(&GROUPS, &settings, &projection, "http://h");
    let version = |object: &str, members: &str| {
        let parts = [("members", members)];
        let parts = if members.is_empty() { &parts[..0] } else { &parts[..] };
        Renderer::version(&renderer.resource(object, parts).unwrap()).unwrap().to_owned()
    };
    let (plain, other) = (r#"{"id":"7","displayName":"G","mailNickname":"n"}"#, r#"{"id":"7","displayName":"H"}"#);
    let (ab, ba) = (r#"[{"id":"a"},{"id":"b"}]"#, r#"[{"id":"b"},{"id":"a"}]"#);
    for (text, members, same) in [
        (r#"{"mailNickname":"n","displayName":"G","id":"7"}"#, ab, true),
        (r#"{"id":"7","createdDateTime":"x","@lastModified":"y","displayName":"G","mailNickname":"n"}"#, ab, true),
        (plain, ba, true),
        (plain, r#"[{"id":"a"}]"#, false),
        (plain, "", false),
        (other, ab, false),
    ] {
        assert_eq!(version(text, members) == version(plain, ab), same, "{text} {members}");
    }
    assert_eq!(version(plain, ""), version(plain, "[]"));
}

#[test]
fn a_name_that_was_made_up_is_not_shown() {
    let check = |attributes: Option<&str>, display_name: &str, expected: Value| {
        let projection = Projection::parse(attributes, None, &USER).unwrap();
        let user = json!({ "id": "7", "displayName": display_name, "userPrincipalName": "a@b.c", "surname": "S" });
        let resource = render(&USERS, &projection, &user, &[]);
        assert_eq!(json!([resource["displayName"], resource["name"]]), expected);
    };
    check(None, "A@b.c", json!([null, { "familyName": "S" }]));
    check(None, "A", json!(["A", { "formatted": "A", "familyName": "S" }]));
    check(Some("displayName"), "a@b.c", json!([null, null]));
    check(Some("name.formatted"), "A", json!([null, { "formatted": "A" }]));
}

#[test]
fn the_first_element_is_primary() {
    let check = |user: Value, expected: Value| {
        let resource = render(&USERS, &Projection::all(&USER), &user, &[]);
        let primaries = ["emails", "phoneNumbers", "addresses"].map(|name| {
            resource[name]
                .as_array()
                .map(|all| all.iter().map(|element| element["primary"].clone()).collect::<Vec<_>>())
        });
        assert_eq!(json!(primaries), expected, "{user}");
    };
    check(
        json!({ "id": "7", "otherMails": ["a@b.c", "b@b.c"], "faxNumber": "2", "officeLocation": "4" }),
        json!([[true, null], [true], [true]]),
    );
    check(
        json!({ "id": "7", "faxNumber": "2", "mobilePhone": "1", "mail": "m@b.c", "otherMails": ["a@b.c"] }),
        json!([[true, null], [true, null], null]),
    );
}

#[test]
fn when_a_resource_was_changed_is_told_where_it_is_known() {
    let meta = |object: Value| render(&USERS, &Projection::all(&USER), &object, &[])["meta"].clone();
    let known = meta(json!({ "id": "7", "createdDateTime": "2026-01-01", "@lastModified": "2026-02-02" }));
    assert_eq!((&known["created"], &known["lastModified"]), (&json!("2026-01-01"), &json!("2026-02-02")));
    assert_eq!(meta(json!({ "id": "7" })).get("lastModified"), None);
}

#[test]
fn members_tell_what_they_are() {
    let members = json!([
        { "@odata.type": "#microsoft.graph.user", "id": "1", "displayName": "Ana" },
        { "@odata.type": "#microsoft.graph.group", "id": "2", "displayName": null },
    ]);
    let object = json!({ "id": "7", "displayName": "G", "members": [] });
    let projection = Projection::all(GROUPS.resource_type);
    assert_eq!(render(&GROUPS, &projection, &object, &[]).get("members"), None);
    assert_eq!(
        render(&GROUPS, &projection, &object, &[("members", &members.to_string())])["members"],
        json!([
            { "value": "1", "$ref": "http://h/scim/v2/Users/1", "type": "User" },
            { "value": "2", "$ref": "http://h/scim/v2/Groups/2", "type": "Group" },
        ])
    );
    let projection = Projection::parse(Some("members.display,members.value"), None, GROUPS.resource_type).unwrap();
    assert_eq!(
        render(&GROUPS, &projection, &object, &[("members", &members.to_string())])["members"],
        json!([{ "value": "1", "display": "Ana" }, { "value": "2" }])
    );
    let projection = Projection::parse(Some("groups"), None, &USER).unwrap();
    let parts = json!([
        { "@odata.type": "#microsoft.graph.directoryRole", "id": "1", "displayName": "R" },
        { "@odata.type": "#microsoft.graph.group", "id": "2", "displayName": "G" },
    ]);
    assert_eq!(
        render(&USERS, &projection, &json!({ "id": "7" }), &[("memberOf", &parts.to_string())])["groups"],
        json!([{ "value": "2", "$ref": "http://h/scim/v2/Groups/2", "display": "G" }])
    );
}

#[test]
fn facets_are_rendered_from_texts_of_their_own() {
    let check = |attributes: &str, facet: (&str, Value), expected: Value| {
        let projection = Projection::parse(Some(attributes), None, &USER).unwrap();
        let text = facet.1.to_string();
        let mut resource = render(&USERS, &projection, &json!({ "id": "7", "jobTitle": "T" }), &[(facet.0, &text)]);
        let resource = resource.as_object_mut().unwrap();
        resource.retain(|name, _| !["id", "schemas", "meta"].contains(&name.as_str()));
        assert_eq!(Value::Object(resource.clone()), expected, "{attributes}");
    };
    let settings = json!({ "@odata.context": "x", "timeZone": "UTC", "automaticRepliesSetting": {
        "status": "scheduled", "externalAudience": "all", "internalReplyMessage": "Away", "externalReplyMessage": "",
        "scheduledStartDateTime": { "dateTime": "2026-11-16T07:00:00.0000000", "timeZone": "UTC" },
        "scheduledEndDateTime": { "dateTime": "2026-12-07T07:00:00.0000000", "timeZone": "Pacific Standard Time" } } });
    let all = "status,scheduledStartDateTime,scheduledEndDateTime,internalReplyMessage,externalReplyMessage,title";
    check(
        all,
        ("mailboxSettings", settings.clone()),
        json!({ "title": "T", "status": "scheduled", "scheduledStartDateTime": "2026-11-16T07:00:00Z",
            "internalReplyMessage": "Away" }),
    );
    check("title", ("mailboxSettings", settings), json!({ "title": "T" }));
    check(
        "photos",
        ("photo", json!({ "id": "48x48" })),
        json!({ "photos": [{ "value": "http://h/scim/v2/Users/7/photo", "type": "work" }] }),
    );
    check("photos", ("mailboxSettings", json!({})), json!({}));
}

#[test]
fn a_page_is_rendered_as_it_is_read() {
    let projection = Projection::parse(Some("userName"), None, &USER).unwrap();
    let settings = Settings::default();
    let renderer = Renderer::new(&USERS, &settings, &projection, "http://h");
    let page = json!({
        "@odata.context": "x", "@odata.count": 3, "@odata.nextLink": "http://next",
        "value": [{ "id": "1", "userPrincipalName": "a" }, { "userPrincipalName": "b", "id": "2" }],
    });
    let mut out = b"[".to_vec();
    let info = renderer.page(page.to_string().as_bytes(), 0..9, &mut out).unwrap();
    assert_eq!((info.found, info.length), (2, 2));
    assert_eq!((info.length, info.next.as_deref(), info.count), (2, Some("http://next"), Some(3)));
    out.push(b']');
    let resources: Vec<Value> = serde_json::from_slice(&out).unwrap();
    assert_eq!(resources[1]["userName"], "b");
    assert!(renderer.page(b"<html>", 0..9, &mut Vec::new()).is_err());
}

#[test]
fn every_row_and_link_is_an_attribute_of_the_schema() {
    for mapping in [&USERS, &GROUPS] {
        let target = |path: &str| scim::path::AttributePath::parse(path).unwrap().resolve(mapping.resource_type);
        // What is open stands for a whole extension.
        for row in mapping.rows.iter().filter(|row| row.property.shape != Shape::Open) {
            let target = target(&row.path());
            assert!(target.is_some(), "{} is in the table and not in the schema", row.path());
            let element_types = target.map(|target| target.attribute.sub_attribute("type").is_some());
            let is_typed = row.element.is_some() || row.property.shape.is_converted();
            assert!(element_types.is_some_and(|typed| is_typed || !typed), "{}", row.path());
            assert!(row.element.is_none() || element_types == Some(true), "{}", row.path());
        }
        for link in mapping.links {
            let multi_valued = target(&link.path()).map(|target| target.attribute.multi_valued);
            assert_eq!(multi_valued, Some(link.many), "{}", link.path());
        }
    }
}
