//! The conditions that a filter asks for together, and the attributes that they look at.

use std::collections::BTreeSet;

use scim::{
    filter::{Filter, Operator},
    path::AttributePath,
};
use serde_json::Value;

use super::{Source, literal};
use crate::mapping::Mapping;

/// The conditions that must all hold; ids in lower case, as Graph has them.
pub(super) fn conditions(mapping: &'static Mapping, filter: &Filter) -> Vec<Filter> {
    match filter {
        Filter::And(inner) => inner.iter().flat_map(|filter| conditions(mapping, filter)).collect(),
        Filter::Not(inner) => match inner.as_ref() {
            Filter::Not(inner) => conditions(mapping, inner),
            Filter::Or(inner) => {
                let each = inner.iter().map(|filter| Filter::Not(Box::new(filter.clone())));
                each.flat_map(|filter| conditions(mapping, &filter)).collect()
            }
            _ => vec![with_plain_ids(mapping, filter)],
        },
        _ => vec![with_plain_ids(mapping, filter)],
    }
}

fn with_plain_ids(mapping: &'static Mapping, filter: &Filter) -> Filter {
    let each = |filters: &[Filter]| filters.iter().map(|filter| with_plain_ids(mapping, filter)).collect();
    match filter {
        Filter::Or(inner) => Filter::Or(each(inner)),
        Filter::And(inner) => Filter::And(each(inner)),
        Filter::Not(inner) => Filter::Not(Box::new(with_plain_ids(mapping, inner))),
        Filter::ValuePath(path, inner) if mapping.link(path.schema.as_deref(), &path.name).is_some() => {
            Filter::ValuePath(path.clone(), Box::new(with_plain_values(inner)))
        }
        Filter::Compare(path, operator, Value::String(id))
            if literal::is_guid(id)
                && ((path.schema.is_none() && path.name == "id")
                    || mapping.link(path.schema.as_deref(), &path.name).is_some()) =>
        {
            Filter::Compare(path.clone(), *operator, Value::String(id.to_ascii_lowercase()))
        }
        Filter::ValuePath(..) | Filter::Present(_) | Filter::Compare(..) => filter.clone(),
    }
}

/// The same between the brackets of a relationship.
fn with_plain_values(filter: &Filter) -> Filter {
    let each = |filters: &[Filter]| filters.iter().map(with_plain_values).collect();
    match filter {
        Filter::Or(inner) => Filter::Or(each(inner)),
        Filter::And(inner) => Filter::And(each(inner)),
        Filter::Not(inner) => Filter::Not(Box::new(with_plain_values(inner))),
        Filter::Compare(path, operator, Value::String(id)) if path.name == "value" && literal::is_guid(id) => {
            Filter::Compare(path.clone(), *operator, Value::String(id.to_ascii_lowercase()))
        }
        other => other.clone(),
    }
}

/// The objects among which a condition such as `members.value eq "…"` leaves all that match, and whether no others.
pub(super) fn source(mapping: &'static Mapping, condition: &Filter) -> Option<(Source, bool)> {
    let is_value = |path: &AttributePath| path.sub_attribute.as_deref() == Some("value");
    let (path, id, exact) = match condition {
        Filter::Compare(path, Operator::Equal, Value::String(id)) if is_value(path) => (path, id, true),
        Filter::ValuePath(path, inner) => {
            let id = inner.conditions().iter().find_map(|condition| match condition {
                Filter::Compare(part, Operator::Equal, Value::String(id)) if part.name == "value" => Some(id),
                _ => None,
            })?;
            (path, id, inner.conditions().len() == 1)
        }
        _ => return None,
    };
    let link = mapping.link(path.schema.as_deref(), &path.name).filter(|link| link.many)?;
    let relation = inverse(link.navigation).filter(|_| literal::is_guid(id))?;
    Some((Source::Relation { id: id.clone(), relation }, exact))
}

/// The relationship seen from its other end.
fn inverse(navigation: &str) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 3] =
        [("members", "memberOf"), ("transitiveMembers", "transitiveMemberOf"), ("owners", "ownedObjects")];
    PAIRS.into_iter().find_map(|pair| match pair {
        (one, other) if one == navigation => Some(other),
        (one, other) if other == navigation => Some(one),
        _ => None,
    })
}

/// The attributes that a filter looks at, as a projection names them: whole ones, since elements come whole.
pub(super) fn paths(mapping: &'static Mapping, filter: &Filter) -> Vec<String> {
    let mut paths = BTreeSet::new();
    collect(mapping, filter, &mut paths);
    paths.into_iter().collect()
}

fn collect(mapping: &'static Mapping, filter: &Filter, paths: &mut BTreeSet<String>) {
    match filter {
        Filter::And(inner) | Filter::Or(inner) => inner.iter().for_each(|filter| collect(mapping, filter, paths)),
        Filter::Not(inner) => collect(mapping, inner, paths),
        Filter::ValuePath(path, _) | Filter::Present(path) | Filter::Compare(path, ..) => {
            match (path.schema.as_deref(), path.name.as_str()) {
                // Which extensions a resource has is known when all of each is there.
                (None, "schemas") => {
                    let extensions = mapping.resource_type.extensions.iter();
                    let extensions = extensions.filter(|extension| !extension.schema.is_open());
                    paths.extend(extensions.map(|extension| extension.schema.id.to_owned()));
                }
                (None, "meta") => {
                    paths.insert(path.to_string());
                }
                (None, name) => {
                    paths.insert(name.to_owned());
                }
                (Some(schema), name) => {
                    paths.insert(format!("{schema}:{name}"));
                }
            }
        }
    }
}
