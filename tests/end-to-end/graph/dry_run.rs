//! `Prefer: dry-run`: the plan, and nothing written.

use serde_json::json;

use super::{at, calls, connected, ids, person};
use crate::harness::{Request, Tenant};

#[test]
fn a_dry_run_tells_the_plan_and_writes_nothing() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    let before = server.get(&at(id)).expect(200);
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Never" }] });
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 2 });
    for (method, target, body, first, last) in [
        ("POST", "/scim/v2/Users".to_owned(), Some(person("never")), "POST", "GET"),
        ("PATCH", at(id), Some(patch.clone()), "PATCH", "GET"),
        ("DELETE", at(id), None, "DELETE", "DELETE"),
        ("GET", "/scim/v2/Users".to_owned(), None, "GET", "GET"),
        ("POST", "/scim/v2/Users/.search".to_owned(), Some(search.clone()), "GET", "GET"),
    ] {
        let request = Request::new(method, &target).header("prefer", "dry-run");
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = server.send(request);
        let plan = answer.expect(200);
        let operations = plan["operations"].as_array().unwrap();
        assert_eq!(
            (operations[0]["method"].as_str(), operations.last().unwrap()["method"].as_str()),
            (Some(first), Some(last))
        );
        assert!(operations[0]["permission"].as_str().unwrap().starts_with("User.Read"), "{plan}");
        assert!(plan["units"].as_u64().unwrap() >= 1, "{plan}");
        assert_eq!((answer.headers["preference-applied"].as_str(), calls(&answer)), ("dry-run", 0), "{method}");
    }
    assert_eq!(server.get(&at(id)).expect(200), before);
    let list = server.get("/scim/v2/Users?filter=userName%20eq%20%22never@contoso.onmicrosoft.com%22").expect(200);
    assert_eq!(list["totalResults"], 0);

    let target = at(id);
    let table = Request::new("PATCH", &target).header("prefer", "dry-run").header("accept", "text/plain").json(&patch);
    let text = String::from_utf8(server.send(table).body).unwrap();
    assert!(text.contains("method") && text.contains("PATCH") && text.contains("User.ReadWrite.All"), "{text}");
}

#[test]
fn a_dry_run_of_nonsense_is_an_error() {
    let tenant = Tenant::start(50);
    let server = connected(&tenant);
    let request = Request::new("POST", "/scim/v2/Users").header("prefer", "dry-run").json(&json!({ "schemas": [] }));
    assert_eq!(server.send(request).status, 400);
}
