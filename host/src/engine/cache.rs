//! Native code on disk, so that a component is compiled once for an engine.
//!
//! An entry is a file of native code and, beside it, the SHA-256 of that file: half a file or a changed one is
//! compiled again. The directory must belong to the operator: whoever writes there runs code in the host.

use std::hash::{Hash, Hasher};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::{fs, io, process};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::hex;

/// How much of a file is in memory while its sum is made, in bytes: to make room for whole components takes longer than to
/// read them.
const CHUNK: usize = 256 * 1024;

/// The component in a file of WebAssembly.
pub(super) fn load(engine: &Engine, file: &Path, directory: &Path) -> Result<Component> {
    let (code, sum) = entry(engine, &digest(file)?, directory);
    if is_intact(&code, &sum)
        && let Ok(component) = deserialize(engine, &code)
    {
        return Ok(component);
    }
    let wasm = fs::read(file)?;
    // The file may be another one by now.
    let (code, sum) = entry(engine, &Sha256::digest(&wasm), directory);
    let native = engine.precompile_component(&wasm)?;
    fs::create_dir_all(directory).with_context(|| format!("cannot make the directory {}", directory.display()))?;
    write(&code, &native)?;
    write(&sum, hex::encode(Sha256::digest(&native)).as_bytes())?;
    Ok(deserialize(engine, &code)?)
}

/// The files of an entry. The same WebAssembly on the same engine has the same.
fn entry(engine: &Engine, wasm: &[u8], directory: &Path) -> (PathBuf, PathBuf) {
    let mut compatibility = Digester(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    compatibility.0.update(wasm);
    let key = hex::encode(compatibility.0.finalize());
    (directory.join(format!("{key}.cwasm")), directory.join(format!("{key}.sha256")))
}

fn digest(file: &Path) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    io::copy(&mut BufReader::with_capacity(CHUNK, fs::File::open(file)?), &mut digest)?;
    Ok(digest.finalize().into())
}

fn is_intact(code: &Path, sum: &Path) -> bool {
    let (Ok(digest), Ok(sum)) = (digest(code), fs::read_to_string(sum)) else { return false };
    hex::encode(digest) == sum
}

#[expect(unsafe_code, reason = "native code cannot be checked; its sum was written by this program and just compared")]
fn deserialize(engine: &Engine, code: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file is the output of `precompile_component` on an engine of the same compatibility hash, in a
    // directory that only the operator writes to.
    unsafe { Component::deserialize_file(engine, code) }
}

/// Another process may read the file at any time: it appears whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", process::id()));
    let written = || -> io::Result<()> {
        fs::write(&temporary, bytes)?;
        fs::rename(&temporary, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// A hasher that keeps all bits.
struct Digester(Sha256);

impl Hasher for Digester {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::config;

    /// An empty component.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn a_corrupt_file_is_compiled_again() {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::new(&config()).unwrap();
        let wasm = directory.path().join("empty.wasm");
        fs::write(&wasm, EMPTY).unwrap();
        load(&engine, &wasm, directory.path()).unwrap();
        let (code, _) = entry(&engine, &digest(&wasm).unwrap(), directory.path());
        let good = fs::read(&code).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        for bad in [&good[..good.len() / 2], b"", &flipped] {
            fs::write(&code, bad).unwrap();
            load(&engine, &wasm, directory.path()).unwrap();
            assert_eq!(fs::read(&code).unwrap(), good);
        }
    }
}
