//! `scim-root`: discovery, Bulk, `/Me`; and `scim-microsoft`.

mod bulk;
mod discovery;
mod microsoft;
