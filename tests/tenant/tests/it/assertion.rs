//! Client assertions: certificates and federation.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use serde_json::{Value, json};
use tenant::{
    CLIENT_ID, CLIENT_PEM, DOMAIN, EXPIRED_CLIENT_PEM, FEDERATION_KEY_PEM, Federation, Options, TENANT_ID,
    UNKNOWN_CLIENT_PEM, federated_token,
};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::client::{Answer, Box};
use crate::login::{SCOPE, login};

const KIND: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
const EXCHANGE: &str = "api://AzureADTokenExchange";

fn show(tenant: &Box, assertion: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&scope={SCOPE}&client_assertion_type={KIND}\
         &client_assertion={assertion}"
    );
    login(tenant, TENANT_ID, &form)
}

/// A client assertion as the connector makes it.
pub(crate) fn assertion() -> String {
    sign(CLIENT_PEM, &header("PS256", CLIENT_PEM), &claims())
}

/// Shows an assertion; the number of Entra's error, 0 for none.
pub(crate) fn number(tenant: &Box, assertion: &str) -> u64 {
    let answer = show(tenant, assertion);
    let number = answer.body["error_codes"][0].as_u64().unwrap_or(0);
    let expected = match number {
        0 => (200, None),
        90_014 => (400, Some("invalid_request")),
        _ => (401, Some("invalid_client")),
    };
    assert_eq!((answer.status, answer.body["error"].as_str()), expected, "{:?}", answer.body);
    number
}

fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn claims() -> Value {
    let realm = format!("https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token");
    json!({"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": realm, "jti": "1", "nbf": now(), "exp": now() + 60})
}

fn thumbprint(pem: &str, hash: &'static Algorithm) -> Vec<u8> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    digest(hash, &certificate).as_ref().to_vec()
}

