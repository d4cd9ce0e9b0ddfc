//! The shapes of a PATCH of a user: capital letters, texts for booleans, paths into elements.

use serde_json::{Value, json};

use crate::callers::{ENTERPRISE, at, changed, id, left_out, patch, people, read, typed, user};
use crate::harness::Server;

/// All that a cycle found to have changed comes in one request, each attribute by its path.
#[test]
fn several_changes_are_one_request() {
    let server = Server::sample();
    let user = user(&server, "classic");
    let department = format!("{ENTERPRISE}:department");
    let changes = json!([
        { "op": "Replace", "path": "displayName", "value": "Joy King" },
        { "op": "Replace", "path": "name.familyName", "value": "King" },
        { "op": "Replace", "path": "name.formatted", "value": "Joy King" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "joy.king@contoso.onmicrosoft.com" },
        { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+1 425 555 0100" },
        { "op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "100 Universal City Plaza" },
        { "op": "Replace", "path": department, "value": "Sales" },
        { "op": "Remove", "path": "title" },
        { "op": "Replace", "path": "active", "value": "False" },
    ]);
    let (exchanges, read) = server.exchanges_of(|| patch(&server, &user, changes).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    assert_eq!(read["displayName"], "Joy King", "{read}");
    assert_eq!((&read["name"]["givenName"], &read["name"]["familyName"]), (&json!("Joy"), &json!("King")), "{read}");
    assert_eq!(typed(&read, "emails", "work")["value"], "joy.king@contoso.onmicrosoft.com", "{read}");
    assert_eq!(typed(&read, "phoneNumbers", "work")["value"], "+1 425 555 0100", "{read}");
    assert_eq!(typed(&read, "addresses", "work")["streetAddress"], "100 Universal City Plaza", "{read}");
    assert_eq!(read[ENTERPRISE]["department"], "Sales", "{read}");
    assert_eq!((&read["title"], &read["active"]), (&Value::Null, &json!(false)), "{read}");
}

/// The paths of the attribute mapping that a new provisioning job begins with. The user has none of it before, and both
/// `Add` and `Replace` must make it.
#[test]
fn the_default_mapping_meets_an_empty_user() {
    let server = Server::sample();
    for (number, op) in ["Add", "Replace"].into_iter().enumerate() {
        let user = user(&server, &format!("mapped{number}"));
        for (path, value, pointer) in [
            ("phoneNumbers[type eq \"work\"].value", "+1 425 555 0101", ("phoneNumbers", "work", "value")),
            ("phoneNumbers[type eq \"mobile\"].value", "+1 425 555 0102", ("phoneNumbers", "mobile", "value")),
            ("phoneNumbers[type eq \"fax\"].value", "+1 425 555 0103", ("phoneNumbers", "fax", "value")),
            ("addresses[type eq \"work\"].streetAddress", "Main St 1", ("addresses", "work", "streetAddress")),
            ("addresses[type eq \"work\"].locality", "Redmond", ("addresses", "work", "locality")),
            ("addresses[type eq \"work\"].region", "WA", ("addresses", "work", "region")),
            ("addresses[type eq \"work\"].postalCode", "98052", ("addresses", "work", "postalCode")),
            ("addresses[type eq \"work\"].country", "United States", ("addresses", "work", "country")),
            ("addresses[type eq \"other\"].formatted", "10/2100", ("addresses", "other", "formatted")),
        ] {
            let read = changed(&server, &user, json!([{ "op": op, "path": path, "value": value }]));
            let (attribute, kind, part) = pointer;
            assert_eq!(typed(&read, attribute, kind)[part], value, "{op} {path}: {read}");
        }
        let read = read(&server, &user);
        for kind in ["work", "mobile", "fax"] {
            assert!(typed(&read, "phoneNumbers", kind)["value"].is_string(), "{op} {kind}: {read}");
        }
        assert_eq!(typed(&read, "addresses", "work")["locality"], "Redmond", "{read}");
    }
}

/// An element that the filter describes by more than its type, as the mapping writes it when it is to be the primary
/// one.
#[test]
fn a_primary_element_is_named_by_a_text() {
    let server = Server::sample();
    let user = user(&server, "primary");
    for filter in ["type eq \"work\" and primary eq \"True\"", "type eq \"work\" and primary eq true"] {
        let address = format!("joy{}@contoso.onmicrosoft.com", filter.len());
        let path = format!("emails[{filter}].value");
        let read = changed(&server, &user, json!([{ "op": "Replace", "path": path, "value": address }]));
        let work = typed(&read, "emails", "work");
        assert_eq!((&work["value"], &work["primary"]), (&json!(address), &json!(true)), "{filter}: {read}");
    }
}

/// The manager: as a plain text, as a reference in brackets, and in the path without its URN.
#[test]
fn a_manager_is_set_in_every_form() {
    let server = Server::sample();
    let (ids, user) = (people(5), user(&server, "managed"));
    let path = format!("{ENTERPRISE}:manager");
    for (operation, manager) in [
        (json!({ "op": "Add", "path": path, "value": ids[0] }), &ids[0]),
        (json!({ "op": "Replace", "path": path, "value": [{ "value": ids[1], "$ref": null }] }), &ids[1]),
        (json!({ "op": "Replace", "path": "manager", "value": [{ "value": ids[2], "$ref": null }] }), &ids[2]),
        (json!({ "op": "Replace", "path": path, "value": { "value": ids[3] } }), &ids[3]),
        (json!({ "op": "Replace", "path": format!("{path}.value"), "value": ids[4] }), &ids[4]),
        // Once more the same: it changes nothing, and is no error.
        (json!({ "op": "Add", "path": path, "value": ids[4] }), &ids[4]),
    ] {
        let read = changed(&server, &user, json!([operation]));
        assert_eq!(read[ENTERPRISE]["manager"]["value"], manager.as_str(), "{operation}: {read}");
    }
}

/// A manager who goes: removed, or made empty; also where there is none.
#[test]
fn a_manager_goes_in_every_form() {
    let server = Server::sample();
    let (manager, user) = (people(1).remove(0), user(&server, "managed"));
    let path = format!("{ENTERPRISE}:manager");
    for operation in [
        json!({ "op": "Remove", "path": path }),
        json!({ "op": "Remove", "path": "manager" }),
        json!({ "op": "Remove", "path": path, "value": manager }),
        json!({ "op": "Replace", "path": path, "value": "" }),
        json!({ "op": "Replace", "path": path, "value": [{ "value": "", "$ref": null }] }),
        json!({ "op": "Add", "path": path, "value": "" }),
    ] {
        changed(&server, &user, json!([{ "op": "Add", "path": path, "value": manager }]));
        for _ in 0..2 {
            let read = changed(&server, &user, json!([operation]));
            assert!(read[ENTERPRISE]["manager"].is_null(), "{operation}: {read}");
            assert_eq!(read[ENTERPRISE]["department"], "Research", "{operation}: {read}");
        }
    }
}

/// A manager who is nobody is told, and what comes with it is not done.
#[test]
fn an_unknown_manager_changes_nothing() {
    let server = Server::sample();
    let user = user(&server, "unmanaged");
    let changes = json!([
        { "op": "Replace", "path": "displayName", "value": "Changed" },
        { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": crate::callers::NOBODY },
    ]);
    patch(&server, &user, changes).expect_error(400, Some("invalidValue"));
    let read = read(&server, &user);
    assert_eq!((&read["displayName"], &read[ENTERPRISE]["manager"]), (&json!("Joy Young"), &Value::Null), "{read}");
}

/// App roles, in the three ways in which expressions write them, one of them a JSON document in a text. They are taken,
/// told as not kept, and do not stop what comes with them.
#[test]
fn roles_are_taken_and_not_kept() {
    let server = Server::sample();
    let user = user(&server, "roles");
    let role = json!({ "id": "06b07648-ecfe-589f-9d2f-6325724a46ee", "value": "Admin", "displayName": "Admin" });
    let document = role.to_string();
    for operation in [
        // SingleAppRoleAssignment
        json!({ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Admin" }),
        json!({ "op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "Reader" }),
        // AppRoleAssignmentsComplex
        json!({ "op": "Add", "path": "roles", "value": [{ "value": document }] }),
        json!({ "op": "Remove", "path": format!("roles[value eq {}]", json!(document)) }),
        // AssertiveAppRoleAssignmentsComplex
        json!({ "op": "Replace", "path": "roles", "value": [{ "value": document }, { "value": "{}" }] }),
        json!({ "op": "Remove", "path": "roles" }),
    ] {
        let title = format!("Title {}", operation.to_string().len());
        let changes = json!([operation, { "op": "Replace", "path": "title", "value": title }]);
        let answer = patch(&server, &user, changes);
        let body = answer.expect(200);
        assert_eq!(body["title"], title.as_str(), "{operation}: {body}");
        assert!(body["roles"].is_null(), "{operation}: {body}");
        // What is no id of Entra goes without a word.
        let is_told = operation["op"] == "Remove" || left_out(&answer).starts_with("roles");
        assert!(is_told, "{operation}: {:?}", answer.headers);
    }
    let alone = json!([{ "op": "Add", "path": "roles", "value": [{ "value": document }] }]);
    assert_eq!(patch(&server, &user, alone).expect(200)["id"], user["id"]);
}

/// What the default mapping sends and Entra has no property for is told, and the rest is done.
#[test]
fn what_entra_cannot_keep_is_told() {
    let server = Server::sample();
    let user = user(&server, "told");
    for (path, told) in [
        ("addresses[type eq \"work\"].formatted", "addresses[type eq \"work\"].formatted"),
        ("phoneNumbers[type eq \"pager\"].value", "phoneNumbers[type eq \"pager\"]"),
        ("name.honorificSuffix", "name.honorificSuffix"),
        ("nickName", "nickName"),
        ("timezone", "timezone"),
    ] {
        let title = format!("Title {}", path.len());
        let changes = json!([
            { "op": "Replace", "path": path, "value": "x" },
            { "op": "Replace", "path": "title", "value": title },
        ]);
        let answer = patch(&server, &user, changes);
        assert_eq!(answer.expect(200)["title"], title.as_str(), "{path}");
        assert!(left_out(&answer).starts_with(told), "{path}: {:?}", answer.headers);
    }
    // To remove it is what is the case already.
    let gone = json!([{ "op": "Remove", "path": "phoneNumbers[type eq \"pager\"].value" }]);
    patch(&server, &user, gone).expect(200);
}

/// An attribute nobody knows is an error that a person can read, and nothing of the request is done.
#[test]
fn an_unknown_attribute_stops_the_request() {
    let server = Server::sample();
    let user = user(&server, "unknown");
    let changes = json!([
        { "op": "Replace", "path": "title", "value": "Changed" },
        { "op": "Replace", "path": "favouriteColour", "value": "Blue" },
    ]);
    let detail = patch(&server, &user, changes).expect_error(400, Some("invalidPath"));
    assert!(detail.contains("favouriteColour"), "{detail}");
    assert_eq!(read(&server, &user)["title"], "Engineer");
}

/// The operations of a request build on each other.
#[test]
fn later_operations_win() {
    let server = Server::sample();
    let user = user(&server, "order");
    let read = changed(
        &server,
        &user,
        json!([
            { "op": "Replace", "path": "title", "value": "First" },
            { "op": "Remove", "path": "title" },
            { "op": "Add", "path": "title", "value": "Last" },
            { "op": "Replace", "path": "active", "value": "False" },
            { "op": "Replace", "path": "active", "value": "True" },
        ]),
    );
    assert_eq!((&read["title"], &read["active"]), (&json!("Last"), &json!(true)), "{read}");
    assert_eq!(id(&read), id(&user));
    assert!(at(&read).ends_with(id(&user)));
}
