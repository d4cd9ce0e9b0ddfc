//! HTTP on both sides of the components: the server before them, the client behind them.

pub(crate) mod answer;
pub(crate) mod authorities;
pub(crate) mod client;
pub(crate) mod edge;
mod headers;
pub(crate) mod server;
pub(crate) mod traffic;
