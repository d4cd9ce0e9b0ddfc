//! How many requests may come: the limiter of `trust`, for all cores.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use trust::limit::{Limiter, Rate};

/// How many buckets are kept.
const BUCKET_LIMIT: usize = 16 << 10;

/// Buckets by the hash of what they belong to.
pub(crate) struct Buckets {
    start: Instant,
    limiter: Mutex<Limiter<u64>>,
}

impl Buckets {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), limiter: Mutex::new(Limiter::new(BUCKET_LIMIT)) }
    }

    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// How long it takes until there is one to take.
    pub(crate) fn take(&self, key: u64, rate: Rate, now: Instant) -> Result<(), Duration> {
        let now = now.saturating_duration_since(self.start);
        let taken = self.limiter.lock().unwrap_or_else(PoisonError::into_inner).take(key, rate, now);
        taken.map_err(|too_many| too_many.wait)
    }
}

/// The part of an address that one caller has: an IPv4 address, a network of IPv6.
pub(crate) fn caller(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        // RFC 6177: a site gets a /64 at least.
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

/// The key of the bucket of an address.
pub(crate) fn key(address: IpAddr) -> u64 {
    let part = caller(address);
    (part >> 64) as u64 ^ part as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn who_shares_an_address() {
        let caller = |text: &str| super::caller(text.parse().unwrap());
        assert_eq!(caller("192.0.2.1"), caller("::ffff:192.0.2.1"));
        assert_eq!(caller("2001:db8::1"), caller("2001:db8::ffff:2"));
        assert_ne!(caller("2001:db8::1"), caller("2001:db8:0:1::1"));
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
    }
}
