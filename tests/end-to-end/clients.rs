//! Microsoft's own clients, pointed at the tenant in a box over TLS: the scripts of `tests/clients`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

use crate::harness::{Scripts, State, WORKSPACE, finish, program};

static SCRIPTS: Scripts = Scripts::new("clients");

#[test]
fn msgraph_sdk() {
    run("users.py", &["--users", "201"]);
}

#[test]
fn msgraph_sdk_groups() {
    run("groups.py", &[]);
}

#[test]
fn msgraph_sdk_applications() {
    run("applications.py", &[]);
}

#[test]
fn msgraph_sdk_service_principals() {
    run("service_principals.py", &[]);
}

#[test]
fn msgraph_sdk_roles() {
    run("roles.py", &[]);
}

#[test]
fn msgraph_sdk_directory() {
    run("directory.py", &[]);
}

#[test]
fn azure_identity() {
    run("credentials.py", &[]);
}

/// The tenant in a box with an authority of its own, as a process of its own.
struct Tenant {
    process: Child,
    state: State,
    variables: Vec<(String, String)>,
}

impl Tenant {
    fn start(options: &[&str]) -> Self {
        let state = State::empty();
        let mut command = program(state.path());
        command.args(["tenant", "--listen", "127.0.0.1:0", "--tls", "--ca-out", "ca.pem"]);
        command.args(["--federated-token-out", "federated-token"]).args(options);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut variables = Vec::new();
        for line in lines {
            variables.extend(line.trim().split_once(" = ").map(|(name, value)| (name.to_owned(), value.to_owned())));
            if line.contains("caller_token_sha256 = ") {
                break;
            }
        }
        assert!(!variables.is_empty(), "the tenant in a box did not start");
        Self { process, state, variables }
    }

    fn variable(&self, name: &str) -> &str {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.state.path().join(name)
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a script beside a tenant of its own, to its last line.
fn run(script: &str, options: &[&str]) {
    let mut command = SCRIPTS.command(script);
    let tenant = Tenant::start(options);
    assert!(tenant.variable("graph_url").starts_with("https://127.0.0.1:"));
    command.args(["--url", tenant.variable("graph_url"), "--tenant-id", tenant.variable("tenant_id")]);
    command.args(["--client-id", tenant.variable("client_id"), "--client-secret", tenant.variable("client_secret")]);
    command.args(["--identity-header", "tenant-in-a-box"]).arg("--ca").arg(tenant.file("ca.pem"));
    command.arg("--federated-token").arg(tenant.file("federated-token"));
    command.arg("--data").arg(Path::new(WORKSPACE).join("tests/tenant/data"));
    let started = Instant::now();
    let output = finish(command);
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {told}{errors}");
    assert!(told.ends_with(" steps passed\n"), "{script}: {told}{errors}");
    println!("{script}: {told}in {:?}", started.elapsed());
}
