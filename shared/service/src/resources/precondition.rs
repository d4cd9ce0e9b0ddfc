//! `If-Match` and `If-None-Match`: changes only what the caller has seen. RFC 7644 section 3.14, RFC 9110 section 13.

use bytes::Bytes;
use http::{HeaderName, Request, header};
use mapping::{Reading, Renderer, selection};
use runtime::{KeyValue, Random};
use scim::{Error, projection::Projection};

use super::At;
use crate::{context::Graph, failure::Failure};

/// The resource is at another version than the caller names: nothing is changed.
///
/// Graph's directory knows no versions, so a change between this look and the write goes unseen.
pub(super) async fn check<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Result<(), Failure> {
    let (wanted, unwanted) = (header(request, header::IF_MATCH), header(request, header::IF_NONE_MATCH));
    if wanted.is_empty() && unwanted.is_empty() {
        return Ok(());
    }
    let projection = Projection::all(at.mapping.resource_type);
    let selection = selection(at.mapping, at.context.settings, &projection, Reading::One);
    let resource = at.fetch(&selection, id).await?.resource(&at.renderer(&projection))?;
    let version = Renderer::version(&resource).unwrap_or_default();
    let holds = (wanted.is_empty() || matches(&wanted, version)) && !matches(&unwanted, version);
    if holds {
        return Ok(());
    }
    let message = format!("the resource is at version W/\"{version}\": read it again and repeat the change");
    Err(Error::precondition_failed(message).into())
}

/// Whether the caller has this version already.
pub(super) fn is_unchanged(request: &Request<Bytes>, resource: &str) -> bool {
    let known = header(request, header::IF_NONE_MATCH);
    !known.is_empty() && Renderer::version(resource).is_some_and(|version| matches(&known, version))
}

fn header(request: &Request<Bytes>, name: HeaderName) -> String {
    let values = request.headers().get_all(name);
    values.iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}

/// Whether one of the tags is this version, compared weakly; `*` is any.
fn matches(tags: &str, version: &str) -> bool {
    let opaque = |tag: &'_ str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    tags.split(',').any(|tag| tag.trim() == "*" || (!version.is_empty() && opaque(tag) == version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        for (tags, version, expected) in [
            ("W/\"1\"", "1", true),
            ("\"1\"", "1", true),
            ("\"2\", W/\"1\"", "1", true),
            ("*", "1", true),
            ("W/\"2\"", "1", false),
            ("", "1", false),
            ("\"\"", "", false),
        ] {
            assert_eq!(matches(tags, version), expected, "{tags}");
        }
    }
}
