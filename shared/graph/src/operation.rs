use std::fmt;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// One call of Microsoft Graph that has not been made yet.
///
/// ```
/// let operation = graph::Operation::get(format!("/users/{}", graph::segment("adele@contoso.com")))
///     .query("$select", "id,displayName")
///     .permission("User.Read.All");
/// assert_eq!(operation.url(), "/users/adele@contoso.com?$select=id,displayName");
/// assert_eq!(operation.units(), 1);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// Below `/v1.0`, percent-encoded, with a leading slash; or a whole link that Graph gave.
    pub path: String,
    /// The query, not encoded yet, in the order of the calls of [`Operation::query`].
    pub query: Vec<(&'static str, String)>,
    /// Headers beside those that every call has.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The JSON body.
    pub body: Option<Vec<u8>>,
    /// The least permission of Graph's permission reference that allows the call; empty where it is not known.
    pub permission: &'static str,
    /// Whose call it is.
    pub api: Api,
    /// Whether the call does no harm when it is made twice.
    pub repeatable: bool,
    /// Whether what it is about is known to be there, so that a 404 means "not yet".
    pub is_known: bool,
    /// The operations of the same plan, by index, that have to succeed first.
    pub after: Vec<usize>,
}

impl Operation {
    /// Reads; repeatable.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), true)
    }

    /// Creates or acts; not repeatable, as a second one may create a second object.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path.into(), false)
    }

    /// Sets properties; repeatable.
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path.into(), true)
    }

    /// Replaces; repeatable.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path.into(), true)
    }

    /// Deletes; repeatable, and the second time may find nothing.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path.into(), true)
    }

    /// Follows a next or delta link exactly as Graph gave it.
    pub fn link(link: impl Into<String>) -> Self {
        Self::get(link)
    }

    fn new(method: Method, path: String, repeatable: bool) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            permission: "",
            api: Api::Graph,
            repeatable,
            is_known: false,
            after: Vec::new(),
        }
    }

    /// Makes it a call of Azure Resource Manager, whose paths have no version: that is the query's `api-version`.
    #[must_use]
    pub fn arm(mut self) -> Self {
        self.api = Api::Arm;
        self
    }

    /// Says that what the call is about was just made or written: Graph may not show it everywhere yet, so a 404 is
    /// asked again, a few times.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/resources/users#common-properties>, replication.
    #[must_use]
    pub fn known(mut self) -> Self {
        self.is_known = true;
        self
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// Adds a query option such as `$select`; `value` is encoded when the call is made.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Asks the index for advanced queries, which lags behind: `ConsistencyLevel: eventual`.
    #[must_use]
    pub fn eventual(mut self) -> Self {
        self.headers.push(("ConsistencyLevel", "eventual"));
        self
    }

    /// Adds a preference such as `return=minimal`.
    #[must_use]
    pub fn prefer(mut self, preference: &'static str) -> Self {
        self.headers.push(("Prefer", preference));
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// Says which permission the call needs.
    #[must_use]
    pub fn permission(mut self, permission: &'static str) -> Self {
        self.permission = permission;
        self
    }

    /// Lets the call wait until the operation at `index` of the same plan has succeeded.
    #[must_use]
    pub fn after(mut self, index: usize) -> Self {
        self.after.push(index);
        self
    }

    /// The path and the encoded query.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = self.path.clone();
        let mut separator = if url.contains('?') { '&' } else { '?' };
        for (name, value) in &self.query {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
            separator = '&';
        }
        url
    }

    /// What the call costs of the tenant's quota, in resource units; Azure Resource Manager has none.
    ///
    /// Source: <https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>; a link counts as
    /// what it leads to.
    #[must_use]
    pub fn units(&self) -> u32 {
        if self.api == Api::Arm {
            return 0;
        }
        let (path, written) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let base = if self.method == Method::GET { base_units(path) } else { 1 };
        let selects = self.option("$select", written).is_some();
        let expands = self.option("$expand", written).is_some();
        let few = self.option("$top", written).and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20);
        (base + u32::from(expands)).saturating_sub(u32::from(selects) + u32::from(few)).max(1)
    }

    /// Whether it reads the logs, which have a quota of their own.
    pub(crate) fn is_report(&self) -> bool {
        below_version(&self.path).starts_with("auditLogs/")
    }

    /// Whether the path is a whole link.
    pub(crate) fn is_link(&self) -> bool {
        !self.path.starts_with('/')
    }

    fn option<'a>(&'a self, name: &str, written: &'a str) -> Option<&'a str> {
        let here = self.query.iter().find(|(option, _)| *option == name).map(|(_, value)| value.as_str());
        let in_path =
            || written.split('&').filter_map(|pair| pair.split_once('=')).find(|(option, _)| is(option, name));
        here.or_else(|| in_path().map(|(_, value)| value))
    }
}

