//! The compiler's target for components, installed if it is missing.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Result, anyhow, bail};

use crate::manifest::Build;

const TARGET: &str = "wasm32-wasip2";

/// Installs the target if the build command names it and the compiler does not have it.
pub(super) fn install(build: &Build) -> Result<()> {
    if !build.command.contains(TARGET) || is_installed(&build.directory) {
        return Ok(());
    }
    eprintln!("installing the compiler's target {TARGET}");
    let added = output(&build.directory, "rustup", &["target", "add", TARGET]);
    let added = added.ok_or_else(|| {
        anyhow!("the compiler has no target {TARGET}, and rustup is not there to add it: install it with your compiler")
    })?;
    if !added.status.success() {
        let reason = String::from_utf8_lossy(&added.stderr);
        bail!("`rustup target add {TARGET}` failed: {}", reason.lines().last().unwrap_or("no reason given"));
    }
    Ok(())
}

/// The compiler knows where a target's libraries would be; they are there when it is installed.
fn is_installed(directory: &Path) -> bool {
    output(directory, "rustc", &["--print", "target-libdir", "--target", TARGET])
        .is_some_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// None when there is no such program.
fn output(directory: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(program).args(arguments).current_dir(directory).stdin(Stdio::null()).output().ok()
}
