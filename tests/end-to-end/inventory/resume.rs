//! A run that is killed goes on where it was: nobody is missing, nobody is there twice.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::harness::{Process, State, Tenant, finish, wait_for};

/// How many rows there are when the run is killed, at least.
const KILLED_AFTER: usize = 200;

/// Runs the job until it is complete: until the lease of the killed run is over, others find the job busy.
fn run_to_the_end(command: impl Fn() -> Command) {
    wait_for("the end of the run", || {
        let output = finish(command());
        if output.status.success() {
            return Some(());
        }
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains("inventory-users is busy: "), "{error}");
        thread::sleep(Duration::from_secs(1));
        None
    });
}

/// Sees that each user was added once, and no more than once.
fn check(state: &State, users: usize) {
    assert_eq!(state.accounts(), users);
    let (users, ids) = (users.to_string(), "SELECT count(*), count(DISTINCT object_id) FROM change_log");
    assert_eq!(state.rows(ids), [[users.as_str(), users.as_str()]]);
    let unlogged = "SELECT count(*) FROM account WHERE id NOT IN (SELECT object_id FROM change_log)";
    assert_eq!(state.rows(unlogged), [["0"]]);
    assert_eq!(state.rows("SELECT count(DISTINCT login) FROM account"), [[users.as_str()]]);
    let open = "SELECT count(*) FROM watermark WHERE round_run IS NOT NULL OR delta_link IS NULL";
    assert_eq!(state.rows(open), [["0"]]);
}

#[test]
fn a_run_killed_between_two_pages_goes_on() {
    let users = 3000;
    let tenant = Tenant::start(users);
    let state = State::new();
    let command = || state.command(&["run", "inventory-users"], &tenant.variables());
    // The sixth page does not come before the run is killed.
    tenant.fault(&json!({ "match": "GET /users/delta", "after": 5, "times": 100, "delay": 600_000 }));
    let process = Process::spawn(command(), &state);
    wait_for("the first pages", || (state.accounts() > KILLED_AFTER).then_some(()));
    process.kill();
    let kept = state.accounts();
    assert!(kept > KILLED_AFTER && kept < users, "{kept} rows");
    let pages = state.exchanges().len();

    tenant.heal();
    run_to_the_end(command);
    check(&state, users);
    // Only what was not stored before is read: a page is never asked for from the beginning again.
    let starts = state.exchanges().iter().filter(|exchange| is_start(exchange["url"].as_str().unwrap())).count();
    assert_eq!((starts, pages <= 5), (1, true));
}

/// Whether it is the request with which a full read begins.
fn is_start(url: &str) -> bool {
    !url.contains("token=")
}

#[test]
fn a_run_killed_at_work_goes_on_beside_a_tenant_on_another_port() {
    let users = 40_000;
    let state = State::new();
    let command = || {
        let mut command = state.command(&["run", "inventory-users"], &[]);
        command.args(["--simulate", &users.to_string()]);
        command
    };
    let process = Process::spawn(command(), &state);
    wait_for("the first pages", || (state.accounts() > KILLED_AFTER).then_some(()));
    process.kill();
    let kept = state.rows("SELECT id FROM account").into_iter().collect::<BTreeSet<_>>();
    assert!(kept.len() > KILLED_AFTER && kept.len() < users, "{} rows", kept.len());

    run_to_the_end(command);
    check(&state, users);
    let all = state.rows("SELECT id FROM account").into_iter().collect::<BTreeSet<_>>();
    assert!(all.is_superset(&kept));
}
