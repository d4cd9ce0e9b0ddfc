//! `spin:variables/variables@3.0.0`: a component sees the variables that its own table in the manifest names.

use wasmtime::component::Accessor;

use super::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use super::{Spin, SpinView};
use crate::manifest::is_variable_name;

impl Host for SpinView<'_> {}

impl<T: 'static> HostWithStore<T> for Spin {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, Error>> {
        accessor.with(|mut access| {
            let view = access.get();
            if !is_variable_name(&name) {
                return Ok(Err(Error::InvalidName(name)));
            }
            Ok(view.grants.variables.get(&name).cloned().ok_or(Error::Undefined(name)))
        })
    }
}
