//! Feeds what libFuzzer makes up to one of the targets: `SCIM_FUZZ_TARGET=filter`, or `path`, `patch`, `bulk`.

#![no_main]

#[path = "../../src/fixtures.rs"]
mod fixtures;
mod targets;

use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("SCIM_FUZZ_TARGET").unwrap_or_default();
    let target = targets::ALL.into_iter().find(|(known, _)| *known == name);
    target.unwrap_or_else(|| panic!("SCIM_FUZZ_TARGET is '{name}': set it to filter, path, patch or bulk")).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET(data));
