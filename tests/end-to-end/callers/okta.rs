//! Okta: provisioning and import.
//!
//! Sources: <https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20>, and the tests that Okta has
//! integrators run (okta-scim-beta: SPEC and CRUD).

use serde_json::{Value, json};

use super::{
    GROUP, GROUPS, USER, USERS, at, changed, group, id, look_up, members, named, people, read, sorted, typed, user,
    values, with_body,
};
use crate::harness::{Request, Server, TOKEN};

/// A user as Okta writes one.
fn okta_user(local: &str) -> Value {
    json!({
        "schemas": [USER],
        "userName": named(local),
        "name": { "givenName": "Olive", "familyName": "Kta" },
        "emails": [{ "primary": true, "value": named(local), "type": "work" }],
        "displayName": "Olive Kta",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nQ",
        "active": true,
    })
}

/// The test of the connection, and of what SPEC looks for in a list: numbers, and whole users.
#[test]
fn a_connection_is_tested() {
    let server = Server::sample();
    for count in [1, 2] {
        let list = server.get(&format!("{USERS}?startIndex=1&count={count}")).expect(200);
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]), "{list}");
        let numbers = (&list["itemsPerPage"], &list["startIndex"], &list["totalResults"]);
        assert_eq!(numbers, (&json!(count), &json!(1), &json!(25)), "{list}");
        for user in list["Resources"].as_array().unwrap() {
            for pointer in ["/id", "/name/familyName", "/name/givenName", "/userName", "/emails/0/value"] {
                assert!(user.pointer(pointer).is_some_and(Value::is_string), "{pointer}: {user}");
            }
            assert!(user["active"].is_boolean(), "{user}");
        }
    }
}

/// SPEC: a user who is not there is 404 with a detail, and no name finds anybody by chance.
#[test]
fn who_is_not_there() {
    let server = Server::sample();
    let detail = server.get(&format!("{USERS}/010101001010101011001010101011")).expect_error(404, None);
    assert!(!detail.is_empty());
    let list = look_up(&server, USERS, "userName eq \"abcdefgh@atko.com\"", "&startIndex=1&count=100");
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])), "{list}");
}

/// SPEC: a name in another letter case finds the user.
#[test]
fn a_name_in_another_letter_case() {
    let server = Server::sample();
    let user = user(&server, "olive");
    let filter = format!("userName eq \"{}\"", named("oLiVe"));
    let list = look_up(&server, USERS, &filter, "&startIndex=1&count=100");
    assert_eq!(list["Resources"][0]["id"], user["id"], "{list}");
}

/// SPEC: who shows no token is told that, in SCIM.
#[test]
fn who_shows_no_token() {
    let server = Server::sample();
    let target = format!("{USERS}?startIndex=1&count=1");
    Request::new("GET", &target).send(server.address).expect_error(401, None);
    let wrong = Request::new("GET", &target).header("authorization", "Bearer not-the-token");
    let answer = wrong.send(server.address);
    assert!(matches!(answer.status, 401 | 403), "{answer:?}");
}

/// CRUD: a user is made with the headers that Okta sends; the same again is a conflict.
#[test]
fn a_user_is_made_once() {
    let server = Server::sample();
    let post = || {
        with_body("POST", USERS, "application/scim+json; charset=utf-8", &okta_user("olive"))
            .header("accept", "application/scim+json")
            .header("accept-charset", "utf-8")
            .header("accept-encoding", "gzip,deflate")
            .header("user-agent", "Okta SCIM Client 1.0.0")
            .header("authorization", format!("Bearer {TOKEN}"))
    };
    let user = post().send(server.address).expect(201);
    assert_eq!((&user["active"], &user["name"]["familyName"]), (&json!(true), &json!("Kta")), "{user}");
    assert_eq!(typed(&user, "emails", "work")["value"], named("olive"), "{user}");
    assert_eq!(user["externalId"], "00ujl29u0le5T6Aj10h7", "{user}");
    assert!(user["password"].is_null(), "{user}");
    assert_eq!(read(&server, &user)["id"], user["id"]);
    post().send(server.address).expect_error(409, Some("uniqueness"));
}

/// Integrations of one's own update by PUT of the whole user: read, changed in one place, and written back.
#[test]
fn a_user_is_put_back() {
    let server = Server::sample();
    let user = server.post(USERS, &okta_user("olive")).expect(201);
    let mut whole = read(&server, &user);
    assert_eq!(server.put(&at(&user), &whole).expect(200)["userName"], named("olive"));
    let mut again = read(&server, &user);
    for resource in [&mut whole, &mut again] {
        resource.as_object_mut().unwrap().remove("meta");
    }
    assert_eq!(again, whole, "what is put back as it was read changes nothing");
    whole["name"]["familyName"] = json!("Oil");
    whole["emails"][0]["value"] = json!(named("olive.oil"));
    let put = server.put(&at(&user), &whole).expect(200);
    for user in [put, read(&server, &user)] {
        assert_eq!((&user["name"]["familyName"], &user["active"]), (&json!("Oil"), &json!(true)), "{user}");
        assert_eq!(typed(&user, "emails", "work")["value"], named("olive.oil"), "{user}");
        assert_eq!(user["externalId"], "00ujl29u0le5T6Aj10h7", "{user}");
    }
}

