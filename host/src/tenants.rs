//! The document of tenants, as far as the host needs it: their names, limits and addresses, and the front end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, anyhow, bail};

use trust::{Configuration, FrontEnd, Limits, ONLY_TENANT};

use crate::variables::Values;

/// The variables with the document, and with the name of its file.
const DOCUMENT: &str = "tenants";
const FILE: &str = "tenants_file";

/// Variables that say of one tenant what the document says of each.
const REPLACED: [&str; 2] = ["tenant_id", "caller_token_sha256"];

/// First segments of paths that name no tenant.
const RESERVED: [&str; 4] = ["audit", "inventory", "rp", "scim"];

/// The tenants.
#[derive(Clone, Debug)]
pub(crate) struct Tenants {
    is_document: bool,
    default: Option<String>,
    limits: BTreeMap<String, Limits>,
    /// Who may say who is calling.
    pub(crate) front_end: FrontEnd,
    /// The files that the document names, for components to read.
    pub(crate) files: BTreeSet<String>,
    /// Where the tenants are, where that is not where their cloud says.
    pub(crate) addresses: BTreeSet<String>,
}

impl Tenants {
    /// Reads the document that the variables give, if they give one.
    ///
    /// # Errors
    /// All that is wrong with the document.
    pub(crate) fn read(values: &Values) -> Result<Self> {
        match document(values)? {
            Some((from, text)) => Self::parse(&text).with_context(|| from),
            None => Ok(Self::one()),
        }
    }

    /// The one tenant of a deployment without a document.
    fn one() -> Self {
        Self {
            is_document: false,
            default: Some(ONLY_TENANT.to_owned()),
            limits: BTreeMap::from([(ONLY_TENANT.to_owned(), Limits::default())]),
            front_end: FrontEnd::default(),
            files: BTreeSet::new(),
            addresses: BTreeSet::new(),
        }
    }

    /// The tenants of a document.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let files = RefCell::new(BTreeSet::new());
        let file = |path: &str| {
            files.borrow_mut().insert(path.to_owned());
            fs::read_to_string(path).map_err(|error| error.to_string())
        };
        let Configuration { default, tenants, front_end } = Configuration::parse(text, &file)?;
        let (mut files, mut addresses) = (files.into_inner(), BTreeSet::new());
        for tenant in tenants.values() {
            let (of, token) = (&tenant.addresses, &tenant.credential.federated_token_file);
            addresses.extend([&of.login, &of.graph, &of.arm, &of.identity].map(Clone::clone));
            files.insert(token.clone());
        }
        addresses.remove("");
        files.remove("");
        Ok(Self {
            is_document: true,
            default: default.map(|tenant| tenant.name.clone()),
            limits: tenants.into_iter().map(|(name, tenant)| (name, tenant.limits)).collect(),
            front_end,
            files,
            addresses,
        })
    }

    /// The tenant that a path is about.
    pub(crate) fn of(&self, path: &str) -> Option<(&str, &Limits)> {
        let segment = path.split('/').nth(1).unwrap_or_default();
        let name = if !self.is_document || RESERVED.contains(&segment) { self.default.as_deref()? } else { segment };
        self.limits.get_key_value(name).map(|(name, limits)| (name.as_str(), limits))
    }

    /// Each tenant and its limits.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (&str, &Limits)> {
        self.limits.iter().map(|(name, limits)| (name.as_str(), limits))
    }

    /// The name of each tenant, as paths begin with it; one without a name where there is no document.
    pub(crate) fn each(&self) -> Vec<Option<&str>> {
        if self.is_document { self.limits.keys().map(|name| Some(name.as_str())).collect() } else { vec![None] }
    }

    /// The names of the tenants, for people; none where there is no document.
    pub(crate) fn names(&self) -> Option<String> {
        let name = |name: &String| {
            if Some(name) == self.default.as_ref() { format!("{name} (default)") } else { name.clone() }
        };
        self.is_document.then(|| self.limits.keys().map(name).collect::<Vec<_>>().join(", "))
    }
}

/// Whether a document takes the place of the variables of one tenant.
pub(crate) fn is_given(given: &Values) -> bool {
    [DOCUMENT, FILE].iter().any(|name| given.get(*name).is_some_and(|value| !value.trim().is_empty()))
}

/// Lets the variables that the document replaces be without a value.
pub(crate) fn replace(given: &mut Values, is_declared: impl Fn(&str) -> bool) {
    if is_given(given) {
        for name in REPLACED.into_iter().filter(|name| is_declared(name)) {
            given.entry(name.to_owned()).or_default();
        }
    }
}

/// The text of the document, and where it is from.
fn document(values: &Values) -> Result<Option<(String, String)>> {
    let value = |name: &str| values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    match (value(DOCUMENT), value(FILE)) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => bail!("the variables {DOCUMENT} and {FILE} both have a value: give one of them"),
        (Some(text), None) => Ok(Some((format!("variable {DOCUMENT}"), text.to_owned()))),
        (None, Some(file)) => {
            let text = fs::read_to_string(file).map_err(|error| anyhow!("{FILE} {file}: cannot read it: {error}"))?;
            Ok(Some((format!("{FILE} {file}"), text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"default": "a", "tenants": {
        "a": {"tenant_id": "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34", "graph_url": "https://graph.example"},
        "b": {"tenant_id": "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6", "credential":
            {"client_id": "3ab3a7e0-3b0f-4c8b-9d5c-0c2f2f1a7f11", "federated_token_file": "/run/token"}}
    }}"#;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn paths_name_tenants() {
        let tenants = Tenants::parse(DOCUMENT).unwrap();
        let one = Tenants::read(&values(&[("tenants", " ")])).unwrap();
        for (path, named, only) in [
            ("/scim/v2/Users", Some("a"), Some("default")),
            ("/rp/scim/users", Some("a"), Some("default")),
            ("/inventory/users", Some("a"), Some("default")),
            ("/audit", Some("a"), Some("default")),
            ("/b/scim/v2/Users", Some("b"), Some("default")),
            ("/B/scim/v2/Users", None, Some("default")),
            ("/nobody/scim/v2/Users", None, Some("default")),
            ("/", None, Some("default")),
        ] {
            assert_eq!(tenants.of(path).map(|(name, _)| name), named, "{path}");
            assert_eq!(one.of(path).map(|(name, _)| name), only, "{path}");
        }
        assert_eq!(tenants.each(), [Some("a"), Some("b")]);
        assert_eq!(one.each(), [None]);
        assert_eq!(tenants.names().as_deref(), Some("a (default), b"));
        assert_eq!(tenants.addresses, BTreeSet::from(["https://graph.example".to_owned()]));
        assert_eq!(tenants.files, BTreeSet::from(["/run/token".to_owned()]));
    }

    #[test]
    fn a_document_replaces_variables() {
        let mut given = values(&[("tenants", "{}"), ("tenant_id", "kept")]);
        replace(&mut given, |_| true);
        assert_eq!(given, values(&[("tenants", "{}"), ("tenant_id", "kept"), ("caller_token_sha256", "")]));
        let mut given = values(&[("tenants", "")]);
        replace(&mut given, |_| true);
        assert_eq!(given.len(), 1);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (given, expected) in [
            (values(&[("tenants", "{}")]), "variable tenants: "),
            (values(&[("tenants", "{}"), ("tenants_file", "a")]), "the variables tenants and tenants_file both have"),
            (values(&[("tenants_file", "/nowhere")]), "tenants_file /nowhere: cannot read it: "),
        ] {
            let error = format!("{:#}", Tenants::read(&given).unwrap_err());
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
