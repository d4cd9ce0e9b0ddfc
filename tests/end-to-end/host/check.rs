//! `entra-scim check`: what it prints, and how it ends.

use serde_json::json;

use super::probe::command;
use crate::harness::{State, Tenant, finish};

/// Whether a report has a line of these two words.
fn says(report: &str, name: &str, status: &str) -> bool {
    report.lines().any(|line| line.split_whitespace().take(2).eq([name, status]))
}

#[test]
fn what_the_application_may_do() {
    let tenant = Tenant::start(25);
    for (permissions, code, users, inventory) in [
        (vec!["User.Read.All", "Group.Read.All"], 0, "degraded", "works"),
        (vec!["AuditLog.Read.All"], 1, "cannot", "cannot"),
    ] {
        tenant.set(&json!({ "permissions": permissions, "revokeTokens": true }));
        let state = State::new();
        let output = finish(state.command(&["check"], &tenant.variables()));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(says(&text, "scim-users", users) && says(&text, "inventory-users", inventory), "{text}");
        assert!(text.contains("\nto grant: ") && text.contains("User.ReadWrite.All"), "{text}");
    }
}

#[test]
fn without_a_tenant_it_checks_the_one_in_a_box() {
    let state = State::new();
    let output = finish(state.command(&["check"], &[]));
    let (told, log) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{told}{log}");
    assert!(log.contains("tenant simulated at ") && says(&told, "inventory-users", "works"), "{told}{log}");
}

#[test]
fn the_report_is_a_table() {
    let works = r#"{"name":"scim-users","status":"works"}"#;
    let degraded = r#"{"name":"inventory-users","status":"degraded","notes":["no licence"]}"#;
    let cannot = r#"{"name":"scim-groups","status":"cannot","missing":[{"permission":"Group.Read.All"}]}"#;
    for (functions, code, expected) in [
        (format!("{works},{degraded}"), 0, "\nscim-users       works\ninventory-users  degraded  no licence\n"),
        (format!("{works},{cannot}"), 1, "\nscim-users   works\nscim-groups  cannot    needs Group.Read.All\n"),
    ] {
        let state = State::empty();
        let report = format!(r#"{{"functions":[{functions}]}}"#);
        let output = finish(command(&state, &["check"], &[("report", &report)]));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, expected);
        assert_eq!(output.status.code(), Some(code), "{text}");
    }
}

#[test]
fn an_answer_that_is_no_report() {
    let state = State::empty();
    let output = finish(command(&state, &["check"], &[("report", "hello")]));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let line = text.lines().last().unwrap();
    assert!(line.starts_with("error: the check failed: status 200: its answer is not a report"), "{line}");
}
