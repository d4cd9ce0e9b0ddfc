//! The document of tenants, as far as the host needs it: their names, limits and addresses, and the front end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, anyhow, bail};

use crate::http::edge::front_end::{FrontEnd, Kind};
use crate::http::edge::rate::Rate;
use crate::variables::Values;

/// The variables with the document, and with the name of its file.
const DOCUMENT: &str = "tenants";
const FILE: &str = "tenants_file";

/// Variables that say of one tenant what the document says of each.
const REPLACED: [&str; 2] = ["tenant_id", "caller_token_sha256"];

/// First segments of paths that name no tenant.
const RESERVED: [&str; 4] = ["audit", "inventory", "rp", "scim"];

/// The tenant of a deployment without a document.
const ONLY: &str = "default";

/// What may be asked of one tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests to the tenant; none for as many as come.
    pub(crate) rate: Option<Rate>,
    /// Requests of one caller.
    pub(crate) caller_rate: Option<Rate>,
    /// Requests at work at once.
    pub(crate) concurrent: usize,
}

const UNLIMITED: Limits = Limits { rate: None, caller_rate: None, concurrent: usize::MAX };

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
            default: Some(ONLY.to_owned()),
            limits: BTreeMap::from([(ONLY.to_owned(), UNLIMITED)]),
            front_end: FrontEnd::default(),
            files: BTreeSet::new(),
            addresses: BTreeSet::new(),
        }
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

    /// What stands before the path of a job, for each tenant: nothing where there is no document.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        if !self.is_document {
            return vec![String::new()];
        }
        self.limits.keys().map(|name| format!("/{name}")).collect()
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

impl Tenants {
    fn parse(text: &str) -> Result<Self> {
        let files = RefCell::new(BTreeSet::new());
        let document: serde_json::Value = serde_json::from_str(text)?;
        let mut tenants = Self { is_document: true, default: None, limits: BTreeMap::new(), ..Self::one() };
        tenants.default = document["default"].as_str().map(str::to_owned);
        for (name, tenant) in document["tenants"].as_object().into_iter().flatten() {
            let number = |name: &str, usual: u64| tenant["limits"][name].as_u64().unwrap_or(usual) as u32;
            let rate = |rate: u32, burst: u32| (rate > 0).then(|| Rate::new(rate, burst));
            let limits = Limits {
                rate: rate(number("requests_per_second", 100), number("burst", 400)),
                caller_rate: rate(number("caller_requests_per_second", 50), number("caller_burst", 200)),
                concurrent: number("concurrent", 64) as usize,
            };
            tenants.limits.insert(name.clone(), limits);
            for url in ["login_url", "graph_url", "arm_url", "identity_url"] {
                tenants.addresses.extend(tenant[url].as_str().map(str::to_owned));
            }
        }
        let front_end = &document["front_end"];
        tenants.front_end.kind = match front_end["kind"].as_str() {
            Some("app-service") => Kind::AppService,
            Some("envoy") => Kind::Envoy,
            _ => Kind::Host,
        };
        let networks = front_end["networks"].as_array().into_iter().flatten();
        tenants.front_end.networks = networks.filter_map(|network| network.as_str()?.parse().ok()).collect();
        tenants.front_end.easy_auth = front_end["easy_auth"].as_bool().unwrap_or_default();
        tenants.files = files.into_inner();
        Ok(tenants)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(text: &str) -> Self {
        Self::parse(text).unwrap()
    }
}
