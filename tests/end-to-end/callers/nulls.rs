//! What callers write for nothing: null, an empty text, an empty array.
//!
//! Sources: RFC 7643 section 2.5, RFC 7644 section 3.5.2; the null test of Microsoft's gallery validation, which gives
//! an attribute an empty text and then null; pranems/SCIMServer, which lists what Entra sends.

use serde_json::{Value, json};

use super::{
    ENTERPRISE, GROUPS, USERS, at, body_of, changed, group, members, named, patch, people, read, sorted, typed, user,
    values,
};
use crate::harness::Server;

/// An attribute is given an empty text, and then null, over its path; both leave it without a value.
#[test]
fn an_update_to_nothing() {
    let server = Server::sample();
    let user = user(&server, "nothing");
    let department = format!("{ENTERPRISE}:department");
    for (path, pointer) in [
        ("title", "/title"),
        (department.as_str(), "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department"),
        ("name.givenName", "/name/givenName"),
        ("emails[type eq \"work\"].value", "/emails"),
        ("phoneNumbers[type eq \"work\"].value", "/phoneNumbers"),
        ("addresses[type eq \"work\"].locality", "/addresses"),
    ] {
        for nothing in [json!(""), Value::Null] {
            let given = json!([{ "op": "Replace", "path": path, "value": "joy@contoso.onmicrosoft.com" }]);
            let read = changed(&server, &user, given);
            assert!(read.pointer(pointer).is_some(), "{path}: {read}");
            let change = json!([{ "op": "Replace", "path": path, "value": nothing }]);
            for _ in 0..2 {
                let read = changed(&server, &user, change.clone());
                assert!(read.pointer(pointer).is_none_or(Value::is_null), "{path} {nothing}: {read}");
            }
        }
    }
}

/// In a value without a path, null takes the value away, and what is not named stays.
#[test]
fn null_without_a_path() {
    let server = Server::sample();
    let user = user(&server, "null");
    for op in ["replace", "add"] {
        let given = json!([{ "op": "replace", "value": { "title": "Engineer", "preferredLanguage": "en-US" } }]);
        changed(&server, &user, given);
        let read = changed(
            &server,
            &user,
            json!([{ "op": op, "value": {
                "title": null, "preferredLanguage": null, format!("{ENTERPRISE}:department"): null, "phoneNumbers": null,
            } }]),
        );
        assert!(read["title"].is_null() && read["preferredLanguage"].is_null(), "{op}: {read}");
        assert!(read[ENTERPRISE].is_null() && read["phoneNumbers"].is_null(), "{op}: {read}");
        assert_eq!((&read["displayName"], &read["active"]), (&json!("Joy Young"), &json!(true)), "{op}: {read}");
    }
}

/// Null for a complex attribute takes all its parts. One of them, `formatted`, is the display name, which goes with them:
/// what Entra then has is the user name.
#[test]
fn null_for_a_name() {
    let server = Server::sample();
    for (number, operation) in [
        json!({ "op": "replace", "value": { "name": null } }),
        json!({ "op": "replace", "path": "name", "value": null }),
        json!({ "op": "remove", "path": "name" }),
    ]
    .into_iter()
    .enumerate()
    {
        let user = user(&server, &format!("name{number}"));
        let read = changed(&server, &user, json!([operation]));
        assert!(read["name"]["givenName"].is_null() && read["name"]["familyName"].is_null(), "{operation}: {read}");
        assert!(read["name"]["formatted"].is_null() && read["displayName"].is_null(), "{operation}: {read}");
    }
}

/// Null for the manager, for the data of the organisation, and for a whole extension.
#[test]
fn null_for_what_has_parts() {
    let server = Server::sample();
    let (user, manager) = (user(&server, "parts"), people(1).remove(0));
    let given = json!([{ "op": "replace", "value": {
        "employeeOrgData": { "costCenter": "1000", "division": "R&D" },
        ENTERPRISE: { "department": "Research", "employeeNumber": "E1", "manager": { "value": manager } },
    } }]);
    changed(&server, &user, given.clone());
    let read = changed(&server, &user, json!([{ "op": "replace", "value": { "employeeOrgData": null } }]));
    assert!(read["employeeOrgData"].is_null() && read[ENTERPRISE]["costCenter"].is_null(), "{read}");
    let read = changed(&server, &user, json!([{ "op": "replace", "value": { ENTERPRISE: { "manager": null } } }]));
    assert!(read[ENTERPRISE]["manager"].is_null(), "{read}");
    assert_eq!(read[ENTERPRISE]["employeeNumber"], "E1", "{read}");
    for operation in
        [json!({ "op": "replace", "value": { ENTERPRISE: null } }), json!({ "op": "remove", "path": ENTERPRISE })]
    {
        changed(&server, &user, given.clone());
        let read = changed(&server, &user, json!([operation]));
        assert!(read[ENTERPRISE].is_null(), "{operation}: {read}");
        assert_eq!(read["title"], "Engineer", "{operation}: {read}");
    }
}

