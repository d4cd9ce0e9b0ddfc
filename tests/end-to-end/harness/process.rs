//! The program at work, as a process of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use super::http::{Answer, Request};
use super::state::{State, program};
use super::{PATIENCE, TOKEN, contract, wait_for};

/// A schedule that fires a job at the start, and then not before New Year.
const ONCE: &str = "0 0 0 1 1 *";

/// The parts of a fault that make answers which Graph would not send.
const BROKEN_ANSWERS: [&str; 2] = ["garble", "html"];

/// The connector, serving.
pub(crate) struct Server {
    // First, so that it is gone before its directory is.
    process: Process,
    pub(crate) state: State,
    pub(crate) address: SocketAddr,
    /// What it wrote to standard output until it was ready.
    pub(crate) banner: String,
}

impl Server {
    /// One beside the sample tenant, without jobs.
    pub(crate) fn sample() -> Self {
        Self::start(State::new(), &["--simulate"], &[("inventory_users_schedule", "off")])
    }

    /// One beside the sample tenant whose inventory has been read once.
    pub(crate) fn inventoried() -> Self {
        let server = Self::start(State::new(), &["--simulate"], &[("inventory_users_schedule", ONCE)]);
        wait_for("the first inventory", || {
            let complete = "SELECT 1 FROM inventory_run WHERE status = 'complete'";
            server.state.query(complete).ok().filter(|rows| !rows.is_empty())
        });
        server
    }

    /// Starts `up` with these options and variables; it serves when this returns.
    pub(crate) fn start(state: State, options: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_in(state, options, variables, &[])
    }

    /// The same with variables of the environment.
    pub(crate) fn start_in(
        state: State,
        options: &[&str],
        variables: &[(&str, &str)],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut command = state.command(&["up", "--listen", "127.0.0.1:0"], variables);
        command.args(options).envs(environment.iter().copied());
        let (process, banner) = Process::start(command, &state, "up", "ready in ");
        let address = banner.lines().find_map(|line| line.trim().strip_prefix("address")).unwrap();
        let address = address.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { process, state, address, banner }
    }

    /// Sends a request that shows the token.
    pub(crate) fn send(&self, request: Request<'_>) -> Answer {
        request.header("authorization", format!("Bearer {TOKEN}")).send(self.address)
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.send(Request::new("GET", target))
    }

    pub(crate) fn get_with(&self, target: &str, headers: &[(&'static str, &str)]) -> Answer {
        let request = Request::new("GET", target);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(name, *value)))
    }

    pub(crate) fn patch_with(&self, target: &str, body: &Value, headers: &[(&'static str, &str)]) -> Answer {
        let request = Request::new("PATCH", target).json(body);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(name, *value)))
    }

    pub(crate) fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::new("POST", target).json(body))
    }

    pub(crate) fn put(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::new("PUT", target).json(body))
    }

    pub(crate) fn patch(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::new("PATCH", target).json(body))
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.send(Request::new("DELETE", target))
    }

    /// The exchanges with Graph that something brings about, and what it gives.
    pub(crate) fn exchanges_of<T>(&self, something: impl FnOnce() -> T) -> (Vec<Value>, T) {
        let before = self.state.exchanges().len();
        let given = something();
        (self.state.exchanges().split_off(before), given)
    }

    /// Asks it to stop, as a service manager does; its state remains.
    pub(crate) fn terminate(&self) {
        let status = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.process.child.id())).status();
        assert!(status.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> (ExitStatus, State) {
        let status = wait_for("the end of the program", || self.process.child.try_wait().unwrap());
        (status, self.state)
    }
}

/// The tenant in a box alone: it outlives the connector.
pub(crate) struct Tenant {
    address: SocketAddr,
    /// What points the connector at it.
    variables: Vec<(String, String)>,
    _process: Process,
    _state: State,
}

impl Tenant {
    /// One with so many users.
    pub(crate) fn start(users: usize) -> Self {
        let state = State::empty();
        let mut command = program(state.path());
        command.args(["tenant", "--listen", "127.0.0.1:0", "--users", &users.to_string()]);
        let (process, text) = Process::start(command, &state, "tenant", "caller_token_sha256 = ");
        let address = text.split_once("http://").unwrap().1.split_once(": ").unwrap().0.parse().unwrap();
        let variable = |line: &str| {
            let (name, value) = line.trim().split_once(" = ")?;
            Some((name.to_owned(), value.to_owned()))
        };
        let variables = text.lines().filter_map(variable).collect();
        Self { address, variables, _process: process, _state: state }
    }

    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Orders a fault.
    pub(crate) fn fault(&self, fault: &Value) {
        if BROKEN_ANSWERS.iter().any(|name| fault.get(name).is_some()) {
            contract::distrust(self.address);
        }
        Request::new("POST", "/_tenant/faults").json(fault).send(self.address).expect(204);
    }

    /// Changes settings.
    pub(crate) fn set(&self, change: &Value) {
        Request::new("PATCH", "/_tenant/settings").json(change).send(self.address).expect(200);
    }

    /// Takes credentials or tokens away.
    pub(crate) fn revoke(&self, what: &Value) {
        Request::new("POST", "/_tenant/revoke").json(what).send(self.address).expect(204);
    }

    /// A token for a caller of the connector, as ordered.
    pub(crate) fn mint(&self, order: &Value) -> String {
        let minted = Request::new("POST", "/_tenant/token").json(order).send(self.address).expect(200);
        minted["token"].as_str().unwrap().to_owned()
    }

    /// How often the login's keys were asked for.
    pub(crate) fn key_fetches(&self) -> u64 {
        Request::new("GET", "/_tenant/keys").send(self.address).expect(200)["fetches"].as_u64().unwrap()
    }

    /// What was used of the quota since the start.
    pub(crate) fn throttle(&self) -> Value {
        Request::new("GET", "/_tenant/throttle").send(self.address).expect(200)
    }

    /// Takes back all faults.
    pub(crate) fn heal(&self) {
        Request::new("DELETE", "/_tenant/faults").send(self.address).expect(204);
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        contract::forget(self.address);
    }
}

/// A process that does not outlive its test.
pub(crate) struct Process {
    pub(crate) child: Child,
    log: PathBuf,
    traffic: PathBuf,
}

impl Process {
    /// Starts a command and gives what it writes up to the line that has `last` in it.
    pub(crate) fn start(mut command: Command, state: &State, name: &str, last: &str) -> (Self, String) {
        let log = state.path().join(format!("{name}.log"));
        let mut child = command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let process = Self { child, log, traffic: state.traffic() };
        let (sender, lines) = mpsc::channel();
        // It reads to the end, so that the program never waits for its output to be taken.
        thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let mut text = String::new();
        loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                panic!("{name} did not start: {text}{}", fs::read_to_string(&process.log).unwrap_or_default());
            };
            text.push_str(&line);
            text.push('\n');
            if line.contains(last) {
                return (process, text);
            }
        }
    }

    /// Starts a command of which only the log is of interest.
    pub(crate) fn spawn(mut command: Command, state: &State) -> Self {
        let log = state.path().join("spawned.log");
        let child = command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        Self { child, log, traffic: state.traffic() }
    }

    /// Ends it at once, with SIGKILL.
    pub(crate) fn kill(mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "it ended by itself: {}", self.read_log());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn read_log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        contract::cut_half_line(&self.traffic);
        if thread::panicking() {
            eprintln!("{}", self.read_log());
        }
    }
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Output {
    command.output().unwrap()
}
