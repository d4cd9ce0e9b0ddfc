//! `entra-scim`: serves the components of `spin.toml` on Wasmtime, fires their jobs, and brings a tenant in a box.

mod audit;
mod azure;
mod banner;
mod building;
mod check;
mod cli;
mod engine;
mod guest;
mod hex;
mod http;
mod jobs;
mod log;
mod manifest;
mod secret;
mod served;
mod simulate;
mod spin;
mod startup;
mod tenants;
mod variables;

use std::process::ExitCode;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let started = Instant::now();
    match cli::run(started) {
        Ok(code) => code,
        Err(error) => {
            log::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
