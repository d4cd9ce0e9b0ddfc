//! Which requests are served now: limits for each tenant and each caller, before an instance is taken.
//!
//! Whether a credential is good is for the component to say. The host only remembers what it said: a credential with which
//! a component has done something is *known*, and counts against the limits of its caller and its tenant. All others are
//! strangers, and count against limits of their address and of strangers of that tenant. So a flood of wrong
//! credentials takes nothing from those that are right, and tells nobody which tenants there are.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trust::Limits;
use trust::limit::Rate;

use super::rate::{Buckets, caller};
use crate::tenants::Tenants;

/// Strangers of one address, and all strangers that ask for one tenant.
const STRANGER: Rate = Rate { per_second: 100, burst: 1000 };
const STRANGERS: Rate = Rate { per_second: 200, burst: 2000 };

/// How many requests at once may ask for tenants that are not there.
const STRANGERS_AT_ONCE: u32 = 16;

/// How many credentials are remembered.
const KNOWN_LIMIT: usize = 4096;

/// For each request that a tenant may have at work, so many may wait.
const WAITING: usize = 8;

/// The limits at work.
pub(crate) struct Admission {
    tenants: Tenants,
    shares: BTreeMap<String, Share>,
    nobody: Share,
    /// Of strangers, then callers, then tenants: the hash of the key says which.
    buckets: Buckets,
    known: Mutex<BTreeMap<u64, Instant>>,
    hasher: RandomState,
}

/// How many requests of a tenant may be at work at once.
struct Share {
    turns: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Share {
    /// 0 is no limit.
    fn new(concurrent: u32) -> Self {
        let concurrent = if concurrent == 0 { Semaphore::MAX_PERMITS } else { concurrent as usize };
        let waiting = Semaphore::new(concurrent.saturating_mul(WAITING).min(Semaphore::MAX_PERMITS));
        Self { turns: Arc::new(Semaphore::new(concurrent)), waiting }
    }
}

/// A request that may be served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    credential: u64,
    is_known: bool,
}

/// Who asks for what.
pub(crate) struct Question<'a> {
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// The certificate of the connection.
    pub(crate) certificate: Option<&'a HeaderValue>,
    pub(crate) address: IpAddr,
}

