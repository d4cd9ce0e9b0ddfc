//! Microsoft Entra's provisioning service with the flag `aadOptscim062020`: closer to the RFC, and without paths.
//!
//! Source:
//! <https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility>.

use serde_json::{Value, json};

use super::{
    ENTERPRISE, GROUPS, NOBODY, USERS, at, body_of, changed, group, id, look_up, members, named, operations, patch,
    people, read, sorted, typed, user,
};
use crate::harness::Server;

/// The flag stands behind the tenant's URL and comes with every request, wherever the client puts it, and twice too.
#[test]
fn the_flag_is_no_part_of_the_query() {
    let server = Server::sample();
    let filter = "filter=userName+eq+%22PattiF%40contoso.onmicrosoft.com%22";
    for target in [
        format!("{USERS}?aadOptscim062020&{filter}"),
        format!("{USERS}?{filter}&aadOptscim062020"),
        format!("{USERS}?{filter}?aadOptscim062020"),
        format!("{USERS}?{filter}?aadOptscim062020&aadOptscim062020"),
        format!("{USERS}?aadOptscim062020&aadOptscim062020&{filter}"),
        format!("{USERS}?&aadOptscim062020&{filter}"),
        format!("{USERS}?{filter}%26aadOptscim062020"),
        format!("{USERS}/?aadOptscim062020&{filter}"),
        format!("{USERS}?aadOptscim062020=&{filter}"),
    ] {
        let list = server.get(&target).expect(200);
        assert_eq!(list["totalResults"], 1, "{target}: {list}");
        assert_eq!(list["Resources"][0]["userName"], "PattiF@contoso.onmicrosoft.com", "{target}: {list}");
    }
    for target in [
        format!("{USERS}?count=2?aadOptscim062020"),
        format!("{GROUPS}?aadOptscim062020&count=2"),
        format!("{GROUPS}?excludedAttributes=members?aadOptscim062020&count=2"),
    ] {
        let list = server.get(&target).expect(200);
        assert_eq!(list["Resources"].as_array().map(Vec::len), Some(2), "{target}: {list}");
    }
    for endpoint in ["ServiceProviderConfig", "Schemas", "ResourceTypes"] {
        server.get(&format!("/scim/v2/{endpoint}?aadOptscim062020")).expect(200);
    }
}

/// The same for what writes.
#[test]
fn a_write_with_the_flag() {
    let server = Server::sample();
    for flag in ["?aadOptscim062020", "?aadOptscim062020&aadOptscim062020"] {
        let user = server.post(&format!("{USERS}{flag}"), &body_of("flagged")).expect(201);
        let target = format!("{}{flag}", at(&user));
        let change = operations(json!([{ "op": "replace", "path": "title", "value": flag }]));
        assert_eq!(server.patch(&target, &change).expect(200)["title"], flag);
        let mut whole = server.get(&target).expect(200);
        whole["title"] = json!("Replaced");
        assert_eq!(server.put(&target, &whole).expect(200)["title"], "Replaced");
        assert_eq!(server.delete(&target).status, 204);
    }
}

/// All that changed in one object: names with dots, names with the URN of their schema, elements by their filter.
#[test]
fn a_replacement_without_a_path() {
    let server = Server::sample();
    let (user, manager) = (user(&server, "flagged"), people(1).remove(0));
    for op in ["replace", "add"] {
        let address = named(&format!("joy.{op}"));
        let changes = json!([{ "op": op, "value": {
            "displayName": "Joy King",
            "name.givenName": op,
            "name.familyName": "King",
            "active": false,
            "emails[type eq \"work\"].value": address,
            "phoneNumbers[type eq \"mobile\"].value": "+1 425 555 0150",
            "addresses[type eq \"work\"].locality": "Redmond",
            format!("{ENTERPRISE}:department"): op,
            format!("{ENTERPRISE}:employeeNumber"): "E1815",
            format!("{ENTERPRISE}:manager"): manager,
        } }]);
        let (exchanges, _) = server.exchanges_of(|| patch(&server, &user, changes).expect(200));
        assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
        let read = read(&server, &user);
        assert_eq!((&read["displayName"], &read["active"]), (&json!("Joy King"), &json!(false)), "{read}");
        assert_eq!((&read["name"]["givenName"], &read["name"]["familyName"]), (&json!(op), &json!("King")), "{read}");
        assert_eq!(typed(&read, "emails", "work")["value"], address, "{read}");
        assert_eq!(typed(&read, "phoneNumbers", "mobile")["value"], "+1 425 555 0150", "{read}");
        assert_eq!(typed(&read, "addresses", "work")["locality"], "Redmond", "{read}");
        assert_eq!(read[ENTERPRISE]["department"], op, "{read}");
        assert_eq!(read[ENTERPRISE]["employeeNumber"], "E1815", "{read}");
        assert_eq!(read[ENTERPRISE]["manager"]["value"], manager, "{read}");
        assert_eq!(read["title"], "Engineer", "what is not named stays: {read}");
    }
}

