use super::*;
use crate::{GROUPS, Members, USERS};

const A: &str = "11111111-1111-1111-1111-111111111111";
const B: &str = "22222222-2222-2222-2222-222222222222";

fn check(operations: Value, expected: Option<Value>, manager: Option<Change>) {
    let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
    let operations = scim::patch::parse(&body, USERS.resource_type).unwrap();
    let write = blind(&USERS, &Settings::default(), &operations).unwrap();
    assert_eq!(write.as_ref().map(|write| Value::Object(write.body.clone())), expected);
    assert_eq!(write.and_then(|mut write| write.links.pop()).map(|link| link.change), manager);
}

#[test]
fn single_values_need_no_read() {
    check(
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        Some(json!({ "accountEnabled": false })),
        None,
    );
    check(
        json!([{ "op": "replace", "value": { "name.givenName": "A", "title": "T" } }]),
        Some(json!({ "givenName": "A", "jobTitle": "T" })),
        None,
    );
    check(json!([{ "op": "remove", "path": "title" }]), Some(json!({ "jobTitle": null })), None);
    check(
        json!([{ "op": "add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" }]),
        Some(json!({ "businessPhones": ["1"] })),
        None,
    );
    check(
        json!([{ "op": "replace", "path": "emails[type eq \"work\" and primary eq true].value", "value": "x@y.z" }]),
        Some(json!({ "mail": "x@y.z" })),
        None,
    );
    check(
        json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "value": "7" }]),
        Some(json!({ "employeeOrgData": { "costCenter": "7" } })),
        None,
    );
    check(
        json!([{ "op": "replace", "path": "password", "value": "new" }]),
        Some(json!({ "passwordProfile": { "password": "new" } })),
        None,
    );
}

#[test]
fn the_manager_is_kept_apart() {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    check(json!([{ "op": "Add", "path": path, "value": "m1" }]), Some(json!({})), Some(Change::Set("m1".to_owned())));
    check(json!([{ "op": "Remove", "path": path }]), Some(json!({})), Some(Change::Clear));
}

#[test]
fn sets_need_a_read_unless_they_are_replaced() {
    check(json!([{ "op": "add", "path": "emails", "value": [{ "type": "other", "value": "o@b.c" }] }]), None, None);
    check(
        json!([{ "op": "replace", "path": "emails", "value": [{ "type": "other", "value": "o@b.c" }] }]),
        Some(json!({ "mail": null, "otherMails": ["o@b.c"] })),
        None,
    );
}

#[test]
fn members_change_without_a_read() {
    let check = |operations: Value, expected: Option<Members>| {
        let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
        let operations = scim::patch::parse(&body, GROUPS.resource_type).unwrap();
        let write = blind(&GROUPS, &Settings::default(), &operations).unwrap();
        let members = write.and_then(|mut write| write.links.pop()).map(|link| link.change);
        assert_eq!(members, expected.map(Change::Members));
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let difference = |add: &[&str], remove: &[&str]| Some(Members::Difference { add: ids(add), remove: ids(remove) });
    check(
        json!([{ "op": "Add", "path": "members", "value": [{ "value": A }, { "value": B }] },
               { "op": "remove", "path": format!("members[value eq \"{B}\"]") }]),
        difference(&[A], &[B]),
    );
    check(
        json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": A }, { "value": B }] }]),
        difference(&[], &[A, B]),
    );
    check(json!([{ "op": "replace", "path": "members", "value": [{ "value": A }] }]), Some(Members::All(ids(&[A]))));
    check(json!([{ "op": "remove", "path": "members" }]), Some(Members::All(Vec::new())));
    check(json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]), None);
}

/// What is written, and what is left out.
fn check_unkept(mapping: &'static Mapping, operations: Value, expected: &Value, left_out: &[&str]) {
    let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
    let mut operations = scim::patch::parse(&body, mapping.resource_type).unwrap();
    let write = blind(mapping, &Settings::default(), &operations).unwrap().unwrap();
    assert_eq!(&Value::Object(write.body.clone()), expected, "{body}");
    assert!(write.links.is_empty(), "{body}");
    assert_eq!(write.left_out, left_out, "{body}");
    take_unkept(mapping, &mut operations);
    assert_eq!(operations.len(), write.body.len() + usize::from(mapping.collection == "/groups"), "{body}");
}

#[test]
fn what_entra_cannot_keep_is_passed_over() {
    check_unkept(
        &USERS,
        json!([
            { "op": "replace", "path": "phoneNumbers[type eq \"home\"].value", "value": "1" },
            { "op": "add", "path": "addresses[type eq \"work\"].formatted", "value": "x" },
            { "op": "remove", "path": "addresses[type eq \"vacation\"]" },
            { "op": "replace", "value": { "title": "T", "name.middleName": "M", "nickName": "N" } },
        ]),
        &json!({ "jobTitle": "T" }),
        &[
            "phoneNumbers[type eq \"home\"]: Entra keeps fax, mobile, work",
            "addresses[type eq \"work\"].formatted: not kept",
        ],
    );
    check_unkept(
        &GROUPS,
        json!([{ "op": "add", "path": "members", "value": [{ "value": "fake-member-id" }] }]),
        &json!({}),
        &["members: 'fake-member-id' is not an id of Entra"],
    );
    check_unkept(
        &GROUPS,
        json!([{ "op": "replace", "path": "members", "value": ["fake-member-id"] }]),
        &json!({}),
        &["members: 'fake-member-id' is not an id of Entra"],
    );
}

