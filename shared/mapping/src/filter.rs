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
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one a request")]
pub enum Translation {
    /// Nothing can match, so nothing need be asked.
    Nothing,
    /// What to ask, and what is left to do with the answer.
    Query(Query),
}

/// A query whose answer holds every object that matches, and those that don't where there is a residual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which objects are looked through.
    pub source: Source,
    /// The text of `$filter`, not yet percent-encoded.
    pub text: Option<String>,
    /// Whether it needs `ConsistencyLevel: eventual` and `$count=true`.
    pub advanced: bool,
    /// Whether one object matches at most, so that a count is not worth asking for.
    pub unique: bool,
    /// What the rendered resource must match besides, by [`scim::filter::evaluate`].
    pub residual: Option<Filter>,
    /// The attributes that the residual looks at, as a projection names them.
    pub paths: Vec<String>,
}

/// Which objects are looked through.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Source {
    /// All of the collection.
    #[default]
    Collection,
    /// Those of the mapping's type that the directory object `id` is related to: `GET /users/{id}/memberOf`.
    Relation {
        /// The id of the object, of whatever type it is.
        id: String,
        /// Graph's name of the relationship, below that object.
        relation: &'static str,
    },
}

/// Translates a resolved filter.
///
/// # Errors
///
/// `invalidFilter` for what can neither be asked of Graph nor be told from a resource.
pub fn translate(mapping: &'static Mapping, settings: &Settings, filter: &Filter) -> Result<Translation> {
    let mut query = Query::default();
    let (mut texts, mut residual) = (Vec::new(), Vec::new());
    for condition in filter.conditions() {
        match simple(mapping, settings, condition) {
            Ok(Simple::Nothing) => return Ok(Translation::Nothing),
            Ok(Simple::Query { text, advanced, unique }) => {
                texts.push(text);
                query.advanced |= advanced;
                query.unique |= unique;
            }
            Err(_) => {
                named(condition, &mut query.paths);
                residual.push(condition.clone());
            }
        }
    }
    query.text = (!texts.is_empty()).then(|| texts.join(" and "));
    query.residual = (!residual.is_empty()).then(|| Filter::all(residual));
    Ok(Translation::Query(query))
}

/// Collects the attributes that a filter names.
fn named(filter: &Filter, paths: &mut Vec<String>) {
    match filter {
        Filter::And(inner) | Filter::Or(inner) => inner.iter().for_each(|filter| named(filter, paths)),
        Filter::Not(inner) => named(inner, paths),
        Filter::ValuePath(path, _) | Filter::Present(path) | Filter::Compare(path, ..) => {
            let path = AttributePath { sub_attribute: None, ..path.clone() }.to_string();
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
}

/// A part of a filter that Graph can do.
#[derive(PartialEq)]
enum Simple {
    Nothing,
    Query { text: String, advanced: bool, unique: bool },
}

fn simple(mapping: &'static Mapping, settings: &Settings, filter: &Filter) -> Result<Simple> {
    match filter {
        Filter::And(conditions) => {
            let parts = conditions.iter().map(|part| simple(mapping, settings, part)).collect::<Result<Vec<_>>>()?;
            Ok(join(parts, " and "))
        }
        Filter::Or(alternatives) => {
            let parts = alternatives.iter().map(|part| simple(mapping, settings, part)).collect::<Result<Vec<_>>>()?;
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

fn join(parts: Vec<Simple>, operator: &str) -> Simple {
    let mut texts = Vec::new();
    let (mut advanced, mut unique) = (false, false);
    for part in parts {
        match part {
            Simple::Nothing => return Simple::Nothing,
            Simple::Query { text, advanced: needs, unique: one } => {
                texts.push(text);
                advanced |= needs;
                unique |= one;
            }
        }
    }
    Simple::Query { text: texts.join(operator), advanced, unique }
}

fn any(parts: Vec<Simple>) -> Simple {
    let parts: Vec<_> = parts.into_iter().filter(|part| *part != Simple::Nothing).collect();
    match parts.len() {
        0 => Simple::Nothing,
        1 => parts.into_iter().next().unwrap_or(Simple::Nothing),
        _ => match join(parts, " or ") {
            Simple::Query { text, advanced, .. } => {
                Simple::Query { text: format!("({text})"), advanced, unique: false }
            }
            Simple::Nothing => Simple::Nothing,
        },
    }
}

/// `emails[type eq "work" and value eq "x"]`: the type picks the property, the rest compares it.
fn value_path(mapping: &'static Mapping, settings: &Settings, path: &AttributePath, inner: &Filter) -> Result<Simple> {
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
) -> Result<Simple> {
    if path.schema.is_none() && path.name == "id" && operator == Operator::Equal {
        let text = format!("id eq {}", literal(value));
        return Ok(Simple::Query { text, advanced: false, unique: true });
    }
    let sub_attribute = path.sub_attribute.as_deref();
    if let Some(link) = mapping.link(path.schema.as_deref(), &path.name).filter(|link| !link.many)
        && matches!((sub_attribute, operator), (None | Some("value"), Operator::Equal))
    {
        let text = format!("{}/id eq {}", link.navigation, literal(value));
        return Ok(Simple::Query { text, advanced: false, unique: false });
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

fn term(settings: &Settings, row: &'static Row, operator: Operator, value: &Value) -> Result<Simple> {
    let Some(property) = settings.property_of(row) else { return Ok(Simple::Nothing) };
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
    Ok(Simple::Query { text, advanced, unique })
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
            Ok(Translation::Query(query)) => format!(
                "{}{}{}",
                query.text.unwrap_or_default(),
                if query.advanced { " !" } else { "" },
                query.residual.map_or_else(String::new, |residual| format!(" | {residual}"))
            ),
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
    fn what_graph_cannot_filter_is_left_over() {
        check("title eq \"B\" and displayName co \"a\"", "jobTitle eq 'B' | displayName co \"a\"");
    }
}
