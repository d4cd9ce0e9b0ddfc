//! What the tests of several modules need: keys, tokens, a login that tells its keys, a clock that is moved by hand.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey,
    sha2::Sha256,
    signature::{SignatureEncoding, Signer},
    traits::PublicKeyParts,
};
use runtime::{Clock, Http, HttpError};
use serde_json::{Value, json};

use crate::{Caller, Configuration, Denied, Evidence, KeyStore, admit};

pub(crate) const TENANT: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";
pub(crate) const OTHER_TENANT: &str = "11111111-6a3e-4d57-9b20-c5e7f1a09d34";
pub(crate) const APPLICATION: &str = "3f2a8c1e-7b64-4d09-9e35-c1d0a2b4e6f8";
pub(crate) const OBJECT: &str = "5d0c7f3a-91be-4e62-a8d4-20f6b9e3c715";
pub(crate) const AUDIENCE: &str = "api://entra-scim";

pub(crate) const SIGNING_KEY: &[u8] = include_bytes!("../../../tests/tenant/data/test-only-signing-key.pkcs8.der");
pub(crate) const OTHER_KEY: &str = include_str!("../../../tests/tenant/data/test-only-federation-key.pem");

/// 2026-11-23 12:00:00 UTC.
pub(crate) const NOW: i64 = 1_795_435_200;

pub(crate) fn key() -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_der(SIGNING_KEY).unwrap()
}

pub(crate) fn other_key() -> RsaPrivateKey {
    let text = OTHER_KEY.trim().trim_start_matches("-----BEGIN PRIVATE KEY-----");
    let text = text.trim_end_matches("-----END PRIVATE KEY-----").replace('\n', "");
    RsaPrivateKey::from_pkcs8_der(&STANDARD.decode(text).unwrap()).unwrap()
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key as the login tells it.
pub(crate) fn json_web_key(name: &str, key: &RsaPrivateKey) -> Value {
    json!({"kty": "RSA", "use": "sig", "kid": name,
        "n": encode(key.n().to_bytes_be()), "e": encode(key.e().to_bytes_be())})
}

pub(crate) fn sign(header: &Value, claims: &Value, key: &RsaPrivateKey) -> String {
    sign_text(&header.to_string(), &claims.to_string(), key)
}

pub(crate) fn sign_text(header: &str, claims: &str, key: &RsaPrivateKey) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!("{signed}.{}", encode(signature.to_bytes()))
}

/// The claims of a good application's token, with some changed; null takes one away.
pub(crate) fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "aud": AUDIENCE, "iss": format!("https://sts.windows.net/{TENANT}/"), "iat": NOW, "nbf": NOW, "exp": NOW + 3_600,
        "appid": APPLICATION, "appidacr": "1", "idtyp": "app", "oid": OBJECT, "sub": OBJECT, "tid": TENANT,
        "roles": ["Scim.Read", "Some.Other"], "ver": "1.0",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => _ = claims.as_object_mut().unwrap().remove(name),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// A good token of version 1.0, with some claims changed.
pub(crate) fn token(changes: &Value) -> String {
    sign(&json!({"typ": "JWT", "alg": "RS256", "kid": "one"}), &claims(changes), &key())
}

/// A login that tells keys, and counts who asks; and the clock.
pub(crate) struct World {
    pub(crate) answers: RefCell<BTreeMap<String, (u16, Vec<u8>)>>,
    pub(crate) asked: RefCell<Vec<String>>,
    pub(crate) now: Cell<i64>,
    /// How many looks of others an answer takes.
    pub(crate) latency: Cell<u32>,
}

impl World {
    pub(crate) fn new() -> Self {
        let world =
            Self { answers: RefCell::default(), asked: RefCell::default(), now: Cell::new(NOW), latency: Cell::new(0) };
        world.tells(TENANT, &json!({"keys": [json_web_key("one", &key())]}));
        world
    }

    pub(crate) fn tells(&self, tenant: &str, keys: &Value) {
        self.answers_with(tenant, 200, keys.to_string().into_bytes());
    }

    pub(crate) fn answers_with(&self, tenant: &str, status: u16, body: Vec<u8>) {
        let address = format!("https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys");
        self.answers.borrow_mut().insert(address, (status, body));
    }

    pub(crate) fn fetches(&self) -> usize {
        self.asked.borrow().len()
    }

    pub(crate) async fn admit(
        &self,
        configuration: &Configuration,
        tenant: Option<&str>,
        headers: &[(&str, &str)],
        keys: &KeyStore,
    ) -> Result<Caller, Denied> {
        let headers = header_map(headers);
        let evidence = Evidence { headers: &headers, address: "10.1.2.3".parse().ok(), host_key: Some("host-key") };
        admit(configuration, configuration.tenant(tenant), &evidence, keys, self, self).await
    }
}

pub(crate) fn header_map(headers: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

impl Http for World {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let address = request.uri().to_string();
        self.asked.borrow_mut().push(address.clone());
        for _ in 0..self.latency.get() {
            yield_once().await;
        }
        let Some((status, body)) = self.answers.borrow().get(&address).cloned() else {
            return Err(HttpError::NoAnswer { target: address, reason: "nobody there".to_owned() });
        };
        let mut response = http::Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }
}

impl Clock for World {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.now.get(), 0).unwrap()
    }

    async fn sleep(&self, _: Duration) {
        yield_once().await;
    }
}

/// Lets the others go on.
async fn yield_once() {
    let mut is_ready = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_ready, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// A document with two tenants, `contoso`, the default one, and `fabrikam`, and these callers of the first.
pub(crate) fn configuration(callers: &Value) -> Configuration {
    configuration_behind(&json!({"kind": "host"}), callers)
}

pub(crate) fn configuration_behind(front_end: &Value, callers: &Value) -> Configuration {
    let document = json!({
        "default": "contoso", "front_end": front_end,
        "tenants": {
            "contoso": {"tenant_id": TENANT, "callers": callers},
            "fabrikam": {"tenant_id": OTHER_TENANT, "callers": {"other": {
                "secrets": [{"name": "a", "sha256": sha256("fabrikam-secret")}],
                "tokens": {"audiences": [AUDIENCE], "applications": [APPLICATION]}, "rights": ["Admin"]}}},
        },
    });
    Configuration::parse(&document.to_string(), &|path| Err(format!("no file {path}")))
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

pub(crate) fn sha256(text: &str) -> String {
    crate::hex::encode(&crate::hash(&[text.as_bytes()]))
}

/// A caller with these tokens and rights.
pub(crate) fn of_tokens(rights: &Value) -> Value {
    json!({"app": {"tokens": {"audiences": [AUDIENCE], "applications": [APPLICATION]}, "rights": rights}})
}
