//! From a path to an operation of the contract.

use percent_encoding::percent_decode_str;

use crate::contract::{CONTRACT, Operation};
use crate::graph::error::{Error, Result};

/// The operation of a method and path, its place in the contract, and the keys in the path.
pub(super) fn find(method: &str, path: &str) -> Result<(usize, &'static Operation, Vec<String>)> {
    let segments = segments(path)?;
    let mut best: Option<(usize, usize, &'static Operation)> = None;
    let mut reached = 0;
    let mut known = false;
    for (index, operation) in CONTRACT.operations.iter().enumerate() {
        let template = &operation.segments;
        let fitting = segments.iter().zip(template).take_while(|(segment, wanted)| fits(segment, wanted)).count();
        reached = reached.max(fitting);
        if fitting < segments.len() || segments.len() != template.len() {
            continue;
        }
        known = true;
        let literal = template.iter().filter(|wanted| *wanted != KEY).count();
        if operation.method == method && best.is_none_or(|(most, ..)| literal > most) {
            best = Some((literal, index, operation));
        }
    }
    if let Some((_, index, operation)) = best {
        let pairs = segments.into_iter().zip(&operation.segments);
        let keys = pairs.filter(|(_, wanted)| *wanted == KEY).map(|(segment, _)| segment).collect();
        return Ok((index, operation, keys));
    }
    if known {
        return Err(Error::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ));
    }
    let segment = segments.get(reached).or(segments.last()).map_or("", String::as_str);
    Err(Error::syntax(format!("Resource not found for the segment '{segment}'.")))
}

const KEY: &str = "{id}";

/// The decoded segments below `/v1.0`; keys in parentheses become segments of their own.
fn segments(path: &str) -> Result<Vec<String>> {
    let below =
        path.strip_prefix("/v1.0").ok_or_else(|| Error::syntax("Resource not found for the segment 'beta'."))?;
    let mut segments = Vec::new();
    for raw in below.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(raw).decode_utf8_lossy().into_owned();
        let keyed = segment.strip_suffix("')");
        let split = |key: &str| keyed.and_then(|rest| rest.split_once(key));
        match split("('").or_else(|| split("(userPrincipalName='")) {
            Some((name, key)) => segments.extend([name.to_owned(), key.replace("''", "'")]),
            // An object is not known by another key where its id is expected.
            None => match keyed
                .and_then(|rest| rest.split_once('('))
                .and_then(|(name, key)| Some((name, key.split_once("='")?)))
            {
                Some((name, (property, key))) => segments.extend([name.to_owned(), format!("{property}={key}")]),
                None => segments.push(segment),
            },
        }
    }
    Ok(segments)
}

/// Names are known in any case; a function also without its parentheses and with its namespace, which has the alias
/// `graph`.
fn fits(segment: &str, wanted: &str) -> bool {
    if wanted == KEY {
        return !segment.starts_with('$') && !["delta", "delta()", "microsoft.graph.delta()"].contains(&segment);
    }
    let plain = |text: &str| {
        let text = text.trim_end_matches("()").to_ascii_lowercase();
        text.strip_prefix("graph.").map(|name| format!("microsoft.graph.{name}")).unwrap_or(text)
    };
    plain(segment) == plain(wanted) || plain(segment) == format!("microsoft.graph.{}", plain(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_operations() {
        let cases = [
            ("GET", "/v1.0/users", "/users", ""),
            ("GET", "/v1.0/users/", "/users", ""),
            ("GET", "/v1.0/users/delta", "/users/delta()", ""),
            ("GET", "/v1.0/users/delta()", "/users/delta()", ""),
            ("GET", "/v1.0/users/microsoft.graph.delta()", "/users/delta()", ""),
            ("GET", "/v1.0/users/$count", "/users/$count", ""),
            ("GET", "/v1.0/users/%24count", "/users/$count", ""),
            ("GET", "/v1.0/users/a%40b.c", "/users/{id}", "a@b.c"),
            ("GET", "/v1.0/users('O''Brien@b.c')", "/users/{id}", "O'Brien@b.c"),
            ("PATCH", "/v1.0/users(userPrincipalName='a@b.c')", "/users/{id}", "a@b.c"),
            ("PUT", "/v1.0/users/1/manager/$ref", "/users/{id}/manager/$ref", "1"),
            (
                "GET",
                "/v1.0/directory/deletedItems/microsoft.graph.user",
                "/directory/deletedItems/microsoft.graph.user",
                "",
            ),
            ("GET", "/v1.0/directory/deletedItems/graph.user", "/directory/deletedItems/microsoft.graph.user", ""),
            ("POST", "/v1.0/directory/deletedItems/1/restore", "/directory/deletedItems/{id}/restore", "1"),
            ("GET", "/v1.0/groups('1')", "/groups/{id}", "1"),
            ("GET", "/v1.0/applications(appId='1')", "/applications/{id}", "appId=1"),
            (
                "DELETE",
                "/v1.0/applications/1/extensionProperties/2",
                "/applications/{id}/extensionProperties/{id}",
                "1 2",
            ),
        ];
        for (method, path, template, key) in cases {
            let (_, operation, keys) = find(method, path).unwrap_or_else(|error| panic!("{path}: {}", error.message));
            assert_eq!((operation.path.as_str(), keys.join(" ").as_str()), (template, key), "{path}");
        }
    }

    #[test]
    fn other_paths_lead_nowhere() {
        let cases = [
            ("GET", "/v1.0/devices", 400, "Resource not found for the segment 'devices'."),
            ("GET", "/v1.0/users/1/calendar", 400, "Resource not found for the segment 'calendar'."),
            ("GET", "/v1.0/users/$nothing", 400, "Resource not found for the segment '$nothing'."),
            ("GET", "/beta/users", 400, "Resource not found for the segment 'beta'."),
            ("PUT", "/v1.0/users", 405, "Specified HTTP method is not allowed for the request target."),
        ];
        for (method, path, status, message) in cases {
            let error = find(method, path).err().unwrap();
            assert_eq!((error.status, error.message.as_str()), (status, message), "{path}");
        }
    }
}