/// The extension as an object of its attributes: those given are set, the others stay.
#[test]
fn an_extension_is_merged() {
    let server = Server::sample();
    let (user, manager) = (user(&server, "merged"), people(1).remove(0));
    for op in ["add", "replace"] {
        let value = json!({ ENTERPRISE: { "costCenter": op, "manager": { "value": manager } } });
        for operation in
            [json!({ "op": op, "value": value }), json!({ "op": op, "path": ENTERPRISE, "value": value[ENTERPRISE] })]
        {
            let read = changed(&server, &user, json!([operation]));
            assert_eq!(read[ENTERPRISE]["costCenter"], op, "{operation}: {read}");
            assert_eq!(read[ENTERPRISE]["manager"]["value"], manager, "{operation}: {read}");
            assert_eq!(read[ENTERPRISE]["department"], "Research", "{operation}: {read}");
        }
    }
}

/// A complex attribute as an object: Entra expects a merge, and so does RFC 7644 section 3.5.2.3.
#[test]
fn a_name_is_merged() {
    let server = Server::sample();
    let user = user(&server, "merged");
    for operation in [
        json!({ "op": "replace", "value": { "name": { "familyName": "King" } } }),
        json!({ "op": "replace", "path": "name", "value": { "familyName": "Kong" } }),
        json!({ "op": "add", "path": "name", "value": { "familyName": "Kang" } }),
    ] {
        let read = changed(&server, &user, json!([operation]));
        assert_eq!(read["name"]["givenName"], "Joy", "{operation}: {read}");
        assert!(read["name"]["familyName"].as_str().unwrap().starts_with('K'), "{operation}: {read}");
        assert_eq!(read["displayName"], "Joy Young", "{operation}: {read}");
    }
}

/// Booleans are booleans.
#[test]
fn a_user_is_disabled_and_restored() {
    let server = Server::sample();
    let user = user(&server, "flagged");
    for (operation, is_active) in [
        (json!({ "op": "replace", "path": "active", "value": false }), false),
        (json!({ "op": "replace", "path": "active", "value": true }), true),
        (json!({ "op": "replace", "value": { "active": false } }), false),
        (json!({ "op": "add", "value": { "active": true } }), true),
    ] {
        assert_eq!(changed(&server, &user, json!([operation]))["active"], is_active, "{operation}");
    }
}

/// A member goes by a filter, several by an operation each; the rest stays.
#[test]
fn members_go_by_a_filter() {
    let server = Server::sample();
    let ids = people(5);
    let group = group(&server, "Filtered", &ids);
    let remove = |id: &String| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    assert_eq!(members(&changed(&server, &group, json!([remove(&ids[0])]))), sorted(&ids[1..]));
    let several: Vec<Value> = ids[1..3].iter().map(remove).collect();
    assert_eq!(members(&changed(&server, &group, json!(several))), sorted(&ids[3..]));
    let both = format!("members[value eq \"{}\" or value eq \"{NOBODY}\"]", ids[3]);
    assert_eq!(members(&changed(&server, &group, json!([{ "op": "remove", "path": both }]))), ids[4..]);
    // One who is not there.
    assert_eq!(members(&changed(&server, &group, json!([remove(&ids[0])]))), ids[4..]);
}

/// Without a path, members are added to those there are, and put in their place by a replacement.
#[test]
fn members_without_a_path() {
    let server = Server::sample();
    let ids = people(4);
    let group = group(&server, "Pathless", &ids[..1]);
    let value = |ids: &[String]| json!({ "members": super::values(ids) });
    let read = changed(&server, &group, json!([{ "op": "add", "value": value(&ids[1..3]) }]));
    assert_eq!(members(&read), sorted(&ids[..3]));
    let read = changed(&server, &group, json!([{ "op": "replace", "value": value(&ids[3..]) }]));
    assert_eq!(members(&read), ids[3..]);
    let rename = json!([{ "op": "replace", "value": { "displayName": "Pathless 2" } }]);
    let read = changed(&server, &group, rename);
    assert_eq!((read["displayName"].as_str(), members(&read)), (Some("Pathless 2"), ids[3..].to_vec()));
}

/// RFC 7644 section 3.5.2.3: where a filter selects nothing, a replacement has no target. An element of a type that is
/// one property of Entra is always there.
#[test]
fn a_filter_that_selects_nothing() {
    let server = Server::sample();
    let user = user(&server, "selected");
    for path in [
        "emails[type eq \"work\" and value eq \"nobody@contoso.onmicrosoft.com\"].value",
        "emails[value eq \"nobody@contoso.onmicrosoft.com\"].value",
    ] {
        let changes = json!([
            { "op": "replace", "path": "title", "value": "Changed" },
            { "op": "replace", "path": path, "value": "joy@contoso.onmicrosoft.com" },
        ]);
        patch(&server, &user, changes).expect_error(400, Some("noTarget"));
    }
    let read = changed(
        &server,
        &user,
        json!([{ "op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "+1 425 555 0109" }]),
    );
    assert_eq!(typed(&read, "phoneNumbers", "fax")["value"], "+1 425 555 0109", "{read}");
    assert_eq!(read["title"], "Engineer", "{read}");
    let list = look_up(&server, USERS, &format!("id eq \"{}\"", id(&user)), "&attributes=title&aadOptscim062020");
    assert_eq!(list["Resources"][0]["title"], "Engineer", "{list}");
}
