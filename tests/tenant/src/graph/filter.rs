//! `$filter`: what it says, whether Graph supports it, and which users it fits.

use serde_json::Value;

use crate::directory::identifier;

mod evaluate;
mod parse;
mod support;

pub(crate) use evaluate::{Subject, fits};
pub(crate) use parse::parse;
pub(crate) use support::check;

/// A filter, parsed.
#[derive(Debug, PartialEq)]
pub(crate) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    /// `path/any(x:inner)`, or `path/any()` without an inner expression.
    Any {
        path: String,
        inner: Option<Box<Expression>>,
    },
    Test(Test),
}

/// One comparison.
#[derive(Debug, PartialEq)]
pub(crate) struct Test {
    /// The path from the user, with `*` for the range variable: `proxyAddresses/*`.
    pub(crate) path: String,
    /// The path from the range variable; the same as `path` outside lambdas.
    pub(crate) relative: String,
    pub(crate) operator: Operator,
    /// One literal; for `in` one or more.
    pub(crate) literals: Vec<Literal>,
}

/// The operators and functions of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    In,
    StartsWith,
    EndsWith,
    Contains,
}

impl Operator {
    /// The name in the published facts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::In => "in",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
        }
    }
}

/// A literal, with its text where it has one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Boolean(bool),
    Number(i64),
    Text(String),
    DateTime(String),
    Guid(String),
}

/// A test that only one row, or few, can pass: found through an index instead of a scan.
pub(crate) fn key_of(expression: &Expression) -> Option<(&str, &str)> {
    match expression {
        Expression::And(left, right) => key_of(left).or_else(|| key_of(right)),
        Expression::Test(test) if test.operator == Operator::Eq => match (test.path.as_str(), test.literals.first()) {
            (path @ ("id" | "mail" | "userPrincipalName"), Some(Literal::Text(text))) => Some((path, text)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a name is one of a directory extension property: `extension_{application id, 32 hex digits}_{name}`.
pub(crate) fn extension_name(name: &str) -> bool {
    name.strip_prefix("extension_").and_then(|rest| rest.split_once('_')).is_some_and(|(application, rest)| {
        application.len() == 32
            && application.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

impl Literal {
    /// The literal that a text without quotes is.
    fn bare(text: &str) -> Option<Self> {
        match text {
            "null" => Some(Self::Null),
            "true" => Some(Self::Boolean(true)),
            "false" => Some(Self::Boolean(false)),
            _ if identifier::is_guid(text) => Some(Self::Guid(text.to_owned())),
            _ if is_date(text) => Some(Self::DateTime(text.to_owned())),
            _ => text.parse().ok().map(Self::Number),
        }
    }

    /// The type as OData names it.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "Edm.Boolean",
            Self::Number(_) => "Edm.Int32",
            Self::Text(_) => "Edm.String",
            Self::DateTime(_) => "Edm.DateTimeOffset",
            Self::Guid(_) => "Edm.Guid",
        }
    }

    /// The literal as a property value would be.
    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(value) => Value::from(*value),
            Self::Text(text) | Self::DateTime(text) | Self::Guid(text) => Value::String(text.clone()),
        }
    }
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let date =
        digits(0..4) && digits(5..7) && digits(8..10) && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    date && (text.len() == 10 || chrono::DateTime::parse_from_rfc3339(text).is_ok())
}
