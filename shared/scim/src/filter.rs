//! The filters of RFC 7644 section 3.4.2.2: reading, printing, checking, evaluating.
//!
//! ```
//! use scim::filter::Filter;
//!
//! let filter = Filter::parse(r#"userType EQ "Intern" or title pr and not(emails[type eq "work"] co "@x.org")"#)?;
//! assert_eq!(
//!     filter.to_string(),
//!     r#"userType eq "Intern" or title pr and not (emails[type eq "work" and value co "@x.org"])"#
//! );
//! # Ok::<(), scim::Error>(())
//! ```

mod evaluate;
mod lexer;
mod narrow;
mod parser;
mod resolve;

use std::fmt;

use serde_json::Value;

use crate::error::Result;
use crate::path::AttributePath;
use crate::schema::ResourceType;

pub use self::evaluate::evaluate;
pub(crate) use self::evaluate::{folded, matches_element, same_text};
pub use self::narrow::Narrowed;
pub(crate) use self::parser::parse_path;
pub(crate) use self::resolve::resolve_values;

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// The deepest nesting of parentheses and brackets.
pub const MAX_DEPTH: usize = 32;
/// The most comparisons in one filter.
pub const MAX_TERMS: usize = 128;

/// A filter as a tree. `Display` prints it in the one canonical form, which parses back to the same tree.
///
/// The parser never puts an [`And`](Filter::And) straight into an `And`, nor an [`Or`](Filter::Or) into an `Or`.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `a or b`: two or more alternatives.
    Or(Vec<Filter>),
    /// `a and b`: two or more conditions.
    And(Vec<Filter>),
    /// `not (a)`
    Not(Box<Filter>),
    /// `emails[type eq "work" and value co "@x"]`: both hold for the same value. Inside, paths name sub-attributes.
    ValuePath(AttributePath, Box<Filter>),
    /// `title pr`
    Present(AttributePath),
    /// `userName eq "bjensen"`: the value is a string, number, boolean or null.
    Compare(AttributePath, Operator, Value),
}

/// The comparison operators; `pr`, which takes no value, is [`Filter::Present`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`: equal.
    Equal,
    /// `ne`: not equal.
    NotEqual,
    /// `co`: contains.
    Contains,
    /// `sw`: starts with.
    StartsWith,
    /// `ew`: ends with.
    EndsWith,
    /// `gt`: greater than.
    Greater,
    /// `ge`: greater than or equal.
    GreaterOrEqual,
    /// `lt`: less than.
    Less,
    /// `le`: less than or equal.
    LessOrEqual,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// The word in a filter.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// The operator with this word, in any letter case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.keyword().eq_ignore_ascii_case(word))
    }

    /// Whether it asks for an order: `gt ge lt le`.
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }

    /// Whether it looks into a string: `co sw ew`.
    pub const fn is_substring(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}

impl Filter {
    /// Reads a filter by its form alone; what it names is checked by [`Filter::resolve`].
    ///
    /// `emails[type eq "work"].value eq "x"` and `emails[type eq "work"] eq "x"`, which Microsoft Entra sends, are
    /// read as `emails[type eq "work" and value eq "x"]`.
    ///
    /// # Errors
    /// `invalidFilter` with the position (in characters, from 1) of what is wrong, also past [`MAX_LENGTH`],
    /// [`MAX_DEPTH`] or [`MAX_TERMS`].
    pub fn parse(text: &str) -> Result<Self> {
        parser::parse(text)
    }

    /// The same filter with names in canonical letter case, the URN of the main schema dropped, a complex attribute
    /// replaced by its `value` (`manager eq "x"` becomes `manager.value eq "x"`) and values of their attribute's type
    /// (`active eq "True"` becomes `active eq true`).
    ///
    /// # Errors
    /// `invalidFilter` for an unknown attribute, or one that cannot be compared like that.
    pub fn resolve(&self, resource_type: &ResourceType) -> Result<Self> {
        resolve::resolve(self, resource_type)
    }

    /// What the filter says of resources of one type, when it is meant for several (RFC 7644 section 3.4.2.1): an
    /// attribute that the type does not have has no value, and `meta.resourceType` is decided at once.
    ///
    /// # Errors
    /// `invalidFilter` for an attribute of the type that cannot be compared like that.
    pub fn narrow(&self, resource_type: &ResourceType) -> Result<Narrowed> {
        narrow::narrow(self, resource_type)
    }

    /// The conditions that must all hold: those of an `And`, or the filter itself.
    pub fn conditions(&self) -> &[Filter] {
        match self {
            Self::And(conditions) => conditions,
            other => std::slice::from_ref(other),
        }
    }

    /// How many comparisons it holds.
    pub(crate) fn terms(&self) -> usize {
        match self {
            Self::Or(inner) | Self::And(inner) => inner.iter().map(Self::terms).sum(),
            Self::Not(inner) | Self::ValuePath(_, inner) => inner.terms(),
            Self::Present(_) | Self::Compare(..) => 1,
        }
    }

    /// Whether all conditions hold; flattens nested `And`s and leaves a single condition alone.
    pub fn all(conditions: impl IntoIterator<Item = Filter>) -> Self {
        let mut flat = Vec::new();
        for condition in conditions {
            match condition {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single_or(flat, Self::And)
    }

    /// Whether any alternative holds; flattens nested `Or`s and leaves a single alternative alone.
    pub fn any(alternatives: impl IntoIterator<Item = Filter>) -> Self {
        let mut flat = Vec::new();
        for alternative in alternatives {
            match alternative {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single_or(flat, Self::Or)
    }
}

fn single_or(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        last => {
            filters.extend(last);
            join(filters)
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.keyword())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(alternatives) => join(formatter, alternatives, " or "),
            Self::And(conditions) => join(formatter, conditions, " and "),
            Self::Not(inner) => write!(formatter, "not ({inner})"),
            Self::ValuePath(path, inner) => write!(formatter, "{path}[{inner}]"),
            Self::Present(path) => write!(formatter, "{path} pr"),
            Self::Compare(path, operator, value) => write!(formatter, "{path} {operator} {value}"),
        }
    }
}

fn join(formatter: &mut fmt::Formatter<'_>, filters: &[Filter], word: &str) -> fmt::Result {
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        match filter {
            Filter::Or(_) => write!(formatter, "({filter})")?,
            _ => write!(formatter, "{filter}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
