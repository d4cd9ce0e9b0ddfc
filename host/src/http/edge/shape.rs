//! What every request has to look like, whichever version of HTTP brings it, before a route is looked for.
//!
//! A path is taken as it is or not at all: RFC 3986 section 6 allows a server to remove dot segments and to decode
//! what is encoded, and every server does so a little differently. What could name another path after that is refused.

use http::{HeaderMap, HeaderName, Method, Uri, Version, header, request};
use percent_encoding::percent_decode;

use super::head::{HEADER_COUNT, Refusal, TARGET_LIMIT, TARGET_TOO_LONG, TOO_MANY};

/// Headers that say who is calling or where to, and so are told once.
const SINGLE: [HeaderName; 2] = [header::HOST, header::AUTHORIZATION];

/// Looks at a request without its body.
///
/// # Errors
/// [`Refusal`] tells what the caller has to change.
pub(crate) fn check(request: &request::Parts) -> Result<(), Refusal> {
    let target = request.uri.path_and_query().map(|target| target.as_str().len()).unwrap_or_default();
    if target > TARGET_LIMIT {
        return Err(TARGET_TOO_LONG);
    }
    headers(request)?;
    // An offer to upgrade is none of these: Java's client makes one with each request, and may be left without an answer.
    if matches!(request.method, Method::CONNECT | Method::TRACE) {
        return Err(Refusal::bad("this service is no proxy: it takes neither CONNECT nor TRACE"));
    }
    path(request.uri.path().as_bytes())
}

fn headers(request: &request::Parts) -> Result<(), Refusal> {
    // Each value counts, not each name.
    if request.headers.len() > HEADER_COUNT {
        return Err(TOO_MANY);
    }
    if SINGLE.iter().any(|name| request.headers.get_all(name).iter().nth(1).is_some()) {
        return Err(Refusal::bad("the headers Host and Authorization may be sent once"));
    }
    if request.version >= Version::HTTP_2 && has_connection_headers(&request.headers) {
        return Err(Refusal::bad("HTTP/2 has no headers about the connection"));
    }
    is_one_host(&request.uri, &request.headers)
}

/// RFC 9113 section 8.2.2.
fn has_connection_headers(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) || headers.contains_key(header::CONNECTION)
}

/// A target with a host in it and the header must say the same: proxies differ in which one counts.
fn is_one_host(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let (Some(authority), Some(host)) = (uri.authority(), headers.get(header::HOST)) else { return Ok(()) };
    if authority.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes()) {
        return Ok(());
    }
    Err(Refusal::bad("the request names two hosts"))
}

/// A path of plain segments, each decoded at most once to something without slashes, dots for a parent, or controls.
fn path(path: &[u8]) -> Result<(), Refusal> {
    const ODD: Refusal = Refusal::bad(
        "the path has empty, '.' or '..' segments, or characters encoded that must not be: send the plain path",
    );
    if path == b"*" {
        return Err(ODD);
    }
    // Nothing to decode, and nothing of what could be more than one path: as it is with nearly all.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_@$:'~!()*,=+&;".contains(&byte);
    let is_doubled = path.windows(2).any(|pair| pair == b"//");
    if is_doubled {
        return Err(ODD);
    }
    if path.iter().copied().all(is_plain) {
        return Ok(());
    }
    if path.split(|byte| *byte == b'/').all(is_segment) { Ok(()) } else { Err(ODD) }
}

