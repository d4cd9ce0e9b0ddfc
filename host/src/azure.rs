//! What Azure tells a process by its environment about who it is.
//!
//! App Service and Functions say where the machine's identity gives tokens; AKS says in which file the workload's own
//! token is, and which application of which tenant it stands for.

use std::collections::BTreeMap;

use http::Uri;
use url::Url;

use crate::manifest::outbound::AllowedHosts;
use crate::variables::Values;

/// Where App Service and Functions give tokens, and what is to be shown there.
const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";

/// The webhook of AKS always sets these two; others may set the names beside them for purposes of their own.
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const TENANT: &str = "AZURE_TENANT_ID";

/// What else the webhook sets.
const CLIENT: &str = "AZURE_CLIENT_ID";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";

/// What there is of Azure's environment variables.
#[derive(Debug, Default)]
pub(crate) struct Azure(BTreeMap<String, String>);

impl Azure {
    /// Takes what is Azure's from an environment.
    pub(crate) fn new(environment: impl Iterator<Item = (String, String)>) -> Self {
        let names = [ENDPOINT, HEADER, TOKEN_FILE, TENANT, CLIENT, AUTHORITY];
        Self(environment.filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty()).collect())
    }

    /// What is given, and in place of what is not, what Azure says. Only variables that are declared get a value.
    pub(crate) fn under(&self, given: &Values, is_declared: impl Fn(&str) -> bool) -> Values {
        let variables = self.variables().into_iter().filter(|(name, _)| is_declared(name));
        let mut values = variables.map(|(name, value)| (name.to_owned(), value)).collect::<Values>();
        values.extend(given.clone());
        values
    }

    /// The environment of a component: it learns of the endpoint of the machine's identity if it may call it.
    pub(crate) fn environment(&self, allowed: &AllowedHosts) -> impl Iterator<Item = (String, String)> {
        let endpoint = self.0.get(ENDPOINT).and_then(|endpoint| endpoint.parse::<Uri>().ok());
        let is_allowed = endpoint.is_some_and(|endpoint| allowed.allows(&endpoint));
        let pairs = [ENDPOINT, HEADER].into_iter().filter(move |_| is_allowed);
        pairs.filter_map(|name| Some((name.to_owned(), self.0.get(name)?.clone())))
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let value = |name| self.0.get(name).cloned();
        let endpoint = value(ENDPOINT).and_then(|endpoint| Url::parse(&endpoint).ok());
        let mut variables = vec![
            ("identity_url", endpoint.map(|endpoint| endpoint.origin().ascii_serialization())),
            ("identity_header", value(HEADER)),
        ];
        if let (Some(file), Some(tenant)) = (value(TOKEN_FILE), value(TENANT)) {
            let authority = value(AUTHORITY).map(|authority| authority.trim_end_matches('/').to_owned());
            variables.extend([
                ("federated_token_file", Some(file)),
                ("tenant_id", Some(tenant)),
                ("client_id", value(CLIENT)),
                ("login_url", authority),
            ]);
        }
        variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT_URL: &str = "http://127.0.0.1:41056/msi/token/";

    fn azure(pairs: &[(&str, &str)]) -> Azure {
        Azure::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn text(values: impl IntoIterator<Item = (String, String)>) -> String {
        values.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn variables_that_nobody_gives() {
        let webhook = [
            (TOKEN_FILE, "/var/run/secrets/azure/tokens/azure-identity-token"),
            (TENANT, "t"),
            (CLIENT, "c"),
            (AUTHORITY, "https://login.microsoftonline.us/"),
        ];
        let cases = [
            (&[][..], ""),
            (&[(ENDPOINT, ENDPOINT_URL), (HEADER, "h"), ("PATH", "x")], "identity_url=http://127.0.0.1:41056"),
            (&[(ENDPOINT, "nonsense"), (HEADER, "h")], ""),
            (
                &webhook,
                "client_id=c federated_token_file=/var/run/secrets/azure/tokens/azure-identity-token \
                 login_url=https://login.microsoftonline.us tenant_id=t",
            ),
            (&webhook[..2], "federated_token_file=/var/run/secrets/azure/tokens/azure-identity-token tenant_id=t"),
            (&[(TOKEN_FILE, "/token"), (TENANT, "")], ""),
            (&webhook[1..], ""),
        ];
        for (environment, expected) in cases {
            let is_declared = |name: &str| name != "identity_header";
            assert_eq!(text(azure(environment).under(&Values::new(), is_declared)), expected, "{environment:?}");
        }
        let given = Values::from([("client_id".to_owned(), String::new()), ("tenant_id".to_owned(), "own".to_owned())]);
        let is_declared = |name: &str| name != "login_url";
        let values = azure(&webhook[..]).under(&given, is_declared);
        assert!(text(values).starts_with("client_id= federated_token_file=/var/"), "what is given wins");
    }

    #[test]
    fn who_may_call_the_endpoint_learns_of_it() {
        let azure = azure(&[(ENDPOINT, ENDPOINT_URL), (HEADER, "h"), (CLIENT, "c")]);
        let both = format!("IDENTITY_ENDPOINT={ENDPOINT_URL} IDENTITY_HEADER=h");
        for (host, expected) in [
            ("http://127.0.0.1:41056", both.as_str()),
            ("http://127.0.0.1:*", both.as_str()),
            ("http://127.0.0.1:41057", ""),
            ("https://graph.microsoft.com", ""),
        ] {
            let mut allowed = AllowedHosts::default();
            allowed.add(host).unwrap();
            assert_eq!(text(azure.environment(&allowed)), expected, "{host}");
        }
    }
}
