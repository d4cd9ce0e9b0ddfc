//! `entra-scim check`: what it prints, and how it ends.

use super::probe::command;
use crate::harness::{State, finish};

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
