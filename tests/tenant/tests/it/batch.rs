//! `POST /$batch`.

use serde_json::{Value, json};

use crate::client::{ADELE, Box};

fn step(answer: &Value, id: &str) -> Value {
    answer["responses"].as_array().unwrap().iter().find(|step| step["id"] == id).cloned().unwrap()
}

#[test]
fn steps_run_after_what_they_depend_on() {
    let tenant = Box::sample();
    let user = format!("/users/{ADELE}");
    let json_type = json!({"Content-Type": "application/json"});
    let batch = json!({"requests": [
        {"id": "read", "method": "GET", "url": format!("{user}?$select=jobTitle"), "dependsOn": ["write"]},
        {"id": "write", "method": "PATCH", "url": user, "headers": json_type, "body": {"jobTitle": "Batch"}},
        {"id": "missing", "method": "GET", "url": "users/nobody@contoso.com"},
        {"id": "after", "method": "DELETE", "url": user, "dependsOn": ["missing"]},
        {"id": "last", "method": "DELETE", "url": user, "dependsOn": ["after"]},
        {"id": "count", "method": "GET", "url": "/users/$count", "headers": {"ConsistencyLevel": "eventual"}},
        {"id": "refused", "method": "GET", "url": "/users?$filter=companyName eq 'a'&$count=true"},
    ]});
    let answer = tenant.post("/$batch", &batch);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let statuses = ["read", "write", "missing", "after", "last", "count", "refused"]
        .map(|id| step(&answer.body, id)["status"].clone());
    assert_eq!(statuses, [200, 204, 404, 424, 424, 200, 400]);
    let read = step(&answer.body, "read");
    assert_eq!(read["body"]["jobTitle"], "Batch");
    assert!(read["headers"]["Content-Type"].as_str().unwrap().starts_with("application/json;odata"));
    assert_eq!(step(&answer.body, "write").get("body"), None);
    assert_eq!(step(&answer.body, "count")["body"], 25);
    assert_eq!(step(&answer.body, "refused")["body"]["error"]["code"], "Request_UnsupportedQuery");
    assert_eq!(tenant.get(&user).status, 200, "nothing was deleted");
    assert!(tenant.server.counts().contains(&("PATCH /users/{id}".to_owned(), 1)));
}

#[test]
fn batches_that_are_refused_as_a_whole() {
    let tenant = Box::sample();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let cases = [
        json!({}),
        json!({"requests": []}),
        json!({"requests": (0..21).map(|id| get(&id.to_string())).collect::<Vec<_>>()}),
        json!({"requests": [get("a"), get("A")]}),
        json!({"requests": [{"id": "1", "method": "GET"}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}, {"id": "2", "method": "GET", "url": "/users", "dependsOn": ["1"]}]}),
        json!({"requests": [{"id": "1", "method": "PATCH", "url": "/users/1", "body": {}}]}),
    ];
    for batch in cases {
        let answer = tenant.post("/$batch", &batch);
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{batch}");
    }
    let nested = tenant.post("/$batch", &json!({"requests": [{"id": "1", "method": "POST", "url": "/$batch", "headers": {"content-type": "application/json"}, "body": {"requests": [get("1")]}}]}));
    assert_eq!(step(&nested.body, "1")["status"], 400);
}
