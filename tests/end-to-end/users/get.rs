//! `GET /Users/{id}`. RFC 7644 section 3.4.1.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{CORE, ENTERPRISE, NOBODY, at, id, person};
use crate::harness::{Server, sample};

/// The value that a multi-valued attribute has with a type.
fn typed<'a>(user: &'a Value, attribute: &str, kind: &str) -> &'a Value {
    let values = user[attribute].as_array().unwrap_or_else(|| panic!("no {attribute}: {user}"));
    values.iter().find(|value| value["type"] == kind).unwrap_or_else(|| panic!("no {kind} in {attribute}: {user}"))
}

#[test]
fn a_user_has_what_graph_has() {
    let server = Server::sample();
    for user_name in ["AdeleV@contoso.onmicrosoft.com", "Zoe.Celik@contoso.onmicrosoft.com"] {
        let person = person(user_name);
        let user = server.get(&at(id(&person))).expect(200);
        for (attribute, property) in [
            ("/id", "/id"),
            ("/userName", "/userPrincipalName"),
            ("/active", "/accountEnabled"),
            ("/displayName", "/displayName"),
            ("/name/givenName", "/givenName"),
            ("/name/familyName", "/surname"),
            ("/title", "/jobTitle"),
            ("/preferredLanguage", "/preferredLanguage"),
        ] {
            assert_eq!(user.pointer(attribute), person.pointer(property), "{attribute}: {user}");
        }
        let enterprise = &user[ENTERPRISE];
        assert_eq!(enterprise["department"], person["department"], "{user}");
        assert_eq!(enterprise["employeeNumber"], person["employeeId"], "{user}");
        assert_eq!(enterprise["manager"]["value"], person["manager"], "{user}");
        assert_eq!(typed(&user, "emails", "work")["value"], person["mail"]);
        assert_eq!(typed(&user, "phoneNumbers", "work")["value"], person["businessPhones"][0]);
        assert_eq!(typed(&user, "addresses", "work")["postalCode"], person["postalCode"]);
        assert_eq!(typed(&user, "addresses", "work")["streetAddress"], person["streetAddress"]);
    }
}

#[test]
fn a_user_says_what_and_where_it_is() {
    let server = Server::sample();
    let person = person("AdeleV@contoso.onmicrosoft.com");
    let answer = server.get(&at(id(&person)));
    let user = answer.expect(200);
    assert!(answer.headers["content-type"].starts_with("application/scim+json"), "{:?}", answer.headers);
    let schemas = user["schemas"].as_array().unwrap();
    assert!(schemas.contains(&json!(CORE)) && schemas.contains(&json!(ENTERPRISE)), "{user}");
    assert_eq!(user["meta"]["resourceType"], "User");
    assert!(user["meta"]["location"].as_str().unwrap().ends_with(&at(id(&person))), "{user}");
    assert!(user["password"].is_null(), "{user}");
}

#[test]
fn every_user_can_be_read() {
    let server = Server::sample();
    for person in sample() {
        let user = server.get(&at(id(&person))).expect(200);
        assert_eq!(user["userName"], person["userPrincipalName"]);
        assert_eq!(user["active"], person["accountEnabled"]);
    }
}

#[test]
fn attributes_are_those_asked_for() {
    let server = Server::sample();
    let target = at(id(&person("AdeleV@contoso.onmicrosoft.com")));
    let user = server.get(&format!("{target}?attributes=title")).expect(200);
    let names = user.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>();
    assert_eq!((names, &user["title"]), (BTreeSet::from(["id", "schemas", "title"]), &json!("Retail Manager")));
    let user = server.get(&format!("{target}?excludedAttributes={ENTERPRISE}:manager,title")).expect(200);
    assert!(user["title"].is_null() && user[ENTERPRISE]["manager"].is_null(), "{user}");
    assert!(user[ENTERPRISE]["department"].is_string(), "{user}");
}

#[test]
fn a_read_is_one_graph_call() {
    let server = Server::sample();
    let target = at(id(&person("AdeleV@contoso.onmicrosoft.com")));
    // The first one also asks for a token, which is not Graph's to answer.
    for _ in 0..2 {
        let (exchanges, _) = server.exchanges_of(|| server.get(&target).expect(200));
        assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    }
}

#[test]
fn a_user_that_is_not_there_is_not_found() {
    let server = Server::sample();
    let detail = server.get(&at(NOBODY)).expect_error(404, None);
    assert!(detail.contains(NOBODY), "{detail}");
}
