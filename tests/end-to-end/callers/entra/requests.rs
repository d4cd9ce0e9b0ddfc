//! The requests, from Test Connection to the removal of a user.

use serde_json::{Value, json};

use crate::callers::{
    ENTERPRISE, GROUP, GROUPS, USER, USERS, assert_found, at, changed, group, id, look_up, members, named, people,
    read, typed, user, with_body,
};
use crate::harness::{Server, sample};

/// A user as Entra creates one: what has no value comes as null or as nothing in brackets.
fn entra_user(local: &str, manager: &Value) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "jyoung",
        "userName": named(local),
        "active": true,
        "addresses": null,
        "displayName": "Joy Young",
        "emails": [{ "primary": true, "type": "work", "value": named(local) }],
        "meta": { "resourceType": "User" },
        "name": { "familyName": "Young", "formatted": "Joy Young", "givenName": "Joy" },
        "phoneNumbers": null,
        "preferredLanguage": null,
        "roles": [],
        "title": null,
        ENTERPRISE: { "department": "Research", "manager": manager },
    })
}

/// Test Connection asks for a user by a GUID made up for it. A 404 would put the job into quarantine.
#[test]
fn test_connection_looks_for_nobody() {
    let server = Server::sample();
    for attribute in ["userName", "externalId", "displayName", "emails[type eq \"work\"].value", "id"] {
        let filter = format!("{attribute} eq \"7a1f6f04-1b43-4d3c-8c9f-2f0ad1f1c3ee\"");
        let list = look_up(&server, USERS, &filter, "");
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])), "{filter}: {list}");
    }
    let filter = "displayName eq \"7a1f6f04-1b43-4d3c-8c9f-2f0ad1f1c3ee\"";
    let list = look_up(&server, GROUPS, filter, "&excludedAttributes=members");
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])), "{list}");
}

/// A look-up before each create, by the attribute that the administrator matches by.
#[test]
fn a_user_is_looked_up() {
    let server = Server::sample();
    let patti = &sample()[0];
    for filter in [
        "userName eq \"PattiF@contoso.onmicrosoft.com\"",
        "userName eq \"pattif@CONTOSO.onmicrosoft.com\"",
        "externalId eq \"hr-1000\"",
        "emails[type eq \"work\"].value eq \"PattiF@contoso.onmicrosoft.com\"",
        "emails[type eq \"work\"] eq \"PattiF@contoso.onmicrosoft.com\"",
        "userName eq \"PattiF@contoso.onmicrosoft.com\" and active eq true",
    ] {
        assert_found(&server, USERS, filter, patti);
    }
    // `externalId` is caseExact.
    assert_eq!(look_up(&server, USERS, "externalId eq \"HR-1000\"", "")["totalResults"], 0);
}

/// Guests have `#` in their names; it comes as `%23`, and must not end the URL.
#[test]
fn a_guest_is_looked_up() {
    let server = Server::sample();
    let name = "ravi_fabrikam.com#EXT#@contoso.onmicrosoft.com";
    let guest = sample().into_iter().find(|person| person["userPrincipalName"] == name).unwrap();
    assert_found(&server, USERS, &format!("userName eq \"{name}\""), &guest);
}

/// A `+` in a value comes as `%2B`, a blank as `+`.
#[test]
fn a_plus_is_no_blank() {
    let server = Server::sample();
    let user = user(&server, "plus");
    let address = named("joy+lists");
    let change = json!([{ "op": "Replace", "path": "emails[type eq \"work\"].value", "value": address }]);
    changed(&server, &user, change);
    assert_found(&server, USERS, &format!("emails[type eq \"work\"].value eq \"{address}\""), &user);
    let blank = named("joy lists");
    let list = look_up(&server, USERS, &format!("emails[type eq \"work\"].value eq \"{blank}\""), "");
    assert_eq!(list["totalResults"], 0, "{list}");
}

/// A group is looked up by its name, without its members.
#[test]
fn a_group_is_looked_up() {
    let server = Server::sample();
    let group = group(&server, "Looked up", &people(2));
    let list = look_up(&server, GROUPS, "displayName eq \"Looked up\"", "&excludedAttributes=members");
    assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &group["id"]), "{list}");
    assert!(list["Resources"][0].get("members").is_none(), "{list}");
    let read = server.get(&format!("{}?excludedAttributes=members", at(&group))).expect(200);
    assert!(read["displayName"] == "Looked up" && read.get("members").is_none(), "{read}");
}

