//! What a request is made of, whether it stands alone or in a batch.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::finding::Place;

/// A URL, cut.
#[derive(Clone, Copy)]
pub(crate) struct Url<'a> {
    /// The path, still encoded.
    path: &'a str,
    /// The query, still encoded and without its question mark.
    pub(crate) query: &'a str,
}

/// The paths that give tokens, or what is needed to judge them.
const TOKEN_PATHS: [&str; 4] = ["/.well-known/", "/discovery/", "/metadata/identity/", "/msi/token"];
/// Where the paths that give tokens end.
const TOKEN_ENDINGS: [&str; 2] = ["/oauth2/token", "/oauth2/v2.0/token"];
/// The segments with which a path of Resource Manager begins.
const RESOURCE_MANAGER_ROOTS: [&str; 3] = ["subscriptions", "tenants", "providers"];

impl<'a> Url<'a> {
    /// Cuts an absolute URL, or a path with its query. A fragment is left out, as it is never sent.
    pub(crate) fn split(url: &'a str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let path = match address.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|start| rest.get(start..)).unwrap_or_default(),
            None => address,
        };
        Self { path, query }
    }

    /// Whether it is a request to the login or to a managed identity.
    pub(crate) fn is_for_tokens(&self) -> bool {
        TOKEN_ENDINGS.iter().any(|ending| self.path.ends_with(ending))
            || TOKEN_PATHS.iter().any(|path| self.path.contains(path) || self.path.ends_with(path))
    }

    /// The version of Graph, and what stands below it.
    pub(crate) fn graph(&self) -> Option<(&'a str, Url<'a>)> {
        let starts = self.path.match_indices('/').map(|(index, _)| index);
        starts.filter_map(|start| self.path.get(start + 1..)).find_map(|rest| {
            let version = rest.split('/').next().unwrap_or_default();
            let path = rest.get(version.len()..).unwrap_or_default();
            ["v1.0", "beta"].contains(&version).then_some((version, Url { path, query: self.query }))
        })
    }

    /// The URL from where the path of Resource Manager begins.
    pub(crate) fn resource_manager(&self) -> Option<Url<'a>> {
        let is_root = |rest: &str| {
            let first = rest.split('/').next().unwrap_or_default();
            RESOURCE_MANAGER_ROOTS.iter().any(|root| root.eq_ignore_ascii_case(first))
        };
        let has_version = self.parameters().iter().any(|(name, _)| name.eq_ignore_ascii_case("api-version"));
        if !has_version && !is_root(self.path.trim_start_matches('/')) {
            return None;
        }
        let starts = self.path.match_indices('/').map(|(index, _)| index);
        let start = starts.into_iter().find(|start| self.path.get(start + 1..).is_some_and(is_root)).unwrap_or(0);
        Some(Url { path: self.path.get(start..).unwrap_or_default(), query: self.query })
    }

    /// The path with its percent-encoding undone.
    pub(crate) fn decoded_path(&self) -> Cow<'a, str> {
        percent_decode_str(self.path).decode_utf8_lossy()
    }

    /// The names and values of the query, decoded.
    pub(crate) fn parameters(&self) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        form_urlencoded::parse(self.query.as_bytes()).collect()
    }
}

/// A request, or an answer to one, with the names that its parts have in the traffic.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    /// Where it stands: the exchange itself, or a part of a batch.
    pub(crate) place: &'a Place<'a>,
    /// Without them no rule about headers is applied.
    pub(crate) headers: Option<&'a BTreeMap<String, String>>,
    pub(crate) body: Option<&'a Value>,
    /// The names of the headers and of the body.
    pub(crate) names: [&'static str; 2],
}

impl<'a> Message<'a> {
    /// The value of a header, in whichever letter case it is written.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.and_then(|headers| header(headers, name))
    }

    pub(crate) fn headers_place(&self) -> Place<'a> {
        self.place.member(self.names[0])
    }

    pub(crate) fn body_place(&self) -> Place<'a> {
        self.place.member(self.names[1])
    }
}

/// The value of a header, in whichever letter case it is written.
pub(crate) fn header<'a>(headers: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_whose_it_is() {
        let cases = [
            ("https://graph.microsoft.com/v1.0/users?$top=1", Some(("v1.0", "/users")), None, false),
            ("http://127.0.0.1:4000/v1.0/users/a%20b", Some(("v1.0", "/users/a b")), None, false),
            ("https://example.com/gateway/beta", Some(("beta", "")), None, false),
            ("https://graph.microsoft.com/v1.0x/users", None, None, false),
            ("https://management.azure.com/subscriptions?api-version=2022-12-01", None, Some("/subscriptions"), false),
            ("http://127.0.0.1:4000/arm/Tenants", None, None, false),
            ("http://127.0.0.1:4000/arm/tenants?api-version=2022-12-01", None, Some("/tenants"), false),
            ("https://login.microsoftonline.com/x/oauth2/v2.0/token", None, None, true),
            ("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01", None, Some(""), true),
            ("http://localhost:42356/msi/token?api-version=2019-08-01", None, Some(""), true),
        ];
        for (text, graph, arm, is_for_tokens) in cases {
            let url = Url::split(text);
            assert_eq!(url.is_for_tokens(), is_for_tokens, "{text}");
            if !is_for_tokens {
                let found = url.graph().map(|(version, below)| (version, below.decoded_path().into_owned()));
                assert_eq!(found.as_ref().map(|(version, path)| (*version, path.as_str())), graph, "{text}");
                assert_eq!(url.resource_manager().map(|below| below.path), arm, "{text}");
            }
        }
    }
}
