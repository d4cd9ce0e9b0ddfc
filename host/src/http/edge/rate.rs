//! How many requests may come: a token bucket for each key, in bounded memory.
//!
//! A bucket is one number, the moment at which it would be full again (the generic cell rate algorithm): one that is full
//! needs no memory at all.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many buckets are kept; when there are more, the ones that fit no more share one.
const BUCKET_LIMIT: usize = 16 << 10;

/// The bucket that is shared.
const SHARED: u64 = 0;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rate {
    /// Nanoseconds from one request to the next.
    interval: u64,
    /// How many nanoseconds' worth of requests may come at once beside the first.
    tolerance: u64,
}

impl Rate {
    /// So many requests a second, and so many at once after a while without any.
    pub(crate) const fn new(per_second: u32, burst: u32) -> Self {
        let interval = 1_000_000_000 / if per_second == 0 { 1 } else { per_second as u64 };
        Self { interval, tolerance: interval * (burst as u64).saturating_sub(1) }
    }
}

/// Buckets by key.
pub(crate) struct Buckets {
    start: Instant,
    /// When each is full again, in nanoseconds since the start.
    full_at: Mutex<BTreeMap<u64, u64>>,
}

impl Buckets {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), full_at: Mutex::default() }
    }

    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// How long it takes until there is one to take.
    pub(crate) fn take(&self, key: u64, rate: Rate, now: Instant) -> Result<(), Duration> {
        let now = u64::try_from(now.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let key = place(&mut full_at, key, now);
        let full = full_at.get(&key).copied().unwrap_or_default().max(now);
        let wait = (full - now).saturating_sub(rate.tolerance);
        if wait > 0 {
            return Err(Duration::from_nanos(wait));
        }
        full_at.insert(key, full.saturating_add(rate.interval));
        Ok(())
    }
}

/// The key under which a bucket is kept. There is room, or room is made of buckets that are full.
fn place(full_at: &mut BTreeMap<u64, u64>, key: u64, now: u64) -> u64 {
    if full_at.len() < BUCKET_LIMIT || full_at.contains_key(&key) {
        return key;
    }
    full_at.retain(|_, full| *full > now);
    // So many that are not full are an attack: it throttles itself, and whoever is new while it goes on.
    if full_at.len() < BUCKET_LIMIT { key } else { SHARED }
}

/// The part of an address that one caller has: an IPv4 address, a network of IPv6.
pub(crate) fn caller(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        // RFC 6177: a site gets a /64 at least.
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_rate() {
        let buckets = Buckets::new();
        let (rate, start) = (Rate::new(10, 5), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let taken = |moment, key| (0..100).take_while(|_| buckets.take(key, rate, moment).is_ok()).count();
        assert_eq!(taken(at(0), 1), 5);
        assert_eq!(taken(at(0), 2), 5, "another has a bucket of its own");
        let wait = buckets.take(1, rate, at(0)).unwrap_err();
        assert!(wait > Duration::from_millis(90) && wait <= Duration::from_millis(100), "{wait:?}");
        assert_eq!(taken(at(99), 1), 0);
        assert_eq!(taken(at(100), 1), 1);
        assert_eq!(taken(at(400), 1), 3);
        assert_eq!(taken(at(60_000), 1), 5);
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = Buckets::new();
        let (rate, start) = (Rate::new(1, 2), Instant::now());
        let refused = (1..=2 * BUCKET_LIMIT as u64).filter(|key| buckets.take(*key, rate, start).is_err()).count();
        assert!(refused > BUCKET_LIMIT - 10, "those that have no place share one: {refused}");
        assert!(buckets.full_at.lock().unwrap().len() <= BUCKET_LIMIT + 1);
        buckets.take(3 * BUCKET_LIMIT as u64, rate, start + Duration::from_secs(2 * BUCKET_LIMIT as u64)).unwrap();
        assert!(buckets.full_at.lock().unwrap().len() <= 2, "full ones are forgotten");
    }

    #[test]
    fn who_shares_an_address() {
        let caller = |text: &str| caller(text.parse().unwrap());
        assert_eq!(caller("192.0.2.1"), caller("::ffff:192.0.2.1"));
        assert_eq!(caller("2001:db8::1"), caller("2001:db8::ffff:2"));
        assert_ne!(caller("2001:db8::1"), caller("2001:db8:0:1::1"));
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
    }
}