/// A create: JSON of SCIM with its charset, nulls and empty arrays among the values, `meta` given.
#[test]
fn a_user_is_created() {
    let server = Server::sample();
    let body = entra_user("created", &json!(null));
    let request = with_body("POST", USERS, "application/scim+json; charset=utf-8", &body);
    let answer = server.send(request);
    let user = answer.expect(201);
    assert!(answer.headers["location"].ends_with(&at(&user)), "{:?}", answer.headers);
    let read = read(&server, &user);
    for pointer in ["/externalId", "/userName", "/active", "/displayName", "/name/givenName", "/name/familyName"] {
        assert_eq!(read.pointer(pointer), body.pointer(pointer), "{pointer}: {read}");
    }
    assert_eq!(typed(&read, "emails", "work")["value"], named("created"), "{read}");
    assert_eq!(read[ENTERPRISE]["department"], "Research", "{read}");
    assert_found(&server, USERS, "externalId eq \"jyoung\"", &user);
}

/// The manager of a new user comes as a plain id or as a reference, whatever RFC 7643 section 4.3 says.
#[test]
fn a_user_is_created_with_a_manager() {
    let server = Server::sample();
    let manager = people(1).remove(0);
    let forms = [json!(manager), json!({ "value": manager }), json!([{ "value": manager, "$ref": null }])];
    for (number, form) in forms.iter().enumerate() {
        let user = server.post(USERS, &entra_user(&format!("report{number}"), form)).expect(201);
        assert_eq!(read(&server, &user)[ENTERPRISE]["manager"]["value"], manager.as_str(), "{form}");
    }
}

/// A create of a group names a schema of Microsoft's besides that of SCIM.
#[test]
fn a_group_is_created() {
    let server = Server::sample();
    let adscim = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let body = json!({ "schemas": [GROUP, adscim], "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Created", "meta": { "resourceType": "Group" } });
    let group = server.post(GROUPS, &body).expect(201);
    let read = read(&server, &group);
    assert_eq!((&read["displayName"], &read["externalId"]), (&body["displayName"], &body["externalId"]), "{read}");
    assert_found(&server, GROUPS, "externalId eq \"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159\"", &group);
}

/// Before it changes a reference, it asks whether the reference is there, and wants the id of the holder or nothing.
#[test]
fn references_are_checked() {
    let server = Server::sample();
    let (ids, user) = (people(2), user(&server, "checked"));
    changed(&server, &user, json!([{ "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": ids[0] }]));
    let group = group(&server, "Checked", &[id(&user).to_owned()]);
    for (endpoint, holder, reference, total) in [
        (USERS, &user, format!("manager eq \"{}\"", ids[0]), 1),
        (USERS, &user, format!("manager eq \"{}\"", ids[1]), 0),
        (USERS, &user, "manager eq \"no id\"".to_owned(), 0),
        (GROUPS, &group, format!("members eq \"{}\"", id(&user)), 1),
        (GROUPS, &group, format!("members eq \"{}\"", ids[0]), 0),
        (GROUPS, &group, "members eq \"no id\"".to_owned(), 0),
    ] {
        let filter = format!("id eq \"{}\" and {reference}", id(holder));
        let list = look_up(&server, endpoint, &filter, "&attributes=id");
        assert_eq!(list["totalResults"], total, "{filter}: {list}");
        if total == 1 {
            assert_eq!(list["Resources"][0]["id"], holder["id"], "{list}");
            assert!(list["Resources"][0].get("members").is_none(), "{list}");
        }
    }
}

/// A user who is disabled is still found, else the next cycle would make another of the name. Restoring is the same.
#[test]
fn a_user_is_disabled_found_and_restored() {
    let server = Server::sample();
    let user = user(&server, "disabled");
    for (text, is_active) in [("False", false), ("True", true)] {
        let read = changed(&server, &user, json!([{ "op": "Replace", "path": "active", "value": text }]));
        assert_eq!(read["active"], is_active, "{read}");
        let list = look_up(&server, USERS, &format!("userName eq \"{}\"", named("disabled")), "");
        assert_eq!(list["Resources"][0]["active"], is_active, "{list}");
    }
}

/// A hard delete comes when the user is purged at the source. The name is free then, as far as SCIM can tell.
#[test]
fn a_user_is_deleted() {
    let server = Server::sample();
    let user = user(&server, "purged");
    let answer = server.delete(&at(&user));
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    server.get(&at(&user)).expect_error(404, None);
    server.delete(&at(&user)).expect_error(404, None);
    assert_eq!(look_up(&server, USERS, &format!("userName eq \"{}\"", named("purged")), "")["totalResults"], 0);
    let again = self::user(&server, "purged");
    assert_ne!(again["id"], user["id"]);
}

/// A group that is out of scope is deleted, and its members stay.
#[test]
fn a_group_is_deleted() {
    let server = Server::sample();
    let user = user(&server, "stays");
    let group = group(&server, "Out of scope", &[id(&user).to_owned()]);
    assert_eq!(members(&group), [id(&user)]);
    assert_eq!(server.delete(&at(&group)).status, 204);
    assert_eq!(look_up(&server, GROUPS, "displayName eq \"Out of scope\"", "")["totalResults"], 0);
    assert_eq!(read(&server, &user)["active"], true);
}