fn header(algorithm: &str, pem: &str) -> Value {
    json!({"typ": "JWT", "alg": algorithm, "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint(pem, &SHA256))})
}

fn sign(pem: &str, header: &Value, claims: &Value) -> String {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let key = KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    let encoding: &'static dyn ring::signature::RsaEncoding =
        if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
    key.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut changed = base.clone();
    changed[name] = value;
    changed
}

#[test]
fn a_certificate_is_named_and_used_in_several_ways() {
    let tenant = Box::sample();
    let sha1 = thumbprint(CLIENT_PEM, &SHA1_FOR_LEGACY_USE_ONLY);
    let hexadecimal: String = sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    let headers = [
        header("RS256", CLIENT_PEM),
        header("PS256", CLIENT_PEM),
        json!({"alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(&sha1)}),
        json!({"alg": "RS256", "x5t": URL_SAFE.encode(&sha1)}),
        json!({"alg": "RS256", "kid": hexadecimal}),
    ];
    for header in headers {
        assert_eq!(number(&tenant, &sign(CLIENT_PEM, &header, &claims())), 0, "{header}");
    }
    let fractions = with(&claims(), "exp", json!(now() as f64 + 60.5));
    assert_eq!(number(&tenant, &sign(CLIENT_PEM, &header("PS256", CLIENT_PEM), &fractions)), 0);
    let own = tenant.server.origin();
    for audience in [
        format!("{own}/{TENANT_ID}/oauth2/v2.0/token"),
        format!("{own}/{DOMAIN}/oauth2/v2.0/token"),
        format!("https://login.microsoftonline.us/{TENANT_ID}/oauth2/v2.0/token"),
        format!("https://login.partner.microsoftonline.cn/{TENANT_ID}/v2.0"),
    ] {
        let claims = with(&claims(), "aud", json!(audience));
        assert_eq!(number(&tenant, &sign(CLIENT_PEM, &header("PS256", CLIENT_PEM), &claims)), 0, "{audience}");
    }
    let token = show(&tenant, &assertion()).body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(Box { token, ..tenant }.get("/users?$top=1").status, 200);
}

#[test]
fn bad_assertions_are_refused_in_the_words_of_entra() {
    let tenant = Box::sample();
    let (good, header) = (claims(), header("PS256", CLIENT_PEM));
    let of = |header: &Value, claims: &Value| sign(CLIENT_PEM, header, claims);
    let elsewhere = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token";
    let cases = [
        ("no.jwt".to_owned(), 50_027),
        ("a.b.c".to_owned(), 50_027),
        (of(&with(&header, "alg", json!("HS256")), &good), 5_002_738),
        (of(&with(&header, "alg", json!("none")), &good), 5_002_738),
        (of(&json!({"alg": "RS256"}), &good), 5_002_723),
        (of(&json!({"alg": "RS256", "x5t": "*"}), &good), 5_002_723),
        (of(&header, &with(&good, "iss", Value::Null)), 90_014),
        (of(&header, &with(&good, "aud", Value::Null)), 90_014),
        (of(&header, &with(&good, "exp", json!(now() - 1))), 700_024),
        (of(&header, &with(&good, "exp", Value::Null)), 700_024),
        (of(&header, &with(&good, "nbf", json!(now() + 3_600))), 700_024),
        (of(&header, &with(&good, "iss", json!(TENANT_ID))), 700_021),
        (of(&header, &with(&good, "sub", json!("someone"))), 50_048),
        (of(&header, &with(&good, "aud", json!(elsewhere))), 700_023),
        (of(&header, &with(&good, "aud", json!(EXCHANGE))), 700_023),
        // A certificate that is not registered, one that expired, and the right one named over another's signature.
        (sign(UNKNOWN_CLIENT_PEM, &self::header("RS256", UNKNOWN_CLIENT_PEM), &good), 700_027),
        (sign(EXPIRED_CLIENT_PEM, &self::header("RS256", EXPIRED_CLIENT_PEM), &good), 700_027),
        (sign(UNKNOWN_CLIENT_PEM, &header, &good), 700_027),
        // A signature is of one algorithm only, and of one content.
        (
            of(&header, &good).replace(
                &URL_SAFE_NO_PAD.encode(header.to_string()),
                &URL_SAFE_NO_PAD.encode(with(&header, "alg", json!("RS256")).to_string()),
            ),
            700_027,
        ),
        (format!("{}.AAAA", of(&header, &good).rsplit_once('.').unwrap().0), 700_027),
    ];
    for (index, (assertion, expected)) in cases.iter().enumerate() {
        assert_eq!(number(&tenant, assertion), *expected, "case {index}");
    }
    for (pem, reason) in [
        (UNKNOWN_CLIENT_PEM, "[Reason - The key was not found."),
        (EXPIRED_CLIENT_PEM, "[Reason - The key used is expired."),
    ] {
        let answer = show(&tenant, &sign(pem, &self::header("PS256", pem), &good));
        assert!(answer.body["error_description"].as_str().unwrap().contains(reason), "{:?}", answer.body);
    }
}

#[test]
fn federated_tokens_are_those_of_one_issuer_for_one_subject() {
    let tenant = Box::sample();
    let Federation { issuer, subject } = Federation::default();
    let header = json!({"alg": "RS256", "kid": "tenant-in-a-box-federation-1"});
    let good = json!({"iss": issuer, "sub": subject, "aud": [EXCHANGE], "nbf": now(), "exp": now() + 60});
    let of = |claims: &Value| sign(FEDERATION_KEY_PEM, &header, claims);
    let cases = [
        (of(&good), 0),
        (of(&with(&good, "aud", json!(EXCHANGE))), 0),
        (federated_token(60), 0),
        (federated_token(-1), 700_024),
        (Federation { issuer: "https://elsewhere.example/".to_owned(), ..Federation::default() }.token(60), 700_211),
        (of(&with(&good, "aud", json!("api://other"))), 700_212),
        (Federation { subject: subject.to_uppercase(), ..Federation::default() }.token(60), 700_213),
        (of(&with(&good, "sub", Value::Null)), 90_014),
        (sign(FEDERATION_KEY_PEM, &json!({"alg": "RS256", "kid": "other"}), &good), 7_000_272),
        (sign(CLIENT_PEM, &header, &good), 50_013),
    ];
    for (index, (assertion, expected)) in cases.iter().enumerate() {
        assert_eq!(number(&tenant, assertion), *expected, "case {index}");
    }

    let federation = Federation {
        issuer: "https://token.actions.githubusercontent.com".to_owned(),
        subject: "repo:contoso/entra-scim:environment:production".to_owned(),
    };
    let tenant = Box::start(Options { federation: federation.clone(), ..Options::default() });
    assert_eq!(number(&tenant, &federation.token(60)), 0);
    assert_eq!(number(&tenant, &federated_token(60)), 700_211);
}
