//! What a filter over resources of several types says of those of one.

use serde_json::json;

use super::{Filter, evaluate};
use crate::error::Result;
use crate::path::AttributePath;
use crate::schema::ResourceType;

/// A filter over resources of several types, as it is for those of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Narrowed {
    /// Every resource of the type matches.
    All,
    /// No resource of the type matches.
    Nothing,
    /// Those match that this filter selects; it is in canonical form.
    Some(Filter),
}

/// Decides what the type decides: an attribute it does not have has no value, and `meta.resourceType` has its name.
pub(super) fn narrow(filter: &Filter, resource_type: &ResourceType) -> Result<Narrowed> {
    match filter {
        Filter::Or(inner) => {
            let mut left = Vec::new();
            let mut all = false;
            for filter in inner {
                match narrow(filter, resource_type)? {
                    Narrowed::All => all = true,
                    Narrowed::Nothing => {}
                    Narrowed::Some(filter) => left.push(filter),
                }
            }
            Ok(if all { Narrowed::All } else { join(left, Narrowed::Nothing, Filter::any) })
        }
        Filter::And(inner) => {
            let mut left = Vec::new();
            let mut nothing = false;
            for filter in inner {
                match narrow(filter, resource_type)? {
                    Narrowed::All => {}
                    Narrowed::Nothing => nothing = true,
                    Narrowed::Some(filter) => left.push(filter),
                }
            }
            Ok(if nothing { Narrowed::Nothing } else { join(left, Narrowed::All, Filter::all) })
        }
        Filter::Not(inner) => Ok(match narrow(inner, resource_type)? {
            Narrowed::All => Narrowed::Nothing,
            Narrowed::Nothing => Narrowed::All,
            Narrowed::Some(filter) => Narrowed::Some(Filter::Not(Box::new(filter))),
        }),
        Filter::ValuePath(path, _) | Filter::Present(path) | Filter::Compare(path, ..) => {
            if path.resolve(resource_type).is_none() {
                return Ok(decided(evaluate(filter, &json!({}), resource_type)));
            }
            let filter = filter.resolve(resource_type)?;
            match names_the_type(path) {
                true => {
                    let resource = json!({ "meta": { "resourceType": resource_type.name } });
                    Ok(decided(evaluate(&filter, &resource, resource_type)))
                }
                false => Ok(Narrowed::Some(filter)),
            }
        }
    }
}

fn join(left: Vec<Filter>, empty: Narrowed, join: fn(Vec<Filter>) -> Filter) -> Narrowed {
    match left.is_empty() {
        true => empty,
        false => Narrowed::Some(join(left)),
    }
}

fn decided(matches: bool) -> Narrowed {
    if matches { Narrowed::All } else { Narrowed::Nothing }
}

fn names_the_type(path: &AttributePath) -> bool {
    let is = |name: Option<&str>, expected: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(expected));
    is(Some(&path.name), "meta") && is(path.sub_attribute.as_deref(), "resourceType")
}
