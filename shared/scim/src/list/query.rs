//! What a client asks of a list: by the parameters of a GET or the body of a `.search`.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::path::{AttributePath, shorten};
use crate::projection::Projection;
use crate::schema::{Kind, ResourceType, Returned};
use crate::value::member;

/// The schema of the body of a `.search`.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The longest cursor, in bytes.
const MAX_CURSOR: usize = 8 * 1024;

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
    /// The attribute to sort by, in canonical letter case; a complex one stands for its `value`.
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
    /// Where the cursor says; the empty one is the first page.
    Cursor(String),
}

/// The parameters as text, before they are looked at.
#[derive(Default)]
struct Parameters {
    filter: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
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
        let mut parameters = Parameters::default();
        for (name, value) in pairs {
            if let Some(slot) = parameters.slot(name.as_ref())
                && slot.is_none()
            {
                *slot = Some(without_flag(value.into()));
            }
        }
        parameters.read(resource_type)
    }

    /// Reads the body of a `.search` (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    /// `invalidSyntax` if it is no SearchRequest, else as [`Query::parse`].
    pub fn from_search_request(body: &Value, resource_type: &'static ResourceType) -> Result<Self> {
        let wrong = || Error::invalid_syntax(format!("the body must be an object with schemas [\"{SEARCH_SCHEMA}\"]"));
        let members = body.as_object().ok_or_else(wrong)?;
        let is_search = |schema: &Value| schema.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_SCHEMA));
        let schemas = member(members, "schemas").and_then(Value::as_array).ok_or_else(wrong)?;
        if !schemas.iter().any(is_search) {
            return Err(wrong());
        }
        let mut parameters = Parameters::default();
        for (name, value) in members {
            if let Some(slot) = parameters.slot(name) {
                *slot = text(name, value)?;
            }
        }
        parameters.read(resource_type)
    }
}

impl Parameters {
    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name.to_ascii_lowercase().as_str() {
            "filter" => Some(&mut self.filter),
            "attributes" => Some(&mut self.attributes),
            "excludedattributes" => Some(&mut self.excluded_attributes),
            "sortby" => Some(&mut self.sort_by),
            "sortorder" => Some(&mut self.sort_order),
            "startindex" => Some(&mut self.start_index),
            "count" => Some(&mut self.count),
            "cursor" => Some(&mut self.cursor),
            _ => None,
        }
    }

    fn read(self, resource_type: &'static ResourceType) -> Result<Query> {
        let filter = match self.filter.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(filter) => Some(Filter::parse(filter)?.resolve(resource_type)?),
        };
        let attributes = self.attributes.as_deref();
        let projection = Projection::parse(attributes, self.excluded_attributes.as_deref(), resource_type)?;
        let start = match (&self.cursor, &self.start_index) {
            (Some(cursor), _) => Start::Cursor(checked_cursor(cursor)?),
            (None, Some(index)) => Start::Index(number("startIndex", index).map_err(Error::invalid_value)?.max(1)),
            (None, None) => Start::Default,
        };
        let count = self.count.as_deref().map(|count| number("count", count)).transpose();
        let count = count.map_err(|problem| match start {
            Start::Cursor(_) => Error::invalid_count(problem),
            _ => Error::invalid_value(problem),
        })?;
        let sort = self.sort(resource_type)?;
        Ok(Query { filter, projection, sort, start, count })
    }

    fn sort(&self, resource_type: &ResourceType) -> Result<Option<Sort>> {
        let descending = match self.sort_order.as_deref().map(str::trim) {
            None | Some("") => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(Error::invalid_value("'sortOrder' must be ascending or descending")),
        };
        let Some(by) = self.sort_by.as_deref().map(str::trim).filter(|by| !by.is_empty()) else {
            return Ok(None);
        };
        let path = AttributePath::parse(by).ok().and_then(|path| path.resolve(resource_type));
        let refuse = |problem: &str| Err(Error::invalid_value(format!("'sortBy': '{}' {problem}", shorten(by))));
        match path {
            None => refuse("is not an attribute"),
            // The order would tell what is never returned.
            Some(target) if target.leaf().returned == Returned::Never => refuse("cannot be sorted by"),
            Some(target) if target.leaf().kind == Kind::Complex && target.attribute.value_attribute().is_none() => {
                refuse("is complex: sort by one of its parts, such as name.familyName")
            }
            Some(target) => Ok(Some(Sort { by: target.path(), descending })),
        }
    }
}

/// Drops the feature flag that Microsoft Entra puts behind a tenant URL, and with it behind the last parameter.
fn without_flag(mut value: String) -> String {
    // Entra: https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
    for flag in ["?aadOptscim062020", "&aadOptscim062020"] {
        if value.ends_with(flag) {
            value.truncate(value.len() - flag.len());
        }
    }
    value
}

/// A member of a SearchRequest as the text that the parameter of the same name would have.
fn text(name: &str, value: &Value) -> Result<Option<String>> {
    let wrong = || Error::invalid_syntax(format!("'{}' has a value of the wrong type", shorten(name)));
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(items) => {
            let names = items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect::<Result<Vec<_>>>()?;
            Ok(Some(names.join(",")))
        }
        Value::Bool(_) | Value::Object(_) => Err(wrong()),
    }
}

/// A whole number; a negative one counts as 0, one that is too large as the largest.
fn number(name: &str, text: &str) -> std::result::Result<u64, String> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("'{name}' must be a whole number, found '{}'", shorten(text)));
    }
    match text.starts_with('-') {
        true => Ok(0),
        false => Ok(digits.parse().unwrap_or(i64::MAX as u64)),
    }
}

fn checked_cursor(cursor: &str) -> Result<String> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match cursor.len() <= MAX_CURSOR && cursor.bytes().all(is_unreserved) {
        true => Ok(cursor.to_owned()),
        false => Err(Error::invalid_cursor("the cursor was not issued here; begin again with an empty one")),
    }
}
