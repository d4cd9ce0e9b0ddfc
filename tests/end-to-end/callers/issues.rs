//! What went wrong elsewhere: each test bears the name of the issue, on GitHub, in which somebody met the quirk.

use serde_json::{Value, json};

use super::{
    ENTERPRISE, NOBODY, USER, USERS, at, body_of, changed, group, id, left_out, look_up, members, named, operations,
    patch, people, read, typed, user,
};
use crate::harness::Server;

/// scimmyjs/scimmy#86: `active` came as the text "false" and was refused, so nobody was ever disabled.
#[test]
fn scimmy_86_false_is_a_text() {
    let server = Server::sample();
    let user = user(&server, "scimmy");
    for (text, is_active) in [("false", false), ("TRUE", true), ("False", false), ("true", true)] {
        let answer = patch(&server, &user, json!([{ "op": "Replace", "path": "active", "value": text }]));
        assert_eq!(answer.expect(200)["active"], is_active, "{text}");
    }
}

/// ssoready/ssoready#155: the user was disabled, but shown as active, so Entra sent it again each cycle.
#[test]
fn ssoready_155_who_is_disabled_is_shown_so() {
    let server = Server::sample();
    let user = user(&server, "ssoready");
    patch(&server, &user, json!([{ "op": "Replace", "path": "active", "value": "False" }])).expect(200);
    assert_eq!(read(&server, &user)["active"], json!(false));
    let list = look_up(&server, USERS, &format!("userName eq \"{}\"", named("ssoready")), "&attributes=active");
    assert_eq!(list["Resources"][0]["active"], json!(false), "{list}");
    let list = look_up(&server, USERS, &format!("id eq \"{}\" and active eq \"False\"", id(&user)), "");
    assert_eq!(list["totalResults"], 1, "{list}");
}

/// ssoready/ssoready#167: who leaves is disabled and renamed in one request.
#[test]
fn ssoready_167_a_new_name_and_no_access_at_once() {
    let server = Server::sample();
    let user = user(&server, "leaver");
    let left = named("left-leaver");
    let changes = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "userName", "value": left },
    ]);
    let read = changed(&server, &user, changes);
    assert_eq!((&read["active"], &read["userName"]), (&json!(false), &json!(left)), "{read}");
    assert_eq!(look_up(&server, USERS, &format!("userName eq \"{left}\""), "")["totalResults"], 1);
}

