//! The login: tokens and who gets one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_SECRET, EXPIRED_CLIENT_SECRET, TENANT_ID};

use crate::client::{Answer, Box, send};

/// Graph's own scope, as forms spell it.
pub(crate) const SCOPE: &str = "https%3A%2F%2Fgraph.microsoft.com%2F.default";

pub(crate) fn login(tenant: &Box, realm: &str, form: &str) -> Answer {
    send(tenant.server.address(), "POST", &format!("/{realm}/oauth2/v2.0/token"), &[], form).unwrap()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn a_token_is_a_signed_jwt_with_the_roles() {
    let tenant = Box::sample();
    let claims = claims(&tenant.token);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["tid"], TENANT_ID);
    assert_eq!(claims["appid"], CLIENT_ID);
    assert_eq!(
        claims["roles"],
        json!([
            "User.ReadWrite.All",
            "User-LifeCycleInfo.ReadWrite.All",
            "Directory.Read.All",
            "AuditLog.Read.All",
            "Group.ReadWrite.All"
        ])
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_599);

    let address = tenant.server.address();
    let discovery = format!("/{TENANT_ID}/v2.0/.well-known/openid-configuration");
    let configuration = send(address, "GET", &discovery, &[], "").unwrap().body;
    let keys = configuration["jwks_uri"].as_str().unwrap().strip_prefix(&format!("http://{address}")).unwrap();
    let key = &send(address, "GET", keys, &[], "").unwrap().body["keys"][0];
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (signed, signature) = tenant.token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).unwrap();
}

#[test]
fn refusals_are_in_the_words_of_entra() {
    let tenant = Box::sample();
    let base = format!("grant_type=client_credentials&client_id={CLIENT_ID}");
    let good = format!("{base}&client_secret={CLIENT_SECRET}");
    let cases = [
        (TENANT_ID, format!("{base}&client_secret=wrong&scope={SCOPE}"), 401, "invalid_client", 7_000_215),
        (
            TENANT_ID,
            format!("{base}&client_secret={EXPIRED_CLIENT_SECRET}&scope={SCOPE}"),
            401,
            "invalid_client",
            7_000_222,
        ),
        (TENANT_ID, format!("{base}&scope={SCOPE}"), 401, "invalid_client", 7_000_216),
        ("other", format!("{good}&scope={SCOPE}"), 400, "invalid_request", 90_002),
        (TENANT_ID, good.clone(), 400, "invalid_request", 900_144),
        (TENANT_ID, format!("{good}&scope=User.Read"), 400, "invalid_scope", 70_011),
        (TENANT_ID, format!("{good}&scope=https://nothing.example/.default"), 400, "invalid_resource", 500_011),
        (TENANT_ID, format!("grant_type=password&client_id={CLIENT_ID}"), 400, "unsupported_grant_type", 70_003),
        (
            TENANT_ID,
            format!("grant_type=client_credentials&client_id=x&scope={SCOPE}"),
            400,
            "unauthorized_client",
            700_016,
        ),
    ];
    for (realm, form, status, error, number) in cases {
        let answer = login(&tenant, realm, &form);
        assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{form}");
        assert_eq!(answer.body["error_codes"], json!([number]));
        let text = answer.body["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
        for member in ["timestamp", "trace_id", "correlation_id"] {
            assert!(answer.body[member].is_string(), "{member}");
        }
    }
}

#[test]
fn graph_wants_a_good_token() {
    let tenant = Box::start(tenant::Options { token_lifetime: 0, ..tenant::Options::default() });
    assert_eq!(tenant.get("/users").message(), "Lifetime validation failed, the token is expired.");
    let tenant = Box::sample();
    let address = tenant.server.address();
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
    );
    let other = login(&tenant, TENANT_ID, &form).body["access_token"].as_str().unwrap().to_owned();
    let forged = format!("{}.AAAA", tenant.token.rsplit_once('.').unwrap().0);
    let cases = [
        (None, "Access token is empty."),
        (Some("Basic abc".to_owned()), "Access token is empty."),
        (Some("Bearer abc".to_owned()), "CompactToken parsing failed with error code: 80049217"),
        (Some(format!("Bearer {other}")), "Access token validation failure. Invalid audience."),
        (Some(format!("Bearer {forged}")), "Access token validation failure. Invalid signature."),
    ];
    for (header, message) in cases {
        let headers: Vec<_> = header.as_deref().map(|value| ("authorization", value)).into_iter().collect();
        let answer = send(address, "GET", "/v1.0/users", &headers, "").unwrap();
        assert_eq!((answer.status, answer.code(), answer.message()), (401, "InvalidAuthenticationToken", message));
        assert!(answer.headers["www-authenticate"].starts_with("Bearer"));
    }
}
