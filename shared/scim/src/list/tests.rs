use serde_json::{Value, json};

use super::{LIST_SCHEMA, ListResponse, Query, SEARCH_SCHEMA, Search, Start};
use crate::error::Result;
use crate::fixtures::{GROUPS, USERS};
use crate::sort;

fn query(pairs: &[(&str, &str)]) -> Result<Query> {
    Query::parse(pairs.iter().copied(), &USERS)
}

#[test]
fn ok_pages() {
    for (pairs, start, count) in [
        (vec![], Start::Default, None),
        (vec![("startIndex", "3"), ("count", "10")], Start::Index(3), Some(10)),
        (vec![("STARTINDEX", "0"), ("Count", "-5")], Start::Index(1), Some(0)),
        (vec![("startIndex", "-7"), ("count", "99999999999999999999999")], Start::Index(1), Some(i64::MAX as u64)),
        (vec![("cursor", ""), ("count", "0")], Start::Cursor(String::new()), Some(0)),
        (vec![("cursor", ""), ("startIndex", "3")], Start::Cursor(String::new()), None),
        (vec![("cursor", "aZ-._~9")], Start::Cursor("aZ-._~9".to_owned()), None),
        (vec![("aadOptscim062020", ""), ("_", "1"), ("count", "5?aadOptscim062020")], Start::Default, Some(5)),
        (vec![("count", "1"), ("count", "2")], Start::Default, Some(1)),
    ] {
        let query = query(&pairs).unwrap();
        assert_eq!((query.start, query.count), (start, count), "{pairs:?}");
    }
}

#[test]
fn ok_filter_sort_and_attributes() {
    let query = query(&[
        ("filter", r#"USERNAME eq "a""#),
        ("sortBy", "name.FAMILYNAME"),
        ("sortOrder", "Descending"),
        ("excludedAttributes", "groups"),
    ]);
    let query = query.unwrap();
    assert_eq!(query.filter.unwrap().to_string(), r#"userName eq "a""#);
    let sort = query.sort.unwrap();
    assert_eq!((sort.by.to_string().as_str(), sort.descending), ("name.familyName", true));
    assert!(!query.projection.includes("groups"));
}

#[test]
fn err_parameters() {
    for (pairs, keyword, detail) in [
        (vec![("count", "ten")], "invalidValue", "'count' must be a whole number, found 'ten'"),
        (vec![("count", "")], "invalidValue", "'count' must be a whole number, found ''"),
        (vec![("startIndex", "1.5")], "invalidValue", "'startIndex' must be a whole number, found '1.5'"),
        (vec![("cursor", ""), ("count", "x")], "invalidCount", "'count' must be a whole number, found 'x'"),
        (vec![("cursor", "a b")], "invalidCursor", "the cursor was not issued here; begin again with an empty one"),
        (vec![("cursor", ""), ("startIndex", "x")], "invalidValue", "'startIndex' must be a whole number, found 'x'"),
        (
            vec![("attributes", "id"), ("excludedAttributes", "title")],
            "invalidValue",
            "'attributes' and 'excludedAttributes' exclude each other; give one",
        ),
        (vec![("sortBy", "a b")], "invalidValue", "'sortBy': 'a b' is not an attribute name such as name.givenName"),
        (vec![("sortOrder", "up")], "invalidValue", "'sortOrder' must be ascending or descending"),
        (vec![("sortBy", "shoeSize")], "invalidValue", "'sortBy': 'shoeSize' is not an attribute"),
        (vec![("sortBy", "Password")], "invalidValue", "'sortBy': 'Password' cannot be sorted by"),
        (
            vec![("sortBy", "name")],
            "invalidValue",
            "'sortBy': 'name' is complex: sort by one of its parts, such as name.familyName",
        ),
        (
            vec![("filter", "title")],
            "invalidFilter",
            "filter, character 6: expected an operator: eq ne co sw ew pr gt ge lt le, found the end",
        ),
    ] {
        let error = query(&pairs).unwrap_err();
        assert_eq!((error.scim_type.unwrap().keyword(), error.detail.as_str()), (keyword, detail), "{pairs:?}");
    }
}

#[test]
fn ok_and_err_search_requests() {
    let body = json!({ "schemas": [SEARCH_SCHEMA], "attributes": ["userName", "title"], "filter": "title pr", "startIndex": 2, "count": 10, "sortBy": null });
    let query = Query::from_search_request(&body, &USERS).unwrap();
    assert_eq!((query.start, query.count, query.sort), (Start::Index(2), Some(10), None));
    assert!(query.projection.includes("title") && !query.projection.includes("active"));
    for (body, detail) in [
        (
            json!({ "count": 1 }),
            "the body must be an object with schemas [\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"]",
        ),
        (
            json!([]),
            "the body must be an object with schemas [\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"]",
        ),
        (json!({ "schemas": [SEARCH_SCHEMA], "filter": true }), "'filter' has a value of the wrong type"),
    ] {
        let error = Query::from_search_request(&body, &USERS).unwrap_err();
        assert_eq!(error.detail, detail);
    }
}