/// ssoready/ssoready#228: the name as it is shown comes twice, with a work address between.
#[test]
fn ssoready_228_two_names_for_one_thing() {
    let server = Server::sample();
    let user = user(&server, "twice");
    let changes = json!([
        { "op": "Replace", "path": "displayName", "value": "Test 01" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": named("test01") },
        { "op": "Replace", "path": "userName", "value": named("test01") },
        { "op": "Replace", "path": "name.familyName", "value": "Tesst 01" },
        { "op": "Replace", "path": "name.formatted", "value": "Test 01" },
    ]);
    let read = changed(&server, &user, changes);
    assert_eq!((&read["displayName"], &read["name"]["familyName"]), (&json!("Test 01"), &json!("Tesst 01")), "{read}");
    assert_eq!(read["userName"], named("test01"), "{read}");
    assert_eq!(typed(&read, "emails", "work")["value"], named("test01"), "{read}");
}

/// tuist/tuist#13238: answered with 200 and not done, which Entra takes for done; and app roles in a document that is a
/// text.
#[test]
fn tuist_13238_what_is_answered_is_done() {
    let server = Server::sample();
    let user = user(&server, "tuist");
    let body = patch(&server, &user, json!([{ "op": "Replace", "path": "active", "value": "False" }])).expect(200);
    assert_eq!((&body["active"], &read(&server, &user)["active"]), (&json!(false), &json!(false)));
    let role = json!({ "id": "18d14569", "value": "Admin", "displayName": "Admin" }).to_string();
    let answer = patch(&server, &user, json!([{ "op": "Add", "path": "roles", "value": [{ "value": role }] }]));
    assert!(answer.expect(200)["roles"].is_null(), "what is not kept is not shown");
    assert!(left_out(&answer).starts_with("roles"), "what is not kept is told: {:?}", answer.headers);
}

/// OneUptime/oneuptime#3852: the attributes of a PATCH were looked for where those of a PUT are. Names in any letter
/// case, with a path and without one, in their order.
#[test]
fn oneuptime_3852_names_in_any_letter_case() {
    let server = Server::sample();
    let user = user(&server, "uptime");
    for (number, changes) in [
        json!([{ "op": "REPLACE", "path": "ACTIVE", "value": "False" }]),
        json!([{ "Op": "Replace", "Path": "Active", "Value": "False" }]),
        json!([{ "op": "Replace", "value": { "Active": "False" } }]),
        json!([{ "op": "add", "value": { "ACTIVE": false, "USERNAME": named("uptime") } }]),
        json!([
            { "op": "Replace", "path": "active", "value": "True" },
            { "op": "Replace", "value": { "active": "False" } },
        ]),
    ]
    .into_iter()
    .enumerate()
    {
        let read = changed(&server, &user, changes.clone());
        assert_eq!(read["active"], false, "{changes}");
        changed(&server, &user, json!([{ "op": "Add", "path": "active", "value": "True" }]));
        let path = "EMAILS[TYPE EQ \"Work\"].VALUE";
        let address = named(&format!("uptime{number}"));
        let read = changed(&server, &user, json!([{ "op": "Replace", "path": path, "value": address }]));
        assert_eq!(typed(&read, "emails", "work")["value"], address, "{read}");
    }
}

/// langwatch/langwatch#6972: `Replace`, `Add` and `Remove` are not how the RFC writes them.
#[test]
fn langwatch_6972_operations_in_capitals() {
    let server = Server::sample();
    let (user, ids) = (user(&server, "capitals"), people(1));
    let group = group(&server, "Capitals", &[]);
    for (op, count) in [("Add", 1), ("Remove", 0), ("ADD", 1), ("REMOVE", 0)] {
        let change = json!([{ "op": op, "path": "members", "value": [{ "value": ids[0] }] }]);
        assert_eq!(members(&changed(&server, &group, change)).len(), count, "{op}");
    }
    let read = changed(&server, &user, json!([{ "op": "REPLACE", "path": "title", "value": "Capital" }]));
    assert_eq!(read["title"], "Capital");
}

/// MicrosoftDocs/azure-docs#11784: Entra sent the manager again each cycle, because it did not find it as it wrote it.
#[test]
fn azure_docs_11784_a_manager_is_found_as_it_was_written() {
    let server = Server::sample();
    let (user, manager) = (user(&server, "managed"), people(1).remove(0));
    let path = format!("{ENTERPRISE}:manager");
    for _ in 0..2 {
        let read = changed(&server, &user, json!([{ "op": "Add", "path": path, "value": manager }]));
        let shown = &read[ENTERPRISE]["manager"];
        assert_eq!(shown["value"], manager, "{read}");
        assert!(shown["$ref"].as_str().unwrap().ends_with(&format!("{USERS}/{manager}")), "{read}");
    }
    for filter in [format!("manager eq \"{manager}\""), format!("{path}.value eq \"{manager}\"")] {
        let filter = format!("id eq \"{}\" and {filter}", id(&user));
        assert_eq!(look_up(&server, USERS, &filter, "&attributes=id")["totalResults"], 1, "{filter}");
    }
}

/// MicrosoftDocs/azure-docs#30826, simpleidserver/SimpleIdServer#164, thomaspoignant/scim-patch#959: whoever reads only
/// the path of this removal empties the group. What it names goes, and where it names nobody, nobody goes.
#[test]
fn azure_docs_30826_only_those_named_go() {
    let server = Server::sample();
    let ids = people(4);
    let group = group(&server, "Not emptied", &ids);
    let remove = |value: Value| json!([{ "op": "Remove", "path": "members", "value": value }]);
    let read = changed(&server, &group, remove(json!([{ "$ref": null, "value": ids[3] }])));
    assert_eq!(members(&read), super::sorted(&ids[..3]));
    for value in [
        json!([]),
        json!([{}]),
        json!({}),
        json!([{ "value": "" }]),
        json!([{ "value": null }]),
        json!([{ "value": NOBODY }]),
        json!([{ "value": "no id" }]),
        json!([{ "display": "Patti Fernandez" }]),
        json!([null]),
        json!(""),
        json!(NOBODY),
        json!([[]]),
    ] {
        let answer = patch(&server, &group, remove(value.clone()));
        assert!(answer.status < 500, "{value}: {answer:?}");
        assert_eq!(members(&super::read(&server, &group)), super::sorted(&ids[..3]), "{value}: {answer:?}");
    }
    // A plain id, and one in no brackets.
    changed(&server, &group, remove(json!([ids[2]])));
    assert_eq!(members(&changed(&server, &group, remove(json!({ "value": ids[1] })))), ids[..1]);
}

/// Captain-P-Goldfish/SCIM-SDK#267 and #416, thomaspoignant/scim-patch#42 and #176: an `Add` to an element that is not
/// there makes it out of the filter, beside the others.
#[test]
fn scim_sdk_267_an_addition_makes_the_element() {
    let server = Server::sample();
    let user =
        server.post(USERS, &json!({ "schemas": [USER], "userName": named("bare"), "displayName": "Bare" })).expect(201);
    let changes = json!([
        { "op": "add", "path": "emails[type eq \"work\"].value", "value": named("bare") },
        { "op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 425 555 0104" },
        { "op": "add", "path": "addresses[type eq \"work\"].country", "value": "Australia" },
    ]);
    changed(&server, &user, changes);
    let changes = json!([
        { "op": "add", "path": "emails[type eq \"other\"].value", "value": "bare@fabrikam.com" },
        { "op": "add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+1 425 555 0105" },
        { "op": "add", "path": "addresses[type eq \"work\"].locality", "value": "Sydney" },
    ]);
    let read = changed(&server, &user, changes);
    assert_eq!(typed(&read, "emails", "work")["value"], named("bare"), "{read}");
    assert_eq!(typed(&read, "emails", "other")["value"], "bare@fabrikam.com", "{read}");
    assert_eq!(typed(&read, "phoneNumbers", "mobile")["value"], "+1 425 555 0104", "{read}");
    assert_eq!(typed(&read, "phoneNumbers", "work")["value"], "+1 425 555 0105", "{read}");
    let work = typed(&read, "addresses", "work");
    assert_eq!((&work["country"], &work["locality"]), (&json!("Australia"), &json!("Sydney")), "{read}");
}

/// better-auth/better-auth#10682: Entra replaces elements that are not there, and one refusal undid all that came with
/// it.
#[test]
fn better_auth_10682_a_replacement_makes_the_element() {
    let server = Server::sample();
    let user = user(&server, "better");
    let changes = json!([
        { "op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "+1 425 555 0106" },
        { "op": "Replace", "path": "name.familyName", "value": "King" },
        { "op": "Replace", "path": "active", "value": "False" },
    ]);
    let read = changed(&server, &user, changes);
    assert_eq!(typed(&read, "phoneNumbers", "work")["value"], "+1 425 555 0106", "{read}");
    assert_eq!((&read["name"]["familyName"], &read["active"]), (&json!("King"), &json!(false)), "{read}");
}

/// Captain-P-Goldfish/scim-for-keycloak#26, pond/scimitar#69 and #123, pingidentity/scim2#224: keys with dots and with
/// the URN of a schema, in a value without a path, were ignored or kept as they are written.
#[test]
fn scim_for_keycloak_26_keys_are_paths() {
    let server = Server::sample();
    let user = user(&server, "dotted");
    let read = changed(
        &server,
        &user,
        json!([{ "op": "replace", "value": {
            "displayName": "Bjfe",
            "name.givenName": "Kkom",
            "name.familyName": "Unua",
            format!("{ENTERPRISE}:employeeNumber"): "Aklq",
            format!("{USER}:title"): "Urn",
        } }]),
    );
    assert_eq!(read["name"], json!({ "formatted": "Bjfe", "givenName": "Kkom", "familyName": "Unua" }), "{read}");
    assert_eq!((&read["displayName"], &read["title"]), (&json!("Bjfe"), &json!("Urn")), "{read}");
    assert_eq!(read[ENTERPRISE]["employeeNumber"], "Aklq", "{read}");
    assert!(read.as_object().unwrap().keys().all(|name| !name.contains("name.")), "{read}");
}

/// thomaspoignant/scim-patch#19: the dots in the URN of a path are none between attributes.
#[test]
fn scim_patch_19_a_urn_has_dots() {
    let server = Server::sample();
    let user = user(&server, "urn");
    for path in [format!("{ENTERPRISE}:department"), format!("{}:DEPARTMENT", ENTERPRISE.to_lowercase())] {
        let value = format!("Department {}", path.len() + path.matches('U').count());
        let read = changed(&server, &user, json!([{ "op": "Add", "path": path, "value": value }]));
        assert_eq!(read[ENTERPRISE]["department"], value, "{path}: {read}");
    }
    let list = look_up(&server, USERS, &format!("id eq \"{}\" and {USER}:userName sw \"urn\"", id(&user)), "");
    assert_eq!(list["totalResults"], 1, "{list}");
}

/// grokability/snipe-it#14708: a 404 for a filter that matches nobody puts the whole job into quarantine.
#[test]
fn snipe_it_14708_nobody_is_no_error() {
    let server = Server::sample();
    let list = look_up(&server, USERS, "userName eq \"nobody@contoso.onmicrosoft.com\"", "");
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])), "{list}");
}

