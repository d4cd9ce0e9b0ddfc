//! Headers of a request on its way into a component: what Spin tells.

use std::net::SocketAddr;

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request};
use percent_encoding::percent_decode_str;

use crate::manifest::route::Match;

/// Who sent a request.
pub(super) struct Caller {
    /// From where it came to the host.
    pub(super) address: SocketAddr,
    /// Whether the caller speaks TLS.
    pub(super) is_secure: bool,
}

/// Makes the URI absolute and adds the headers that Spin adds.
///
/// # Errors
/// A sentence for the caller, when the request names no host or a wrong one.
pub(super) fn complete(request: &mut request::Parts, matched: &Match<'_>, caller: &Caller) -> Result<(), &'static str> {
    let host = match request.uri.authority() {
        Some(authority) => authority.as_str().to_owned(),
        None => match request.headers.get(header::HOST).map(HeaderValue::to_str) {
            Some(Ok(host)) => host.to_owned(),
            _ => return Err("the request has no Host header"),
        },
    };
    let path = request.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let uri = Uri::builder()
        .scheme(if caller.is_secure { Scheme::HTTPS } else { Scheme::HTTP })
        .authority(host)
        .path_and_query(path)
        .build();
    let uri = uri.map_err(|_| "the Host header is not a host")?;
    let route = matched.route;
    let fixed = [
        ("spin-full-url", uri.to_string()),
        ("spin-path-info", matched.path_info.to_owned()),
        ("spin-matched-route", route.pattern.clone()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", route.pattern.clone()),
        ("spin-component-route", route.prefix().to_owned()),
        ("spin-client-addr", caller.address.to_string()),
    ];
    for (name, value) in fixed {
        insert(&mut request.headers, HeaderName::from_static(name), &value);
    }
    for (name, value) in &matched.parameters {
        if let Ok(name) = HeaderName::try_from(format!("spin-path-match-{name}")) {
            let value = percent_decode_str(value).decode_utf8_lossy();
            insert(&mut request.headers, name, &value);
        }
    }
    request.uri = uri;
    Ok(())
}

/// A value that no header can carry is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::route::Routes;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> request::Parts {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    const CALLER: fn() -> Caller = || Caller { address: "127.0.0.1:9".parse().unwrap(), is_secure: false };

    #[test]
    fn spin_headers() {
        let mut routes = Routes::default();
        routes.add("/scim/:kind/...", 0).unwrap();
        let matched = routes.find("/scim/a%20b/c/d").unwrap();
        let mut request = parts("/scim/a%20b/c/d?x=1", &[("host", "localhost:3000")]);
        complete(&mut request, &matched, &CALLER()).unwrap();
        let expected = [
            ("spin-full-url", "http://localhost:3000/scim/a%20b/c/d?x=1"),
            ("spin-path-info", "/c/d"),
            ("spin-matched-route", "/scim/:kind/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/scim/:kind/..."),
            ("spin-component-route", "/scim/:kind"),
            ("spin-client-addr", "127.0.0.1:9"),
            ("spin-path-match-kind", "a b"),
        ];
        for (name, value) in expected {
            assert_eq!(request.headers[name], value, "{name}");
        }
        assert_eq!(request.uri, "http://localhost:3000/scim/a%20b/c/d?x=1");
        let mut request = parts("/scim/a%20b/c/d", &[("host", "localhost:3000")]);
        complete(&mut request, &matched, &Caller { is_secure: true, ..CALLER() }).unwrap();
        assert_eq!(request.uri, "https://localhost:3000/scim/a%20b/c/d");
    }

    #[test]
    fn a_request_names_its_host() {
        let mut routes = Routes::default();
        routes.add("/...", 0).unwrap();
        for headers in [&[][..], &[("host", "a b")]] {
            let matched = routes.find("/").unwrap();
            let mut request = parts("/", headers);
            assert!(complete(&mut request, &matched, &CALLER()).is_err());
        }
    }
}
