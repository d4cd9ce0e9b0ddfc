//! A component as it is served: its native code and what the manifest grants it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::guest::Guest;
use crate::http::traffic::Traffic;
use crate::manifest::outbound::AllowedHosts;
use crate::spin::key_value::KeyValue;

/// A compiled component, ready to make instances of.
pub(crate) struct Served {
    /// The native code, with all its imports found.
    pub(crate) instances: ServicePre<Guest>,
    /// What an instance may do.
    pub(crate) grants: Arc<Grants>,
}

/// What the manifest and the operator give to one component.
pub(crate) struct Grants {
    /// The component's id in the manifest.
    pub(crate) id: String,
    /// Its variables, by the names that it uses itself.
    pub(crate) variables: BTreeMap<String, String>,
    /// Its environment variables.
    pub(crate) environment: Vec<(String, String)>,
    /// The directories that it may read, at the same paths as the host.
    pub(crate) directories: BTreeSet<String>,
    /// Where it may send requests to.
    pub(crate) allowed_hosts: AllowedHosts,
    /// The labels of the key-value stores that it may open.
    pub(crate) key_value_stores: BTreeSet<String>,
    /// The labels of the databases that it may open.
    pub(crate) sqlite_databases: BTreeSet<String>,
    /// The directory of the databases.
    pub(crate) state: PathBuf,
    /// The file of the key-value stores.
    pub(crate) key_value: Arc<KeyValue>,
    /// Where exchanges with Graph are written, if the operator asked for it.
    pub(crate) traffic: Option<Arc<Traffic>>,
}
