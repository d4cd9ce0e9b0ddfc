//! Tokens for callers of the connector, and the rotation of the login's keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use tenant::{CALLER_APPLICATION, CALLER_AUDIENCE, CallerToken, KeyPlan, Signature, TENANT_ID};

use crate::client::{Box, send};

fn mint(tenant: &Box, order: &Value) -> String {
    let answer = tenant.control("POST", "/token", order);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body["token"].as_str().unwrap().to_owned()
}

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

/// Whether one of the keys that the login tells verifies the token.
fn is_good(tenant: &Box, token: &str) -> bool {
    let address = format!("/{TENANT_ID}/discovery/v2.0/keys");
    let keys = send(tenant.server.address(), "GET", &address, &[], "").unwrap().body;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    keys["keys"].as_array().unwrap().iter().filter(|key| key["kid"] == part(token, 0)["kid"]).any(|key| {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents { n: number("n"), e: number("e") };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).is_ok()
    })
}

#[test]
fn a_caller_gets_the_token_that_is_ordered() {
    let tenant = Box::sample();
    let token = mint(&tenant, &json!({}));
    assert!(is_good(&tenant, &token));
    let claims = part(&token, 1);
    assert_eq!((&claims["aud"], &claims["appid"]), (&json!(CALLER_AUDIENCE), &json!(CALLER_APPLICATION)));
    assert_eq!((&claims["roles"], &claims["idtyp"]), (&json!(["Scim.Write"]), &json!("app")));
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{TENANT_ID}/"));

    let order = json!({"version": "2.0", "roles": ["Admin"], "user": true, "validFor": -10, "tenant": "other",
        "claims": {"aud": "me", "oid": null}, "header": {"typ": null, "crit": ["exp"]}});
    let token = mint(&tenant, &order);
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!((header.get("typ"), &header["crit"]), (None, &json!(["exp"])));
    assert_eq!((&claims["aud"], claims.get("oid"), claims.get("idtyp")), (&json!("me"), None, None));
    assert_eq!((&claims["azp"], &claims["ver"]), (&json!(CALLER_APPLICATION), &json!("2.0")));
    assert!(claims["iss"].as_str().unwrap().ends_with("/other/v2.0") && claims.get("scp").is_some());
    assert!(claims["exp"].as_i64() < claims["nbf"].as_i64().map(|begins| begins + 3_600));
    assert_eq!(tenant.control("POST", "/token", &json!({"audiences": "x"})).status, 400);
}

#[test]
fn a_caller_gets_tokens_that_no_login_would_sign() {
    let tenant = Box::sample();
    for (signature, algorithm) in
        [("none", "none"), ("public-key-as-secret", "HS256"), ("other-key", "RS256"), ("unknown-key", "RS256")]
    {
        let token = mint(&tenant, &json!({ "signature": signature }));
        assert_eq!(part(&token, 0)["alg"], algorithm);
        assert!(!is_good(&tenant, &token), "{signature}");
    }
    let unknown = CallerToken { signature: Signature::UnknownKey, ..CallerToken::default() };
    assert_ne!(part(&tenant.server.tenant().mint(&unknown), 0)["kid"], "tenant-in-a-box-1");
}

#[test]
fn keys_are_rotated_and_counted() {
    let tenant = Box::sample();
    assert_eq!(tenant.control("GET", "/keys", &Value::Null).body["fetches"], 0);
    let old = mint(&tenant, &json!({}));
    let plan = |published: &[u8], signing: u8| {
        let name = |number: u8| format!("tenant-in-a-box-{number}");
        let published = published.iter().map(|number| name(*number)).collect::<Vec<_>>();
        json!({"published": published, "signing": name(signing)})
    };
    assert_eq!(tenant.control("PUT", "/keys", &plan(&[1, 2], 2)).status, 200);
    let new = mint(&tenant, &json!({}));
    assert!(is_good(&tenant, &old) && is_good(&tenant, &new));
    assert_eq!(part(&new, 0)["kid"], "tenant-in-a-box-2");
    assert_eq!(tenant.control("PUT", "/keys", &plan(&[2], 2)).body["fetches"], 2);
    assert!(!is_good(&tenant, &old) && is_good(&tenant, &new));
    assert_eq!(tenant.server.tenant().key_fetches(), 4);
    // Graph takes what either key signed.
    let fresh = Box { token: crate::client::sign_in(&tenant.server), server: tenant.server };
    assert_eq!(fresh.get("/users?$top=1").status, 200);
    fresh.server.tenant().rotate(KeyPlan::default());
    assert_eq!(fresh.get("/users?$top=1").status, 200);
    assert_eq!(fresh.control("PUT", "/keys", &plan(&[3], 1)).status, 400);
    assert_eq!(fresh.control("DELETE", "/keys", &Value::Null).body, {
        let mut keys = plan(&[1], 1);
        keys["fetches"] = 0.into();
        keys
    });
}
