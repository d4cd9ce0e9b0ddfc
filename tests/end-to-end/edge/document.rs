//! The document of tenants, as far as the host itself reads it.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Process, Server, State, finish};
use crate::host::probe::{Probe, command};

/// A document of two tenants, contoso and fabrikam, with some of it replaced.
pub(super) fn of_two(change: &Value) -> Value {
    let tenant = |id: &str| {
        json!({
            "tenant_id": id,
            "credential": { "client_id": "3ab3a7e0-3b0f-4c8b-9d5c-0c2f2f1a7f11", "client_secret": "~secret" },
            "callers": { "somebody": {
                "secrets": [{ "name": "one", "sha256": "0".repeat(64) }],
                "rights": ["Scim.Write"],
            } },
        })
    };
    let mut document = json!({
        "default": "contoso",
        "tenants": {
            "contoso": tenant("8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34"),
            "fabrikam": tenant("1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6"),
        },
    });
    merge(&mut document, change);
    document
}

fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

#[test]
fn jobs_are_fired_for_each_tenant() {
    let state = State::empty();
    let file = state.path().join("tenants.json");
    fs::write(&file, of_two(&json!({})).to_string()).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let variables = [("tenants_file", file.as_str()), ("schedule", "0 0 0 1 1 *")];
    let command = command(&state, &["up", "--listen", "127.0.0.1:0"], &variables);
    let (_process, banner) = Process::start(command, &state, "up", "ready in ");
    assert!(banner.contains("contoso (default), fabrikam"), "{banner}");
    for job in ["POST /contoso/probe/run, schedule 0 0 0 1 1 *", "POST /fabrikam/probe/run, schedule 0 0 0 1 1 *"] {
        assert!(banner.contains(job), "{banner}");
    }
    let fired = |tenant: &str| format!("job=probe tenant={tenant} status=complete");
    crate::harness::wait_for("the jobs of both", || {
        let log = fs::read_to_string(state.path().join("up.log")).unwrap();
        ["contoso", "fabrikam"].iter().all(|tenant| log.contains(&fired(tenant))).then_some(())
    });
}

#[test]
fn a_path_names_its_tenant() {
    let document = of_two(&json!({})).to_string();
    let probe = Probe::start(&[], &[("tenants", &document)], &[]);
    let tenant = |path: &str| {
        let text = crate::harness::Request::new("GET", path).send(probe.address).body;
        super::seen(&String::from_utf8(text).unwrap(), "spin-path-match-tenant").map(str::to_owned)
    };
    assert_eq!(tenant("/probe/headers"), None);
    assert_eq!(tenant("/fabrikam/probe/headers").as_deref(), Some("fabrikam"));
    assert_eq!(tenant("/nobody/probe/headers").as_deref(), Some("nobody"), "the component answers as to anybody");
}

#[test]
fn the_files_of_a_document_are_readable() {
    let state = State::empty();
    let secret = state.path().join("secrets/contoso");
    fs::create_dir(secret.parent().unwrap()).unwrap();
    fs::write(&secret, "a client secret").unwrap();
    let secret = secret.to_str().unwrap();
    let change = json!({ "tenants": { "contoso": { "credential": { "client_secret": { "file": secret } } } } });
    let document = of_two(&change).to_string();
    let probe = Probe::start(&[], &[("tenants", &document)], &[]);
    assert_eq!(probe.text(&format!("file?{secret}")), "a client secret");
}

#[test]
fn a_wrong_document_is_refused_with_all_its_mistakes() {
    let state = State::empty();
    let start = |variables: &[(&str, &str)]| {
        let output = finish(command(&state, &["up", "--listen", "127.0.0.1:0"], variables));
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let wrong = of_two(&json!({
        "default": "nobody",
        "tenants": { "contoso": { "tenant_id": 7, "colour": "red" }, "scim": {} },
    }));
    let text = start(&[("tenants", &wrong.to_string())]);
    for place in ["/default", "/tenants/contoso/tenant_id", "/tenants/contoso/colour", "/tenants/scim"] {
        assert!(text.contains(place), "{place}: {text}");
    }
    for (variables, expected) in [
        (vec![("tenants", "{")], "variable tenants"),
        (vec![("tenants", "{}")], "/tenants"),
        (vec![("tenants_file", "/nowhere/tenants.json")], "tenants_file /nowhere/tenants.json: cannot read it"),
        (vec![("tenants", "{}"), ("tenants_file", "/nowhere")], "both have a value"),
    ] {
        let text = start(&variables);
        assert!(text.starts_with("error: ") && text.contains(expected), "{text}");
    }
}

#[test]
fn a_document_takes_the_place_of_the_variables() {
    // No tenant_id is given, and no tenant in a box is started for want of one.
    let document = of_two(&json!({})).to_string();
    let variables = [("tenants", document.as_str()), ("inventory_users_schedule", "off")];
    let server = Server::start(State::new(), &[], &variables);
    assert!(!server.banner.contains("simulated") && server.banner.contains("fabrikam"), "{}", server.banner);
    let output = finish(State::new().command(&["up", "--listen", "127.0.0.1:0", "--simulate"], &variables));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("--simulate stands in for the one tenant"), "{text}");
}
