//! `POST /inventory/users/run`, `GET /inventory/users` and `entra-scim run inventory-users`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Request, Server, State, finish, sample};

const RUN: &str = "/inventory/users/run";
const USERS: &str = "/scim/v2/Users";

/// A tick now, which must come to its end.
fn tick(server: &Server) -> Value {
    let summary = server.send(Request::new("POST", RUN)).expect(200);
    assert_eq!(summary["status"], "complete", "{summary}");
    summary
}

/// What a summary says was added, updated and removed, and how often Graph was called.
fn figures(summary: &Value) -> [u64; 4] {
    ["added", "updated", "removed", "graphCalls"].map(|name| summary[name].as_u64().unwrap())
}

#[test]
fn the_first_run_reads_everybody() {
    let server = Server::inventoried();
    let query = "SELECT id, login, first_name, last_name, friendly_name, active, department FROM account ORDER BY id";
    let people = sample().into_iter().map(|person| {
        let text = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
        let active = u8::from(person["accountEnabled"] == true).to_string();
        let names = ["id", "userPrincipalName", "givenName", "surname", "displayName"].map(text);
        (text("id"), names.into_iter().chain([active, text("department")]).collect::<Vec<_>>())
    });
    let people = people.collect::<BTreeMap<_, _>>();
    assert_eq!(server.state.rows(query), people.into_values().collect::<Vec<_>>());
    let raw = "SELECT raw ->> '$.userPrincipalName' = login AND deleted_at IS NULL FROM account";
    assert!(server.state.rows(raw).iter().all(|row| row[0] == "1"));
    let created = "SELECT count(*), count(DISTINCT object_id) FROM change_log WHERE change = 'created'";
    assert_eq!(server.state.rows(created), [["25", "25"]]);
    assert_eq!(server.state.rows("SELECT count(*) FROM tenant"), [["1"]]);
}

#[test]
fn a_run_without_changes_is_one_graph_call() {
    let server = Server::inventoried();
    for _ in 0..2 {
        let (exchanges, summary) = server.exchanges_of(|| tick(&server));
        assert_eq!(figures(&summary), [0, 0, 0, 1], "{summary}");
        assert_eq!((&summary["phase"], &summary["total"]), (&json!("delta"), &json!(25)), "{summary}");
        assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    }
    assert_eq!(server.state.rows("SELECT count(*) FROM change_log"), [["25"]]);
}

#[test]
fn what_changes_through_scim_is_in_the_next_run() {
    let server = Server::inventoried();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "joiner@contoso.onmicrosoft.com",
        "name": { "givenName": "Joy", "familyName": "Ner" },
        "title": "Trainee",
    });
    let user = server.post(USERS, &body).expect(201);
    let id = user["id"].as_str().unwrap();
    let target = format!("{USERS}/{id}");
    let history =
        format!("SELECT change, attribute, old, new FROM change_log WHERE object_id = '{id}' ORDER BY sequence");

    assert_eq!(figures(&tick(&server))[..3], [1, 0, 0]);
    assert_eq!(server.state.accounts(), 26);
    assert_eq!(server.state.rows(&history), [["created", "", "", ""]]);

    let promotion = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Chief" }],
    });
    server.patch(&target, &promotion).expect(200);
    assert_eq!(figures(&tick(&server))[..3], [0, 1, 0]);
    assert_eq!(server.state.rows(&format!("SELECT title FROM account WHERE id = '{id}'")), [["Chief"]]);
    assert_eq!(server.state.rows(&history)[1], ["updated", "title", "Trainee", "Chief"]);

    server.delete(&target).expect(204);
    assert_eq!(figures(&tick(&server))[..3], [0, 0, 1]);
    assert_eq!(server.state.accounts(), 25);
    assert_eq!(server.state.rows(&history)[2][0], "deleted");
    let row = format!("SELECT title, deleted_at IS NOT NULL, deleted_reason FROM account WHERE id = '{id}'");
    assert_eq!(server.state.rows(&row), [["Chief", "1", "changed"]]);
}

#[test]
fn the_last_runs_are_told() {
    let server = Server::inventoried();
    tick(&server);
    let state = server.get("/inventory/users").expect(200);
    assert_eq!((&state["job"], &state["counts"]["active"]), (&json!("inventory-users"), &json!(25)), "{state}");
    let runs = state["runs"].as_array().unwrap();
    let told = runs.iter().map(|run| (run["phase"].as_str(), run["status"].as_str(), run["added"].as_u64()));
    let expected = [(Some("delta"), Some("complete"), Some(0)), (Some("full"), Some("complete"), Some(25))];
    assert_eq!(told.collect::<Vec<_>>(), expected, "{state}");
    assert!(state["watermark"]["ageSeconds"].as_u64().is_some_and(|seconds| seconds < 600), "{state}");
    assert_eq!(state["watermark"]["complete"], true, "{state}");
}

#[test]
fn wrong_requests_are_told() {
    let server = Server::sample();
    for (method, target, status, scim_type) in [
        ("DELETE", "/inventory/users", 405, None),
        ("GET", RUN, 405, None),
        ("GET", "/inventory/users/nothing", 404, None),
        ("POST", "/inventory/users/run?budget=0", 400, Some("invalidValue")),
    ] {
        server.send(Request::new(method, target)).expect_error(status, scim_type);
    }
    assert_eq!(server.state.exchanges().len(), 0, "Graph was asked");
}

#[test]
fn the_command_reads_any_number_of_users_and_then_only_what_changed() {
    let state = State::new();
    let run = || {
        let mut command = state.command(&["run", "inventory-users"], &[]);
        command.args(["--simulate", "3000"]);
        let output = finish(command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let figure = |summary: &str, name: &str| {
        let line = summary.lines().find(|line| line.trim().starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).unwrap_or_default().to_owned()
    };
    let first = run();
    assert!(first.starts_with("inventory-users is complete\n"), "{first}");
    assert_eq!((figure(&first, "phase"), figure(&first, "added")), ("full".to_owned(), "3,000".to_owned()), "{first}");
    assert_eq!(state.accounts(), 3000);
    let calls = state.exchanges().len();
    assert_eq!(figure(&first, "Graph calls"), calls.to_string());

    let second = run();
    assert_eq!((figure(&second, "phase"), figure(&second, "seen")), ("delta".to_owned(), "0".to_owned()), "{second}");
    assert_eq!(figure(&second, "Graph calls"), "1", "{second}");
    assert_eq!(state.exchanges().len(), calls + 1);
    assert_eq!(state.rows("SELECT count(*), count(DISTINCT object_id) FROM change_log"), [["3000", "3000"]]);
}
