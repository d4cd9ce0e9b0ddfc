//! `GET /Users`. RFC 7644 section 3.4.2, RFC 9865.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CORE, ENTERPRISE, NOBODY, id, list, resources};
use crate::harness::{Server, sample};

fn everybody() -> BTreeSet<String> {
    sample().iter().map(|person| id(person).to_owned()).collect()
}

/// Collects ids, and sees that none comes twice.
fn collect(ids: &mut BTreeSet<String>, page: &[Value]) {
    for user in page {
        assert!(ids.insert(id(user).to_owned()), "{} came twice", id(user));
    }
}

#[test]
fn pages_by_index_hold_each_user_once() {
    let server = Server::sample();
    for count in [4, 7, 25, 100] {
        let mut ids = BTreeSet::new();
        while ids.len() < 25 {
            let start = ids.len() + 1;
            let page = list(&server, &[("startIndex", &start.to_string()), ("count", &count.to_string())]).expect(200);
            assert_eq!(page["totalResults"], 25, "{page}");
            assert_eq!(page["startIndex"], start, "{page}");
            let users = resources(&page);
            assert_eq!(users.len(), count.min(25 - ids.len()));
            assert_eq!(page["itemsPerPage"], users.len(), "{page}");
            collect(&mut ids, users);
        }
        assert_eq!(ids, everybody(), "{count} a page");
    }
}

#[test]
fn pages_by_cursor_hold_each_user_once() {
    let server = Server::sample();
    for count in ["4", "25", "100"] {
        let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let page = list(&server, &[("cursor", &cursor), ("count", count)]).expect(200);
            let users = resources(&page);
            assert!(!users.is_empty() && users.len() <= count.parse().unwrap(), "{page}");
            assert!(page["totalResults"].is_null() || page["totalResults"] == 25, "{page}");
            collect(&mut ids, users);
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(ids, everybody(), "{count} a page");
    }
}

#[test]
fn a_page_without_users_tells_how_many_there_are() {
    let server = Server::sample();
    for parameters in [[("startIndex", "26"), ("count", "10")], [("startIndex", "1"), ("count", "0")]] {
        let page = list(&server, &parameters).expect(200);
        assert_eq!((page["totalResults"].as_u64(), resources(&page).len()), (Some(25), 0), "{page}");
    }
}

#[test]
fn a_cursor_of_nobody_is_refused() {
    let server = Server::sample();
    list(&server, &[("cursor", "made up")]).expect_error(400, Some("invalidCursor"));
}

#[test]
fn attributes_are_those_asked_for() {
    let server = Server::sample();
    let page = list(&server, &[("attributes", "userName,name.familyName"), ("count", "25")]).expect(200);
    assert_eq!(resources(&page).len(), 25);
    for user in resources(&page) {
        assert!(user["userName"].is_string() && user["id"].is_string(), "{user}");
        for name in user.as_object().unwrap().keys() {
            assert!(["schemas", "id", "userName", "name"].contains(&name.as_str()), "{name} was not asked for: {user}");
        }
        assert!(user["name"]["givenName"].is_null(), "{user}");
    }
    let page = list(&server, &[("excludedAttributes", "emails,name,title"), ("count", "25")]).expect(200);
    for user in resources(&page) {
        assert!(user["userName"].is_string() && user["displayName"].is_string(), "{user}");
        assert!(user["emails"].is_null() && user["name"].is_null() && user["title"].is_null(), "{user}");
    }
    let page = list(&server, &[("attributes", &format!("{ENTERPRISE}:department")), ("count", "25")]).expect(200);
    let departments = resources(&page).iter().filter(|user| user[ENTERPRISE]["department"].is_string()).count();
    let expected = sample().iter().filter(|person| person["department"].is_string()).count();
    assert_eq!(departments, expected);
}

#[test]
fn filters_select() {
    let server = Server::sample();
    let cases = [
        (r#"userName eq "AdeleV@contoso.onmicrosoft.com""#, "AdeleV@contoso.onmicrosoft.com"),
        (r#"USERNAME Eq "adelev@CONTOSO.onmicrosoft.com""#, "AdeleV@contoso.onmicrosoft.com"),
        (r#"userName eq "Sinead.O'Brien@contoso.onmicrosoft.com""#, "Sinead.O'Brien@contoso.onmicrosoft.com"),
        (r#"id eq "544c73d4-cabb-5d98-b175-9654f016e7e7""#, "Yuki.Tanaka@contoso.onmicrosoft.com"),
        (r#"displayName eq "田中 由紀""#, "Yuki.Tanaka@contoso.onmicrosoft.com"),
        (r#"userName eq "AlexW@contoso.onmicrosoft.com" and active eq true"#, "AlexW@contoso.onmicrosoft.com"),
        (r#"active eq false and displayName eq "Debra Berger""#, "DebraB@contoso.onmicrosoft.com"),
    ];
    for (filter, user_name) in cases {
        let page = list(&server, &[("filter", filter)]).expect(200);
        assert_eq!(page["totalResults"], 1, "{filter}: {page}");
        assert_eq!(resources(&page)[0]["userName"], user_name, "{filter}");
        assert_eq!(resources(&page)[0]["schemas"][0], CORE, "{filter}");
    }
    let page = list(&server, &[("filter", &format!(r#"{ENTERPRISE}:department eq "Sales""#))]).expect(200);
    let expected = sample().iter().filter(|person| person["department"] == "Sales").count();
    assert_eq!(resources(&page).len(), expected, "{page}");
}

#[test]
fn a_filter_that_nobody_matches_is_no_error() {
    let server = Server::sample();
    for filter in [
        r#"userName eq "nobody@contoso.onmicrosoft.com""#,
        &format!(r#"id eq "{NOBODY}""#),
        r#"userName eq "DebraB@contoso.onmicrosoft.com" and active eq true"#,
    ] {
        let page = list(&server, &[("filter", filter)]).expect(200);
        assert_eq!((page["totalResults"].as_u64(), resources(&page).len()), (Some(0), 0), "{filter}: {page}");
    }
}

#[test]
fn a_wrong_filter_is_told() {
    let server = Server::sample();
    let (exchanges, ()) = server.exchanges_of(|| {
        for filter in ["userName eq", r#"userName is "a""#, r#"(userName eq "a""#, r#"shoeSize eq "44""#] {
            list(&server, &[("filter", filter)]).expect_error(400, Some("invalidFilter"));
        }
    });
    assert_eq!(exchanges.len(), 0, "Graph was asked: {exchanges:?}");
}

#[test]
fn a_page_is_one_graph_call() {
    let server = Server::sample();
    for parameters in [
        vec![("count", "3")],
        vec![("count", "100")],
        vec![("startIndex", "1"), ("count", "25")],
        vec![("cursor", ""), ("count", "10")],
        vec![("attributes", "userName")],
        vec![("filter", r#"userName eq "AdeleV@contoso.onmicrosoft.com""#)],
    ] {
        let (exchanges, page) = server.exchanges_of(|| list(&server, &parameters).expect(200));
        assert!(!resources(&page).is_empty(), "{page}");
        assert_eq!(exchanges.len(), 1, "{parameters:?}: {exchanges:#?}");
    }
}
