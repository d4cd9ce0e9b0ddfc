//! `POST /Bulk`. RFC 7644 section 3.7.

use serde_json::{Value, json};

use crate::harness::Server;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn bulk(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations })
}

fn patch(value: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": value }] })
}

#[test]
fn twenty_of_a_kind_are_one_exchange() {
    let server = Server::sample();
    let create = |number: u32| {
        let name = format!("bulk{number}@contoso.onmicrosoft.com");
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "schemas": [USER], "userName": name } })
    };
    let operations = (0..20).map(create).collect();
    let (exchanges, answer) = server.exchanges_of(|| server.post("/scim/v2/Bulk", &bulk(operations)).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let located = |result: &Value| {
        let location = result["location"].as_str().unwrap_or_else(|| panic!("{result}"));
        location[location.find("/Users/").unwrap()..].to_owned()
    };
    let users: Vec<String> = answer["Operations"].as_array().unwrap().iter().map(located).collect();
    assert_eq!(users.len(), 20);
    let operations =
        users.iter().map(|user| json!({ "method": "PATCH", "path": user, "data": patch("Bulk") })).collect();
    let (exchanges, answer) = server.exchanges_of(|| server.post("/scim/v2/Bulk", &bulk(operations)).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    let results = answer["Operations"].as_array().unwrap();
    assert_eq!(results.len(), 20);
    for (result, user) in results.iter().zip(&users) {
        assert!(["200", "204"].contains(&result["status"].as_str().unwrap()), "{result}");
        assert!(result["location"].as_str().unwrap().ends_with(user), "{result}");
        assert_eq!(server.get(&format!("/scim/v2{user}?attributes=title")).expect(200)["title"], "Bulk");
    }
}

#[test]
fn references_are_resolved_forward_and_in_a_circle() {
    let server = Server::sample();
    let operations = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "g",
          "data": { "schemas": [GROUP], "displayName": "Bulk group", "members": [{ "value": "bulkId:u" }] } },
        { "method": "POST", "path": "/Users", "bulkId": "u",
          "data": { "schemas": [USER], "userName": "bulk@contoso.onmicrosoft.com" } },
        { "method": "POST", "path": "/Groups", "bulkId": "a",
          "data": { "schemas": [GROUP], "displayName": "A", "members": [{ "value": "bulkId:b" }] } },
        { "method": "POST", "path": "/Groups", "bulkId": "b",
          "data": { "schemas": [GROUP], "displayName": "B", "members": [{ "value": "bulkId:a" }] } },
        { "method": "DELETE", "path": "/Users/00000000-0000-4000-8000-000000000000" },
    ]);
    let answer = server.post("/scim/v2/Bulk", &bulk(operations)).expect(200);
    let results = answer["Operations"].as_array().unwrap();
    let statuses: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "201", "201", "201", "404"], "{answer}");
    let read = |index: usize| {
        let location = results[index]["location"].as_str().unwrap();
        server.get(&location[location.find("/scim").unwrap()..]).expect(200)
    };
    assert_eq!(read(0)["members"][0]["value"], read(1)["id"]);
    assert_eq!(read(2)["members"][0]["value"], read(3)["id"]);
    assert_eq!(read(3)["members"][0]["value"], read(2)["id"]);
    assert_eq!(results[4]["response"]["status"], "404", "{answer}");
}

#[test]
fn it_stops_after_errors_and_at_its_limits() {
    let server = Server::sample();
    let nobody = json!({ "method": "DELETE", "path": "/Users/00000000-0000-4000-8000-000000000000" });
    let mut body = bulk(json!([nobody, nobody, nobody]));
    body["failOnErrors"] = json!(1);
    let answer = server.post("/scim/v2/Bulk", &body).expect(200);
    assert_eq!(answer["Operations"].as_array().unwrap().len(), 1, "{answer}");
    let many = (0..1001).map(|_| nobody.clone()).collect();
    let detail = server.post("/scim/v2/Bulk", &bulk(many)).expect_error(413, None);
    assert!(detail.contains("1000"), "{detail}");
    server.post("/scim/v2/Bulk", &json!({ "Operations": 7 })).expect_error(400, Some("invalidSyntax"));
}
