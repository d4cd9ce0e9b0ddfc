//! The Wasmtime engine, and the way from a `.wasm` file to a component that can be served.

mod cache;

use std::io::Read;
use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, anyhow, bail};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::guest::Guest;

/// How many instances there may be at once, of all components on all cores.
pub(crate) const INSTANCE_LIMIT: u32 = 640;

/// The memory of one instance, in bytes.
const MEMORY_LIMIT: usize = 128 << 20;

/// How often a component that computes without waiting lets others go on: so a loop in one request stops neither the
/// other requests of its core nor the clock that ends it.
const EPOCH: Duration = Duration::from_millis(10);

/// What a component must export, and what it exports when it was made for another host.
const HANDLER: &str = "wasi:http/handler@0.3";

/// Compiles components and finds their imports.
pub(crate) struct Compiler {
    engine: Engine,
    linker: Linker<Guest>,
}

impl Compiler {
    /// Starts the engine, and the thread that counts its epochs.
    pub(crate) fn new() -> Result<Self> {
        let engine =
            Engine::new(&config()).map_err(|error| anyhow!("cannot start the WebAssembly engine: {error:#}"))?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        crate::spin::add_to_linker(&mut linker)?;
        let clock = engine.weak();
        thread::Builder::new().name("epochs".to_owned()).spawn(move || {
            while let Some(engine) = clock.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(EPOCH);
            }
        })?;
        Ok(Self { engine, linker })
    }

    /// The component in `file`, in native code: from `cache` if it is there, else compiled now and put there.
    ///
    /// # Errors
    /// One line that names the component, when the file is not there, or not a component that answers HTTP requests.
    pub(crate) fn load(&self, id: &str, file: &Path, cache: &Path) -> Result<ServicePre<Guest>> {
        check_kind(id, file)?;
        let component = cache::load(&self.engine, file, cache)
            .with_context(|| format!("component {id}: cannot compile {}", file.display()))?;
        check_world(id, &component)?;
        let instances = self.linker.instantiate_pre(&component);
        let instances =
            instances.map_err(|error| anyhow!("component {id} needs what this host does not offer: {error:#}"))?;
        ServicePre::new(instances).map_err(|error| anyhow!("component {id} does not export {HANDLER}: {error:#}"))
    }
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.max_memory_size(MEMORY_LIMIT)
        .total_memories(INSTANCE_LIMIT)
        .total_tables(INSTANCE_LIMIT * 4)
        .total_component_instances(INSTANCE_LIMIT)
        .total_core_instances(INSTANCE_LIMIT * 4)
        .total_stacks(INSTANCE_LIMIT * 2)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(16 << 10);
    let mut config = Config::new();
    config
        .wasm_component_model_async(true)
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// A core module and a component start with the same four bytes; the next four tell them apart.
fn check_kind(id: &str, file: &Path) -> Result<()> {
    let mut start = Vec::new();
    fs::File::open(file)
        .and_then(|file| file.take(8).read_to_end(&mut start))
        .with_context(|| format!("component {id}: cannot read {}", file.display()))?;
    match start.as_slice() {
        b"\0asm\x0d\0\x01\0" => Ok(()),
        b"\0asm\x01\0\0\0" => {
            bail!("component {id}: {} is a core module: build it for the target wasm32-wasip2", file.display())
        }
        _ => bail!("component {id}: {} is not WebAssembly", file.display()),
    }
}

fn check_world(id: &str, component: &Component) -> Result<()> {
    let kind = component.component_type();
    let exports = kind.exports(component.engine()).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    if exports.iter().any(|name| name.starts_with(HANDLER)) {
        return Ok(());
    }
    let exported = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
    bail!(
        "component {id} exports {exported}, but this host calls {HANDLER}: build it with spin-sdk 6 or newer and \
         #[http_service]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_of_another_world_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let compiler = Compiler::new().unwrap();
        let cases: [(&[u8], &str); 3] = [
            (b"\0asm\x01\0\0\0", "is a core module"),
            (b"hello", "is not WebAssembly"),
            (b"\0asm\x0d\0\x01\0", "component hello exports nothing, but this host calls wasi:http/handler@0.3"),
        ];
        for (bytes, expected) in cases {
            let file = directory.path().join("hello.wasm");
            fs::write(&file, bytes).unwrap();
            let error = compiler.load("hello", &file, directory.path()).err().unwrap();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }
}
