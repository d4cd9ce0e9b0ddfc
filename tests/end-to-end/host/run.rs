//! `entra-scim run JOB`: how it ends, and what it says then.

use super::probe::command;
use crate::harness::{State, finish};

#[test]
fn the_end_of_a_job_is_the_end_of_the_program() {
    for (tick, code, expected) in [
        (r#"{"status":"complete","phase":"delta","pages":1}"#, 0, "probe is complete\n"),
        (r#"{"status":"busy","detail":"until noon"}"#, 75, "error: probe is busy: until noon\n"),
        (r#"{"status":"failed","detail":"no\ntoken"}"#, 1, "error: probe failed: no token\n"),
        (r#"{"status":"held","detail":"70 of 100"}"#, 1, "error: probe is held: 70 of 100\n"),
        (
            r#"{"status":"partial","detail":"throttled","retryAt":"2999-01-01T00:00:00Z"}"#,
            1,
            "error: probe gets nowhere: throttled\n",
        ),
        ("nonsense", 1, "error: probe failed: status 200: the answer is not that of a job\n"),
    ] {
        let state = State::empty();
        let output = finish(command(&state, &["run", "probe"], &[("tick", tick)]));
        let (told, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(code), "{tick}: {told}{complained}");
        let text = if code == 0 { told } else { complained };
        assert!(text.contains(expected), "{tick}: {text}");
    }
}