/// Metatavu/keycloak-scim-server#67: a user whose name begins like another's was taken for that other.
#[test]
fn keycloak_scim_server_67_a_name_is_not_its_beginning() {
    let server = Server::sample();
    let longer = user(&server, "example_1");
    assert_eq!(look_up(&server, USERS, &format!("userName eq \"{}\"", named("example")), "")["totalResults"], 0);
    let shorter = user(&server, "example");
    super::assert_found(&server, USERS, &format!("userName eq \"{}\"", named("example")), &shorter);
    super::assert_found(&server, USERS, &format!("userName eq \"{}\"", named("example_1")), &longer);
}

/// Azure/AzureAD-BYOA-Provisioning-Samples#28, langfuse/langfuse#13528: a name that is taken, in any letter case, is
/// 409 with `uniqueness`; it makes Entra look for the user it should have matched.
#[test]
fn azure_samples_28_a_conflict_is_told() {
    let server = Server::sample();
    let user = user(&server, "taken");
    server.post(USERS, &body_of("taken")).expect_error(409, Some("uniqueness"));
    server.post(USERS, &body_of("TAKEN")).expect_error(409, Some("uniqueness"));
    super::assert_found(&server, USERS, &format!("userName eq \"{}\"", named("TAKEN")), &user);
    let other = super::user(&server, "other");
    let change = json!([{ "op": "Replace", "path": "userName", "value": named("taken") }]);
    patch(&server, &other, change).expect_error(409, Some("uniqueness"));
    assert_eq!(read(&server, &other)["userName"], named("other"));
}

/// The RFC gives `active` no default (RFC 7643 section 4.1.1): who is made without it can work, also where it comes as
/// null.
#[test]
fn active_is_true_where_it_is_missing() {
    let server = Server::sample();
    for (local, active) in [("missing", None), ("nothing", Some(Value::Null)), ("text", Some(json!("True")))] {
        let mut body = body_of(local);
        body.as_object_mut().unwrap().remove("active");
        if let Some(active) = active {
            body["active"] = active;
        }
        let user = server.post(USERS, &body).expect(201);
        assert_eq!(read(&server, &user)["active"], true, "{local}");
    }
    let mut body = body_of("out");
    body["active"] = json!("False");
    assert_eq!(server.post(USERS, &body).expect(201)["active"], false);
}

/// ssoready/ssoready#182: `operations` in small letters, as some write it by hand.
#[test]
fn ssoready_182_operations_in_small_letters() {
    let server = Server::sample();
    let user = user(&server, "small");
    let mut body = operations(json!([{ "op": "replace", "path": "title", "value": "Small" }]));
    let list = body.as_object_mut().unwrap().remove("Operations").unwrap();
    body["operations"] = list;
    assert_eq!(server.patch(&at(&user), &body).expect(200)["title"], "Small");
}
