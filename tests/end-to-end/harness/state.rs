//! A state directory, and what the program puts there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{PATIENCE, TOKEN, WORKSPACE, contract};

/// Variables of the machine that must not reach a test.
const REMOVED: [&str; 4] = ["AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT"];

/// A state directory of one test. At its end, all that was exchanged with Graph is held against the contract.
pub(crate) struct State(TempDir);

impl State {
    /// One in which the components are compiled already, as after a first start.
    pub(crate) fn new() -> Self {
        let state = Self::empty();
        let cache = state.path().join("cache");
        fs::create_dir(&cache).unwrap();
        for file in fs::read_dir(built().join("cache")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), cache.join(file.file_name())).unwrap();
        }
        state
    }

    /// One with nothing in it.
    pub(crate) fn empty() -> Self {
        Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program with a command that serves the workspace's own manifest, and with the variables given.
    pub(crate) fn command(&self, command: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut program = program(self.path());
        program.args(command).arg("--from").arg(Path::new(WORKSPACE).join("spin.toml"));
        program.arg("--state-dir").arg(self.path()).arg("--traffic").arg(self.traffic());
        let digest = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // Given here, they have precedence over an `.env` that a developer keeps beside the manifest.
        for (name, value) in [("caller_token_sha256", digest.as_str())].iter().chain(variables) {
            program.arg("--variable").arg(format!("{name}={value}"));
        }
        program
    }

    /// Each exchange with Graph so far.
    pub(crate) fn exchanges(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.traffic()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn traffic(&self) -> PathBuf {
        self.path().join("traffic.ndjson")
    }

    /// The rows that a query of the warehouse gives; an error while its tables are not there.
    pub(crate) fn query(&self, query: &str) -> rusqlite::Result<Vec<Vec<String>>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.path().join("warehouse.db"), flags)?;
        connection.busy_timeout(PATIENCE)?;
        let mut statement = connection.prepare(query)?;
        let columns = statement.column_count();
        let read = |row: &Row<'_>| (0..columns).map(|column| text(row, column)).collect();
        statement.query_map([], read)?.collect()
    }

    /// The rows of a query that the warehouse is able to answer.
    #[track_caller]
    pub(crate) fn rows(&self, query: &str) -> Vec<Vec<String>> {
        self.query(query).unwrap_or_else(|error| panic!("{error}: {query}"))
    }

    /// How many users the warehouse has; 0 before its tables are there.
    pub(crate) fn accounts(&self) -> usize {
        let rows = self.query("SELECT count(*) FROM account WHERE deleted_at IS NULL").unwrap_or_default();
        rows.first().map_or(0, |row| row[0].parse().unwrap())
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if !thread::panicking() {
            contract::check(&self.traffic());
        }
    }
}

/// The program, with nothing of the machine's own settings, in a directory.
pub(crate) fn program(directory: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_entra-scim"));
    // The manifest says where the components are, wherever this program was built.
    program.current_dir(directory).stdin(Stdio::null()).env_remove("CARGO_TARGET_DIR");
    for (name, _) in std::env::vars_os() {
        let is_variable = name.to_string_lossy().starts_with("SPIN_VARIABLE_");
        if is_variable || REMOVED.iter().any(|removed| name == *removed) {
            program.env_remove(name);
        }
    }
    program
}

/// The state directory in which the components were built and compiled, once for all tests.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("built");
        // Native code of programs that are gone is of no use to the tests of this one.
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let mut program = program(&directory);
        program.arg("build").arg("--from").arg(Path::new(WORKSPACE).join("spin.toml"));
        program.arg("--state-dir").arg(&directory).stdout(Stdio::null());
        assert!(program.status().unwrap().success(), "the components cannot be built");
        directory
    })
}

/// A value as text; NULL is empty.
fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    })
}
