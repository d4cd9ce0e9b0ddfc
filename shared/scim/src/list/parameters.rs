//! The parameters of a query as text: those of a URL, or the members of the body of a `.search`.

use serde_json::Value;

use super::{Search, Sort, Start};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::path::{AttributePath, shorten};
use crate::value::member;

/// The schema of the body of a `.search`.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The longest cursor, in bytes.
const MAX_CURSOR: usize = 8 * 1024;

/// The parameters as text, before they are looked at.
#[derive(Default)]
pub(super) struct Parameters {
    filter: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
}

impl Parameters {
    /// Those of a URL, decoded; the first of a name counts.
    pub(super) fn from_pairs<K: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            if let Some(slot) = parameters.slot(name.as_ref())
                && slot.is_none()
            {
                *slot = Some(without_flag(value.into()));
            }
        }
        parameters
    }

    /// The members of a SearchRequest.
    pub(super) fn from_body(body: &Value) -> Result<Self> {
        let wrong = || Error::invalid_syntax(format!("the body must be an object with schemas [\"{SEARCH_SCHEMA}\"]"));
        let members = body.as_object().ok_or_else(wrong)?;
        let is_search = |schema: &Value| schema.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_SCHEMA));
        let schemas = member(members, "schemas").and_then(Value::as_array).ok_or_else(wrong)?;
        if !schemas.iter().any(is_search) {
            return Err(wrong());
        }
        let mut parameters = Self::default();
        for (name, value) in members {
            if let Some(slot) = parameters.slot(name) {
                *slot = text(name, value)?;
            }
        }
        Ok(parameters)
    }

    /// What they say, as far as that can be told without a resource type.
    pub(super) fn read(self) -> Result<Search> {
        let filter = match self.filter.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(filter) => Some(Filter::parse(filter)?),
        };
        let index = self.start_index.as_deref().map(|index| number("startIndex", index)).transpose();
        let index = index.map_err(Error::invalid_value)?;
        let start = match (&self.cursor, index) {
            (Some(cursor), _) => Start::Cursor(checked_cursor(cursor)?),
            (None, Some(index)) => Start::Index(index.max(1)),
            (None, None) => Start::Default,
        };
        let count = self.count.as_deref().map(|count| number("count", count)).transpose();
        let count = count.map_err(|problem| match start {
            Start::Cursor(_) => Error::invalid_count(problem),
            _ => Error::invalid_value(problem),
        })?;
        let sort = self.sort()?;
        let (attributes, excluded_attributes) = (self.attributes, self.excluded_attributes);
        Ok(Search { filter, sort, start, count, attributes, excluded_attributes })
    }

    fn sort(&self) -> Result<Option<Sort>> {
        let descending = match self.sort_order.as_deref().map(str::trim) {
            None | Some("") => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(Error::invalid_value("'sortOrder' must be ascending or descending")),
        };
        let Some(by) = self.sort_by.as_deref().map(str::trim).filter(|by| !by.is_empty()) else {
            return Ok(None);
        };
        match AttributePath::parse(by) {
            Ok(by) => Ok(Some(Sort { by, descending })),
            Err(problem) => Err(Error::invalid_value(format!("'sortBy': {problem}"))),
        }
    }

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
