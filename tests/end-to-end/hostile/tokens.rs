//! Tokens of Entra ID, wrong in every part.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Fort, USERS, bearer};

/// A caller that is let in by the tokens of one application.
fn fort() -> Fort {
    let tokens = json!({ "audiences": [tenant::CALLER_AUDIENCE], "applications": [tenant::CALLER_APPLICATION] });
    Fort::of(&json!({ "app": { "tokens": tokens, "rights": "roles" } }), &Value::Null)
}

#[test]
fn a_good_token_is_let_in_and_does_what_its_roles_say() {
    let fort = fort();
    for version in ["1.0", "2.0"] {
        let token = fort.box_.mint(&json!({ "version": version }));
        fort.asked(USERS, &bearer(&token)).expect(200);
    }
    let before = fort.server.state.exchanges().len();
    for (roles, status) in [(json!(["Scim.Read"]), 200), (json!([]), 403), (json!(["Inventory.Run"]), 403)] {
        let token = fort.box_.mint(&json!({ "roles": roles }));
        fort.asked(USERS, &bearer(token)).expect(status);
    }
    assert_eq!(fort.server.state.exchanges().len() - before, 1, "who may not read does not make us read");
}

#[test]
fn tokens_that_say_something_else_are_refused() {
    let fort = fort();
    let other = "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6";
    let claim = |name: &str, value: Value| json!({ "claims": { name: value } });
    let header = |name: &str, value: Value| json!({ "header": { name: value } });
    let orders = [
        ("not signed", json!({ "signature": "none" })),
        ("HS256 with the public key as the secret", json!({ "signature": "public-key-as-secret" })),
        ("another key under the right name", json!({ "signature": "other-key" })),
        ("a key that the login does not have", json!({ "signature": "unknown-key" })),
        ("an algorithm that is none", header("alg", json!("NONE"))),
        ("an algorithm of another kind", header("alg", json!("RS512"))),
        ("an algorithm that is a number", header("alg", json!(256))),
        ("no algorithm", header("alg", Value::Null)),
        ("no name of a key", json!({ "header": { "kid": null, "x5t": null } })),
        ("a name of a key that is a path", header("kid", json!("../../etc/passwd"))),
        ("a name of a key that is a list", header("kid", json!(["tenant-in-a-box-1"]))),
        ("an endless name of a key", header("kid", json!("k".repeat(4000)))),
        (
            "a key of its own",
            json!({ "signature": "unknown-key", "header": { "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" } } }),
        ),
        ("an address of keys", json!({ "signature": "unknown-key", "header": { "jku": "http://127.0.0.1:1/keys" } })),
        ("a critical extension", header("crit", json!(["exp"]))),
        ("compressed", header("zip", json!("DEF"))),
        ("for another audience", json!({ "audience": "https://graph.microsoft.com" })),
        ("for nobody", claim("aud", Value::Null)),
        ("for two", claim("aud", json!([tenant::CALLER_AUDIENCE, "x"]))),
        ("of another application", json!({ "application": "00000000-0000-0000-0000-000000000001" })),
        ("of no application", claim("appid", Value::Null)),
        ("of two applications", claim("azp", json!("00000000-0000-0000-0000-000000000001"))),
        ("of another tenant", json!({ "tenant": other })),
        ("issued elsewhere", claim("iss", json!(format!("https://sts.windows.net/{other}/")))),
        ("issued by a namesake", claim("iss", json!("https://sts.windows.net.evil.example/"))),
        ("of a tenant that its issuer is not", claim("tid", json!(other))),
        ("of no tenant", claim("tid", Value::Null)),
        ("of a version that is none", claim("ver", json!("3.0"))),
        ("of the other version", claim("ver", json!("2.0"))),
        ("expired", json!({ "validFor": -600 })),
        ("without an end", claim("exp", Value::Null)),
        ("with an end that is a text", claim("exp", json!("9999999999"))),
        ("with an end beyond all time", claim("exp", json!(u64::MAX))),
        ("not yet good", json!({ "claims": { "nbf": 4_000_000_000_i64, "exp": 4_000_003_600_i64 } })),
        ("of a user", json!({ "user": true })),
        ("of a user, who says otherwise", json!({ "user": true, "claims": { "idtyp": "app" } })),
        ("with roles that are a text", claim("roles", json!("Admin"))),
        ("with roles that are numbers", claim("roles", json!([1]))),
    ];
    let cases: Vec<_> = orders.iter().map(|(case, order)| (*case, bearer(fort.box_.mint(order)))).collect();
    fort.refuses(&cases);
    fort.asked(USERS, &bearer(fort.box_.mint(&json!({})))).expect(200);
}

