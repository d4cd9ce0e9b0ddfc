//! The routes of a job's component.

use bytes::Bytes;
use futures::executor::block_on;
use http::{Request, Response};
use inventory::serve;
use serde_json::{Value, json};
use warehouse::testing::Sqlite;

use crate::world::{World, job};

fn send(world: &World, method: &str, path: &str) -> (Response<Bytes>, Value) {
    let request = Request::builder().method(method).uri(format!("http://host{path}")).body(Bytes::new()).unwrap();
    let context = world.context(Sqlite::open(&world.path()).unwrap());
    let response = block_on(serve(&job(), &context, &request));
    let body = serde_json::from_slice(response.body()).unwrap();
    (response, body)
}

#[test]
fn run_answers_with_what_was_done() {
    let world = World::new(3);
    let (response, body) = send(&world, "POST", "/inventory/users/run?budget=30");
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
        (200, &b"application/json"[..])
    );
    assert_eq!(
        body,
        json!({"job": "inventory-users", "run": "1", "status": "complete", "phase": "full", "pages": 2, "seen": 3, "added": 3,
            "updated": 0, "removed": 0, "graphCalls": 2, "durationMs": 20, "watermark": "2026-11-23T10:00:00.000Z", "total": 3,
            "round": {"pages": 2, "seen": 3, "added": 3, "updated": 0, "removed": 0, "graphCalls": 2}})
    );
}

#[test]
fn get_tells_runs_counts_and_watermark() {
    let world = World::new(3);
    let (_, body) = send(&world, "GET", "/inventory/users");
    assert_eq!(
        body,
        json!({"job": "inventory-users", "runs": [], "counts": {"active": 0, "deleted": 0}, "watermark": null})
    );
    world.tick();
    world.tenant.borrow_mut().remove("user001", "changed");
    world.tick();
    world.pass(chrono::TimeDelta::seconds(90));
    let (_, body) = send(&world, "GET", "/inventory/users/");
    assert_eq!(body["counts"], json!({"active": 2, "deleted": 1}));
    assert_eq!(
        body["watermark"],
        json!({"at": "2026-11-23T10:00:00.020Z", "ageSeconds": 90, "phase": "delta", "complete": true})
    );
    assert_eq!(body["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["runs"][0]["removed"], 1, "the latest first");
    assert_eq!(body["runs"][1]["startedAt"], "2026-11-23T10:00:00.000Z");
    assert_eq!(body["runs"][1]["finishedAt"], "2026-11-23T10:00:00.020Z");
}

#[test]
fn a_wrong_request_gets_a_scim_error() {
    let cases = [
        ("GET", "/inventory/users/run", 405, "this resource takes POST only"),
        ("DELETE", "/inventory/users", 405, "this resource takes GET only"),
        (
            "GET",
            "/inventory/groups",
            404,
            "there is no such resource: the job has /inventory/users and /inventory/users/run",
        ),
        ("POST", "/inventory/users/run?budget=0", 400, "budget is a number of seconds from 1 to 600"),
        ("POST", "/inventory/users/run?budget=601", 400, "budget is a number of seconds from 1 to 600"),
        ("POST", "/inventory/users/run?budget=", 400, "budget is a number of seconds from 1 to 600"),
        ("POST", "/inventory/users/run?accept-deletes=yes", 400, "accept-deletes is true or false"),
    ];
    for (method, path, status, detail) in cases {
        let (response, body) = send(&World::new(1), method, path);
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(body["detail"], detail, "{method} {path}");
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(response.headers().contains_key("allow"), status == 405);
    }
}