#[test]
fn facets_are_written_apart() {
    let written = |operations: Value| {
        let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
        let operations = scim::patch::parse(&body, USERS.resource_type).unwrap();
        blind(&USERS, &Settings::default(), &operations)
    };
    let check = |operations: Value, body: Value, facet: Value, left_out: &[&str]| {
        let write = written(operations).unwrap().unwrap();
        let facets: Vec<_> = write.facets.iter().map(|change| (change.facet.path, json!(change.body))).collect();
        let expected = (!facet.is_null()).then(|| ("mailboxSettings", json!({ "automaticRepliesSetting": facet })));
        assert_eq!(facets, Vec::from_iter(expected));
        assert_eq!(
            (json!(write.body), write.left_out.as_slice()),
            (body, &Vec::from_iter(left_out.iter().map(|text| (*text).to_owned()))[..])
        );
    };
    check(
        json!([{ "op": "replace", "value": { "title": "T", "status": "Scheduled",
            "scheduledStartDateTime": "2027-01-01T00:00:00+01:00", "externalReplyMessage": "" } }]),
        json!({ "jobTitle": "T" }),
        json!({ "status": "scheduled", "externalReplyMessage": "",
            "scheduledStartDateTime": { "dateTime": "2026-12-31T23:00:00", "timeZone": "UTC" } }),
        &[],
    );
    check(
        json!([{ "op": "remove", "path": "internalReplyMessage" },
            { "op": "add", "path": "externalAudience", "value": "everybody" }]),
        json!({}),
        json!({ "internalReplyMessage": "" }),
        &["externalAudience: can only be none, contactsOnly, all"],
    );
    check(
        json!([{ "op": "add", "path": "photos[type eq \"work\"].value", "value": "https://x/y.jpg" },
            { "op": "replace", "path": "photos", "value": [{ "value": "https://x/y.jpg" }] }]),
        json!({}),
        Value::Null,
        &["photos: not kept"],
    );
    for operation in
        [json!({ "op": "remove", "path": "status" }), json!({ "op": "remove", "path": "scheduledEndDateTime" })]
    {
        assert_eq!(written(json!([operation])).unwrap_err().status, 400);
    }
}

#[test]
fn what_depends_on_what_is_there_needs_a_read() {
    for operation in [
        json!({ "op": "remove", "path": "displayName" }),
        json!({ "op": "replace", "path": "displayName", "value": "" }),
        json!({ "op": "remove", "path": "name" }),
        json!({ "op": "remove", "path": "name.formatted" }),
        json!({ "op": "replace", "path": "userName", "value": "n@b.c" }),
    ] {
        check(json!([operation]), None, None);
    }
    check(
        json!([{ "op": "replace", "path": "name", "value": { "givenName": "A" } }]),
        Some(json!({ "givenName": "A" })),
        None,
    );
    let enabled = format!("{}:mailEnabled", crate::ENTRA_GROUP);
    let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA],
        "Operations": [{ "op": "replace", "value": { enabled: false } }] });
    let operations = scim::patch::parse(&body, GROUPS.resource_type).unwrap();
    assert!(blind(&GROUPS, &Settings::default(), &operations).unwrap().is_none());
}

#[test]
fn the_first_row_of_a_property_counts_whatever_the_order() {
    check(
        json!([{ "op": "replace", "value": { "name.formatted": "B" } }, { "op": "replace", "value": { "displayName": "A" } },
               { "op": "add", "path": "name.formatted", "value": "C" }]),
        Some(json!({ "displayName": "A" })),
        None,
    );
    check(
        json!([{ "op": "remove", "path": "addresses[type eq \"work\"].locality" }, { "op": "add", "path": "city", "value": "R" }]),
        Some(json!({ "city": "R" })),
        None,
    );
}

#[test]
fn an_extension_goes_as_far_as_it_can() {
    let remove = |urn: &str| json!([{ "op": "remove", "path": urn }]);
    check(
        remove(crate::ENTERPRISE),
        Some(json!({ "employeeId": null, "companyName": null, "department": null,
            "employeeOrgData": { "costCenter": null, "division": null } })),
        Some(Change::Clear),
    );
    let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": remove(crate::ENTRA_GROUP) });
    let operations = scim::patch::parse(&body, GROUPS.resource_type).unwrap();
    let write = blind(&GROUPS, &Settings::default(), &operations).unwrap().unwrap();
    let cleared = json!({ "description": null, "membershipRule": null, "classification": null });
    assert_eq!(Value::Object(write.body), cleared);
    assert_eq!(write.links[0].link.attribute, "owners");
}
