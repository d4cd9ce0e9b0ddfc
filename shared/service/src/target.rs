//! What a request is about: the resource in its path, the address of the service, its query and body.

use bytes::Bytes;
use http::{Request, header};
use scim::{Error, Result, list::Query, schema::ResourceType};
use serde_json::Value;

/// The path below the service's base, taken apart.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// `/Users`
    Collection,
    /// `/Users/.search`
    Search,
    /// `/Users/{id}`
    Resource(String),
    /// `/Users/{id}/photo`
    Photo(String),
}

/// What the service's addresses end with, before the endpoint of a resource type.
const BASES: [&str; 2] = ["/scim/v2", "/rp/scim"];

/// The base of a path, up to the first of [`BASES`], and what comes behind it.
fn split(path: &str) -> (&str, &str) {
    let lower = path.to_ascii_lowercase();
    let ends = BASES.iter().flat_map(|base| lower.match_indices(base).map(|(start, base)| start + base.len()));
    let ends = ends.filter(|end| lower.get(*end..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    path.split_at_checked(ends.min().unwrap_or_default()).unwrap_or(("", path))
}

/// The target of a path such as `/scim/v2/Users/7`, and the base before it.
pub(crate) fn of<'a>(path: &'a str, endpoint: &str) -> Result<(&'a str, Target)> {
    let not_found = || Error::not_found(format!("there is nothing at {path}"));
    let (base, below) = split(path);
    let (name, rest) = below.split_at_checked(endpoint.len()).ok_or_else(not_found)?;
    if !name.eq_ignore_ascii_case(endpoint) {
        return Err(not_found());
    }
    let target = match rest.trim_end_matches('/').strip_prefix('/') {
        None if rest.is_empty() || rest == "/" => Target::Collection,
        Some(".search") => Target::Search,
        Some(id) if !id.contains('/') => Target::Resource(decoded(id)?),
        Some(below) => match below.split_once('/') {
            Some((id, "photo")) => Target::Photo(decoded(id)?),
            _ => return Err(not_found()),
        },
        None => return Err(not_found()),
    };
    Ok((base, target))
}

/// The base of a path such as `/scim/v2/Schemas/urn:x`, the name at the root, and what is below it.
pub(crate) fn at_root(path: &str) -> (&str, &str, Option<&str>) {
    let (base, rest) = split(path);
    let rest = rest.trim_matches('/');
    match rest.split_once('/') {
        Some((name, id)) => (base, name, Some(id)),
        None => (base, rest, None),
    }
}

/// A segment of a path without its percent-encoding.
pub(crate) fn plain(segment: &str) -> String {
    let name = form_urlencoded::parse(segment.replace('+', "%2B").as_bytes()).next().map(|(name, _)| name.into_owned());
    name.unwrap_or_default()
}

/// An id is a GUID in Entra; a user principal name is let through, and nothing that could be another path.
fn decoded(id: &str) -> Result<String> {
    let id = plain(id);
    let is_plain = |character: char| character.is_alphanumeric() || "-._@#'+!~".contains(character);
    if id.is_empty() || id.len() > 256 || id.starts_with('.') || !id.chars().all(is_plain) {
        return Err(Error::not_found("no resource has such an id"));
    }
    Ok(id)
}

/// The address of the service as the caller knows it, such as `https://host/scim/v2`.
pub(crate) fn base_address<B>(request: &Request<B>, base_path: &str) -> String {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let scheme = request.uri().scheme_str().unwrap_or("http");
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let authority = authority.or_else(|| header("host")).unwrap_or("localhost");
    format!("{scheme}://{authority}{base_path}")
}

/// The parameters of a read.
pub(crate) fn query<B>(request: &Request<B>, resource_type: &'static ResourceType) -> Result<Query> {
    Query::parse(parameters(request), resource_type)
}

/// The parameters of a URL, decoded.
pub(crate) fn parameters<B>(request: &Request<B>) -> Vec<(String, String)> {
    let text = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The JSON of a request's body.
pub(crate) fn body(request: &Request<Bytes>) -> Result<Value> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or("application/scim+json").split(';').next().unwrap_or_default().trim();
    if !["application/scim+json", "application/json"].iter().any(|known| known.eq_ignore_ascii_case(essence)) {
        return Err(Error::unsupported_media_type(format!(
            "a body of type {essence} is not understood: send application/scim+json"
        )));
    }
    serde_json::from_slice(request.body())
        .map_err(|error| Error::invalid_syntax(format!("the body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let check = |path, expected: Option<(&str, Target)>| assert_eq!(of(path, "/Users").ok(), expected, "{path}");
        check("/scim/v2/Users", Some(("/scim/v2", Target::Collection)));
        check("/scim/v2/users/", Some(("/scim/v2", Target::Collection)));
        check("/scim/v2/Users/.search", Some(("/scim/v2", Target::Search)));
        check("/scim/v2/Users/a%40b.c", Some(("/scim/v2", Target::Resource("a@b.c".to_owned()))));
        check("/scim/v2/Users/a%2Fb", None);
        check("/scim/v2/Users/..", None);
        check("/scim/v2/Users/7/access", None);
        check("/scim/v2/Users/7/photo", Some(("/scim/v2", Target::Photo("7".to_owned()))));
        check("/scim/v2/Users//photo", None);
        check("/scim/v2/Users/7/photo/x", None);
        check("/scim/v2/Groups", None);
        check("/users/scim/v2/Users/7", Some(("/users/scim/v2", Target::Resource("7".to_owned()))));
        check("/contoso/rp/scim/users", Some(("/contoso/rp/scim", Target::Collection)));
        check("/contoso/scim/v2//Users", None);
        check("/scim/v2/Groups/Users", None);
        check("/scim/v2x/Users", None);
    }

    #[test]
    fn the_root_is_taken_apart() {
        assert_eq!(at_root("/scim/v2"), ("/scim/v2", "", None));
        assert_eq!(at_root("/a/scim/v2/Schemas/urn:x"), ("/a/scim/v2", "Schemas", Some("urn:x")));
        assert_eq!(at_root("/rp/scim/resourcetypes/"), ("/rp/scim", "resourcetypes", None));
        assert_eq!(at_root("/scim/v2/Nothing"), ("/scim/v2", "Nothing", None));
    }
}
