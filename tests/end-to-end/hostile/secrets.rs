//! Secrets that are nobody's, any more, yet, or here.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Fort, USERS, bearer};

pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fort() -> Fort {
    let secrets = json!([
        { "name": "old", "sha256": hash("old secret"), "until": "2099-01-01T00:00:00Z" },
        { "name": "new", "sha256": format!("5a17:{}", hash("5a17new secret")) },
        { "name": "past", "sha256": hash("past secret"), "until": "2020-01-01" },
        { "name": "elsewhere", "sha256": hash("secret of elsewhere"), "networks": ["192.0.2.0/24", "2001:db8::/32"] },
        { "name": "here", "sha256": hash("secret of here"), "networks": ["127.0.0.0/8", "::1/128"] },
    ]);
    Fort::of(&json!({ "midpoint": { "secrets": secrets, "rights": ["Scim.Read"] } }), &Value::Null)
}

#[test]
fn two_secrets_are_good_at_once_and_none_other_is() {
    let fort = fort();
    for secret in ["old secret", "new secret", "secret of here"] {
        fort.asked(USERS, &bearer(secret)).expect(200);
    }
    let old = hash("old secret");
    let cases = [
        ("one that has ended", bearer("past secret")),
        ("one of another network", bearer("secret of elsewhere")),
        ("another network is claimed", {
            let mut headers = bearer("secret of elsewhere");
            headers.push(("x-forwarded-for", "192.0.2.7".to_owned()));
            headers.push(("spin-client-addr", "192.0.2.7:80".to_owned()));
            headers
        }),
        ("the hash itself", bearer(&old)),
        ("the salt and the secret", bearer("5a17new secret")),
        ("another case", bearer("OLD SECRET")),
        ("a part", bearer("old secre")),
        ("more", bearer("old secrets")),
        ("a NUL of the encoded kind", bearer("old secret%00")),
        ("nothing", vec![("authorization", "Bearer ".to_owned())]),
        ("another scheme", vec![("authorization", "Basic b2xkIHNlY3JldA==".to_owned())]),
        ("no scheme", vec![("authorization", "old secret".to_owned())]),
        ("another header", vec![("x-api-key", "old secret".to_owned())]),
        ("a proxy's header", vec![("proxy-authorization", "Bearer old secret".to_owned())]),
        ("a cookie", vec![("cookie", "token=old secret".to_owned())]),
        ("nothing at all", vec![]),
        ("far too long", bearer("x".repeat(30_000))),
        ("two in one", bearer("old secret, Bearer new secret")),
        ("the other tenant's", bearer("theirs")),
    ];
    fort.refuses(&cases);
    fort.refuses_at(&format!("{USERS}&access_token=old%20secret"), &[("in the query", vec![])]);
}

#[test]
fn who_has_no_rights_here_does_nothing_here() {
    let fort = fort();
    let before = fort.server.state.exchanges().len();
    for target in ["/audit", "/inventory/users", "/scim/v2/$capabilities", "/rp/scim/audit"] {
        let answer = fort.asked(target, &bearer("old secret"));
        assert!([403, 404].contains(&answer.status), "{target}: {}", answer.status);
    }
    assert_eq!(fort.server.state.exchanges().len(), before);
}

#[test]
fn behind_a_front_end_the_network_is_the_callers_own() {
    let secrets = json!([{ "name": "there", "sha256": hash("secret of there"), "networks": ["192.0.2.0/24"] }]);
    let callers = json!({ "midpoint": { "secrets": secrets, "rights": ["Scim.Read"] } });
    let fort = Fort::of(&callers, &json!({ "kind": "envoy", "networks": ["127.0.0.0/8"] }));
    let from = |forwarded: &str| {
        let mut headers = bearer("secret of there");
        headers.push(("x-forwarded-for", forwarded.to_owned()));
        headers
    };
    for forwarded in ["192.0.2.7", "198.51.100.1, 192.0.2.7", "192.0.2.7:4711"] {
        fort.asked(USERS, &from(forwarded)).expect(200);
    }
    let cases = [
        ("from elsewhere", from("198.51.100.1")),
        ("from elsewhere, which says it is from there", from("192.0.2.7, 198.51.100.1")),
        ("from nowhere", from("unknown")),
        ("without a word of where", bearer("secret of there")),
    ];
    fort.refuses(&cases);
}
