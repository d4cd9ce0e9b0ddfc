//! Access tokens: real JWTs, signed with keys that everyone can read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ring::signature::RSA_PKCS1_2048_8192_SHA256;
use serde_json::{Value, json};

use crate::login::jwt;
use crate::login::keys::Keys;
use crate::tenant::Tenant;
use crate::{CLIENT_ID, TENANT_ID, clock};

/// The object id of the application's service principal.
const PRINCIPAL_ID: &str = "5d0c7f3a-91be-4e62-a8d4-20f6b9e3c715";
/// How many tokens are remembered as checked.
const REMEMBERED: usize = 1_000;

/// The signing keys, and the tokens already checked.
pub(crate) struct Tokens {
    keys: Keys,
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
    pub(crate) fn new() -> Self {
        Self {
            keys: Keys::new(),
            checked: RwLock::default(),
            generation: AtomicU64::new(0),
            valid_from: AtomicU64::new(0),
        }
    }

    /// What the login signs with.
    pub(crate) const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The grant of a token of this tenant; `None` when it is no such token or was tampered with.
    pub(crate) fn check(&self, token: &str) -> Option<Arc<Grant>> {
        if let Some(grant) = self.checked.read().unwrap_or_else(PoisonError::into_inner).get(token) {
            return Some(Arc::clone(grant));
        }
        let read = jwt::read(token)?;
        let key = self.keys.named(read.header("kid")?)?;
        if !read.is_signed_with(key.public(), &RSA_PKCS1_2048_8192_SHA256) {
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
        let (name, key) = self.keys.signing();
        jwt::sign(&json!({"typ": "JWT", "alg": "RS256", "kid": name, "x5t": name}), claims, key)
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
