//! What a service says it can do. RFC 7643 section 5, RFC 9865 section 4.
//!
//! ```
//! use scim::discovery::{Bulk, Filtering, ServiceProviderConfig};
//!
//! static CONFIG: ServiceProviderConfig = ServiceProviderConfig {
//!     documentation_uri: None,
//!     patch: true,
//!     bulk: Some(Bulk { max_operations: 1000, max_payload_size: 1_048_576 }),
//!     filter: Some(Filtering { max_results: 200 }),
//!     change_password: false,
//!     sort: true,
//!     etag: true,
//!     pagination: None,
//!     authentication_schemes: &[],
//! };
//! let config = CONFIG.to_value("https://example.com/v2/ServiceProviderConfig");
//! assert_eq!(config["bulk"]["maxOperations"], 1000);
//! ```

use serde_json::{Map, Value, json};

/// The schema of `/ServiceProviderConfig`.
pub const CONFIG_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// The resource at `/ServiceProviderConfig`; advertise only what works.
#[derive(Clone, Copy, Debug)]
pub struct ServiceProviderConfig {
    /// Where a person can read more.
    pub documentation_uri: Option<&'static str>,
    /// Whether PATCH works.
    pub patch: bool,
    /// Whether Bulk works, and how much of it.
    pub bulk: Option<Bulk>,
    /// Whether `filter` works, and how many resources a list can hold.
    pub filter: Option<Filtering>,
    /// Whether a password can be changed.
    pub change_password: bool,
    /// Whether `sortBy` works.
    pub sort: bool,
    /// Whether resources have versions.
    pub etag: bool,
    /// How lists are paged.
    pub pagination: Option<Pagination>,
    /// How a caller proves who it is.
    pub authentication_schemes: &'static [AuthenticationScheme],
}

/// The limits of Bulk.
#[derive(Clone, Copy, Debug)]
pub struct Bulk {
    /// The most operations in one request.
    pub max_operations: u64,
    /// The largest body, in bytes.
    pub max_payload_size: u64,
}

/// The limits of filtering.
#[derive(Clone, Copy, Debug)]
pub struct Filtering {
    /// The most resources in one response.
    pub max_results: u64,
}

/// How lists are paged (RFC 9865 section 4).
#[derive(Clone, Copy, Debug)]
pub struct Pagination {
    /// Whether by cursor.
    pub cursor: bool,
    /// Whether by index.
    pub index: bool,
    /// How, if the client does not say: `cursor` or `index`.
    pub default_method: &'static str,
    /// How many resources on a page, if the client does not say.
    pub default_page_size: u64,
    /// How many at most.
    pub max_page_size: u64,
    /// How many seconds a cursor lives at least; `None` if that is not fixed.
    pub cursor_timeout: Option<u64>,
}

/// A way for a caller to prove who it is.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticationScheme {
    /// `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`.
    pub kind: &'static str,
    /// The name for a person.
    pub name: &'static str,
    /// A sentence for a person.
    pub description: &'static str,
    /// Where the specification is.
    pub spec_uri: &'static str,
    /// Whether it is the one to prefer.
    pub primary: bool,
}

impl ServiceProviderConfig {
    /// The resource; `location` is its absolute URL.
    pub fn to_value(&self, location: &str) -> Value {
        let schemes =
            self.authentication_schemes.iter().copied().map(AuthenticationScheme::to_value).collect::<Vec<_>>();
        let mut config = json!({
            "schemas": [CONFIG_SCHEMA],
            "patch": { "supported": self.patch },
            "bulk": {
                "supported": self.bulk.is_some(),
                "maxOperations": self.bulk.map_or(0, |bulk| bulk.max_operations),
                "maxPayloadSize": self.bulk.map_or(0, |bulk| bulk.max_payload_size),
            },
            "filter": {
                "supported": self.filter.is_some(),
                "maxResults": self.filter.map_or(0, |filter| filter.max_results),
            },
            "changePassword": { "supported": self.change_password },
            "sort": { "supported": self.sort },
            "etag": { "supported": self.etag },
            "authenticationSchemes": schemes,
            "meta": { "resourceType": "ServiceProviderConfig", "location": location },
        });
        if let Some(members) = config.as_object_mut() {
            members.extend(self.documentation_uri.map(|uri| ("documentationUri".to_owned(), uri.into())));
            members.extend(self.pagination.map(|pagination| ("pagination".to_owned(), pagination.to_value())));
        }
        config
    }
}

impl Pagination {
    fn to_value(self) -> Value {
        let mut members = Map::from_iter([
            ("cursor".to_owned(), self.cursor.into()),
            ("index".to_owned(), self.index.into()),
            ("defaultPaginationMethod".to_owned(), self.default_method.into()),
            ("defaultPageSize".to_owned(), self.default_page_size.into()),
            ("maxPageSize".to_owned(), self.max_page_size.into()),
        ]);
        members.extend(self.cursor_timeout.map(|seconds| ("cursorTimeout".to_owned(), seconds.into())));
        Value::Object(members)
    }
}

impl AuthenticationScheme {
    fn to_value(self) -> Value {
        json!({
            "type": self.kind,
            "name": self.name,
            "description": self.description,
            "specUri": self.spec_uri,
            "primary": self.primary,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_what_is_not_offered_is_said_so() {
        let config = ServiceProviderConfig {
            documentation_uri: None,
            patch: true,
            bulk: None,
            filter: Some(Filtering { max_results: 200 }),
            change_password: false,
            sort: false,
            etag: false,
            pagination: Some(Pagination {
                cursor: true,
                index: true,
                default_method: "index",
                default_page_size: 100,
                max_page_size: 999,
                cursor_timeout: None,
            }),
            authentication_schemes: &[],
        };
        let value = config.to_value("https://example.com/ServiceProviderConfig");
        assert_eq!(value["bulk"], json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 }));
        assert_eq!(value["filter"], json!({ "supported": true, "maxResults": 200 }));
        assert_eq!(
            value["pagination"],
            json!({ "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 999 })
        );
        assert!(value.get("documentationUri").is_none());
    }
}
