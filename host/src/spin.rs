//! Spin's own interfaces, as Spin offers them: variables, key-value, sqlite.
//!
//! The bindings come from the WIT files that the `spin-sdk` package ships; `build.rs` finds them.

pub(crate) mod key_value;
pub(crate) mod sqlite;
mod variables;

use wasmtime::component::{HasData, Linker, ResourceTable};

use crate::guest::Guest;
use crate::served::Grants;

/// What `bindgen!` makes of the WIT files.
#[allow(clippy::all, missing_docs, unreachable_pub, clippy::allow_attributes, reason = "generated code")]
pub(crate) mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

/// The marker under which the three interfaces find their data in a store.
pub(crate) struct Spin;

/// What the three interfaces see of a store.
pub(crate) struct SpinView<'a> {
    /// What the manifest grants the component.
    pub(crate) grants: &'a Grants,
    /// Where open stores and connections live.
    pub(crate) table: &'a mut ResourceTable,
}

impl HasData for Spin {
    type Data<'a> = SpinView<'a>;
}

/// Adds the three interfaces to a linker.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    bindings::spin::variables::variables::add_to_linker::<_, Spin>(linker, Guest::spin)?;
    bindings::spin::key_value::key_value::add_to_linker::<_, Spin>(linker, Guest::spin)?;
    bindings::spin::sqlite::sqlite::add_to_linker::<_, Spin>(linker, Guest::spin)
}
