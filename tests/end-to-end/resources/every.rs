//! What holds of every resource type that discovery tells of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::listed;
use crate::harness::Server;

fn types(server: &Server) -> Vec<(String, String, String)> {
    let of = |resource_type: &Value, name: &str| resource_type[name].as_str().unwrap().to_owned();
    let types = listed(server, "/ResourceTypes");
    types.iter().map(|one| (of(one, "name"), of(one, "endpoint"), of(one, "schema"))).collect()
}

#[test]
fn each_is_listed_paged_and_read() {
    let server = Server::sample();
    let mut empty = Vec::new();
    for (name, endpoint, schema) in types(&server) {
        let first = server.get(&format!("/scim/v2{endpoint}?count=2")).expect(200);
        let resources = first["Resources"].as_array().cloned().unwrap_or_default();
        let Some(one) = resources.first() else {
            empty.push(name);
            continue;
        };
        assert_eq!(one["meta"]["resourceType"], name.as_str());
        assert!(one["schemas"].as_array().unwrap().contains(&schema.as_str().into()), "{one}");
        let id = one["id"].as_str().unwrap();
        let read = server.get(&format!("/scim/v2{endpoint}/{id}"));
        assert_eq!(read.headers["etag"], read.json()["meta"]["version"], "{name}");
        assert_eq!(read.json()["id"], id, "{name}");
        let version = read.headers["etag"].clone();
        let again = server.get_with(&format!("/scim/v2{endpoint}/{id}"), &[("if-none-match", &version)]);
        assert_eq!(again.status, 304, "{name}");
        let only = server.get(&format!("/scim/v2{endpoint}/{id}?attributes=id")).expect(200);
        assert_eq!(only.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "schemas"], "{name}");
        server.get(&format!("/scim/v2{endpoint}/{id}-x")).expect_error(404, None);
    }
    assert!(empty.is_empty(), "the sample tenant has none of {empty:?}");
}

/// The same resources by index, a few at a time, and by cursor.
#[test]
fn each_is_walked_without_loss() {
    let server = Server::sample();
    for (name, endpoint, _) in types(&server) {
        let all: BTreeSet<String> = ids(&listed(&server, &format!("{endpoint}?count=500&attributes=id")));
        let size = (all.len() / 2).max(1);
        let mut walked = BTreeSet::new();
        for page in 0..4 {
            let start = page * size + 1;
            walked.extend(ids(&listed(&server, &format!("{endpoint}?startIndex={start}&count={size}&attributes=id"))));
        }
        assert_eq!(walked, all, "{name} by index");
        let (mut walked, mut cursor) = (BTreeSet::new(), String::new());
        for _ in 0..8 {
            let page =
                server.get(&format!("/scim/v2{endpoint}?cursor={cursor}&count={size}&attributes=id")).expect(200);
            walked.extend(ids(page["Resources"].as_array().unwrap()));
            match page.get("nextCursor").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(walked, all, "{name} by cursor");
    }
}

fn ids(resources: &[Value]) -> BTreeSet<String> {
    resources.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}
