//! What a client asks of a list: by the parameters of a GET or the body of a `.search`.

use serde_json::Value;

use super::Search;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::path::{AttributePath, shorten};
use crate::projection::Projection;
use crate::schema::{Kind, ResourceType, Returned};

/// A query for a list of resources.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which resources, in canonical form.
    pub filter: Option<Filter>,
    /// Which attributes of each.
    pub projection: Projection,
    /// In which order.
    pub sort: Option<Sort>,
    /// Where the page begins.
    pub start: Start,
    /// How many at most; `None` leaves it to the service.
    pub count: Option<u64>,
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The attribute to sort by, in a [`Query`] in canonical letter case; a complex one stands for its `value`.
    pub by: AttributePath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The client does not say, not even how it wants to page.
    Default,
    /// At this position, from 1.
    Index(u64),
    /// Where the cursor says; the empty one is the first page. Beside a cursor `startIndex` does not count.
    Cursor(String),
}

impl Query {
    /// Reads the parameters of a URL, decoded; the first of a name counts, unknown ones do not.
    ///
    /// # Errors
    /// `invalidFilter`; `invalidCursor`; `invalidCount` or `invalidValue` for what is no number; `invalidValue` for the
    /// rest.
    pub fn parse<K: AsRef<str>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (K, V)>,
        resource_type: &'static ResourceType,
    ) -> Result<Self> {
        Self::of(Search::parse(pairs)?, resource_type)
    }

    /// Reads the body of a `.search` (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    /// `invalidSyntax` if it is no SearchRequest, else as [`Query::parse`].
    pub fn from_search_request(body: &Value, resource_type: &'static ResourceType) -> Result<Self> {
        Self::of(Search::from_search_request(body)?, resource_type)
    }

    fn of(search: Search, resource_type: &'static ResourceType) -> Result<Self> {
        let projection = search.projection(resource_type)?;
        let filter = search.filter.map(|filter| filter.resolve(resource_type)).transpose()?;
        let sort = search.sort.map(|sort| sort.resolve(resource_type)).transpose()?;
        Ok(Self { filter, projection, sort, start: search.start, count: search.count })
    }
}

impl Sort {
    fn resolve(self, resource_type: &ResourceType) -> Result<Self> {
        let by = self.by.to_string();
        let refuse = |problem: &str| Err(Error::invalid_value(format!("'sortBy': '{}' {problem}", shorten(&by))));
        match self.by.resolve(resource_type) {
            None => refuse("is not an attribute"),
            // The order would tell what is never returned.
            Some(target) if target.leaf().returned == Returned::Never => refuse("cannot be sorted by"),
            Some(target) if target.leaf().kind == Kind::Complex && target.attribute.value_attribute().is_none() => {
                refuse("is complex: sort by one of its parts, such as name.familyName")
            }
            Some(target) => Ok(Self { by: target.path(), ..self }),
        }
    }
}
