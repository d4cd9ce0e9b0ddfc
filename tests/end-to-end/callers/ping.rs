//! PingOne and PingFederate.
//!
//! Source: <https://docs.pingidentity.com/integrations/scim/setup/pf_scim_connector_scim_connector_settings_reference.html>.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{USERS, assert_found, at, body_of, look_up, named, read, typed, user};
use crate::harness::{Request, Server};

/// The filter is a template of the administrator's; these are the ones in use.
#[test]
fn a_user_is_looked_up() {
    let server = Server::sample();
    let user = user(&server, "ping");
    let name = named("ping");
    for filter in [
        format!("userName eq \"{name}\""),
        format!("username Eq \"{name}\""),
        format!("emails.value eq \"{name}\""),
        format!("emails eq \"{name}\""),
        format!("emails[value eq \"{name}\"]"),
    ] {
        assert_found(&server, USERS, &filter, &user);
    }
    let list = look_up(&server, USERS, "emails.value eq \"nobody@contoso.onmicrosoft.com\"", "");
    assert_eq!(list["totalResults"], 0, "{list}");
}

/// Users are updated by PUT, with one value of each type; PATCH is off.
#[test]
fn a_user_is_put() {
    let server = Server::sample();
    let user = user(&server, "ping");
    let mut body = body_of("ping");
    body["phoneNumbers"] =
        json!([{ "type": "work", "value": "+1 303 555 0100" }, { "type": "mobile", "value": "+1 303 555 0101" }]);
    body["addresses"] =
        json!([{ "type": "work", "streetAddress": "1001 17th St", "locality": "Denver", "region": "CO" }]);
    server.put(&at(&user), &body).expect(200);
    let read = read(&server, &user);
    assert_eq!(typed(&read, "phoneNumbers", "work")["value"], "+1 303 555 0100", "{read}");
    assert_eq!(typed(&read, "phoneNumbers", "mobile")["value"], "+1 303 555 0101", "{read}");
    assert_eq!(typed(&read, "addresses", "work")["region"], "CO", "{read}");
    assert_eq!(typed(&read, "emails", "work")["value"], named("ping"), "{read}");
}

/// By the connector's setting, who leaves is deactivated by PUT or deleted.
#[test]
fn a_user_leaves() {
    let server = Server::sample();
    let user = user(&server, "ping");
    let mut body = body_of("ping");
    body["active"] = json!(false);
    assert_eq!(server.put(&at(&user), &body).expect(200)["active"], false);
    assert_eq!(read(&server, &user)["active"], false);
    assert_eq!(server.delete(&at(&user)).status, 204);
    server.get(&at(&user)).expect_error(404, None);
}

/// A connector that is set to a name and a password is told which credentials are taken.
#[test]
fn a_name_and_a_password_are_no_token() {
    let server = Server::sample();
    let credentials = STANDARD.encode("admin:secret");
    let request = Request::new("GET", USERS).header("authorization", format!("Basic {credentials}"));
    let answer = request.send(server.address);
    answer.expect_error(401, None);
    assert!(answer.headers["www-authenticate"].starts_with("Bearer"), "{:?}", answer.headers);
}