impl Admission {
    pub(crate) fn new(tenants: Tenants) -> Self {
        let shares = tenants.limits().map(|(name, limits)| (name.to_owned(), Share::new(limits.concurrent)));
        Self {
            shares: shares.collect(),
            tenants,
            nobody: Share::new(STRANGERS_AT_ONCE),
            buckets: Buckets::new(),
            known: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Takes a request out of the buckets that it belongs to.
    ///
    /// # Errors
    /// How long to stay away.
    pub(crate) fn admit(&self, question: &Question<'_>, now: Instant) -> Result<Ticket, Duration> {
        let segment = question.path.split('/').nth(1).unwrap_or_default();
        let tenant = self.tenants.of(question.path);
        let address = caller(question.address);
        let shown = question.headers.get(header::AUTHORIZATION).or(question.certificate);
        let credential = match shown {
            Some(shown) => self.hasher.hash_one((tenant.map(|(name, _)| name), shown.as_bytes())),
            None => self.hasher.hash_one((tenant.map(|(name, _)| name), address)),
        };
        if let Some((name, limits)) = tenant
            && self.is_known(credential, now)
        {
            self.take_known(name, limits, credential, now)?;
            return Ok(Ticket { credential, is_known: true });
        }
        self.buckets.take(self.hasher.hash_one(("address", address)), STRANGER, now)?;
        self.buckets.take(self.hasher.hash_one(("strangers", segment)), STRANGERS, now)?;
        Ok(Ticket { credential, is_known: false })
    }

    /// A caller's own limit first: what is refused to one takes nothing from the tenant's others.
    fn take_known(&self, name: &str, limits: &Limits, credential: u64, now: Instant) -> Result<(), Duration> {
        let of_caller = Rate { per_second: limits.caller_requests_per_second, burst: limits.caller_burst };
        let of_tenant = Rate { per_second: limits.requests_per_second, burst: limits.burst };
        if of_caller.per_second > 0 {
            self.buckets.take(credential, of_caller, now)?;
        }
        if of_tenant.per_second > 0 {
            self.buckets.take(self.hasher.hash_one(("tenant", name)), of_tenant, now)?;
        }
        Ok(())
    }

    fn is_known(&self, credential: u64, now: Instant) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_mut(&credential).map(|used| *used = now).is_some()
    }

    /// Remembers what a component made of a credential.
    pub(crate) fn learn(&self, ticket: Ticket, is_good: bool, now: Instant) {
        if ticket.is_known == is_good {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_good {
            known.remove(&ticket.credential);
            return;
        }
        if known.len() >= KNOWN_LIMIT
            && let Some(oldest) = known.iter().min_by_key(|(_, used)| **used).map(|(credential, _)| *credential)
        {
            known.remove(&oldest);
        }
        known.insert(ticket.credential, now);
    }

    /// A share of what the tenant may have at work, waited for at most so long; none if that is too much.
    pub(crate) async fn share(&self, path: &str, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let share = self.tenants.of(path).and_then(|(name, _)| self.shares.get(name)).unwrap_or(&self.nobody);
        if let Ok(turn) = Arc::clone(&share.turns).try_acquire_owned() {
            return Some(turn);
        }
        let _place = share.waiting.try_acquire().ok()?;
        tokio::time::timeout(patience, Arc::clone(&share.turns).acquire_owned()).await.ok()?.ok()
    }

    /// The tenants.
    pub(crate) fn tenants(&self) -> &Tenants {
        &self.tenants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"default": "a", "tenants": {
        "a": {"tenant_id": "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34", "limits":
            {"requests_per_second": 10, "burst": 20, "caller_requests_per_second": 5, "caller_burst": 8}},
        "b": {"tenant_id": "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6", "limits":
            {"requests_per_second": 10, "burst": 20, "caller_requests_per_second": 0, "concurrent": 1}}
    }}"#;

    fn admission() -> Admission {
        Admission::new(Tenants::parse(DOCUMENT).unwrap())
    }

    /// How many requests of a caller are let in at one moment.
    fn admitted(admission: &Admission, path: &str, token: &str, is_good: bool, now: Instant) -> usize {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, token.parse().unwrap());
        let address = "192.0.2.1".parse().unwrap();
        let question = Question { path, headers: &headers, certificate: None, address };
        let admit = || admission.admit(&question, now).map(|ticket| admission.learn(ticket, is_good, now));
        (0..5000).take_while(|_| admit().is_ok()).count()
    }

    #[test]
    fn callers_and_tenants_have_limits() {
        let (admission, now) = (admission(), Instant::now());
        // The first request is a stranger's.
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "one", true, now), 1 + 8);
        assert_eq!(admitted(&admission, "/scim/v2/Users", "one", true, now), 0, "the default tenant is the same");
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "two", true, now), 1 + 8);
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "three", true, now), 1 + 4, "the tenant has no more");
        assert_eq!(admitted(&admission, "/b/scim/v2/Users", "one", true, now), 1 + 20, "another tenant has");
    }

    #[test]
    fn strangers_take_nothing_from_callers() {
        let (admission, now) = (admission(), Instant::now());
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "one", true, now), 9);
        let later = now + Duration::from_secs(60);
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "wrong", false, later), 1000);
        assert_eq!(admitted(&admission, "/nobody/scim/v2/Users", "wrong", false, later), 0, "the same address");
        assert_eq!(admitted(&admission, "/a/scim/v2/Users", "one", true, later), 8);
        let much_later = later + Duration::from_secs(60);
        assert_eq!(admitted(&admission, "/nobody/scim/v2/Users", "wrong", true, much_later), 1000, "as of a tenant");
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_waits_for_itself_only() {
        let admission = admission();
        let patience = Duration::from_secs(1);
        let held = admission.share("/b/scim/v2/Users", patience).await.unwrap();
        assert!(admission.share("/b/scim/v2/Users", patience).await.is_none());
        assert!(admission.share("/a/scim/v2/Users", patience).await.is_some());
        drop(held);
        assert!(admission.share("/b/scim/v2/Users", patience).await.is_some());
    }
}
