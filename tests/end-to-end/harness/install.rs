//! Installs what tests need beside the workspace, below `target`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sha2::{Digest, Sha256};

/// A folder into which was installed what these files list, once for each change of them.
pub(super) fn installed(name: &str, lists: &[PathBuf], install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut listed = Sha256::new();
    for list in lists {
        listed.update(fs::read(list).unwrap());
    }
    let (wanted, stamp) = (format!("{:x}", listed.finalize()), folder.join("stamp"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return folder;
    }
    let started = Instant::now();
    let _ = fs::remove_dir_all(&folder);
    install(&folder);
    fs::write(stamp, wanted).unwrap();
    println!("installed {name} in {:?}", started.elapsed());
    folder
}

/// Runs a command to its end, which has to be a good one.
pub(super) fn succeed(mut command: Command, need: &str) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{need}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{need}: {error}"),
    }
}
