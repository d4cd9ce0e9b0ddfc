use super::*;
use crate::{GROUPS, Members, USERS};

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
    check(json!([{ "op": "add", "path": "emails", "value": [{ "type": "other", "value": "o" }] }]), None, None);
    check(
        json!([{ "op": "replace", "path": "emails", "value": [{ "type": "other", "value": "o" }] }]),
        Some(json!({ "mail": null, "otherMails": ["o"] })),
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
        json!([{ "op": "Add", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] },
               { "op": "remove", "path": "members[value eq \"b\"]" }]),
        difference(&["a"], &["b"]),
    );
    check(
        json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "a" }, { "value": "b" }] }]),
        difference(&[], &["a", "b"]),
    );
    check(
        json!([{ "op": "replace", "path": "members", "value": [{ "value": "a" }] }]),
        Some(Members::All(ids(&["a"]))),
    );
    check(json!([{ "op": "remove", "path": "members" }]), Some(Members::All(Vec::new())));
    check(json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]), None);
}