#[test]
fn tokens_that_are_broken_are_refused() {
    let fort = fort();
    let good = fort.box_.mint(&json!({}));
    fort.asked(USERS, &bearer(&good)).expect(200);
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let doubled = encode(&plain.replacen('{', "{\"roles\":[\"Admin\"],", 1));
    let risen = encode(&plain.replace("Scim.Write", "Admin"));
    let mut flipped = signature.as_bytes().to_vec();
    flipped[10] = if flipped[10] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let deep = encode(&format!("{}1{}", "[".repeat(3000), "]".repeat(3000)));
    let cases = [
        ("other claims under the same signature", format!("{header}.{risen}.{signature}")),
        ("a claim twice", format!("{header}.{doubled}.{signature}")),
        ("no signature", format!("{header}.{claims}.")),
        ("a signature with one bit off", format!("{header}.{claims}.{flipped}")),
        ("half a signature", format!("{header}.{claims}.{}", &signature[..signature.len() / 2])),
        ("a signature with more behind it", format!("{good}AAAA")),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as encrypted ones have", format!("{good}.{signature}.{signature}")),
        ("parts that are empty", "..".to_owned()),
        ("padding", format!("{header}=.{claims}.{signature}")),
        ("the other alphabet", format!("{header}.{claims}.{}+/", &signature[..signature.len() - 2])),
        ("a header that is no JSON", format!("{}.{claims}.{signature}", encode("alg=none"))),
        ("a header that is a list", format!("{}.{claims}.{signature}", encode("[]"))),
        ("claims that are no JSON", format!("{header}.{}.{signature}", encode("{\"aud\":"))),
        ("claims without end", format!("{header}.{deep}.{signature}")),
        ("claims that are no UTF-8", format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode([0xff, 0xfe]))),
        ("far too long", format!("{header}.{}.{signature}", "A".repeat(20_000))),
    ];
    let cases: Vec<_> = cases.iter().map(|(case, token)| (*case, bearer(token))).collect();
    fort.refuses(&cases);
    fort.asked(USERS, &bearer(&good)).expect(200);
}

/// What App Service says of a token that it has checked: its claims, one by one.
fn principal(token: &str) -> Vec<(&'static str, String)> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut listed = Vec::new();
    for (name, value) in claims.as_object().unwrap() {
        for value in value.as_array().unwrap_or(&vec![value.clone()]) {
            listed.push(json!({ "typ": name, "val": text(value) }));
        }
    }
    let principal = json!({ "auth_typ": "aad", "claims": listed, "name_typ": "name", "role_typ": "roles" });
    vec![("x-ms-client-principal", STANDARD.encode(principal.to_string()))]
}

#[test]
fn what_easy_auth_says_is_judged_as_the_token_would_be() {
    let tokens = json!({ "audiences": [tenant::CALLER_AUDIENCE], "applications": [tenant::CALLER_APPLICATION] });
    let callers = json!({ "app": { "tokens": tokens, "rights": "roles" } });
    let front_end = |is_on: bool| json!({ "kind": "app-service", "networks": ["127.0.0.0/8"], "easy_auth": is_on });
    let fort = Fort::of(&callers, &front_end(true));
    let shown = |order: &Value| principal(&fort.box_.mint(order));
    let good = shown(&json!({}));
    fort.asked(USERS, &good).expect(200);
    fort.asked(USERS, &shown(&json!({ "roles": [] }))).expect_error(403, None);
    let twice = [good.clone(), good.clone()].concat();
    let cases = [
        ("of a user", shown(&json!({ "user": true }))),
        ("expired", shown(&json!({ "validFor": -600 }))),
        ("of another application", shown(&json!({ "application": "00000000-0000-0000-0000-000000000001" }))),
        ("of another tenant", shown(&json!({ "tenant": "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6" }))),
        ("for another audience", shown(&json!({ "audience": "https://graph.microsoft.com" }))),
        ("twice", twice),
        ("no base64", vec![("x-ms-client-principal", "~".to_owned())]),
        ("with a wrong token beside it", [good.clone(), bearer("x")].concat()),
    ];
    fort.refuses(&cases);
    fort.refuses_at("/fabrikam/scim/v2/Users", &[("at another tenant", good.clone())]);
    Fort::of(&callers, &front_end(false)).refuses(&[("not asked for", good)]);
}

#[test]
fn unknown_keys_do_not_make_us_ask_without_end() {
    let fort = fort();
    fort.asked(USERS, &bearer(fort.box_.mint(&json!({})))).expect(200);
    let cases: Vec<_> = (0..40)
        .map(|number| json!({ "signature": "unknown-key", "header": { "kid": format!("key-{number}") } }))
        .map(|order| ("a key that nobody has", bearer(fort.box_.mint(&order))))
        .collect();
    fort.refuses(&cases);
    // Each instance may ask once a minute; there is one for each request at a time.
    assert!(fort.box_.key_fetches() <= 4, "{}", fort.box_.key_fetches());
}
