//! Headers of a request on its way into a component: what strangers may not say, and what Spin tells.

use std::net::SocketAddr;

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request};
use percent_encoding::percent_decode_str;

use crate::manifest::route::Match;

/// Headers that a proxy or the platform sets to say who is calling. From a stranger they are worth nothing.
const IDENTITY: [&str; 8] = [
    "x-arr-clientcert",
    "x-client-cert",
    "x-forwarded-client-cert",
    "x-identity-header",
    "x-ms-auth-internal-token",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
    "x-zumo-auth",
];

/// The same, by how the name starts; and Spin's own headers, which only the host sets.
const IDENTITY_PREFIXES: [&str; 3] = ["x-ms-client-principal", "x-ms-token-", "spin-"];

/// Takes out what only the host or a trusted proxy may say.
pub(super) fn strip(headers: &mut HeaderMap) {
    let is_stripped = |name: &HeaderName| {
        let name = name.as_str();
        IDENTITY.contains(&name) || IDENTITY_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let stripped = headers.keys().filter(|name| is_stripped(name)).cloned().collect::<Vec<_>>();
    for name in stripped {
        headers.remove(name);
    }
}

/// Makes the URI absolute and adds the headers that Spin adds.
///
/// # Errors
/// A sentence for the caller, when the request names no host or a wrong one.
pub(super) fn complete(
    request: &mut request::Parts,
    matched: &Match<'_>,
    caller: SocketAddr,
) -> Result<(), &'static str> {
    let host = match request.uri.authority() {
        Some(authority) => authority.as_str().to_owned(),
        None => match request.headers.get(header::HOST).map(HeaderValue::to_str) {
            Some(Ok(host)) => host.to_owned(),
            _ => return Err("the request has no Host header"),
        },
    };
    let path = request.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let uri = Uri::builder().scheme(Scheme::HTTP).authority(host).path_and_query(path).build();
    let uri = uri.map_err(|_| "the Host header is not a host")?;
    let route = matched.route;
    let fixed = [
        ("spin-full-url", uri.to_string()),
        ("spin-path-info", matched.path_info.to_owned()),
        ("spin-matched-route", route.pattern.clone()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", route.pattern.clone()),
        ("spin-component-route", route.prefix().to_owned()),
        ("spin-client-addr", caller.to_string()),
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

    #[test]
    fn strangers_cannot_say_who_they_are() {
        let mut request = parts(
            "/",
            &[
                ("X-ARR-ClientCert", "a"),
                ("X-Forwarded-Client-Cert", "a"),
                ("X-MS-CLIENT-PRINCIPAL", "a"),
                ("X-MS-CLIENT-PRINCIPAL-ID", "a"),
                ("X-MS-TOKEN-AAD-ACCESS-TOKEN", "a"),
                ("Spin-Client-Addr", "a"),
                ("Authorization", "kept"),
                ("X-MS-Request-Id", "kept"),
            ],
        );
        strip(&mut request.headers);
        let mut names = request.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "x-ms-request-id"]);
    }

    #[test]
    fn spin_headers() {
        let mut routes = Routes::default();
        routes.add("/scim/:kind/...", 0).unwrap();
        let matched = routes.find("/scim/a%20b/c/d").unwrap();
        let mut request = parts("/scim/a%20b/c/d?x=1", &[("host", "localhost:3000")]);
        complete(&mut request, &matched, "127.0.0.1:9".parse().unwrap()).unwrap();
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
    }

    #[test]
    fn a_request_names_its_host() {
        let mut routes = Routes::default();
        routes.add("/...", 0).unwrap();
        for headers in [&[][..], &[("host", "a b")]] {
            let matched = routes.find("/").unwrap();
            let mut request = parts("/", headers);
            assert!(complete(&mut request, &matched, "127.0.0.1:9".parse().unwrap()).is_err());
        }
    }
}
