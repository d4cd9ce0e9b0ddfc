//! From a method and a path to an operation.

use std::collections::BTreeSet;

use super::data::Operation;

pub(super) struct Routes(Vec<Route>);

struct Route {
    pattern: Vec<Segment>,
    operation: Operation,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    /// In lower case.
    Text(String),
    /// Exactly one.
    Name,
    /// Any number of them, or none.
    Path,
    /// What roles and policies can be assigned at.
    Scope,
    /// Any resource in a resource group.
    Resource,
}

impl Routes {
    pub(super) fn new(operations: Vec<Operation>) -> Self {
        let route = |operation: Operation| {
            let segments = operation.path.split('/').filter(|segment| !segment.is_empty());
            let pattern = segments.map(|segment| Segment::new(segment, operation.wildcard)).collect();
            Route { pattern, operation }
        };
        Self(operations.into_iter().map(route).collect())
    }

    /// The operation of a method and a decoded path, and the methods that the path has. Of several operations that fit,
    /// the one whose path says most is meant.
    pub(super) fn find(&self, method: &str, path: &str) -> (Option<&Operation>, BTreeSet<&str>) {
        let path = path.to_lowercase();
        let path: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let fitting: Vec<_> = self.0.iter().filter(|route| fits(&route.pattern, &path)).collect();
        let methods = fitting.iter().map(|route| route.operation.method.as_str()).collect();
        let of_method = fitting.into_iter().filter(|route| route.operation.method == method);
        (of_method.min_by_key(|route| route.vagueness()).map(|route| &route.operation), methods)
    }
}

impl Route {
    fn vagueness(&self) -> (bool, bool, usize) {
        let has_scope = self.pattern.contains(&Segment::Scope);
        let variables = self.pattern.iter().filter(|segment| !matches!(segment, Segment::Text(_))).count();
        (self.operation.wildcard, has_scope, variables)
    }
}

impl Segment {
    fn new(segment: &str, is_wildcard: bool) -> Self {
        match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            None => Self::Text(segment.to_lowercase()),
            Some("scope") => Self::Scope,
            Some(_) if is_wildcard => Self::Resource,
            Some("parentResourcePath") => Self::Path,
            Some(_) => Self::Name,
        }
    }
}

fn fits(pattern: &[Segment], path: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return path.is_empty() };
    // Each way to cut the path between what the first segment stands for and the rest.
    let mut cuts = (0..=path.len()).filter_map(|count| path.split_at_checked(count));
    match first {
        Segment::Text(text) => path.split_first().is_some_and(|(head, tail)| head == text && fits(rest, tail)),
        Segment::Name => path.split_first().is_some_and(|(_, tail)| fits(rest, tail)),
        Segment::Path => cuts.any(|(_, tail)| fits(rest, tail)),
        Segment::Scope => cuts.any(|(head, tail)| is_scope(head) && fits(rest, tail)),
        Segment::Resource => is_resource(path) && rest.is_empty(),
    }
}

/// The tenant, a management group, a subscription, a resource group, a resource, or a billing account.
fn is_scope(path: &[&str]) -> bool {
    match path {
        [] | ["providers", "microsoft.management", "managementgroups", _] | ["subscriptions", _] => true,
        ["providers", "microsoft.billing", below @ ..] => !below.is_empty(),
        ["subscriptions", _, "resourcegroups", _] => true,
        ["subscriptions", _, "providers", _, names @ ..] => !names.is_empty() && names.len() % 2 == 0,
        _ => is_resource(path),
    }
}

fn is_resource(path: &[&str]) -> bool {
    match path {
        ["subscriptions", _, "resourcegroups", _, "providers", _, names @ ..] => {
            !names.is_empty() && names.len() % 2 == 0
        }
        _ => false,
    }
}
