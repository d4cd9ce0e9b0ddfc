//! The keys that the login signs with, and those that it tells.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rsa::KeyPair;
use ring::signature::RsaPublicKeyComponents;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The names of the signing keys, the first one at first.
pub(crate) const NAMES: [&str; 2] = ["tenant-in-a-box-1", "tenant-in-a-box-2"];

/// The keys, and how often somebody asked for them.
pub(crate) struct Keys {
    pairs: [KeyPair; 2],
    plan: RwLock<Plan>,
    fetches: AtomicU64,
}

/// Which keys are told, and which one signs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The names of the keys at `discovery/v2.0/keys`: `tenant-in-a-box-1`, `tenant-in-a-box-2`.
    pub published: Vec<String>,
    /// The name of the key that signs.
    pub signing: String,
}

impl Default for Plan {
    fn default() -> Self {
        let first = NAMES[0].to_owned();
        Self { published: vec![first.clone()], signing: first }
    }
}

impl Plan {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// A sentence, when it is none or names a key that is not there.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let plan: Self = serde_json::from_slice(body).map_err(|error| format!("no plan of keys: {error}"))?;
        let is_known = |name: &String| NAMES.contains(&name.as_str());
        if plan.published.iter().all(is_known) && is_known(&plan.signing) {
            Ok(plan)
        } else {
            Err(format!("there are only the keys {} and {}", NAMES[0], NAMES[1]))
        }
    }
}

impl Keys {
    #[expect(clippy::expect_used, reason = "the keys are compiled in, and every test reads them")]
    pub(crate) fn new() -> Self {
        let first = KeyPair::from_pkcs8(include_bytes!("../../data/test-only-signing-key.pkcs8.der"));
        let second = KeyPair::from_pkcs8(include_bytes!("../../data/test-only-second-signing-key.pkcs8.der"));
        let pairs = [first, second].map(|pair| pair.expect("a signing key"));
        Self { pairs, plan: RwLock::default(), fetches: AtomicU64::new(0) }
    }

    /// The key of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&KeyPair> {
        let at = NAMES.iter().position(|known| *known == name)?;
        self.pairs.get(at)
    }

    /// The key that signs, with its name.
    pub(crate) fn signing(&self) -> (&'static str, &KeyPair) {
        let plan = self.plan();
        let [(first, pair), others @ ..] = self.all();
        others.into_iter().find(|(name, _)| *name == plan.signing).unwrap_or((first, pair))
    }

    /// What `discovery/v2.0/keys` answers.
    pub(crate) fn tell(&self) -> Value {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        let published = self.plan().published;
        let told = self.all().into_iter().filter(|(name, _)| published.iter().any(|published| published == name));
        json!({ "keys": told.map(|(name, pair)| json_web_key(name, pair)).collect::<Vec<_>>() })
    }

    /// How often the keys were asked for.
    pub(crate) fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::Relaxed)
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn follow(&self, plan: Plan) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = plan;
    }

    /// Back to the first key, as if nobody had asked.
    pub(crate) fn reset(&self) {
        self.follow(Plan::default());
        self.fetches.store(0, Ordering::Relaxed);
    }

    fn all(&self) -> [(&'static str, &KeyPair); 2] {
        let [first, second] = &self.pairs;
        [(NAMES[0], first), (NAMES[1], second)]
    }
}

/// The public half of a key, RFC 7517.
fn json_web_key(name: &str, pair: &KeyPair) -> Value {
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
    json!({"kty": "RSA", "use": "sig", "kid": name, "x5t": name, "alg": "RS256",
        "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e)})
}
