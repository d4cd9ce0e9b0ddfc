//! A query over resources of several types: at the root of the service. RFC 7644 sections 3.4.2.1 and 3.4.3.

use serde_json::Value;

use super::parameters::Parameters;
use super::{Query, Sort, Start};
use crate::error::Result;
use crate::filter::{Filter, Narrowed};
use crate::projection::Projection;
use crate::schema::ResourceType;

/// A query that is not looked at with a resource type yet.
///
/// ```
/// # use scim::schema::{Attribute, ResourceType, Schema};
/// # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
/// #     attributes: &[Attribute::string("userName")] };
/// # static GROUP: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:Group", name: "Group", description: "",
/// #     attributes: &[Attribute::string("displayName")] };
/// # static USERS: ResourceType =
/// #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
/// # static GROUPS: ResourceType =
/// #     ResourceType { name: "Group", endpoint: "/Groups", description: "", schema: &GROUP, extensions: &[] };
/// use scim::list::Search;
///
/// let search = Search::parse([("filter", r#"userName sw "a" or displayName sw "b""#)])?;
/// let filter = |resource_type| Some(search.for_type(resource_type).ok()??.filter?.to_string());
/// assert_eq!(filter(&USERS).as_deref(), Some(r#"userName sw "a""#));
/// assert_eq!(filter(&GROUPS).as_deref(), Some(r#"displayName sw "b""#));
/// # Ok::<(), scim::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources, as the client wrote it.
    pub filter: Option<Filter>,
    /// In which order; [`sort::key`](crate::sort::key) makes keys of resources of all types comparable.
    pub sort: Option<Sort>,
    /// Where the page begins.
    pub start: Start,
    /// How many at most; `None` leaves it to the service.
    pub count: Option<u64>,
    /// The parameter `attributes`.
    pub attributes: Option<String>,
    /// The parameter `excludedAttributes`.
    pub excluded_attributes: Option<String>,
}

impl Search {
    /// Reads the parameters of a URL, decoded; the first of a name counts, unknown ones do not.
    ///
    /// # Errors
    /// `invalidFilter` for a filter that is not well-formed; `invalidCursor`; `invalidCount` or `invalidValue` for what
    /// is no number; `invalidValue` for the rest.
    pub fn parse<K: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self> {
        Parameters::from_pairs(pairs).read()
    }

    /// Reads the body of a `.search`.
    ///
    /// # Errors
    /// `invalidSyntax` if it is no SearchRequest, else as [`Search::parse`].
    pub fn from_search_request(body: &Value) -> Result<Self> {
        Parameters::from_body(body)?.read()
    }

    /// The query as it is for one of the types; `None` if no resource of the type can match.
    ///
    /// An attribute that the type does not have counts as one without a value.
    ///
    /// # Errors
    /// `invalidFilter` for an attribute of the type that cannot be compared like that, `invalidValue` if both
    /// `attributes` and `excludedAttributes` are given.
    pub fn for_type(&self, resource_type: &'static ResourceType) -> Result<Option<Query>> {
        let filter = match self.filter.as_ref().map(|filter| filter.narrow(resource_type)).transpose()? {
            None | Some(Narrowed::All) => None,
            Some(Narrowed::Some(filter)) => Some(filter),
            Some(Narrowed::Nothing) => return Ok(None),
        };
        let projection = self.projection(resource_type)?;
        Ok(Some(Query { filter, projection, sort: self.sort.clone(), start: self.start.clone(), count: self.count }))
    }

    pub(super) fn projection(&self, resource_type: &'static ResourceType) -> Result<Projection> {
        Projection::parse(self.attributes.as_deref(), self.excluded_attributes.as_deref(), resource_type)
    }
}
