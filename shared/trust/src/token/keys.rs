//! The keys of each tenant, and the tokens that were verified with them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;
use rsa::{RsaPublicKey, pkcs1v15::VerifyingKey, sha2::Sha256};
use runtime::{Clock, Http, Timeout};
use serde_json::Value;

use super::{
    Claims,
    jwt::{self, LONGEST_KEY_NAME},
};
use crate::{admit::Denied, configuration::Tenant, strict};

/// How long keys count as new, in milliseconds: a day.
const FRESH: i64 = 24 * 3_600_000;
/// How long they are used when no newer ones can be had, in milliseconds.
const USABLE: i64 = 2 * FRESH;
/// How long nothing is asked after an answer, whatever key a token names, in milliseconds.
const PAUSE: i64 = 60_000;
/// The same after a failure.
const PAUSE_AFTER_FAILURE: i64 = 5_000;
/// How long asking may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// After this time nobody is asking any more, whatever became of it, in milliseconds.
const GIVEN_UP: i64 = 15_000;
/// How often a request looks whether another one has got the keys.
const LOOK: Duration = Duration::from_millis(15);
/// The largest answer that is read, in bytes; Entra ID's has some 20 kB.
const LARGEST: usize = 256 * 1024;
/// The most keys of a tenant.
const MOST_KEYS: usize = 64;
/// The most verified tokens of a tenant that are remembered.
const MOST_TOKENS: usize = 256;
/// The most tenants whose keys are kept; a document has no more.
const MOST_TENANTS: usize = 1_024;

/// The keys of the tenants, fetched when they are needed, and the tokens that were verified with them.
///
/// One is kept for as long as the program or the instance runs. Nothing in it of one tenant is used for another.
#[derive(Debug, Default)]
pub struct KeyStore(Mutex<BTreeMap<String, Keys>>);

pub(super) type Key = Arc<VerifyingKey<Sha256>>;

/// What is known of one tenant; moments in milliseconds since 1970.
#[derive(Debug, Default)]
struct Keys {
    keys: Vec<(String, Key)>,
    fetched: Option<i64>,
    asking: Option<i64>,
    /// Before then nothing is asked.
    not_before: i64,
    verified: BTreeMap<[u8; 32], Arc<Claims>>,
}

/// What to do about a key.
enum Next {
    Use(Key),
    Unknown,
    Ask,
    Wait,
    Unavailable,
}

impl KeyStore {
    /// One that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The claims of a token that was verified for this tenant before, by its SHA-256.
    pub(super) fn verified(&self, tenant: &str, token: &[u8; 32], now: DateTime<Utc>) -> Option<Arc<Claims>> {
        let tenants = self.lock();
        let claims = tenants.get(tenant)?.verified.get(token)?;
        claims.is_current(now).then(|| Arc::clone(claims))
    }

    /// Remembers a token that was verified.
    pub(super) fn remember(&self, tenant: &str, token: [u8; 32], claims: &Arc<Claims>, now: DateTime<Utc>) {
        self.of(tenant, |Keys { verified, .. }| {
            if verified.len() >= MOST_TOKENS {
                verified.retain(|_, claims| claims.is_current(now));
            }
            if verified.len() >= MOST_TOKENS {
                let first = verified.iter().min_by_key(|(_, claims)| claims.expires()).map(|(token, _)| *token);
                first.and_then(|token| verified.remove(&token));
            }
            verified.insert(token, Arc::clone(claims));
        });
    }

