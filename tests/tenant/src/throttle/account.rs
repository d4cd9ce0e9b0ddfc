//! What is used of the limits: each request has a cost, which flows into a bucket that empties at a steady rate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::throttle::{Cost, Limits};
use crate::{CLIENT_ID, TENANT_ID};

/// Above this, a request is told how much of the limit is used.
const TOLD_ABOVE: f64 = 0.8;
/// How many requests of the audit logs are served in so many seconds.
const REPORTS: u32 = 5;
const REPORT_SECONDS: u32 = 10;
/// No larger percentage is told.
const TOLD_UP_TO: f64 = 1.8;

/// What requests have used, and how full the buckets are.
#[derive(Default)]
pub(crate) struct Account(Mutex<Used>);

#[derive(Default)]
struct Used {
    units: Bucket,
    writes: Bucket,
    reports: Bucket,
    usage: Usage,
}

/// What was used since the start, or since it was last reset.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Usage {
    /// Resource units of the requests that were served.
    units: u64,
    /// Writes among them.
    writes: u64,
    /// All requests; a batch is a single one, beside those in it.
    requests: Count,
    /// Requests answered 429, for whatever reason.
    throttled: Count,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    single: u64,
    in_batch: u64,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Single,
    Batch,
}

/// What a request is told about the limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Told {
    /// How much of the tighter limit is used, when that is much.
    pub(crate) percentage: Option<f64>,
    pub(crate) refusal: Option<Refusal>,
}

/// A request is over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// After how many seconds it would be served, if nothing else were.
    pub(crate) retry_after: u32,
    limit: Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Units,
    Writes,
    Reports,
}

/// A bucket that fills with what is used, and empties at a steady rate.
#[derive(Default)]
struct Bucket {
    used: f64,
    emptied: Option<Instant>,
}

impl Account {
    /// Takes what a request costs, unless it is over one of the limits.
    pub(crate) fn charge(&self, cost: Cost, limits: Option<Limits>, now: Instant) -> Told {
        let mut used = self.used();
        let told = limits.map_or(Told { percentage: None, refusal: None }, |limits| used.draw(cost, limits, now));
        if told.refusal.is_none() {
            used.usage.units += u64::from(cost.units);
            used.usage.writes += u64::from(cost.writes);
        }
        told
    }

    /// Counts a request of the audit logs, unless there were too many: five in ten seconds are served.
    pub(crate) fn charge_report(&self, now: Instant) -> Result<(), Refusal> {
        let mut used = self.used();
        used.reports.empty(REPORTS, REPORT_SECONDS, now);
        if let Some(retry_after) = used.reports.wait(1, REPORTS, REPORT_SECONDS) {
            return Err(Refusal { retry_after, limit: Limit::Reports });
        }
        used.reports.used += 1.0;
        Ok(())
    }

    /// Notes how a request was answered.
    pub(crate) fn note(&self, origin: Origin, status: u16) {
        let usage = &mut self.used().usage;
        usage.requests.add(origin);
        if status == 429 {
            usage.throttled.add(origin);
        }
    }

    /// What was used so far.
    pub(crate) fn usage(&self) -> Usage {
        self.used().usage
    }

    /// Forgets what was used, and empties the buckets.
    pub(crate) fn reset(&self) {
        *self.used() = Used::default();
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn draw(&mut self, cost: Cost, limits: Limits, now: Instant) -> Told {
        self.units.empty(limits.units, limits.unit_seconds, now);
        self.writes.empty(limits.writes, limits.write_seconds, now);
        let units_wait = self.units.wait(cost.units, limits.units, limits.unit_seconds);
        let writes_wait = self.writes.wait(cost.writes, limits.writes, limits.write_seconds);
        let wait = units_wait.max(writes_wait);
        let limit = if writes_wait > units_wait { Limit::Writes } else { Limit::Units };
        let (units, writes) = (self.units.used + f64::from(cost.units), self.writes.used + f64::from(cost.writes));
        if wait.is_none() {
            (self.units.used, self.writes.used) = (units, writes);
        }
        let of_units = units / f64::from(limits.units.max(1));
        let of_writes = if cost.writes > 0 { writes / f64::from(limits.writes.max(1)) } else { 0.0 };
        let percentage = of_units.max(of_writes).min(TOLD_UP_TO);
        Told {
            percentage: (percentage > TOLD_ABOVE).then_some(percentage),
            refusal: wait.map(|retry_after| Refusal { retry_after, limit }),
        }
    }
}

impl Bucket {
    /// Lets go of what has come back since the last time.
    fn empty(&mut self, limit: u32, seconds: u32, now: Instant) {
        let elapsed = self.emptied.map_or(0.0, |before| now.saturating_duration_since(before).as_secs_f64());
        self.used = (self.used - elapsed * f64::from(limit.max(1)) / f64::from(seconds.max(1))).max(0.0);
        self.emptied = Some(now);
    }

