//! Login and managed identity.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_KEY, CLIENT_SECRET, FEDERATED_ISSUER, FEDERATED_SUBJECT, IDENTITY_HEADER, TENANT_ID};

use crate::client::{Answer, Box, send};

const SCOPE: &str = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
const ASSERTION: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

fn login(tenant: &Box, realm: &str, form: &str) -> Answer {
    send(tenant.server.address(), "POST", &format!("/{realm}/oauth2/v2.0/token"), &[], form).unwrap()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn assertion(claims: &Value) -> String {
    let key = KeyPair::from_pkcs8(CLIENT_KEY).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({"alg": "RS256", "typ": "JWT"})), encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_token_is_a_signed_jwt_with_the_roles() {
    let tenant = Box::sample();
    let claims = claims(&tenant.token);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["tid"], TENANT_ID);
    assert_eq!(claims["appid"], CLIENT_ID);
    assert_eq!(claims["roles"], json!(["User.ReadWrite.All", "Directory.Read.All", "AuditLog.Read.All"]));
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
        (TENANT_ID, format!("{base}&scope={SCOPE}"), 401, "invalid_client", 7_000_218),
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
fn assertions_are_checked() {
    let tenant = Box::sample();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let realm = format!("https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token");
    let own = json!({"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": realm, "exp": now + 60});
    let federated = json!({"iss": FEDERATED_ISSUER, "sub": FEDERATED_SUBJECT, "aud": "api://AzureADTokenExchange", "exp": now + 60});
    let with = |base: &Value, name: &str, value: Value| {
        let mut claims = base.clone();
        claims[name] = value;
        assertion(&claims)
    };
    let cases = [
        (assertion(&own), 200, 0),
        (assertion(&federated), 200, 0),
        (format!("{}.AAAA", assertion(&own).rsplit_once('.').unwrap().0), 401, 700_027),
        (with(&own, "exp", json!(now - 1)), 401, 700_024),
        (with(&own, "aud", json!("https://elsewhere.example")), 401, 700_023),
        (with(&own, "sub", json!("someone")), 401, 700_021),
        (with(&federated, "sub", json!("repo:evil/fork")), 401, 70_021),
        (with(&federated, "aud", json!("api://other")), 401, 700_212),
        ("no.jwt".to_owned(), 401, 50_027),
    ];
    for (assertion, status, number) in cases {
        let form = format!(
            "grant_type=client_credentials&client_id={CLIENT_ID}&scope={SCOPE}&client_assertion_type={ASSERTION}&client_assertion={assertion}"
        );
        let answer = login(&tenant, TENANT_ID, &form);
        assert_eq!(answer.status, status, "{:?}", answer.body);
        if number > 0 {
            assert_eq!(answer.body["error_codes"], json!([number]));
        }
    }
}

#[test]
fn managed_identity() {
    let tenant = Box::sample();
    let address = tenant.server.address();
    let imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com";
    let app_service = "/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com/";
    let metadata = ("Metadata", "true");
    let header = ("X-IDENTITY-HEADER", IDENTITY_HEADER);
    let cases = [
        (imds.to_owned(), metadata, 200),
        (app_service.to_owned(), header, 200),
        (format!("{app_service}&client_id={CLIENT_ID}"), header, 200),
        (imds.to_owned(), header, 400),
        (app_service.to_owned(), metadata, 401),
        (format!("{imds}&client_id=00000000-0000-0000-0000-000000000001"), metadata, 400),
        (imds.replace("2018-02-01", "2017-01-01"), metadata, 400),
        (imds.replace("graph.microsoft.com", "nothing.example"), metadata, 400),
    ];
    for (path, header, status) in cases {
        let answer = send(address, "GET", &path, &[header], "").unwrap();
        assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
        if status == 200 {
            let expires: u64 = answer.body["expires_on"].as_str().unwrap().parse().unwrap();
            assert!(expires > std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 3_000);
            assert_eq!(answer.body["token_type"], "Bearer");
            assert!(answer.body["resource"].is_string());
            let bearer = format!("Bearer {}", answer.body["access_token"].as_str().unwrap());
            let users = send(address, "GET", "/v1.0/users?$top=1", &[("authorization", &bearer)], "").unwrap();
            assert_eq!(users.status, 200);
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
