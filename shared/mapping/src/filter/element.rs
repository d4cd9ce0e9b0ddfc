//! Elements of a multi-valued attribute: Graph has a property, or some, for each type.

use scim::{
    filter::{Filter, evaluate},
    path::AttributePath,
    schema::ResourceType,
};
use serde_json::{Map, Value, json};

use super::{bounds::Bounds, items::Items, place::Place};

/// The elements of one type.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) kind: Option<&'static str>,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// One at most: its parts, by name.
    One(Vec<(&'static str, Place)>),
    /// One for each item.
    Many(Items),
}

impl Element {
    /// Whether there is such an element.
    pub(super) fn present(&self) -> Bounds {
        match &self.content {
            Content::One(parts) => Bounds::any(parts.iter().map(|(_, part)| part.present())),
            Content::Many(items) => items.present(),
        }
    }

    /// Whether such an element of the attribute at `path`, `primary` or not, meets the filter between the brackets.
    pub(super) fn matching(
        &self,
        resource_type: &'static ResourceType,
        path: &AttributePath,
        filter: &Filter,
        primary: bool,
    ) -> Bounds {
        let bare = self.bare(path, primary);
        let decide = |filter: &Filter| {
            let filter = Filter::ValuePath(path.clone(), Box::new(filter.clone()));
            evaluate(&filter, &bare, resource_type)
        };
        match &self.content {
            Content::Many(items) => items.matching(filter, true, &decide),
            Content::One(parts) => {
                let matching = inside(parts, filter, &decide);
                // What an element without parts meets says nothing of whether there is one.
                if decide(filter) { Bounds::all([self.present(), matching]) } else { matching }
            }
        }
    }

    /// A resource with the element, of which only what does not depend on the object is there.
    fn bare(&self, path: &AttributePath, primary: bool) -> Value {
        let mut element = Map::new();
        if let Some(kind) = self.kind {
            element.insert("type".to_owned(), json!(kind));
            if primary {
                element.insert("primary".to_owned(), json!(true));
            }
        }
        let attribute = json!({ path.name.as_str(): [element] });
        match &path.schema {
            Some(schema) => json!({ schema.as_str(): attribute }),
            None => attribute,
        }
    }
}

fn inside(parts: &[(&'static str, Place)], filter: &Filter, decide: &impl Fn(&Filter) -> bool) -> Bounds {
    let part = |path: &AttributePath| parts.iter().find(|(name, _)| *name == path.name).map(|(_, part)| part);
    match filter {
        Filter::Or(inner) => Bounds::any(inner.iter().map(|filter| inside(parts, filter, decide))),
        Filter::And(inner) => Bounds::all(inner.iter().map(|filter| inside(parts, filter, decide))),
        Filter::Not(inner) => inside(parts, inner, decide).opposite(),
        Filter::Present(path) => part(path).map_or_else(|| Bounds::constant(decide(filter)), Place::present),
        Filter::Compare(path, operator, value) => match part(path) {
            Some(part) => part.compare(*operator, value),
            None => Bounds::constant(decide(filter)),
        },
        Filter::ValuePath(..) => Bounds::unknown(),
    }
}
