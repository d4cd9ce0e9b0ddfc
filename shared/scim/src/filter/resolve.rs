//! Checks a filter against the schema and puts it into canonical form.

use serde_json::Value;

use super::{Filter, Operator};
use crate::error::{Error, Result};
use crate::path::{AttributePath, shorten};
use crate::schema::{Attribute, Kind, ResourceType, Returned};
use crate::value::{boolean, date_time};

/// The filter in terms of the resource type.
pub(super) fn resolve(filter: &Filter, resource_type: &ResourceType) -> Result<Filter> {
    match filter {
        Filter::Or(inner) => Ok(Filter::any(each(inner, |filter| resolve(filter, resource_type))?)),
        Filter::And(inner) => Ok(Filter::all(each(inner, |filter| resolve(filter, resource_type))?)),
        Filter::Not(inner) => Ok(Filter::Not(Box::new(resolve(inner, resource_type)?))),
        Filter::ValuePath(path, inner) => {
            let target = path.resolve(resource_type).ok_or_else(|| unknown(path, resource_type.name))?;
            refuse_secret(path, target.attribute)?;
            Ok(Filter::ValuePath(target.path(), Box::new(resolve_values(inner, target.attribute)?)))
        }
        Filter::Present(path) => {
            let target = path.resolve(resource_type).ok_or_else(|| unknown(path, resource_type.name))?;
            refuse_secret(path, target.attribute)?;
            Ok(Filter::Present(target.path()))
        }
        Filter::Compare(path, operator, value) => {
            let mut target = path.resolve(resource_type).ok_or_else(|| unknown(path, resource_type.name))?;
            refuse_secret(path, target.attribute)?;
            if target.leaf().kind == Kind::Complex {
                target.sub_attribute = Some(value_of(target.attribute)?);
            }
            Ok(Filter::Compare(target.path(), *operator, operand(path, target.leaf(), *operator, value)?))
        }
    }
}

/// The filter between the brackets of `attribute[...]`.
pub(crate) fn resolve_values(filter: &Filter, attribute: &Attribute) -> Result<Filter> {
    match filter {
        Filter::Or(inner) => Ok(Filter::any(each(inner, |filter| resolve_values(filter, attribute))?)),
        Filter::And(inner) => Ok(Filter::all(each(inner, |filter| resolve_values(filter, attribute))?)),
        Filter::Not(inner) => Ok(Filter::Not(Box::new(resolve_values(inner, attribute)?))),
        Filter::ValuePath(path, _) => Err(Error::invalid_filter(format!("'{path}[' cannot stand inside brackets"))),
        Filter::Present(path) => Ok(Filter::Present(part_path(part(path, attribute)?))),
        Filter::Compare(path, operator, value) => {
            let part = part(path, attribute)?;
            Ok(Filter::Compare(part_path(part), *operator, operand(path, part, *operator, value)?))
        }
    }
}

fn each(filters: &[Filter], resolve: impl Fn(&Filter) -> Result<Filter>) -> Result<Vec<Filter>> {
    filters.iter().map(resolve).collect()
}

fn part(path: &AttributePath, attribute: &Attribute) -> Result<&'static Attribute> {
    let found = match path {
        AttributePath { schema: None, name, sub_attribute: None } => attribute.sub_attribute(name),
        _ => None,
    };
    found.ok_or_else(|| unknown(path, attribute.name))
}

fn part_path(part: &Attribute) -> AttributePath {
    AttributePath { schema: None, name: part.name.to_owned(), sub_attribute: None }
}

fn value_of(attribute: &Attribute) -> Result<&'static Attribute> {
    attribute.value_attribute().ok_or_else(|| {
        let name = attribute.name;
        let example = attribute.sub_attributes.first().map_or("value", |part| part.name);
        Error::invalid_filter(format!("'{name}' is complex: compare one of its parts, such as {name}.{example}"))
    })
}

/// A comparison with what is never returned would let a caller guess it piece by piece; what is open has no type.
fn refuse_secret(path: &AttributePath, attribute: &Attribute) -> Result<()> {
    match attribute.returned == Returned::Never || attribute.open {
        true => Err(Error::invalid_filter(format!("'{path}' cannot be filtered by"))),
        false => Ok(()),
    }
}

/// The value to compare with, of the attribute's type.
fn operand(path: &AttributePath, attribute: &Attribute, operator: Operator, value: &Value) -> Result<Value> {
    let refuse = |why: &str| Err(Error::invalid_filter(format!("'{path} {operator}': {why}")));
    if value.is_null() {
        return match operator {
            Operator::Equal | Operator::NotEqual => Ok(Value::Null),
            _ => refuse("null can only be compared by eq and ne"),
        };
    }
    let kind = attribute.kind;
    if operator.is_ordering() && matches!(kind, Kind::Boolean | Kind::Binary | Kind::Complex) {
        return refuse(&format!("a {kind} value has no order; use eq or ne"));
    }
    if operator.is_substring() && matches!(kind, Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Complex) {
        return refuse(&format!("a {kind} value has no substrings; use eq or ne"));
    }
    match (kind, value) {
        (Kind::Boolean, _) => match boolean(value) {
            Some(boolean) => Ok(Value::Bool(boolean)),
            None => refuse("the attribute is boolean: compare with true or false"),
        },
        (Kind::Integer, Value::Number(number)) if !number.is_f64() => Ok(value.clone()),
        (Kind::Integer, _) => refuse("the attribute is an integer: compare with a whole number"),
        (Kind::Decimal, Value::Number(_)) => Ok(value.clone()),
        (Kind::Decimal, _) => refuse("the attribute is a decimal: compare with a number"),
        (Kind::DateTime, Value::String(text)) if operator.is_substring() || date_time(text).is_some() => {
            Ok(value.clone())
        }
        (Kind::DateTime, _) => refuse("the attribute is a dateTime: compare with \"2026-01-31T08:00:00Z\""),
        (_, Value::String(_)) => Ok(value.clone()),
        _ => refuse(&format!("the attribute is a {kind}: compare with \"text\" in quotation marks")),
    }
}

fn unknown(path: &AttributePath, of: &str) -> Error {
    Error::invalid_filter(format!("'{}' is not an attribute of {of}", shorten(&path.to_string())))
}
