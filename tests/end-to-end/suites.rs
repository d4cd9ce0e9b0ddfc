//! Public SCIM suites against the connector: the scripts of `tests/suites`.

use std::time::Instant;

use crate::harness::{Scripts, Server, TOKEN, finish, newman};

static SCRIPTS: Scripts = Scripts::new("suites");

/// A verified domain of the sample tenant.
const DOMAIN: &str = "contoso.onmicrosoft.com";

#[test]
fn scim2_tester() {
    run("tester.py", &[]);
}

#[test]
fn scim_sanity() {
    run("sanity.py", &[]);
}

#[test]
fn scim_sanity_with_the_profile_of_entra() {
    run("sanity.py", &["--profile", "entra"]);
}

#[test]
fn postman() {
    run("postman.py", &["--newman", newman().to_str().unwrap()]);
}

#[test]
fn scim_validator() {
    run("replay.py", &["--typed", "--directory"]);
}

/// Runs a suite against a connector of its own, to its last line: some checks passed, and none failed.
fn run(script: &str, options: &[&str]) {
    let mut command = SCRIPTS.command(script);
    let server = Server::sample();
    command.arg(format!("http://{}/scim/v2", server.address)).arg(TOKEN).args(["--domain", DOMAIN]).args(options);
    let started = Instant::now();
    let output = finish(command);
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let counts = told.lines().last().and_then(|line| line.split_once(": ")).map_or("", |(_, counts)| counts);
    let (passed, failed) = (count(counts, "passed"), count(counts, "failed"));
    assert!(passed > Some(0) && failed == Some(0), "{script}: {told}{errors}");
    assert!(output.status.success(), "{script}: {told}{errors}");
    println!("{script}: {told}in {:?}", started.elapsed());
}

/// How many checks ended so, in `116 passed, 0 failed, 1 skipped`.
fn count(counts: &str, outcome: &str) -> Option<usize> {
    counts.split(", ").find_map(|count| count.strip_suffix(outcome)?.trim().parse().ok())
}