/// A PUT without `active` says nothing of it: who can work goes on, who cannot does not begin.
#[test]
fn a_put_without_active() {
    let server = Server::sample();
    let user = server.post(USERS, &okta_user("olive")).expect(201);
    let mut body = okta_user("olive");
    body.as_object_mut().unwrap().retain(|name, _| !["active", "password", "groups"].contains(&name.as_str()));
    for is_active in [true, false] {
        changed(&server, &user, json!([{ "op": "replace", "value": { "active": is_active } }]));
        server.put(&at(&user), &body).expect(200);
        assert_eq!(read(&server, &user)["active"], is_active);
    }
}

/// Users are never deleted: they are deactivated by PUT, or by PATCH without a path, and come back so.
#[test]
fn a_user_is_deactivated_and_comes_back() {
    let server = Server::sample();
    let user = server.post(USERS, &okta_user("olive")).expect(201);
    for is_active in [false, true] {
        let read = changed(&server, &user, json!([{ "op": "replace", "value": { "active": is_active } }]));
        assert_eq!((&read["active"], &read["userName"]), (&json!(is_active), &json!(named("olive"))), "{read}");
    }
    for is_active in [false, true] {
        let mut whole = read(&server, &user);
        whole["active"] = json!(is_active);
        assert_eq!(server.put(&at(&user), &whole).expect(200)["active"], is_active);
        assert_eq!(read(&server, &user)["active"], is_active);
    }
}

/// Group push: made, filled, renamed with its id beside the name, emptied, and deleted when it is unlinked.
#[test]
fn a_group_is_pushed() {
    let server = Server::sample();
    let ids = people(3);
    let body = json!({ "schemas": [GROUP], "displayName": "Pushed", "members": [] });
    let group = server.post(GROUPS, &body).expect(201);
    let shown =
        |ids: &[String]| ids.iter().map(|id| json!({ "value": id, "display": "x@atko.com" })).collect::<Value>();
    let read = changed(&server, &group, json!([{ "op": "add", "path": "members", "value": shown(&ids[..2]) }]));
    assert_eq!(members(&read), sorted(&ids[..2]));
    let rename = json!([{ "op": "replace", "value": { "id": id(&group), "displayName": "Pushed again" } }]);
    let read = changed(&server, &group, rename);
    assert_eq!((read["displayName"].as_str(), members(&read)), (Some("Pushed again"), sorted(&ids[..2])));
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) }]);
    assert_eq!(members(&changed(&server, &group, remove)), ids[1..2]);
    let replace = json!([{ "op": "replace", "path": "members", "value": shown(&ids[1..]) }]);
    assert_eq!(members(&changed(&server, &group, replace)), sorted(&ids[1..]));
    let replace = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(members(&changed(&server, &group, replace)), Vec::<String>::new());
    assert_eq!(server.delete(&at(&group)).status, 204);
    server.get(&at(&group)).expect_error(404, None);
}

/// Group push by PUT, as integrations of one's own do it.
#[test]
fn a_group_is_put() {
    let server = Server::sample();
    let ids = people(3);
    let group = group(&server, "Put", &ids[..2]);
    let body =
        json!({ "schemas": [GROUP], "id": id(&group), "displayName": "Put again", "members": values(&ids[1..]) });
    server.put(&at(&group), &body).expect(200);
    let read = read(&server, &group);
    assert_eq!((read["displayName"].as_str(), members(&read)), (Some("Put again"), sorted(&ids[1..])));
    // Without members it is the name alone that counts.
    let body = json!({ "schemas": [GROUP], "id": id(&group), "displayName": "Put thrice" });
    server.put(&at(&group), &body).expect(200);
    assert_eq!(members(&super::read(&server, &group)), sorted(&ids[1..]));
}

/// An import reads all users and all groups, page by page.
#[test]
fn all_are_imported() {
    let server = Server::sample();
    for (endpoint, total) in [(USERS, 25), (GROUPS, 18)] {
        for count in [10, 100] {
            let mut ids = Vec::new();
            while ids.len() < total {
                let start = ids.len() + 1;
                let page = server.get(&format!("{endpoint}?startIndex={start}&count={count}")).expect(200);
                assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(total), &json!(start)), "{page}");
                let resources = page["Resources"].as_array().unwrap();
                assert!(!resources.is_empty(), "{page}");
                ids.extend(resources.iter().map(|resource| id(resource).to_owned()));
            }
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), total, "{endpoint}, {count} a page");
        }
    }
}
