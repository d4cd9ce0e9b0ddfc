//! Finds the WIT files of Spin's interfaces in the `spin-sdk` package and writes the `bindgen!` call that binds them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, error, fs};

use serde_json::Value;

/// What of Spin's interfaces the host offers to components.
const INTERFACES: &str = "
    import spin:variables/variables@3.0.0;
    import spin:key-value/key-value@3.0.0;
    import spin:sqlite/sqlite@3.1.0;
";

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let wit = spin_sdk_directory()?.join("wit");
    let bindings = format!(
        "wasmtime::component::bindgen!({{
            path: {wit:?},
            interfaces: {INTERFACES:?},
            imports: {{ default: async | trappable }},
            with: {{
                \"spin:key-value/key-value.store\": crate::spin::key_value::Store,
                \"spin:sqlite/sqlite.connection\": crate::spin::sqlite::Connection,
            }},
        }});"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("bindings.rs"), bindings)?;
    Ok(())
}

/// The directory of the `spin-sdk` package that the lock file names. Without a network first: a build that needs
/// none must not ask for one.
fn spin_sdk_directory() -> Result<PathBuf, Box<dyn error::Error>> {
    let metadata = cargo_metadata(&["--offline"]).or_else(|_| cargo_metadata(&[]))?;
    let packages = metadata.get("packages").and_then(Value::as_array).ok_or("cargo metadata lists no packages")?;
    let package = packages.iter().find(|package| package.get("name").is_some_and(|name| name == "spin-sdk"));
    let manifest = package.and_then(|package| package.get("manifest_path")?.as_str());
    let manifest = manifest.ok_or("the workspace does not depend on spin-sdk")?;
    Ok(Path::new(manifest).parent().ok_or("spin-sdk has no directory")?.to_owned())
}

fn cargo_metadata(options: &[&str]) -> Result<Value, Box<dyn error::Error>> {
    let output = Command::new(env::var("CARGO")?).args(["metadata", "--format-version", "1"]).args(options).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
