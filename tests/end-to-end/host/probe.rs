//! The host in front of a component that does what a test asks of it: `tests/probe`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::harness::{Answer, Process, Request, State, WORKSPACE, program};

/// The host at work.
pub(crate) struct Probe {
    pub(crate) address: SocketAddr,
    // Before its directory, so that it is gone first.
    _process: Process,
    pub(crate) state: State,
}

impl Probe {
    /// Starts it with these options, variables and environment.
    pub(crate) fn start(options: &[&str], variables: &[(&str, &str)], environment: &[(&str, &str)]) -> Self {
        Self::start_in(State::empty(), options, variables, environment)
    }

    /// The same with a state of which the options name files.
    pub(crate) fn start_in(
        state: State,
        options: &[&str],
        variables: &[(&str, &str)],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut command = command(&state, &["up", "--listen", "127.0.0.1:0"], variables);
        command.args(options).envs(environment.iter().copied());
        let (process, banner) = Process::start(command, &state, "up", "ready in ");
        let address = banner.split_once("://").unwrap().1.split_once('\n').unwrap().0.parse().unwrap();
        Self { address, _process: process, state }
    }

    /// Has it do something below `/probe`.
    pub(crate) fn ask(&self, what: &str) -> Answer {
        Request::new("GET", &format!("/probe/{what}")).send(self.address)
    }

    /// Has it do something that works, and gives what it tells.
    #[track_caller]
    pub(crate) fn text(&self, what: &str) -> String {
        let answer = self.ask(what);
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 200, "{what}: {text}");
        text
    }

    /// Has it do something that the host does not allow, and gives what it tells.
    #[track_caller]
    pub(super) fn complaint(&self, what: &str) -> String {
        let answer = self.ask(what);
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 502, "{what}: {text}");
        text
    }
}

/// A command about the probe.
pub(crate) fn command(state: &State, command: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut program = program(state.path());
    program.args(command).arg("--from").arg(Path::new(WORKSPACE).join("tests/probe/spin.toml"));
    program.arg("--state-dir").arg(state.path());
    for (name, value) in variables {
        program.arg("--variable").arg(format!("{name}={value}"));
    }
    program
}