    /// The tenant's key of this name, asked for when it is not known; `None` when the tenant has no such key.
    ///
    /// While one request asks, the others wait: a component's tasks cannot wake each other, so they look.
    pub(super) async fn key<H: Http, C: Clock>(
        &self,
        tenant: &Tenant,
        id: &str,
        name: &str,
        http: &H,
        clock: &C,
    ) -> Result<Option<Key>, Denied> {
        loop {
            // Not in the match itself: the lock would be held for as long as its arms take.
            let now = clock.now().timestamp_millis();
            let next = self.of(id, |keys| keys.next(name, now));
            match next {
                Next::Use(key) => return Ok(Some(key)),
                Next::Unknown => return Ok(None),
                Next::Unavailable => return Err(Denied::unavailable()),
                Next::Wait => clock.sleep(LOOK).await,
                Next::Ask => {
                    let keys = fetch(tenant, http).await;
                    let now = clock.now().timestamp_millis();
                    self.of(id, |known| known.answered(keys, now));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Keys>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<T>(&self, id: &str, act: impl FnOnce(&mut Keys) -> T) -> T {
        let mut tenants = self.lock();
        if tenants.len() >= MOST_TENANTS && !tenants.contains_key(id) {
            tenants.clear();
        }
        act(tenants.entry(id.to_owned()).or_default())
    }
}

impl Keys {
    fn next(&mut self, name: &str, now: i64) -> Next {
        let age = self.fetched.map(|fetched| now - fetched);
        let is_within = |most: i64| age.is_some_and(|age| (0..most).contains(&age));
        let key = self.keys.iter().find(|(known, _)| known == name).map(|(_, key)| Arc::clone(key));
        let is_asking = self.asking.is_some_and(|since| (0..GIVEN_UP).contains(&(now - since)));
        match key {
            Some(key) if is_within(FRESH) => Next::Use(key),
            // Old keys do while new ones are asked for, and for a day when there is no answer.
            Some(key) if is_within(USABLE) && (is_asking || now < self.not_before) => Next::Use(key),
            _ if is_asking => Next::Wait,
            _ if now >= self.not_before || self.not_before - now > PAUSE => {
                self.asking = Some(now);
                Next::Ask
            }
            _ if is_within(USABLE) => Next::Unknown,
            _ => Next::Unavailable,
        }
    }

    fn answered(&mut self, keys: Option<Vec<(String, Key)>>, now: i64) {
        self.asking = None;
        self.not_before = now + if keys.is_some() { PAUSE } else { PAUSE_AFTER_FAILURE };
        if let Some(keys) = keys {
            // What was verified with a key that is withdrawn counts no more.
            let is_kept =
                |(name, key): &(String, Key)| keys.iter().any(|(new, with)| new == name && public(with) == public(key));
            if !self.keys.iter().all(is_kept) {
                self.verified.clear();
            }
            (self.keys, self.fetched) = (keys, Some(now));
        }
    }
}

fn public(key: &Key) -> &RsaPublicKey {
    key.as_ref().as_ref()
}

/// The keys that the tenant's login tells; `None` when it tells none that can be used.
async fn fetch<H: Http>(tenant: &Tenant, http: &H) -> Option<Vec<(String, Key)>> {
    let address = format!("{}/{}/discovery/v2.0/keys", tenant.login(), tenant.tenant_id);
    let request = http::Request::get(address).header("accept", "application/json").extension(Timeout(TIMEOUT));
    let response = http.send(request.body(Bytes::new()).ok()?).await.ok()?;
    let is_read = response.status() == StatusCode::OK && response.body().len() <= LARGEST;
    let document = is_read.then(|| strict::parse(response.body()).ok())??;
    let listed = document.get("keys")?.as_array().filter(|keys| keys.len() <= MOST_KEYS)?;
    let keys: Vec<(String, Key)> = listed.iter().filter_map(|key| read(key, tenant)).collect();
    (!keys.is_empty()).then_some(keys)
}

/// A key of this tenant for signatures; other keys in the list are passed over.
fn read(key: &Value, tenant: &Tenant) -> Option<(String, Key)> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let is_usual = text("kty")? == "RSA"
        && text("use").is_none_or(|usage| usage == "sig")
        && text("alg").is_none_or(|algorithm| algorithm == "RS256");
    // Entra ID says of each key whose tokens it signs; `{tenantid}` stands for any tenant.
    let is_ours = text("issuer").is_none_or(|issuer| {
        issuer.contains("{tenantid}") || issuer.to_ascii_lowercase().contains(&tenant.tenant_id.to_ascii_lowercase())
    });
    let name = text("kid").filter(|name| !name.is_empty() && name.len() <= LONGEST_KEY_NAME)?;
    let key = (is_usual && is_ours).then(|| jwt::key(text("n")?, text("e")?))??;
    Some((name.to_owned(), Arc::new(key)))
}