/// Whose call an operation is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Api {
    /// Microsoft Graph v1.0.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

/// As a plan tells of it: no body, which may hold a password.
impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Operation", 7)?;
        fields.serialize_field("method", self.method.as_str())?;
        fields.serialize_field("url", &self.url())?;
        fields.serialize_field("permission", self.permission)?;
        fields.serialize_field("units", &self.units())?;
        fields.serialize_field("writes", &u32::from(self.is_write()))?;
        fields.serialize_field("repeatable", &self.repeatable)?;
        fields.serialize_field("after", &self.after)?;
        fields.end()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.url())
    }
}

/// Makes one segment of a path out of any text: a user principal name with `#EXT#`, an id, a name with a space.
///
/// ```
/// assert_eq!(graph::segment("o'neil+a/b#EXT#@contoso.com"), "o%27neil%2Ba%2Fb%23EXT%23@contoso.com");
/// ```
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// All but the unreserved characters of RFC 3986 and `@`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// As in a segment; what OData's expressions are full of stays readable.
const QUERY: &AsciiSet =
    &SEGMENT.remove(b'$').remove(b',').remove(b'(').remove(b')').remove(b'/').remove(b':').remove(b'=').remove(b'\'');

/// The reads that cost more than one unit, by path; `*` stands for one segment.
const BASE_UNITS: &[(&str, u32)] = &[
    ("applications", 2),
    ("applications/*/extensionProperties", 2),
    ("contracts", 3),
    ("domains/*/domainNameReferences", 4),
    ("groups/*/members", 3),
    ("groups/*/transitiveMembers", 5),
    ("oauth2PermissionGrants", 2),
    ("oauth2PermissionGrants/*", 2),
    ("servicePrincipals/*/appRoleAssignments", 2),
    ("subscribedSkus", 3),
    ("users", 2),
];

/// What comes below `/v1.0`, of a link too.
fn below_version(path: &str) -> &str {
    path.split_once("/v1.0/").map_or(path, |(_, below)| below).trim_matches('/')
}

fn base_units(path: &str) -> u32 {
    let path = below_version(path);
    BASE_UNITS.iter().find(|(pattern, _)| covers(pattern, path)).map_or(1, |(_, units)| *units)
}

fn covers(pattern: &str, path: &str) -> bool {
    let (mut expected, mut actual) = (pattern.split('/'), path.split('/'));
    loop {
        match (expected.next(), actual.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(left), Some(right)) if left == right => {}
            _ => return false,
        }
    }
}

/// Graph's own links write `$` either way.
fn is(option: &str, name: &str) -> bool {
    option == name || option.strip_prefix("%24") == name.strip_prefix('$')
}

#[cfg(test)]
mod tests {
    use super::{Operation, segment};

    #[test]
    fn ok_a_segment_keeps_its_text() {
        for (text, expected) in [
            ("adele@contoso.com", "adele@contoso.com"),
            ("a_b#EXT#@contoso.com", "a_b%23EXT%23@contoso.com"),
            ("o'neil+test@contoso.com", "o%27neil%2Btest@contoso.com"),
            ("a b/../c?d", "a%20b%2F..%2Fc%3Fd"),
            ("zoë", "zo%C3%AB"),
            ("100%", "100%25"),
        ] {
            assert_eq!(segment(text), expected);
        }
    }

    #[test]
    fn ok_a_query_is_encoded_once() {
        let operation =
            Operation::get("/users").query("$filter", "startswith(displayName,'A & B+#\u{e9}')").query("$top", "5");
        assert_eq!(operation.url(), "/users?$filter=startswith(displayName,'A%20%26%20B%2B%23%C3%A9')&$top=5");
        assert_eq!(Operation::get("/users?$top=5").query("$count", "true").url(), "/users?$top=5&$count=true");
    }

    #[test]
    fn ok_units_follow_the_documentation() {
        for (operation, expected) in [
            (Operation::get("/users"), 2),
            (Operation::get("/users").query("$select", "id"), 1),
            (Operation::get("/users").query("$expand", "manager"), 3),
            (Operation::get("/users").query("$top", "19"), 1),
            (Operation::get("/users").query("$top", "20"), 2),
            (Operation::get("/users").query("$select", "id").query("$top", "1"), 1),
            (Operation::get("/users/1"), 1),
            (Operation::get("/users/delta?$select=id"), 1),
            (Operation::get("/groups/1/members"), 3),
            (Operation::post("/users"), 1),
            (Operation::link("https://graph.microsoft.com/v1.0/users?%24select=id&$skiptoken=x"), 1),
            (Operation::link("https://graph.microsoft.com/v1.0/users?$skiptoken=x"), 2),
        ] {
            assert_eq!(operation.units(), expected, "{operation}");
        }
    }
}
