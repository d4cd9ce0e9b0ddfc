//! Who may say who a caller is: the front end that the deployment has named, and nobody else.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header};
use trust::{FrontEnd, FrontEndKind as Kind};

/// Headers by which somebody says who is calling, and which front end may. All others say it in vain.
const IDENTITY: [(&str, Option<Kind>); 14] = [
    ("client-cert", None),
    ("client-cert-chain", None),
    ("x-amzn-mtls-clientcert", None),
    ("x-arr-clientcert", Some(Kind::AppService)),
    ("x-client-cert", None),
    ("x-forwarded-client-cert", Some(Kind::Envoy)),
    ("x-forwarded-tls-client-cert", None),
    ("x-identity-header", None),
    ("x-ms-auth-internal-token", None),
    ("x-original-url", None),
    ("x-rewrite-url", None),
    ("x-ssl-client-cert", None),
    ("x-ssl-client-verify", None),
    ("x-zumo-auth", None),
];

/// The same, by how the name starts; what only the host sets is among them.
const IDENTITY_PREFIXES: [&str; 4] = ["spin-", "x-entra-scim-", "x-ms-token-", PRINCIPAL];

/// Easy Auth of App Service.
const PRINCIPAL: &str = "x-ms-client-principal";

/// Whether a connection comes from the front end.
pub(crate) fn is_at(front_end: &FrontEnd, address: IpAddr) -> bool {
    front_end.kind != Kind::Host && front_end.is_from(Some(address))
}

/// Takes out what whoever sent the headers must not say.
pub(crate) fn strip(front_end: &FrontEnd, headers: &mut HeaderMap, is_front_end: bool) {
    headers.remove(header::UPGRADE);
    let is_stripped = |name: &HeaderName| !may_say(front_end, name.as_str(), is_front_end);
    let stripped = headers.keys().filter(|name| is_stripped(name)).cloned().collect::<Vec<_>>();
    for name in stripped {
        headers.remove(name);
    }
}

fn may_say(front_end: &FrontEnd, name: &str, is_front_end: bool) -> bool {
    // Few headers begin with one of these letters.
    if !matches!(name.as_bytes().first(), Some(b'c' | b's' | b'x')) {
        return true;
    }
    if name.starts_with(PRINCIPAL) {
        return is_front_end && front_end.easy_auth;
    }
    if let Some((_, kind)) = IDENTITY.iter().find(|(identity, _)| *identity == name) {
        return is_front_end && *kind == Some(front_end.kind);
    }
    !IDENTITY_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: [&str; 14] = [
        "Authorization",
        "Client-Cert",
        "Cookie",
        "Spin-Client-Addr",
        "X-ARR-ClientCert",
        "X-Entra-Scim-Client-Certificate",
        "X-Entra-Scim-Refused",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-For",
        "X-MS-CLIENT-PRINCIPAL",
        "X-MS-CLIENT-PRINCIPAL-ID",
        "X-MS-TOKEN-AAD-ACCESS-TOKEN",
        "X-MS-Request-Id",
        "X-Original-URL",
    ];
    const HARMLESS: [&str; 4] = ["authorization", "cookie", "x-forwarded-for", "x-ms-request-id"];

    /// What is left beside the harmless ones.
    fn left(front_end: &FrontEnd, address: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for name in SENT {
            headers.append(HeaderName::try_from(name).unwrap(), "a".parse().unwrap());
        }
        strip(front_end, &mut headers, is_at(front_end, address.parse().unwrap()));
        assert!(HARMLESS.iter().all(|name| headers.contains_key(*name)), "{headers:?}");
        let names = headers.keys().map(|name| name.as_str().to_owned());
        let mut names = names.filter(|name| !HARMLESS.contains(&name.as_str())).collect::<Vec<_>>();
        names.sort();
        names
    }

    #[test]
    fn only_the_front_end_says_who_is_calling() {
        let networks = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let front_end = |kind, easy_auth| FrontEnd { kind, networks: networks.clone(), easy_auth };
        let cases: [(FrontEnd, &[&str]); 5] = [
            (FrontEnd::default(), &[]),
            (front_end(Kind::Host, true), &[]),
            (front_end(Kind::AppService, false), &["x-arr-clientcert"]),
            (
                front_end(Kind::AppService, true),
                &["x-arr-clientcert", "x-ms-client-principal", "x-ms-client-principal-id"],
            ),
            (front_end(Kind::Envoy, false), &["x-forwarded-client-cert"]),
        ];
        for (front_end, expected) in cases {
            for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
                assert_eq!(left(&front_end, address), expected, "{front_end:?} at {address}");
            }
            for stranger in ["11.0.0.1", "127.0.0.1", "::1", "::ffff:11.0.0.1"] {
                assert!(left(&front_end, stranger).is_empty(), "{front_end:?} at {stranger}");
            }
        }
    }
}