    /// The whole seconds, at least one, until there is room for so much; `None` when there is. What is larger than the
    /// bucket fits into an empty one.
    fn wait(&self, amount: u32, limit: u32, seconds: u32) -> Option<u32> {
        let limit = f64::from(limit.max(1));
        let over = self.used + f64::from(amount) - limit.max(f64::from(amount));
        (over > 0.0 && amount > 0).then(|| (over * f64::from(seconds.max(1)) / limit).ceil().max(1.0) as u32)
    }
}

impl Count {
    fn add(&mut self, origin: Origin) {
        match origin {
            Origin::Single => self.single += 1,
            Origin::Batch => self.in_batch += 1,
        }
    }
}

impl Refusal {
    /// The headers that say which limit was reached.
    pub(crate) fn headers(self) -> [(&'static str, String); 2] {
        let (limit, reason) = match self.limit {
            Limit::Units => ("ReadWrite", "ResourceUnitLimitExceeded"),
            Limit::Writes => ("Write", "WriteLimitExceeded"),
            Limit::Reports => ("Read", "CalculatedRequestLimitExceeded"),
        };
        [
            ("x-ms-throttle-scope", format!("Tenant_Application/{limit}/{CLIENT_ID}/{TENANT_ID}")),
            ("x-ms-throttle-information", reason.to_owned()),
        ]
    }

    /// The ones of a limit of resource units, for a fault.
    pub(crate) fn of_units() -> Self {
        Self { retry_after: 1, limit: Limit::Units }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::throttle::Throttle;

    const READ: Cost = Cost { units: 2, writes: 0 };
    const WRITE: Cost = Cost { units: 1, writes: 1 };

    /// Charges the same cost so many times, and returns what the last one was told.
    fn charge(account: &Account, cost: Cost, times: u32, limits: Limits, now: Instant) -> Told {
        let told = (0..times).map(|_| account.charge(cost, Some(limits), now));
        told.last().unwrap()
    }

    fn wait(told: Told) -> Option<(u32, Limit)> {
        told.refusal.map(|refusal| (refusal.retry_after, refusal.limit))
    }

    #[test]
    fn what_was_used_comes_back_at_a_steady_rate() {
        let limits = Throttle::Documented.limits(10).unwrap();
        let (account, start) = (Account::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(charge(&account, READ, 1_400, limits, at(0)).percentage, None);
        assert_eq!(charge(&account, READ, 1, limits, at(0)).percentage, Some(2_802.0 / 3_500.0));
        let full = charge(&account, READ, 349, limits, at(0));
        assert_eq!((full.percentage, full.refusal), (Some(1.0), None));
        // 350 units come back in a second.
        assert_eq!(wait(charge(&account, READ, 1, limits, at(0))), Some((1, Limit::Units)));
        assert_eq!(wait(charge(&account, READ, 1, limits, at(5))), Some((1, Limit::Units)));
        assert_eq!(wait(charge(&account, READ, 1, limits, at(6))), None);
        assert_eq!(wait(charge(&account, READ, 175, limits, at(1_006))), None);
        assert_eq!(wait(charge(&account, READ, 1, limits, at(1_006))), Some((1, Limit::Units)));
        assert_eq!(charge(&account, READ, 1_400, limits, at(60_000)).percentage, None);
    }

    #[test]
    fn writes_have_a_limit_of_their_own() {
        let limits = Throttle::Documented.limits(1_000).unwrap();
        let (account, start) = (Account::default(), Instant::now());
        assert_eq!(charge(&account, WRITE, 3_000, limits, start).percentage, Some(1.0));
        let refused = charge(&account, WRITE, 1, limits, start);
        assert_eq!((wait(refused), refused.percentage), (Some((1, Limit::Writes)), Some(3_001.0 / 3_000.0)));
        assert_eq!(charge(&account, READ, 1, limits, start), Told { percentage: None, refusal: None });
        // 20 writes come back in a second.
        let later = start + Duration::from_secs(1);
        assert_eq!(wait(charge(&account, WRITE, 20, limits, later)), None);
        assert_eq!(wait(charge(&account, WRITE, 1, limits, later)), Some((1, Limit::Writes)));
    }

    #[test]
    fn reports_are_served_five_in_ten_seconds() {
        let (account, start) = (Account::default(), Instant::now());
        let refused = |after: u64| account.charge_report(start + Duration::from_secs(after)).err();
        assert!((0..5).all(|_| refused(0).is_none()));
        assert_eq!(refused(0).map(|refusal| (refusal.retry_after, refusal.limit)), Some((2, Limit::Reports)));
        assert!(refused(2).is_none() && refused(2).is_some());
    }

    #[test]
    fn the_wait_is_until_there_is_room() {
        let limits = Limits { units: 10, unit_seconds: 100, writes: 1, write_seconds: 500 };
        let (account, now) = (Account::default(), Instant::now());
        assert_eq!(wait(charge(&account, READ, 5, limits, now)), None);
        assert_eq!(wait(charge(&account, READ, 1, limits, now)), Some((20, Limit::Units)));
        let account = Account::default();
        assert_eq!(wait(charge(&account, WRITE, 1, limits, now)), None);
        assert_eq!(wait(charge(&account, WRITE, 1, limits, now)), Some((500, Limit::Writes)));
        // What is larger than the bucket is served when the bucket is empty.
        let small = Limits { units: 1, ..limits };
        assert_eq!(wait(charge(&Account::default(), READ, 1, small, now)), None);
    }
}