#[test]
fn ok_a_search_over_several_types() {
    let told = |filter: &str| {
        let search = Search::parse([("filter", filter)]).unwrap();
        [&USERS, &GROUPS].map(|resource_type| match search.for_type(resource_type).unwrap() {
            None => "none".to_owned(),
            Some(query) => query.filter.map_or_else(|| "all".to_owned(), |filter| filter.to_string()),
        })
    };
    for (filter, users, groups) in [
        ("", "all", "all"),
        (r#"(META.resourceType eq "User")"#, "all", "none"),
        (r#"meta.resourceType eq "User" or meta.resourceType eq "Group""#, "all", "all"),
        (r#"meta.resourceType ne "User""#, "none", "all"),
        (r#"meta.resourceType sw "Gr" and DISPLAYNAME eq "x""#, "none", r#"displayName eq "x""#),
        (r#"displayName sw "smith""#, r#"displayName sw "smith""#, r#"displayName sw "smith""#),
        (r#"userName eq "x""#, r#"userName eq "x""#, "none"),
        (r#"userName ne "x""#, r#"userName ne "x""#, "all"),
        ("userName eq null", "userName eq null", "all"),
        (r#"not (userName eq "x")"#, r#"not (userName eq "x")"#, "all"),
        (r#"not (meta.resourceType eq "User")"#, "none", "all"),
        (
            r#"userName eq "x" or displayName eq "y""#,
            r#"userName eq "x" or displayName eq "y""#,
            r#"displayName eq "y""#,
        ),
        (r#"userName eq "x" and displayName eq "y""#, r#"userName eq "x" and displayName eq "y""#, "none"),
        (r#"members[value eq "1"] or title pr"#, "title pr", r#"members[value eq "1"]"#),
        (r#"emails[type eq "work"]"#, r#"emails[type eq "work"]"#, "none"),
        (r#"shoeSize gt 1 or active eq "True" or shoeSize pr"#, "active eq true", "none"),
        (r#"id eq "1""#, r#"id eq "1""#, r#"id eq "1""#),
    ] {
        assert_eq!(told(filter), [users, groups], "{filter}");
    }
    let search = Search::parse([("filter", "active eq 7 or displayName pr")]).unwrap();
    assert!(search.for_type(&USERS).is_err() && search.for_type(&GROUPS).is_ok());
    assert!(Search::parse([("filter", "active eq")]).is_err());
}

#[test]
fn ok_a_search_sorts_resources_of_several_types() {
    let body = json!({ "schemas": [SEARCH_SCHEMA], "sortBy": "userName", "attributes": ["userName", "members"], "count": 2, "cursor": "" });
    let search = Search::from_search_request(&body).unwrap();
    assert_eq!((search.count, &search.start), (Some(2), &Start::Cursor(String::new())));
    let order = search.sort.clone().unwrap();
    let mut resources = [
        (&USERS, json!({ "userName": "b" })),
        (&GROUPS, json!({ "displayName": "a" })),
        (&USERS, json!({ "userName": "A" })),
    ];
    resources.sort_by_cached_key(|(resource_type, resource)| sort::key(resource, &order, resource_type));
    assert_eq!(
        resources.map(|(_, resource)| resource),
        [json!({ "userName": "A" }), json!({ "userName": "b" }), json!({ "displayName": "a" })]
    );
    let query = search.for_type(&GROUPS).unwrap().unwrap();
    assert!(query.projection.includes("members") && !query.projection.includes("displayName"));
    let secret = Search::parse([("sortBy", "password")]).unwrap().sort.unwrap();
    let key = |password: &str| sort::key(&json!({ "password": password }), &secret, &USERS);
    assert_eq!(key("a"), key("b"));
}

#[test]
fn ok_a_written_list_is_the_list() {
    let lists = [
        ListResponse::default(),
        ListResponse { total_results: Some(3), start_index: Some(1), ..ListResponse::default() },
        ListResponse {
            next_cursor: Some("n".to_owned()),
            previous_cursor: Some("p".to_owned()),
            ..ListResponse::default()
        },
    ];
    for list in lists {
        for resources in [vec![], vec![json!({ "id": "1" })], vec![json!({ "id": "1" }), json!({ "id": "2" })]] {
            let bytes = list.write(resources.iter().map(Value::to_string));
            let written: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(written, list.to_value(resources.clone()));
            assert_eq!(
                (&written["schemas"], &written["itemsPerPage"]),
                (&json!([LIST_SCHEMA]), &json!(resources.len()))
            );
            assert_eq!(written.get("totalResults").is_some(), list.total_results.is_some());
        }
    }
}
