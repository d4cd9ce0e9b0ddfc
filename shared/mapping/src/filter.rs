//! From a SCIM filter to Graph's `$filter`.

use scim::{
    Error, Result,
    filter::{Filter, Operator},
    path::AttributePath,
};
use serde_json::Value;

use crate::{
    Settings,
    mapping::Mapping,
    table::{Capability, Row, Shape},
};

/// What a SCIM filter means to Graph.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Translation {
    /// Nothing can match, so nothing need be asked.
    Nothing,
    /// The text of `$filter`.
    Query {
        /// The expression, not yet percent-encoded.
        text: String,
        /// Whether it needs `ConsistencyLevel: eventual` and `$count=true`.
        advanced: bool,
        /// Whether it names one user at most, so that a count is not worth asking for.
        unique: bool,
    },
}

/// Translates a resolved filter.
///
/// # Errors
///
/// `invalidFilter` for what Graph cannot filter by, with what it can.
pub fn translate(mapping: &'static Mapping, settings: &Settings, filter: &Filter) -> Result<Translation> {
    match filter {
        Filter::And(conditions) => {
            let parts = conditions.iter().map(|part| translate(mapping, settings, part)).collect::<Result<Vec<_>>>()?;
            Ok(join(parts, " and "))
        }
        Filter::Or(alternatives) => {
            let parts =
                alternatives.iter().map(|part| translate(mapping, settings, part)).collect::<Result<Vec<_>>>()?;
            Ok(any(parts))
        }
        Filter::Compare(path, operator, value) => compare(mapping, settings, path, None, *operator, value),
        Filter::ValuePath(path, inner) => value_path(mapping, settings, path, inner),
        Filter::Not(_) => Err(unsupported("not")),
        Filter::Present(_) => Err(unsupported("pr")),
    }
}

fn unsupported(operator: &str) -> Error {
    Error::invalid_filter(format!(
        "{operator} cannot be asked of Microsoft Graph here: use eq or sw, joined by and or or"
    ))
}

fn join(parts: Vec<Translation>, operator: &str) -> Translation {
    let mut texts = Vec::new();
    let (mut advanced, mut unique) = (false, false);
    for part in parts {
        match part {
            Translation::Nothing => return Translation::Nothing,
            Translation::Query { text, advanced: needs, unique: one } => {
                texts.push(text);
                advanced |= needs;
                unique |= one;
            }
        }
    }
    Translation::Query { text: texts.join(operator), advanced, unique }
}

fn any(parts: Vec<Translation>) -> Translation {
    let parts: Vec<_> = parts.into_iter().filter(|part| *part != Translation::Nothing).collect();
    match parts.len() {
        0 => Translation::Nothing,
        1 => parts.into_iter().next().unwrap_or(Translation::Nothing),
        _ => match join(parts, " or ") {
            Translation::Query { text, advanced, .. } => {
                Translation::Query { text: format!("({text})"), advanced, unique: false }
            }
            Translation::Nothing => Translation::Nothing,
        },
    }
}

/// `emails[type eq "work" and value eq "x"]`: the type picks the property, the rest compares it.
fn value_path(
    mapping: &'static Mapping,
    settings: &Settings,
    path: &AttributePath,
    inner: &Filter,
) -> Result<Translation> {
    let mut element = None;
    let mut comparisons = Vec::new();
    for condition in inner.conditions() {
        match condition {
            Filter::Compare(sub, Operator::Equal, Value::String(text)) if sub.name == "type" => {
                element = Some(text.to_lowercase());
            }
            Filter::Compare(sub, Operator::Equal, Value::Bool(true)) if sub.name == "primary" => {
                element.get_or_insert_with(|| "work".to_owned());
            }
            Filter::Compare(sub, operator, value) => comparisons.push((sub, *operator, value)),
            _ => return Err(unsupported("a nested condition")),
        }
    }
    let parts = comparisons
        .into_iter()
        .map(|(sub, operator, value)| {
            let mut path = path.clone();
            path.sub_attribute = Some(sub.name.clone());
            compare(mapping, settings, &path, element.as_deref(), operator, value)
        })
        .collect::<Result<Vec<_>>>()?;
    if parts.is_empty() {
        return Err(Error::invalid_filter(format!("{path}[...] compares no value: add value eq \"...\" to it")));
    }
    Ok(join(parts, " and "))
}

