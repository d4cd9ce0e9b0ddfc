//! Access tokens: real JWTs, signed with a key that everyone can read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::login::jwt;
use crate::tenant::Tenant;
use crate::{CLIENT_ID, TENANT_ID, clock};

/// The name of the signing key.
pub(crate) const KEY_ID: &str = "tenant-in-a-box-1";
/// The object id of the application's service principal.
const PRINCIPAL_ID: &str = "5d0c7f3a-91be-4e62-a8d4-20f6b9e3c715";
/// How many tokens are remembered as checked.
const REMEMBERED: usize = 1_000;

/// The signing key, and the tokens already checked.
pub(crate) struct Tokens {
    key: KeyPair,
    checked: RwLock<BTreeMap<String, Arc<Grant>>>,
    /// How often all tokens were revoked; each carries the number of its time.
    generation: AtomicU64,
    /// The first generation that is not revoked.
    valid_from: AtomicU64,
}

/// What a token grants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) audience: String,
    pub(crate) roles: Vec<String>,
    pub(crate) expires: i64,
    /// How often all tokens had been revoked before this one was issued.
    generation: u64,
}

impl Tokens {
    #[expect(clippy::expect_used, reason = "the key is compiled in, and every test reads it")]
    pub(crate) fn new() -> Self {
        let key = KeyPair::from_pkcs8(include_bytes!("../../data/test-only-signing-key.pkcs8.der"))
            .expect("data/test-only-signing-key.pkcs8.der");
        Self { key, checked: RwLock::default(), generation: AtomicU64::new(0), valid_from: AtomicU64::new(0) }
    }

    /// The public half of the signing key, as a JSON Web Key.
    pub(crate) fn json_web_key(&self) -> Value {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.key.public());
        json!({"kty": "RSA", "use": "sig", "kid": KEY_ID, "x5t": KEY_ID, "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e)})
    }

    /// The grant of a token of this tenant; `None` when it is no such token or was tampered with.
    pub(crate) fn check(&self, token: &str) -> Option<Arc<Grant>> {
        if let Some(grant) = self.checked.read().unwrap_or_else(PoisonError::into_inner).get(token) {
            return Some(Arc::clone(grant));
        }
        let read = jwt::read(token)?;
        if !read.is_signed_with(self.key.public(), &RSA_PKCS1_2048_8192_SHA256) {
            return None;
        }
        let roles = read.claims.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
        let grant = Arc::new(Grant {
            audience: read.claim("aud")?.to_owned(),
            roles: roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            expires: read.time("exp")?,
            generation: read.claim("uti")?.parse().ok()?,
        });
        let mut checked = self.checked.write().unwrap_or_else(PoisonError::into_inner);
        if checked.len() >= REMEMBERED {
            checked.clear();
        }
        checked.insert(token.to_owned(), Arc::clone(&grant));
        Some(grant)
    }

    /// Revokes every token issued so far.
    pub(crate) fn revoke(&self) {
        let revoked = self.generation.fetch_add(1, Ordering::Relaxed);
        self.valid_from.store(revoked + 1, Ordering::Relaxed);
    }

    /// Takes all revocations back.
    pub(crate) fn restore(&self) {
        self.valid_from.store(0, Ordering::Relaxed);
    }

    /// Whether the token of a grant was revoked.
    pub(crate) fn is_revoked(&self, grant: &Grant) -> bool {
        grant.generation < self.valid_from.load(Ordering::Relaxed)
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID, "x5t": KEY_ID});
        jwt::sign(&header, claims, &self.key)
    }
}

/// A new token for a resource, and when it expires.
pub(crate) fn issue(tenant: &Tenant, audience: &str) -> (String, i64) {
    let now = clock::now();
    let expires = now + tenant.options().token_lifetime;
    let claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{TENANT_ID}/"), "iat": now, "nbf": now,
        "exp": expires, "app_displayname": "entra-scim", "appid": CLIENT_ID, "appidacr": "1", "idtyp": "app",
        "idp": format!("https://sts.windows.net/{TENANT_ID}/"), "oid": PRINCIPAL_ID, "sub": PRINCIPAL_ID,
        "roles": tenant.settings().permissions, "tid": TENANT_ID,
        "uti": tenant.tokens().generation.load(Ordering::Relaxed).to_string(), "ver": "1.0",
    });
    (tenant.tokens().sign(&claims), expires)
}
