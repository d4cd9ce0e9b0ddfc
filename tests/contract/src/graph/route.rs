//! From a method and a path to an operation.

use std::collections::{BTreeMap, BTreeSet};

use super::data::Operation;
use crate::text::{has_prefix, segments};

/// The operations, by how many segments their paths have.
pub(super) struct Routes {
    by_length: BTreeMap<usize, Vec<Route>>,
    /// In lower case.
    alternate_keys: BTreeMap<String, Vec<String>>,
}

struct Route {
    pattern: Vec<Segment>,
    operation: Operation,
}

/// A segment of a path: a key, or a text in lower case in which each argument is [`ARGUMENT`].
enum Segment {
    Key,
    Text(String),
}

/// What stands for an argument of a function.
const ARGUMENT: &str = "=\0";

/// What a method and a path lead to.
pub(super) struct Match<'a> {
    /// The operation; `None` where there is none.
    pub(super) operation: Option<&'a Operation>,
    /// The methods that the path has.
    pub(super) methods: BTreeSet<&'a str>,
    /// Whether the path begins with `/me`.
    pub(super) is_me: bool,
}

impl Routes {
    pub(super) fn new(operations: Vec<Operation>, alternate_keys: BTreeMap<String, Vec<String>>) -> Self {
        let mut by_length = BTreeMap::<usize, Vec<Route>>::new();
        for operation in operations {
            let pattern: Vec<_> = segments(&operation.path).into_iter().map(Segment::new).collect();
            by_length.entry(pattern.len()).or_default().push(Route { pattern, operation });
        }
        let lower = |(set, keys): (String, Vec<String>)| {
            (set.to_lowercase(), keys.iter().map(|key| key.to_lowercase()).collect())
        };
        Self { by_length, alternate_keys: alternate_keys.into_iter().map(lower).collect() }
    }

    /// The operation of a method and a decoded path below the version.
    pub(super) fn find(&self, method: &str, path: &str) -> Match<'_> {
        let mut path = path.to_owned();
        if let Some(rest) = below_site_path(&path) {
            path = format!("/sites/x{rest}");
        }
        let below_me = path.strip_prefix("/me").filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_me = below_me.is_some();
        if let Some(rest) = below_me {
            path = format!("/users/me{rest}");
        }
        let given: Vec<_> = segments(&path).into_iter().map(ToOwned::to_owned).collect();
        let mut found = self.look_up(method, &given);
        if found.operation.is_none() {
            let by_id: Vec<_> = given.iter().flat_map(|segment| self.without_alternate_key(segment)).collect();
            if by_id != given {
                let other = self.look_up(method, &by_id);
                found.operation = other.operation;
                found.methods.extend(other.methods);
            }
        }
        found.is_me = is_me;
        found
    }

    /// The operation that answers to reading exactly this path.
    pub(super) fn reading(&self, path: &str) -> Option<&Operation> {
        let routes = self.by_length.get(&segments(path).len())?;
        let mut operations = routes.iter().map(|route| &route.operation);
        operations.find(|operation| operation.path == path && operation.method == "GET")
    }

    /// Of the paths that fit, only those with the most literal segments count: `/users/delta` is no user.
    fn look_up(&self, method: &str, given: &[String]) -> Match<'_> {
        let literals: Vec<_> = given.iter().map(|segment| blank_arguments(segment)).collect();
        let fitting = self.by_length.get(&given.len()).into_iter().flatten().filter_map(|route| {
            let scores = route.pattern.iter().zip(given.iter().zip(&literals));
            let score =
                scores.map(|(pattern, (segment, literal))| pattern.score(segment, literal)).sum::<Option<u32>>();
            Some((score?, &route.operation))
        });
        let fitting: Vec<_> = fitting.collect();
        let most = fitting.iter().map(|(score, _)| *score).max();
        let mut best = fitting.iter().filter(|(score, _)| Some(*score) == most).map(|(_, operation)| *operation);
        let operation = best.find(|operation| operation.method == method);
        let methods = fitting.iter().map(|(_, operation)| operation.method.as_str()).collect();
        Match { operation, methods, is_me: false }
    }

    /// `users('x')` and `users(userPrincipalName='x')` are the same as `users/x`; other segments stay as they are.
    fn without_alternate_key(&self, segment: &str) -> Vec<String> {
        let parts = segment.strip_suffix("')").and_then(|rest| rest.split_once('('));
        if let Some((set, argument)) = parts
            && let Some((name, value)) = argument.split_once('\'')
            && !value.contains('\'')
        {
            let keys = self.alternate_keys.get(&set.to_lowercase());
            let is_key = |name: &str| keys.is_some_and(|keys| keys.contains(&name.to_lowercase()));
            if name.is_empty() || name.strip_suffix('=').is_some_and(is_key) {
                let key = if value.is_empty() { "x" } else { value };
                return vec![set.to_owned(), key.to_owned()];
            }
        }
        vec![segment.to_owned()]
    }
}