fn compare(
    mapping: &'static Mapping,
    settings: &Settings,
    path: &AttributePath,
    element: Option<&str>,
    operator: Operator,
    value: &Value,
) -> Result<Translation> {
    if path.schema.is_none() && path.name == "id" && operator == Operator::Equal {
        let text = format!("id eq {}", literal(value));
        return Ok(Translation::Query { text, advanced: false, unique: true });
    }
    let sub_attribute = path.sub_attribute.as_deref();
    if let Some(link) = mapping.link(path.schema.as_deref(), &path.name).filter(|link| !link.many)
        && matches!((sub_attribute, operator), (None | Some("value"), Operator::Equal))
    {
        let text = format!("{}/id eq {}", link.navigation, literal(value));
        return Ok(Translation::Query { text, advanced: false, unique: false });
    }
    let rows: Vec<_> = mapping
        .rows
        .iter()
        .filter(|row| row.schema == path.schema.as_deref() && row.attribute == path.name)
        .filter(|row| {
            row.sub_attribute == sub_attribute || (sub_attribute.is_none() && row.sub_attribute == Some("value"))
        })
        .collect();
    if rows.is_empty() {
        return Err(Error::invalid_filter(format!(
            "{path} cannot be filtered by: Microsoft Graph keeps no such property"
        )));
    }
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| element.is_none_or(|element| row.element.is_some_and(|own| own.eq_ignore_ascii_case(element))))
        .collect();
    let parts = rows.into_iter().map(|row| term(settings, row, operator, value)).collect::<Result<Vec<_>>>()?;
    Ok(any(parts))
}

fn term(settings: &Settings, row: &'static Row, operator: Operator, value: &Value) -> Result<Translation> {
    let Some(property) = settings.property_of(row) else { return Ok(Translation::Nothing) };
    let (starts, advanced) = match row.property.filter {
        Capability::No => {
            return Err(Error::invalid_filter(format!(
                "{} cannot be filtered by: Microsoft Graph does not index it",
                row.path()
            )));
        }
        Capability::Equals => (false, false),
        Capability::StartsWith => (true, false),
        Capability::AdvancedEquals => (false, true),
        Capability::AdvancedStartsWith => (true, true),
    };
    let (prefix, many) = match row.property.shape {
        Shape::Many(prefix) => (prefix, true),
        Shape::First => ("", true),
        Shape::Single => ("", false),
    };
    let literal = match value {
        Value::String(text) if !prefix.is_empty() => literal(&Value::String(format!("{prefix}{text}"))),
        Value::String(text) if is_date(row) => text.clone(),
        other => literal(other),
    };
    let variable = if many { "p" } else { property };
    let condition = match operator {
        Operator::Equal => format!("{variable} eq {literal}"),
        Operator::StartsWith if starts => format!("startsWith({variable},{literal})"),
        other => return Err(unsupported(&format!("{} of {}", other.keyword(), row.path()))),
    };
    let text = if many { format!("{property}/any(p:{condition})") } else { condition };
    let unique = row.property.path == "userPrincipalName" && operator == Operator::Equal;
    Ok(Translation::Query { text, advanced, unique })
}

fn is_date(row: &Row) -> bool {
    row.property.path == "employeeHireDate"
}

/// An OData literal; a quote inside a text is doubled.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: &str, expected: &str) {
        let settings = Settings { external_id: Some("extension_x_externalId".to_owned()) };
        let filter = Filter::parse(filter).and_then(|filter| filter.resolve(&crate::USER)).unwrap();
        let actual = match translate(&crate::USERS, &settings, &filter) {
            Ok(Translation::Nothing) => "nothing".to_owned(),
            Ok(Translation::Query { text, advanced, .. }) => format!("{text}{}", if advanced { " !" } else { "" }),
            Err(error) => format!("{}: {}", error.status, error.detail),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn filters_become_odata() {
        check("userName eq \"o'brien@x.y\"", "userPrincipalName eq 'o''brien@x.y'");
        check("USERNAME EQ \"a\" and active eq true", "userPrincipalName eq 'a' and accountEnabled eq true");
        check("externalId eq \"7\"", "extension_x_externalId eq '7'");
        check("emails[type eq \"work\"].value eq \"a\"", "mail eq 'a'");
        check("emails[type eq \"home\"].value eq \"a\"", "nothing");
        check(
            "emails.value eq \"a\"",
            "(mail eq 'a' or otherMails/any(p:p eq 'a') or proxyAddresses/any(p:p eq 'smtp:a'))",
        );
        check("phoneNumbers[type eq \"mobile\"].value eq \"1\"", "mobilePhone eq '1' !");
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"m\"", "manager/id eq 'm'");
        check("id eq \"1\"", "id eq '1'");
        check("displayName sw \"A\" or title eq \"B\"", "(startsWith(displayName,'A') or jobTitle eq 'B')");
    }

    #[test]
    fn what_graph_cannot_filter_is_refused() {
        check(
            "displayName co \"a\"",
            "400: co of displayName cannot be asked of Microsoft Graph here: use eq or sw, joined by and or or",
        );
    }
}
