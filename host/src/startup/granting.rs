//! What the manifest and the operator give to each component.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};

use crate::azure::Azure;
use crate::http::edge::HOST_KEY;
use crate::http::traffic::Traffic;
use crate::manifest::outbound::AllowedHosts;
use crate::manifest::template::Template;
use crate::manifest::{Component, Manifest, Place};
use crate::served::Grants;
use crate::spin::key_value::KeyValue;
use crate::spin::sqlite;
use crate::tenants::Tenants;
use crate::variables::Values;

/// What grants are made of.
pub(super) struct Granting<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) values: &'a Values,
    pub(super) key_value: Arc<KeyValue>,
    pub(super) traffic: Option<Arc<Traffic>>,
    pub(super) state: &'a Path,
    pub(super) azure: Azure,
    pub(super) tenants: &'a Tenants,
    pub(super) host_key: &'a str,
}

/// The variable by which a component shows that it serves the tenants of the document, and so has to reach them.
const SERVES_TENANTS: &str = "tenants";

impl Granting<'_> {
    /// The grants of the components in the manifest's order; none in place of one that is not selected.
    ///
    /// # Errors
    /// The line of the manifest that grants what cannot be granted, and why.
    pub(super) fn all(&self, selected: &BTreeSet<usize>) -> Result<Vec<Option<Arc<Grants>>>> {
        let grants = |(place, component): (usize, &Component)| {
            let component = selected.contains(&place).then_some(component);
            component.map(|component| self.grants(component).map(Arc::new)).transpose()
        };
        self.manifest.components.iter().enumerate().map(grants).collect()
    }

    fn grants(&self, component: &Component) -> Result<Grants> {
        let mut allowed_hosts = AllowedHosts::default();
        for (host, place) in &component.allowed_outbound_hosts {
            let host = host.fill(self.values);
            // A variable without a value allows nothing.
            if !host.is_empty() {
                allowed_hosts.add(&host).map_err(|error| self.manifest.error(*place, error))?;
            }
        }
        if component.variables.contains_key(SERVES_TENANTS) {
            for address in &self.tenants.addresses {
                allowed_hosts.add(address).map_err(|error| anyhow!("the tenants document: {error}"))?;
            }
        }
        for label in &component.sqlite_databases {
            sqlite::create(self.state, label)?;
        }
        let variables = component.variables.iter().map(|(name, text)| (name.clone(), text.fill(self.values)));
        let own = component.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
        let host_key = (HOST_KEY.to_owned(), self.host_key.to_owned());
        Ok(Grants {
            id: component.id.clone(),
            variables: variables.collect(),
            environment: self.azure.environment(&allowed_hosts).chain(own).chain([host_key]).collect(),
            directories: self.directories(component)?,
            allowed_hosts,
            key_value_stores: component.key_value_stores.clone(),
            sqlite_databases: component.sqlite_databases.clone(),
            state: self.state.to_owned(),
            key_value: Arc::clone(&self.key_value),
            traffic: self.traffic.clone(),
        })
    }

    /// The directories of the files that a component may read. A file whose content changes is mostly replaced by
    /// another one, so the file alone would not do.
    fn directories(&self, component: &Component) -> Result<BTreeSet<String>> {
        let directory = |(file, place): &(Template, Place)| {
            let file = file.fill(self.values);
            // A variable without a value grants nothing.
            let directory = if file.is_empty() { Ok(None) } else { directory(&file).map(Some) };
            let error =
                |reason| self.manifest.error(*place, format!("component {}: file \"{file}\" {reason}", component.id));
            directory.map_err(error).transpose()
        };
        let mut directories = component.tool.files.iter().filter_map(directory).collect::<Result<BTreeSet<_>>>()?;
        if component.variables.contains_key(SERVES_TENANTS) {
            for file in &self.tenants.files {
                let named = self::directory(file);
                directories.insert(named.map_err(|reason| anyhow!("the tenants document: file \"{file}\" {reason}"))?);
            }
        }
        Ok(directories)
    }
}

/// The directory that has to be readable for a file to be.
fn directory(file: &str) -> Result<String, String> {
    let path = Path::new(file);
    if !path.is_absolute() {
        return Err("is not an absolute path".to_owned());
    }
    let metadata = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    let directory = path.parent().filter(|directory| directory.parent().is_some());
    match directory.and_then(Path::to_str) {
        _ if !metadata.is_file() => Err("is not a file".to_owned()),
        // The root would give it all there is.
        None => Err("must be in a directory of its own".to_owned()),
        Some(directory) => Ok(directory.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::directory;

    #[test]
    fn files_have_a_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let parent = file.path().parent().unwrap().to_str().unwrap();
        assert_eq!(directory(path), Ok(parent.to_owned()));
        for (wrong, expected) in [
            ("token", "is not an absolute path"),
            ("/nowhere/token", "cannot be read: No such file or directory"),
            (parent, "is not a file"),
            ("/", "is not a file"),
        ] {
            let error = directory(wrong).unwrap_err();
            assert!(error.starts_with(expected), "{wrong}: {error}");
        }
    }
}