impl Segment {
    fn new(segment: &str) -> Self {
        let is_key = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match is_key {
            Some(name) if !name.contains('}') => Self::Key,
            _ => Self::Text(blank_arguments(segment)),
        }
    }

    /// How many literal segments this is; `None` where it does not fit.
    fn score(&self, segment: &str, literal: &str) -> Option<u32> {
        match self {
            Self::Key => (!segment.starts_with('$') && !has_prefix(segment, super::NAMESPACE)).then_some(0),
            Self::Text(text) => is_same_name(text, literal).then_some(1),
        }
    }
}

/// A function or a cast may leave out its namespace, unless it is `delta`, or have it where it is not needed.
fn is_same_name(pattern: &str, literal: &str) -> bool {
    pattern == literal
        || pattern.strip_prefix(super::NAMESPACE).is_some_and(|name| name == literal && name != "delta")
        || literal.strip_prefix(super::NAMESPACE) == Some(pattern)
        || literal.strip_prefix("onedrive.") == Some(pattern)
}

/// A segment in lower case, without empty parentheses and with each argument blanked.
fn blank_arguments(segment: &str) -> String {
    let segment = segment.replace("()", "").to_lowercase();
    let mut rest = segment.as_str();
    let mut blanked = String::with_capacity(segment.len());
    while let Some((before, after)) = rest.split_once('=') {
        blanked.push_str(before);
        let quoted = after.strip_prefix('\'').and_then(|text| text.split_once('\'')).map(|(_, rest)| rest);
        let bare = || after.find([',', ')']).and_then(|end| after.get(end..));
        match quoted.or_else(bare) {
            Some(left) => {
                blanked.push_str(ARGUMENT);
                rest = left;
            }
            None => {
                blanked.push('=');
                rest = after;
            }
        }
    }
    blanked.push_str(rest);
    blanked
}

/// `/sites/{host}:/{path}:/lists` names a site by its path; what stands below it is `/lists`.
fn below_site_path(path: &str) -> Option<&str> {
    let (host, rest) = path.strip_prefix("/sites/")?.split_once(":/")?;
    if host.is_empty() || host.contains(['/', ':']) || rest.is_empty() {
        return None;
    }
    let ends = rest.match_indices(':').filter(|(index, _)| *index > 0);
    let mut below = ends.filter_map(|(index, _)| rest.get(index + 1..));
    Some(below.find(|below| below.is_empty() || below.starts_with('/')).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_blanked() {
        let cases = [
            ("users(userPrincipalName='a=b')", "users(userprincipalname=\0)"),
            ("reminderView(startDateTime={a},endDateTime='{b}')", "reminderview(startdatetime=\0,enddatetime=\0)"),
            ("delta()", "delta"),
            ("a=b", "a=b"),
        ];
        for (segment, expected) in cases {
            assert_eq!(blank_arguments(segment), expected, "{segment}");
        }
    }

    #[test]
    fn a_site_may_be_named_by_its_path() {
        let cases = [
            ("/sites/contoso.com:/teams/a:/lists", Some("/lists")),
            ("/sites/contoso.com:/teams/a", Some("")),
            ("/sites/contoso.com:/teams/a:", Some("")),
            ("/sites/contoso.com/lists", None),
        ];
        for (path, expected) in cases {
            assert_eq!(below_site_path(path), expected, "{path}");
        }
    }
}
