//! Which tests Graph supports: by the operators its pages name, and by its table of what needs an advanced query.

use crate::contract::{CONTRACT, NAMESPACE, ObjectType, Property, Schema, Support};
use crate::graph::error::{Error, Result};
use crate::graph::filter::{Expression, Literal, Operator, SECURITY_ATTRIBUTES, Test, extension_name};
use crate::graph::security_attributes;

/// Refuses a filter that Graph would refuse for objects of all of these types; `advanced` says whether the query is an
/// advanced one.
pub(crate) fn check(expression: &Expression, types: &[ObjectType], advanced: bool) -> Result<()> {
    let mut refusal = None;
    for object_type in types {
        match needs_advanced(object_type.schema(), expression) {
            Ok(needed) if needed && !advanced => {
                return Err(Error::unsupported_query(
                    "Unsupported Query. The filter needs the header 'ConsistencyLevel: eventual' and '$count=true'.",
                ));
            }
            Ok(_) => return Ok(()),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    refusal.map_or(Ok(()), Err)
}

fn needs_advanced(schema: &'static Schema, expression: &Expression) -> Result<bool> {
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            Ok(needs_advanced(schema, left)? | needs_advanced(schema, right)?)
        }
        Expression::Not(inner) => needs_advanced(schema, inner).map(|_| true),
        Expression::Any { path, inner } => {
            let property = walk(schema, path)?;
            if !property.is_some_and(|property| property.collection) {
                return Err(unsupported(schema, path));
            }
            inner.as_ref().map_or(Ok(false), |inner| needs_advanced(schema, inner))
        }
        Expression::Test(test) => test_needs_advanced(schema, test),
    }
}

fn test_needs_advanced(schema: &'static Schema, test: &Test) -> Result<bool> {
    if let Some(collection) = test.path.strip_suffix("/$count") {
        return count_needs_advanced(schema, test, collection);
    }
    if test.path.starts_with(SECURITY_ATTRIBUTES) && schema.object_type == ObjectType::User {
        let supported = security_attributes::can_be_tested(&test.path, test.operator);
        return if supported { Ok(true) } else { Err(unsupported(schema, &test.path)) };
    }
    let Some(property) = walk(schema, &test.path)? else {
        // An extension property, or the id of the manager.
        return Ok(matches!(test.operator, Operator::Ne | Operator::EndsWith));
    };
    // A collection is compared through `any`; a complex property through its members.
    if (property.collection && !test.path.contains('*'))
        || CONTRACT.complex(&property.type_name).is_some() && !property.collection
    {
        return Err(unsupported(schema, &test.path));
    }
    for literal in &test.literals {
        check_literal(property, test, literal)?;
    }
    if test.path == "id" {
        return Ok(test.operator == Operator::Ne);
    }
    let is_null = test.literals.contains(&Literal::Null);
    let state = documented(schema, &test.path, property, test.operator, is_null)?;
    Ok(state == Support::Advanced || matches!(test.operator, Operator::Ne | Operator::EndsWith))
}

/// The support of an operator on a property; the table of the pages goes before the text of the property.
fn documented(schema: &Schema, path: &str, property: &Property, operator: Operator, is_null: bool) -> Result<Support> {
    let root = path.split('/').next().and_then(|head| schema.property(head)).unwrap_or(property);
    let text =
        [property, root].into_iter().find_map(|property| property.filter.as_deref().filter(|names| *names != ["*"]));
    let row = schema.filter_row(path);
    let named = |name: &str| text.is_some_and(|names| names.iter().any(|known| known == name));
    let name = if is_null { "eqNull" } else { operator.name() };
    let in_text = named(name) || (operator == Operator::In && named("eq"));
    let column = match (is_null, operator) {
        (true, _) => "null",
        (false, Operator::In | Operator::Ne) => "eq",
        (false, operator) => operator.name(),
    };
    match row.and_then(|row| row.get(column)) {
        Some(Support::Unsupported) | None if !in_text => Err(unsupported(schema, path)),
        Some(Support::Advanced) => Ok(Support::Advanced),
        _ => Ok(Support::Default),
    }
}

fn count_needs_advanced(schema: &Schema, test: &Test, collection: &str) -> Result<bool> {
    let known = schema.property(collection).or_else(|| schema.navigation(collection));
    let property = known.ok_or_else(|| unknown(schema, collection))?;
    let documented = |number: i64| {
        let form = format!("/$count {} {number}", test.operator.name());
        property.filter.iter().flatten().any(|name| *name == form)
    };
    match test.literals.as_slice() {
        [Literal::Number(number)] if documented(*number) => Ok(true),
        _ => Err(unsupported(schema, &test.path)),
    }
}

/// The property at the end of a path; `None` for extension properties and `manager/id`, which have no published facts.
fn walk(schema: &'static Schema, path: &str) -> Result<Option<&'static Property>> {
    let mut segments = path.split('/').filter(|segment| *segment != "*");
    let head = segments.next().unwrap_or_default();
    let is_manager = schema.object_type == ObjectType::User && path == "manager/id";
    if extension_name(head) || is_manager {
        return Ok(None);
    }
    let mut property = schema.property(head).ok_or_else(|| unknown(schema, head))?;
    for segment in segments {
        property = CONTRACT
            .complex(&property.type_name)
            .and_then(|members| members.get(segment))
            .ok_or_else(|| unknown(schema, segment))?;
    }
    Ok(Some(property))
}

pub(super) fn check_literal(property: &Property, test: &Test, literal: &Literal) -> Result<()> {
    let fits = match (property.type_name.as_str(), literal) {
        (_, Literal::Null) => !matches!(test.operator, Operator::StartsWith | Operator::EndsWith | Operator::Contains),
        ("Edm.String", literal) => matches!(literal, Literal::Text(_)),
        ("Edm.Boolean", literal) => matches!(literal, Literal::Boolean(_)),
        ("Edm.DateTimeOffset", literal) => matches!(literal, Literal::DateTime(_)),
        ("Edm.Guid", literal) => matches!(literal, Literal::Guid(_)),
        ("Edm.Int32", literal) => matches!(literal, Literal::Number(_)),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    Err(Error::syntax(format!(
        "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator '{}'.",
        property.type_name,
        literal.type_name(),
        test.operator.name()
    )))
}

fn unsupported(schema: &Schema, path: &str) -> Error {
    let resource = schema.object_type.resource();
    let text =
        format!("Unsupported or invalid query filter clause specified for property '{path}' of resource '{resource}'.");
    Error::unsupported_query(text)
}

fn unknown(schema: &Schema, name: &str) -> Error {
    let type_name = schema.object_type.name();
    Error::syntax(format!(
        "Invalid filter clause: Could not find a property named '{name}' on type '{NAMESPACE}{type_name}'."
    ))
}
