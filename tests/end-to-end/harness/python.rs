//! Python with what a folder of scripts requires, installed once for all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;
use std::sync::OnceLock;

use super::WORKSPACE;
use super::install::{installed, succeed};

/// A folder of scripts below `tests`, with a `requirements.txt`.
pub(crate) struct Scripts {
    folder: &'static str,
    environment: OnceLock<PathBuf>,
}

impl Scripts {
    pub(crate) const fn new(folder: &'static str) -> Self {
        Self { folder, environment: OnceLock::new() }
    }

    /// The command that runs a script.
    pub(crate) fn command(&self, script: &str) -> Command {
        let environment = self.environment();
        let mut command = Command::new(environment.join("bin/python"));
        command.arg(self.path().join(script));
        // What Python compiles belongs neither among the sources nor is it to be compiled each time.
        command.env("PYTHONPYCACHEPREFIX", environment.join("compiled"));
        command
    }

    fn path(&self) -> PathBuf {
        Path::new(WORKSPACE).join("tests").join(self.folder)
    }

    /// The virtual environment in which the requirements are installed.
    fn environment(&self) -> &Path {
        self.environment.get_or_init(|| {
            let requirements = self.path().join("requirements.txt");
            installed(self.folder, slice::from_ref(&requirements), |environment| {
                let mut command = Command::new("python3");
                command.args(["-m", "venv"]).arg(environment);
                succeed(command, "Python 3.11 or later with its module venv is needed for these tests");
                let mut command = Command::new(environment.join("bin/python"));
                // Compiling all of a package takes longer than installing it, and most of it is never imported.
                command.args(["-m", "pip", "install", "--quiet", "--no-compile", "--requirement"]).arg(&requirements);
                succeed(command, &format!("pip has to reach PyPI to install {}", requirements.display()));
            })
        })
    }
}
