//! How much is too much: a limit of requests by key, in bounded memory.

use std::{collections::BTreeMap, time::Duration};

/// A rate: so many requests a second in the long run, so many at once after a time of rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// Requests a second; 0 for no limit.
    pub per_second: u32,
    /// Requests at once; at least one is taken in any case.
    pub burst: u32,
}

/// How long to wait, because there were too many requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooMany {
    /// After this time one request is taken again.
    pub wait: Duration,
}

impl TooMany {
    /// The value of `Retry-After` in seconds, at least one.
    #[must_use]
    pub fn retry_after(self) -> u64 {
        u64::try_from(self.wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
    }
}

/// A bucket of tokens for each key.
///
/// Of a bucket only the moment is kept at which it will be full again (the virtual scheduling of ITU-T I.371): a key
/// whose moment has passed is like one that was never there, and is forgotten when room is needed.
///
/// ```
/// use std::time::Duration;
/// use trust::limit::{Limiter, Rate};
///
/// let (mut limiter, rate) = (Limiter::new(1_000), Rate { per_second: 10, burst: 2 });
/// assert!(limiter.take("contoso", rate, Duration::ZERO).is_ok());
/// assert!(limiter.take("contoso", rate, Duration::ZERO).is_ok());
/// assert_eq!(limiter.take("contoso", rate, Duration::ZERO).unwrap_err().wait, Duration::from_millis(100));
/// assert!(limiter.take("fabrikam", rate, Duration::ZERO).is_ok());
/// assert!(limiter.take("contoso", rate, Duration::from_millis(100)).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Limiter<K> {
    /// When each bucket is full again, in nanoseconds.
    full_at: BTreeMap<K, u64>,
    most: usize,
}

impl<K: Clone + Ord> Limiter<K> {
    /// One that keeps at most `most` keys.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { full_at: BTreeMap::new(), most: most.max(2) }
    }

    /// Takes one request of `key` into account at the moment `now`, on a clock that does not go back.
    ///
    /// # Errors
    ///
    /// [`TooMany`]; the request then does not count.
    pub fn take(&mut self, key: K, rate: Rate, now: Duration) -> Result<(), TooMany> {
        const SECOND: u64 = 1_000_000_000;
        if rate.per_second == 0 {
            return Ok(());
        }
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX / 2);
        let each = SECOND / u64::from(rate.per_second);
        let room = each.saturating_mul(u64::from(rate.burst.max(1)));
        let full_at = self.full_at.get(&key).copied().unwrap_or_default().max(now).saturating_add(each);
        let wait = full_at.saturating_sub(now).saturating_sub(room);
        if wait > 0 {
            return Err(TooMany { wait: Duration::from_nanos(wait) });
        }
        if self.full_at.len() >= self.most && !self.full_at.contains_key(&key) {
            self.make_room(now);
        }
        self.full_at.insert(key, full_at);
        Ok(())
    }

    /// How many keys are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full_at.len()
    }

    /// Whether nobody is kept account of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full_at.is_empty()
    }

    /// Forgets who has rested; when that is nobody, the half that is nearest to it.
    fn make_room(&mut self, now: u64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < self.most {
            return;
        }
        let mut moments: Vec<u64> = self.full_at.values().copied().collect();
        let middle = moments.len() / 2;
        let (_, median, _) = moments.select_nth_unstable(middle);
        let (median, mut left) = (*median, middle);
        // Many may have the same moment: no more than half go, and no fewer.
        self.full_at.retain(|_, full_at| {
            let goes = *full_at <= median && left > 0;
            left -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{prop_assert, proptest};

    use super::{Limiter, Rate};

    #[test]
    fn ok_without_a_rate_there_is_no_limit() {
        let mut limiter = Limiter::new(10);
        let rate = Rate { per_second: 0, burst: 0 };
        assert!((0..1_000).all(|_| limiter.take("a", rate, Duration::ZERO).is_ok()) && limiter.is_empty());
    }

    #[test]
    fn err_who_asks_too_much_is_told_how_long_to_wait() {
        let mut limiter = Limiter::new(10);
        let rate = Rate { per_second: 1, burst: 3 };
        assert!((0..3).all(|_| limiter.take("a", rate, Duration::from_secs(9)).is_ok()));
        let refused = limiter.take("a", rate, Duration::from_millis(9_400)).unwrap_err();
        assert_eq!((refused.wait, refused.retry_after()), (Duration::from_millis(600), 1));
        // What is refused does not count, so waiting that long is enough.
        assert!(limiter.take("a", rate, Duration::from_millis(9_999)).is_err());
        assert!(limiter.take("a", rate, Duration::from_secs(10)).is_ok());
    }

    #[test]
    fn ok_the_memory_is_bounded_and_the_busiest_are_kept() {
        let mut limiter = Limiter::new(100);
        let rate = Rate { per_second: 1, burst: 2 };
        assert!((0..2).all(|_| limiter.take(u32::MAX, rate, Duration::ZERO).is_ok()));
        for key in 0..10_000 {
            assert!(limiter.take(key, rate, Duration::from_micros(1)).is_ok());
            assert!(limiter.len() <= 100);
        }
        assert!(limiter.take(u32::MAX, rate, Duration::from_micros(2)).is_err());
    }

    proptest! {
        #[test]
        fn prop_nobody_gets_more_than_rate_and_burst(
            per_second in 1_u32..1_000, burst in 1_u32..100, steps in proptest::collection::vec(0_u64..50_000_000, 1..300)
        ) {
            let (mut limiter, rate) = (Limiter::new(4), Rate { per_second, burst });
            let (mut now, mut taken) = (0_u64, 0_u64);
            for step in steps {
                now += step;
                taken += u64::from(limiter.take((), rate, Duration::from_nanos(now)).is_ok());
                let most = u64::from(burst) + (now / (1_000_000_000 / u64::from(per_second))) ;
                prop_assert!(taken <= most, "{taken} of {most}");
            }
            prop_assert!(taken >= 1);
        }
    }
}
