//! `$filter`: what it says, whether Graph supports it, and which users it fits.

use serde_json::Value;

use crate::directory::identifier;

mod evaluate;
mod parse;
mod support;
mod table;

pub(crate) use evaluate::{Subject, fits};
pub(crate) use parse::parse;
pub(crate) use support::check;
pub(crate) use table::{Filterable, check_table};

/// How paths to custom security attributes begin: their values are compared case by case, and lists by their items.
const SECURITY_ATTRIBUTES: &str = "customSecurityAttributes/";

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

/// The directory extension properties that a filter tests.
pub(crate) fn extensions_of(expression: &Expression) -> Vec<&str> {
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            [extensions_of(left), extensions_of(right)].concat()
        }
        Expression::Not(inner) => extensions_of(inner),
        Expression::Any { path, .. } => Vec::from_iter(extension_in(path)),
        Expression::Test(test) => Vec::from_iter(extension_in(&test.path)),
    }
}

fn extension_in(path: &str) -> Option<&str> {
    path.split('/').next().filter(|head| extension_name(head))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Object(Value);

    impl Subject for Object {
        fn value(&self, name: &str) -> Value {
            self.0.get(name).cloned().unwrap_or_default()
        }
    }

    #[test]
    fn filters_fit_or_do_not() {
        let user = Object(json!({
            "displayName": "Zoë O'Neil", "accountEnabled": true, "createdDateTime": "2020-05-01T10:00:00Z", "city": null,
            "proxyAddresses": ["SMTP:a@b.c", "smtp:d@e.f"], "assignedLicenses": [],
            "identities": [{"issuer": "one", "issuerAssignedId": "1"}, {"issuer": "two", "issuerAssignedId": "2"}],
            "employeeOrgData": {"division": "East"},
        }));
        let cases = [
            ("displayName eq 'ZOË o''neil'", true),
            ("displayName ne 'x' and accountEnabled eq true", true),
            ("accountEnabled eq false or city eq null", true),
            ("not (accountEnabled eq true)", false),
            ("not startswith(displayName,'zo')", false),
            ("endswith(displayName,'NEIL')", true),
            ("displayName in ('a','zoë o''neil')", true),
            ("createdDateTime ge 2020-05-01", true),
            ("createdDateTime lt 2020-05-01T09:00:00+00:00", false),
            ("createdDateTime eq 2020-05-01T12:00:00+02:00", true),
            ("proxyAddresses/any(p:p eq 'smtp:A@B.C')", true),
            ("proxyAddresses/any(p:startswith(p,'x'))", false),
            ("proxyAddresses/$count ne 0", true),
            ("assignedLicenses/any()", false),
            // Both members must be those of the same identity.
            ("identities/any(i:i/issuer eq 'one' and i/issuerAssignedId eq '2')", false),
            ("identities/any(i:i/issuer eq 'two' and i/issuerAssignedId eq '2')", true),
            ("employeeOrgData/division eq 'east'", true),
            // `and` binds closer than `or`.
            ("accountEnabled eq true or accountEnabled eq false and city ne null", true),
            ("(accountEnabled eq true or accountEnabled eq false) and city ne null", false),
        ];
        for (text, expected) in cases {
            let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
            assert_eq!(fits(&filter, &user), expected, "{text}");
        }
    }

    #[test]
    fn an_index_is_used_only_where_it_decides() {
        let cases = [
            ("mail eq 'a@b.c'", Some(("mail", "a@b.c"))),
            ("accountEnabled eq true and id eq 'x'", Some(("id", "x"))),
            ("mail eq 'a@b.c' or id eq 'x'", None),
            ("not (mail eq 'a@b.c')", None),
            ("startswith(mail,'a')", None),
        ];
        for (text, expected) in cases {
            assert_eq!(key_of(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn names_of_extension_properties() {
        assert!(extension_name("extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId"));
        for name in [
            "extension_x_externalId",
            "externalId",
            "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_",
            "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_a-b",
        ] {
            assert!(!extension_name(name), "{name}");
        }
    }
}
