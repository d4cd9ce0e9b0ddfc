//! Running a build command and showing how far it is.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, io};

use anyhow::{Context, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::manifest::Build;

/// What cargo and the flags of the host's own build leave in the environment, and a nested build must not see.
const REMOVED: [&str; 5] =
    ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "CARGO_MAKEFLAGS", "MAKEFLAGS", "RUSTFLAGS"];

/// How much of the output is kept to be shown on failure, in lines.
const KEPT_LINES: usize = 20_000;

/// Runs the command of a component.
pub(super) fn run(id: &str, build: &Build, manifest_directory: &Path) -> Result<()> {
    let mut child = spawn(build, manifest_directory)
        .with_context(|| format!("component {id}: cannot run its build command in {}", build.directory.display()))?;
    let is_terminal = io::stderr().is_terminal();
    let progress = if is_terminal { spinner(id)? } else { ProgressBar::hidden() };
    if !is_terminal {
        eprintln!("{id}: building: {}", build.command);
    }
    let mut output = Vec::new();
    for line in BufReader::new(child.stdout.take().ok_or_else(|| anyhow!("the build command has no output"))?).lines() {
        let line = line.unwrap_or_default();
        progress.set_message(line.trim().to_owned());
        if !is_terminal {
            eprintln!("{id}: {line}");
        } else if output.len() < KEPT_LINES {
            output.push(line);
        }
    }
    let status = child.wait()?;
    progress.finish_and_clear();
    if status.success() {
        eprintln!("{id}: built in {:.1} s", progress.elapsed().as_secs_f32());
        return Ok(());
    }
    for line in output {
        eprintln!("{line}");
    }
    bail!("component {id}: the build command failed ({status}): {}", build.command)
}

/// Both outputs come through one pipe, in order.
fn spawn(build: &Build, manifest_directory: &Path) -> io::Result<Child> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.arg(option).arg(format!("( {} ) 2>&1", build.command));
    command.current_dir(&build.directory).stdin(Stdio::null()).stdout(Stdio::piped());
    for name in REMOVED {
        command.env_remove(name);
    }
    // `cargo run` tells its program about the package that it belongs to.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    // The manifest says where the components come out: another target directory would leave them elsewhere.
    if env::var_os("CARGO_TARGET_DIR").is_some() {
        command.env("CARGO_TARGET_DIR", manifest_directory.join("target"));
    }
    command.spawn()
}

fn spinner(id: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{spinner} building {prefix} {elapsed} {wide_msg:.dim}")?;
    let progress = ProgressBar::new_spinner().with_style(style).with_prefix(id.to_owned());
    progress.enable_steady_tick(Duration::from_millis(100));
    Ok(progress)
}
