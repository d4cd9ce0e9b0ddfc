//! Programs of the npm registry, installed once for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::WORKSPACE;
use super::install::{installed, succeed};

/// The program newman, of the version that `tests/suites/package-lock.json` says.
pub(crate) fn newman() -> PathBuf {
    static NEWMAN: OnceLock<PathBuf> = OnceLock::new();
    let folder = NEWMAN.get_or_init(|| {
        let lists =
            ["package.json", "package-lock.json"].map(|name| Path::new(WORKSPACE).join("tests/suites").join(name));
        installed("newman", &lists, |folder| {
            fs::create_dir(folder).unwrap();
            for list in &lists {
                fs::copy(list, folder.join(list.file_name().unwrap())).unwrap();
            }
            let mut command = Command::new("npm");
            command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
            succeed(command, "npm of Node.js 18 or later has to reach its registry to install newman");
        })
    });
    folder.join("node_modules/.bin/newman")
}