fn is_segment(segment: &[u8]) -> bool {
    let is_escape =
        |rest: &[u8]| matches!(rest, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    let mut escapes = segment.split(|byte| *byte == b'%').skip(1);
    if !escapes.all(is_escape) {
        return false;
    }
    let decoded = percent_decode(segment).collect::<Vec<_>>();
    let Ok(text) = std::str::from_utf8(&decoded) else { return false };
    // What is still encoded was encoded twice.
    let is_encoded_twice = decoded.split(|byte| *byte == b'%').skip(1).any(is_escape);
    // A segment with parameters, `..;a=b`, is a parent to some servers.
    let name = text.split(';').next().unwrap_or_default();
    let is_dots = matches!(name.trim(), "." | "..");
    let is_odd = |character: char| character.is_control() || matches!(character, '/' | '\\');
    !is_encoded_twice && !is_dots && !text.chars().any(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(uri: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0).map_or_else(|refusal| refusal.status.as_u16(), |()| 200)
    }

    #[test]
    fn paths() {
        for good in [
            "/",
            "/scim/v2/Users",
            "/scim/v2/Users/",
            "/scim/v2/Users/.search",
            "/scim/v2/$capabilities",
            "/scim/v2/Users/f6ede700-27d0-4c42-bfb9-4dffff43c74a",
            "/scim/v2/Users/adele%40contoso.com",
            "/scim/v2/Users/adele_fabrikam.com%23EXT%23@contoso.com",
            "/scim/v2/Users/o%27neill@contoso.com",
            "/scim/v2/Users/j%C3%B6rg@contoso.com",
            "/scim/v2/Users/a..b@contoso.com",
            "/scim/v2/Users/...",
            "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            "/scim/v2/Users/a%20b",
            "/scim/v2/Users/100%25",
            "/scim/v2/Users?filter=a//..%2e%00",
        ] {
            assert_eq!(status(good, &[]), 200, "{good}");
        }
        for bad in [
            "//",
            "//scim/v2/Users",
            "/scim//v2/Users",
            "/scim/v2/Users//",
            "/scim/./v2/Users",
            "/scim/../v2/Users",
            "/scim/v2/Users/..",
            "/scim/v2/Users/.",
            "/scim/v2/Users/%2e%2e",
            "/scim/v2/Users/%2E%2e/Groups",
            "/scim/v2/Users/.%2e",
            "/scim/v2/Users/%2e",
            "/scim/v2/Users/..;/Groups",
            "/scim/v2/Users/..%3Ba=b/Groups",
            "/scim/v2/Users%2f1",
            "/scim/v2/Users%2F..%2FGroups",
            "/scim/v2/Users/..%5cGroups",
            "/scim/v2/Users/%00",
            "/scim/v2/Users/a%0d%0ab",
            "/scim/v2/Users/%7f",
            "/scim/v2/Users/%c2%85",
            "/scim/v2/Users/%252e%252e",
            "/scim/v2/Users/%2525",
            "/scim/v2/Users/%2500",
            "/scim/v2/Users/%",
            "/scim/v2/Users/%4",
            "/scim/v2/Users/%zz",
            "/scim/v2/Users/%u002e",
            "/scim/v2/Users/%ff",
            "/scim/v2/Users/%c0%ae%c0%ae",
            "/scim/v2/Users/%20..%20",
        ] {
            assert_eq!(status(bad, &[]), 400, "{bad}");
        }
        assert_eq!(status(&format!("/{}", "a".repeat(TARGET_LIMIT)), &[]), 414);
        assert_eq!(status(&format!("/?{}", "a".repeat(TARGET_LIMIT - 2)), &[]), 200);
    }

    #[test]
    fn headers_that_are_told_once() {
        assert_eq!(status("/", &[("host", "a"), ("authorization", "Bearer a")]), 200);
        assert_eq!(status("/", &[("host", "a"), ("host", "a")]), 400);
        assert_eq!(status("/", &[("authorization", "Bearer a"), ("authorization", "Bearer b")]), 400);
        assert_eq!(status("http://a/", &[("host", "A")]), 200);
        assert_eq!(status("http://a/", &[("host", "b")]), 400);
        assert_eq!(status("/", &[("upgrade", "h2c")]), 200);
        let many = vec![("a", "b"); HEADER_COUNT + 1];
        assert_eq!(status("/", &many), 431);
    }
}
