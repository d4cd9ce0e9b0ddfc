//! Building the components that are missing or older than their sources, by the manifest's own commands.

mod command;
mod target;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;
use std::{fs, io};

use anyhow::{Context, Result, bail};

use crate::manifest::{Build, Component, Manifest};

/// What a build depends on when the manifest does not say.
const DEFAULT_WATCH: [&str; 3] = ["Cargo.toml", "src/**/*", "wit/**/*"];

/// Builds those of the components that need it.
///
/// # Errors
/// One line that names the component; before it, all that its command wrote.
pub(crate) fn all<'a>(manifest: &Manifest, components: impl Iterator<Item = &'a Component>) -> Result<()> {
    let mut seen = Seen::new();
    for component in components {
        if let Some(build) = needed(manifest, component, &mut seen)? {
            one(manifest, component, build)?;
        }
    }
    Ok(())
}

/// When the newest file of a pattern was changed: components watch the same shared files, and each look at them takes some
/// milliseconds.
type Seen = BTreeMap<String, Option<SystemTime>>;

/// How to build a component, if it has to be.
fn needed<'a>(manifest: &Manifest, component: &'a Component, seen: &mut Seen) -> Result<Option<&'a Build>> {
    let built = modified(&component.source);
    let Some(build) = &component.build else {
        if built.is_none() {
            let source = component.source.display();
            bail!("component {}: {source} is not there, and the manifest has no build command for it", component.id);
        }
        return Ok(None);
    };
    let Some(built) = built else { return Ok(Some(build)) };
    let is_stale = newest(build, &manifest.directory.join("target"), seen)
        .with_context(|| format!("component {}: cannot read what its build watches", component.id))?
        .is_some_and(|newest| newest > built);
    Ok(is_stale.then_some(build))
}

fn one(manifest: &Manifest, component: &Component, build: &Build) -> Result<()> {
    target::install(build).with_context(|| format!("component {} cannot be built", component.id))?;
    let started = SystemTime::now();
    command::run(&component.id, build, &manifest.directory)?;
    let source = component.source.display();
    let file = fs::File::options().append(true).open(&component.source);
    let file = file.with_context(|| format!("component {} was built, but {source} is not there", component.id))?;
    // cargo leaves a file alone that would come out the same; without this it would look stale for ever.
    file.set_modified(started).with_context(|| format!("cannot set the time of {source}"))
}

/// When the newest of the watched files was changed.
fn newest(build: &Build, output: &Path, seen: &mut Seen) -> Result<Option<SystemTime>> {
    let mut newest = None;
    let default = DEFAULT_WATCH.map(str::to_owned);
    let watch = if build.watch.is_empty() { &default[..] } else { &build.watch };
    let directory = glob::Pattern::escape(&build.directory.display().to_string());
    for pattern in watch {
        let pattern = format!("{directory}/{pattern}");
        let changed = match seen.get(&pattern) {
            Some(changed) => *changed,
            None => changed(&pattern, output)?,
        };
        seen.insert(pattern, changed);
        newest = newest.max(changed);
    }
    Ok(newest)
}

/// When the newest of the files of a pattern was changed.
fn changed(pattern: &str, output: &Path) -> Result<Option<SystemTime>> {
    let mut newest = None;
    for path in glob::glob(pattern)? {
        let path = path.map_err(io::Error::from)?;
        if !path.starts_with(output) && path.is_file() {
            newest = newest.max(modified(&path));
        }
    }
    Ok(newest)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component whose command copies its one source.
    fn write(directory: &Path, command: &str) -> Manifest {
        let text = format!(
            "spin_manifest_version = 2
            [application]
            name = 'a'
            [component.a]
            source = 'target/a.wasm'
            [component.a.build]
            command = '{command}'
            watch = ['src/*.rs']"
        );
        fs::create_dir_all(directory.join("src")).unwrap();
        fs::create_dir_all(directory.join("target")).unwrap();
        fs::write(directory.join("src/lib.rs"), "one").unwrap();
        fs::write(directory.join("spin.toml"), text).unwrap();
        Manifest::read(&directory.join("spin.toml")).unwrap()
    }

    #[test]
    fn only_what_is_stale_is_built() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = write(directory.path(), "cp src/lib.rs target/a.wasm && echo run >> target/log");
        let runs = || fs::read_to_string(directory.path().join("target/log")).unwrap().lines().count();
        let build = || all(&manifest, manifest.components.iter()).unwrap();
        build();
        build();
        assert_eq!(runs(), 1);
        let source = fs::File::options().append(true).open(directory.path().join("src/lib.rs")).unwrap();
        source.set_modified(SystemTime::now() + std::time::Duration::from_secs(1)).unwrap();
        build();
        assert_eq!(runs(), 2);
    }

    #[test]
    fn a_failure_is_told() {
        let cases = [
            ("echo wrong; exit 3", "component a: the build command failed (exit status: 3): echo wrong; exit 3"),
            ("true", "component a was built, but "),
        ];
        for (command, expected) in cases {
            let directory = tempfile::tempdir().unwrap();
            let manifest = write(directory.path(), command);
            let error = all(&manifest, manifest.components.iter()).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
