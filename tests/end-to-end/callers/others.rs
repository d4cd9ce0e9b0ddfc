//! Callers of which one thing or two are known, and the connector of an identity governance product.

mod governance;

use serde_json::json;

use super::{
    GROUP, GROUPS, USER, USERS, assert_found, at, changed, group, look_up, members, named, patch, people, read, sorted,
    typed, user, values,
};
use crate::harness::Server;

/// Rauthy finds users and groups by `externalId` and only then by name, and gives up where it does not come back.
/// Source: <https://sebadob.github.io/rauthy/work/scim.html>.
#[test]
fn rauthy_goes_by_external_ids() {
    let server = Server::sample();
    assert_eq!(look_up(&server, USERS, "externalId eq \"rauthy-user-1\"", "")["totalResults"], 0);
    let mut body = json!({ "schemas": [USER], "externalId": "rauthy-user-1", "userName": named("rauthy"),
        "name": { "givenName": "Rau", "familyName": "Thy" }, "displayName": "Rau Thy", "active": true,
        "emails": [{ "value": named("rauthy"), "primary": true }], "locale": "de", "preferredLanguage": "de" });
    let user = server.post(USERS, &body).expect(201);
    assert_eq!(user["externalId"], "rauthy-user-1", "{user}");
    assert_eq!(typed(&user, "emails", "work")["value"], named("rauthy"), "an address without a type: {user}");
    assert_found(&server, USERS, "externalId eq \"rauthy-user-1\"", &user);
    body["name"]["familyName"] = json!("Changed");
    let put = server.put(&at(&user), &body).expect(200);
    assert_eq!((&put["externalId"], &put["name"]["familyName"]), (&json!("rauthy-user-1"), &json!("Changed")), "{put}");

    let body = json!({ "schemas": [GROUP], "externalId": "rauthy-group-1", "displayName": "Rauthy" });
    let group = server.post(GROUPS, &body).expect(201);
    assert_eq!(group["externalId"], "rauthy-group-1", "{group}");
    assert_found(&server, GROUPS, "externalId eq \"rauthy-group-1\"", &group);
    assert_found(&server, GROUPS, "displayName eq \"Rauthy\"", &group);
    let change = json!([{ "op": "replace", "value": { "externalId": "rauthy-group-2", "displayName": "Rauthy 2" } }]);
    let read = changed(&server, &group, change);
    assert_eq!((&read["externalId"], &read["displayName"]), (&json!("rauthy-group-2"), &json!("Rauthy 2")), "{read}");
}

/// Clients written for AWS IAM Identity Center and Google Cloud Identity send one or two operations a request, and a
/// few members each, because those take no more.
#[test]
fn small_requests_add_up() {
    let server = Server::sample();
    let ids = people(25);
    let group = group(&server, "In pieces", &[]);
    for piece in ids.chunks(10) {
        let add = json!([{ "op": "add", "path": "members", "value": values(piece) }]);
        assert!(matches!(patch(&server, &group, add).status, 200 | 204));
    }
    assert_eq!(members(&read(&server, &group)), sorted(&ids));
    for pair in ids[..4].chunks(2) {
        let remove = json!([
            { "op": "remove", "path": format!("members[value eq \"{}\"]", pair[0]) },
            { "op": "remove", "path": format!("members[value eq \"{}\"]", pair[1]) },
        ]);
        assert!(matches!(patch(&server, &group, remove).status, 200 | 204));
    }
    assert_eq!(members(&read(&server, &group)), sorted(&ids[4..]));
}

/// Clients in the manner of GitHub's API know no paths: each change is an object of whole attributes.
#[test]
fn no_paths_at_all() {
    let server = Server::sample();
    let user = user(&server, "octocat");
    let (work, other) = (named("mona"), "mona@fabrikam.com");
    let changes = json!([
        { "op": "replace", "value": { "active": false } },
        { "op": "replace", "value": {
            "userName": work, "displayName": "Mona Cat", "name": { "givenName": "Mona", "familyName": "Cat" },
            "emails": [{ "value": work, "type": "work", "primary": true }, { "value": other, "type": "home" }],
        } },
    ]);
    let read = changed(&server, &user, changes);
    assert_eq!((&read["active"], &read["userName"]), (&json!(false), &json!(work)), "{read}");
    assert_eq!((&read["displayName"], &read["name"]["givenName"]), (&json!("Mona Cat"), &json!("Mona")), "{read}");
    assert_eq!(typed(&read, "emails", "work")["value"], work, "{read}");
    // Entra keeps one address for work; all others are of one type.
    assert_eq!(typed(&read, "emails", "other")["value"], other, "{read}");
    assert_eq!(read["title"], "Engineer", "{read}");
}

/// An address beside that for work, of whatever type the caller calls it.
#[test]
fn other_addresses_are_kept() {
    let server = Server::sample();
    let user = user(&server, "addresses");
    let add = |kind: &str, value: &str| {
        let address = json!({ "type": kind, "value": value });
        json!([{ "op": "add", "path": "emails", "value": [address] }])
    };
    changed(&server, &user, add("home", "joy@fabrikam.com"));
    changed(&server, &user, add("other", "joy@northwind.example"));
    // Once more, in other letters: it is there.
    let read = changed(&server, &user, add("other", "JOY@northwind.example"));
    let addresses = read["emails"].as_array().unwrap().iter().map(|email| email["value"].as_str().unwrap());
    let addresses: Vec<&str> = addresses.collect();
    assert_eq!(addresses, [named("addresses").as_str(), "joy@fabrikam.com", "joy@northwind.example"], "{read}");
    let remove = json!([{ "op": "remove", "path": "emails[value eq \"joy@fabrikam.com\"]" }]);
    let read = changed(&server, &user, remove);
    assert_eq!(read["emails"].as_array().map(Vec::len), Some(2), "{read}");
}