/// Null and an empty array are no members: a replacement by them empties the group, an addition of them changes
/// nothing.
#[test]
fn no_members() {
    let server = Server::sample();
    let ids = people(2);
    let group = group(&server, "Emptied", &[]);
    for (operation, is_emptied) in [
        (json!({ "op": "replace", "value": { "members": null } }), true),
        (json!({ "op": "replace", "value": { "members": [] } }), true),
        (json!({ "op": "Replace", "path": "members", "value": null }), true),
        (json!({ "op": "Replace", "path": "members", "value": [] }), true),
        (json!({ "op": "Remove", "path": "members" }), true),
        (json!({ "op": "add", "value": { "members": null } }), false),
        (json!({ "op": "Add", "path": "members", "value": [] }), false),
        (json!({ "op": "Remove", "path": "members", "value": [] }), false),
    ] {
        changed(&server, &group, json!([{ "op": "add", "path": "members", "value": values(&ids) }]));
        let expected = if is_emptied { Vec::new() } else { sorted(&ids) };
        assert_eq!(members(&changed(&server, &group, json!([operation]))), expected, "{operation}");
    }
}

/// What must have a value keeps it: the request is refused, and nothing that comes with it is done.
#[test]
fn nothing_for_what_is_required() {
    let server = Server::sample();
    let (user, group) = (user(&server, "required"), group(&server, "Required", &[]));
    for (resource, name) in [(&user, "userName"), (&group, "displayName")] {
        for (operation, scim_type) in [
            (json!({ "op": "replace", "value": { name: null } }), "mutability"),
            (json!({ "op": "Replace", "path": name, "value": null }), "mutability"),
            (json!({ "op": "Remove", "path": name }), "mutability"),
            (json!({ "op": "Replace", "path": name, "value": "" }), "invalidValue"),
        ] {
            let rename = json!({ "op": "replace", "path": "externalId", "value": "changed" });
            patch(&server, resource, json!([rename, operation])).expect_error(400, Some(scim_type));
            let read = read(&server, resource);
            assert_eq!((&read[name], &read["externalId"]), (&resource[name], &Value::Null), "{operation}: {read}");
        }
    }
}

/// Nothing for `active` disables nobody.
#[test]
fn nothing_for_active() {
    let server = Server::sample();
    let user = user(&server, "active");
    for operation in [
        json!({ "op": "replace", "value": { "active": null } }),
        json!({ "op": "Replace", "path": "active", "value": null }),
        json!({ "op": "Replace", "path": "active", "value": "" }),
        json!({ "op": "Remove", "path": "active" }),
    ] {
        let answer = patch(&server, &user, json!([operation]));
        assert!(matches!(answer.status, 200 | 400), "{operation}: {answer:?}");
        assert_eq!(read(&server, &user)["active"], true, "{operation}: {answer:?}");
    }
    let mut whole = read(&server, &user);
    whole["active"] = Value::Null;
    assert_eq!(server.put(&at(&user), &whole).expect(200)["active"], true);
}

/// A create with all that can be nothing.
#[test]
fn a_create_with_nothing() {
    let server = Server::sample();
    let mut body = body_of("created");
    for name in [
        "externalId",
        "title",
        "preferredLanguage",
        "nickName",
        "addresses",
        "groups",
        "employeeType",
        "usageLocation",
        "startDateTime",
        "profileUrl",
        "password",
    ] {
        body[name] = Value::Null;
    }
    for name in ["phoneNumbers", "roles", "photos", "entitlements", "ims"] {
        body[name] = json!([]);
    }
    body["name"]["middleName"] = Value::Null;
    body[ENTERPRISE] = json!({ "department": null, "manager": null });
    let user = server.post(USERS, &body).expect(201);
    let read = read(&server, &user);
    assert_eq!((&read["userName"], &read["active"]), (&json!(named("created")), &json!(true)), "{read}");
    assert!(read[ENTERPRISE].is_null() && read["title"].is_null() && read["phoneNumbers"].is_null(), "{read}");
    let body = json!({ "schemas": [super::GROUP], "displayName": "Created", "members": null, "externalId": null });
    assert!(server.post(GROUPS, &body).expect(201)["members"].is_null());
}

/// A PUT with null or `[]` takes away, like one that leaves out; members stay unless the client says that there are
/// none.
#[test]
fn a_replacement_with_nothing() {
    let server = Server::sample();
    let (user, ids) = (user(&server, "put"), people(2));
    let phones = json!([{ "op": "add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+1 425 555 0107" }]);
    changed(&server, &user, phones);
    let mut body = body_of("put");
    body["title"] = Value::Null;
    body["phoneNumbers"] = json!([]);
    body[ENTERPRISE]["department"] = Value::Null;
    body[ENTERPRISE]["employeeNumber"] = json!("E2");
    server.put(&at(&user), &body).expect(200);
    let seen = read(&server, &user);
    assert!(seen["title"].is_null() && seen["phoneNumbers"].is_null(), "{seen}");
    assert!(seen[ENTERPRISE]["department"].is_null(), "{seen}");
    assert_eq!(typed(&seen, "emails", "work")["value"], named("put"), "{seen}");

    let group = group(&server, "Put", &ids);
    let mut body = json!({ "schemas": [super::GROUP], "displayName": "Put" });
    server.put(&at(&group), &body).expect(200);
    assert_eq!(members(&read(&server, &group)), sorted(&ids));
    for nothing in [Value::Null, json!([])] {
        changed(&server, &group, json!([{ "op": "add", "path": "members", "value": values(&ids) }]));
        body["members"] = nothing.clone();
        server.put(&at(&group), &body).expect(200);
        assert_eq!(members(&read(&server, &group)), Vec::<String>::new(), "{nothing}");
    }
}
