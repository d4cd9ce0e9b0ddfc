//! Which tests Graph supports of objects outside the directory: those that a table names.

use std::collections::BTreeMap;

use crate::contract::{CONTRACT, Property};
use crate::graph::error::{Error, Result};
use crate::graph::filter::support::check_literal;
use crate::graph::filter::{Expression, Operator, Test};

/// A property that `$filter` takes, by its path such as `status/errorCode` or `categories/*`, with its operators.
pub(crate) type Filterable = (&'static str, &'static [Operator]);

/// Refuses a filter that tests something else than what the table names of these properties.
pub(crate) fn check_table(
    expression: &Expression,
    properties: &BTreeMap<String, Property>,
    table: &[Filterable],
) -> Result<()> {
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            check_table(left, properties, table)?;
            check_table(right, properties, table)
        }
        Expression::Any { inner: Some(inner), .. } => check_table(inner, properties, table),
        Expression::Test(test) => check_test(test, properties, table),
        Expression::Not(_) | Expression::Any { inner: None, .. } => Err(unsupported()),
    }
}

fn check_test(test: &Test, properties: &BTreeMap<String, Property>, table: &[Filterable]) -> Result<()> {
    let property = property(&test.path, properties).ok_or_else(|| {
        Error::syntax(format!("Invalid filter clause: Could not find a property named '{}'.", test.path))
    })?;
    let operators = table.iter().find(|(path, _)| *path == test.path).map(|(_, operators)| *operators);
    if !operators.is_some_and(|operators| operators.contains(&test.operator)) {
        return Err(unsupported());
    }
    test.literals.iter().try_for_each(|literal| check_literal(property, test, literal))
}

fn property<'a>(path: &str, properties: &'a BTreeMap<String, Property>) -> Option<&'a Property> {
    let mut segments = path.split('/').filter(|segment| *segment != "*");
    let head = properties.get(segments.next()?)?;
    segments.try_fold(head, |property, segment| CONTRACT.complex(&property.type_name)?.get(segment))
}

fn unsupported() -> Error {
    Error::unsupported_query("Unsupported or invalid query filter clause specified.")
}
