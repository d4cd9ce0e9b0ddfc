//! Starts the program, and looks at what it leaves behind.

mod contract;
mod http;
mod install;
mod node;
mod process;
mod python;
mod state;

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) use self::http::{Answer, Request};
pub(crate) use self::node::newman;
pub(crate) use self::process::{Process, Server, Tenant, finish};
pub(crate) use self::python::Scripts;
pub(crate) use self::state::{State, program};

/// The token that the tenant in a box has callers show.
pub(crate) const TOKEN: &str = "contoso-demo";

/// The folder of the workspace.
pub(crate) const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// How long anything may take on a slow machine that does much else.
const PATIENCE: Duration = Duration::from_secs(180);

/// The people of the sample tenant, as Graph has them.
pub(crate) fn sample() -> Vec<Value> {
    let text = include_str!("../tenant/data/sample.json");
    serde_json::from_str(text).unwrap()
}

/// Looks until there is something to see.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
