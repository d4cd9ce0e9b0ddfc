//! How much of Graph's quota is left, and who may use it first.
//!
//! Graph gives an application in a tenant a quota of resource units and one of writes, each a bucket that refills
//! steadily. Nobody has to guess how full they are: from 80 % on, Graph tells with each answer
//! (`x-ms-throttle-limit-percentage`), and no word means less. So this is a controller and not a ledger: below 80 % no
//! call waits, above it calls are spaced the wider the less is left, and the lanes stop one after the other. As Graph
//! counts what all instances, functions and hosts use together, they slow down together without knowing each other.
//!
//! The logs below `/auditLogs` are apart: five requests in ten seconds, of which Graph tells nothing until it refuses one, so
//! these are counted.
//!
//! Source: <https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>, and there
//! "identity and access reports".

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;

use crate::operation::Operation;

/// The header that tells how much of a quota is used, from 80 % on.
pub(crate) const USED: &str = "x-ms-throttle-limit-percentage";

/// Who is waiting for a call; the first has the right of way.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Lane {
    /// A person's or a connector's change.
    Write,
    /// A read that somebody waits for.
    Read,
    /// Work that nobody waits for: the inventory.
    Background,
}

impl Lane {
    /// The part of a quota that this lane leaves to those before it.
    const fn reserve(self) -> f64 {
        match self {
            Self::Write => 0.02,
            Self::Read => 0.06,
            Self::Background => 0.12,
        }
    }

    /// What Graph is told about it; nothing for the ordinary.
    pub(crate) const fn priority(self) -> Option<&'static str> {
        match self {
            Self::Write => Some("High"),
            Self::Read => None,
            Self::Background => Some("Low"),
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Write => 0,
            Self::Read => 1,
            Self::Background => 2,
        }
    }
}

/// What calls take from the quotas.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cost {
    /// Resource units.
    pub units: u32,
    /// Writes.
    pub writes: u32,
    /// Requests of logs.
    pub reports: u32,
}

impl Cost {
    /// The cost of all of `operations`.
    pub(crate) fn of<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Self {
        operations.into_iter().fold(Self::default(), |sum, operation| Self {
            units: sum.units.saturating_add(operation.units()),
            writes: sum.writes.saturating_add(u32::from(operation.is_write())),
            reports: sum.reports.saturating_add(u32::from(operation.is_report())),
        })
    }
}

/// The quotas of one application in one tenant, as far as they are known here.
#[derive(Clone, Debug)]
pub struct Budget {
    units: Quota,
    writes: Quota,
    reports: Window,
}

impl Budget {
    /// Full quotas: those of a small tenant, because a larger one says nothing of its size.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            units: Quota::new(3500.0, 350.0, now),
            writes: Quota::new(3000.0, 20.0, now),
            reports: Window::default(),
        }
    }

    /// How long calls of this cost have to wait; they are booked.
    ///
    /// # Errors
    ///
    /// The wait, when it is longer than `patience`; then nothing is booked.
    pub fn admit(
        &mut self,
        lane: Lane,
        cost: Cost,
        now: DateTime<Utc>,
        patience: Duration,
    ) -> Result<Duration, Duration> {
        let units = self.units.start(lane, cost.units, now);
        let writes = self.writes.start(lane, cost.writes, now);
        let start = units.max(writes).max(self.reports.start(cost.reports, now));
        let wait = (start - now).to_std().unwrap_or_default();
        if wait > patience {
            return Err(wait);
        }
        self.units.book(lane, cost.units, now, start);
        self.writes.book(lane, cost.writes, now, start);
        self.reports.book(cost.reports, start);
        Ok(wait)
    }

    /// Takes in what the answer to a call says about the quota the call drew on.
    pub fn learn(&mut self, write: bool, headers: &HeaderMap, now: DateTime<Utc>) {
        let used = headers
            .get(USED)
            .and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok())
            .filter(|used| used.is_finite());
        // A write takes of both. A word about it is one about the writes, which end sooner; no word means less of either.
        if write {
            self.writes.learn(used, now);
        }
        if !write || used.is_none() {
            self.units.learn(used, now);
        }
    }

    /// Takes in that a call of this cost was turned away for `wait`; `scope` is Graph's `x-ms-throttle-scope`.
    pub fn turned_away(&mut self, cost: Cost, scope: Option<&str>, wait: Duration, now: DateTime<Utc>) {
        let until = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
        if cost.reports > 0 {
            // Somebody else has read the logs too; the directory has quotas of its own.
            return self.reports.close(until);
        }
        let write = cost.writes > 0;
        let limit = scope.and_then(|scope| scope.split('/').nth(1)).unwrap_or_default();
        match (limit, write) {
            ("Write", _) | ("", true) => self.writes.close(until),
            ("Read", _) | ("", false) => self.units.close(until),
            _ => {
                self.units.close(until);
                self.writes.close(until);
            }
        }
    }
}

/// Below this part of what is left, calls are spaced.
const SCARCE: f64 = 0.2;

/// The widest space between two calls of a lane that is not stopped.
const WIDEST: TimeDelta = TimeDelta::seconds(2);

/// What is taken to be left when Graph's `Retry-After` is over: enough for those whom somebody waits for.
const REOPENED: f64 = 0.08;

/// One bucket.
#[derive(Clone, Debug)]
struct Quota {
    capacity: f64,
    per_second: f64,
    /// What is left at the moment `at`; below zero when calls are booked ahead.
    level: f64,
    /// In the future after Graph turned a call away.
    at: DateTime<Utc>,
    /// When the next call of each lane may be made.
    next: [DateTime<Utc>; 3],
}

impl Quota {
    fn new(capacity: f64, per_second: f64, now: DateTime<Utc>) -> Self {
        Self { capacity, per_second, level: capacity, at: now, next: [now; 3] }
    }

    fn level_at(&self, now: DateTime<Utc>) -> f64 {
        let passed = (now - self.at).num_milliseconds().max(0) as f64 / 1000.0;
        (self.level + passed * self.per_second).min(self.capacity)
    }

    /// When calls that take `amount` may be made.
    fn start(&self, lane: Lane, amount: u32, now: DateTime<Utc>) -> DateTime<Utc> {
        if amount == 0 {
            return now;
        }
        let (level, floor) = (self.level_at(now), lane.reserve() * self.capacity);
        let open = self.at.max(now);
        let missing = floor + f64::from(amount) - level;
        if missing > 0.0 {
            return open + seconds(missing / self.per_second);
        }
        let next = self.next.get(lane.index()).copied().unwrap_or(open);
        if level < SCARCE * self.capacity { open.max(next) } else { open }
    }

    fn book(&mut self, lane: Lane, amount: u32, now: DateTime<Utc>, start: DateTime<Utc>) {
        if amount == 0 {
            return;
        }
        let (level, floor) = (self.level_at(now), lane.reserve() * self.capacity);
        let amount = f64::from(amount);
        if level < SCARCE * self.capacity
            && let Some(next) = self.next.get_mut(lane.index())
        {
            let share = ((level - floor) / (SCARCE * self.capacity - floor)).max(0.001);
            *next = start + seconds(amount / self.per_second / share).min(WIDEST);
        }
        self.level = level - amount;
        self.at = self.at.max(now);
    }

    fn learn(&mut self, used: Option<f64>, now: DateTime<Utc>) {
        if self.at > now {
            // Closed: what was on its way when Graph turned calls away knows nothing newer.
            return;
        }
        let told = match used {
            Some(used) => (1.0 - used).clamp(0.0, SCARCE) * self.capacity,
            None => self.level_at(now).max(SCARCE * self.capacity),
        };
        (self.level, self.at) = (told, now);
        if used.is_none() {
            self.next = [now; 3];
        }
    }

    fn close(&mut self, until: DateTime<Utc>) {
        if until > self.at {
            (self.level, self.at) = (REOPENED * self.capacity, until);
        }
    }
}

/// How many requests of logs one application may make of a tenant, and in which time.
const MOST_REPORTS: usize = 5;
const REPORTS_SPAN: TimeDelta = TimeDelta::seconds(10);

/// The last requests of logs.
#[derive(Clone, Debug, Default)]
struct Window {
    /// When each was made, or is to be; the first of them first.
    made: VecDeque<DateTime<Utc>>,
    /// Until when Graph turns them away.
    closed: Option<DateTime<Utc>>,
}

impl Window {
    /// When so many more may be made; what is more than all fits where there were none.
    fn start(&self, amount: u32, now: DateTime<Utc>) -> DateTime<Utc> {
        if amount == 0 {
            return now;
        }
        let over = (self.made.len() + (amount as usize).min(MOST_REPORTS)).checked_sub(MOST_REPORTS + 1);
        let free = over.and_then(|index| self.made.get(index)).map(|made| *made + REPORTS_SPAN);
        now.max(free.unwrap_or(now)).max(self.closed.unwrap_or(now))
    }

    fn book(&mut self, amount: u32, start: DateTime<Utc>) {
        self.made.extend((0..amount).take(MOST_REPORTS).map(|_| start));
        let passed = self.made.len().saturating_sub(MOST_REPORTS);
        self.made.drain(..passed);
    }

    fn close(&mut self, until: DateTime<Utc>) {
        self.closed = self.closed.max(Some(until));
    }
}

fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds * 1000.0).ceil().clamp(0.0, 86_400_000.0) as i64)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);
    const WRITE: Cost = Cost { units: 1, writes: 1, reports: 0 };
    const READ: Cost = Cost { units: 1, writes: 0, reports: 0 };

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)
    }

    fn told(percentage: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !percentage.is_empty() {
            headers.insert("x-ms-throttle-limit-percentage", HeaderValue::from_str(percentage).unwrap());
        }
        headers
    }

    fn wait(budget: &mut Budget, lane: Lane, cost: Cost, now: i64) -> u128 {
        budget.admit(lane, cost, at(now), LONG).unwrap().as_millis()
    }

    #[test]
    fn ok_nothing_waits_while_graph_says_nothing() {
        let mut budget = Budget::new(at(0));
        for _ in 0..10_000 {
            assert_eq!(wait(&mut budget, Lane::Background, READ, 0), 0);
            budget.learn(false, &told(""), at(0));
        }
    }

    #[test]
    fn ok_writes_alone_do_not_use_up_the_units() {
        let mut budget = Budget::new(at(0));
        for _ in 0..1_000 {
            assert_eq!(wait(&mut budget, Lane::Write, Cost { units: 20, writes: 20, reports: 0 }, 0), 0);
            (0..20).for_each(|_| budget.learn(true, &told(""), at(0)));
        }
    }

    #[test]
    fn ok_lanes_stop_one_after_the_other() {
        for (percentage, write, read, background) in [
            ("0.81", false, false, false),
            ("0.90", false, false, true),
            ("0.95", false, true, true),
            ("1.2", true, true, true),
        ] {
            for (lane, stops) in [(Lane::Write, write), (Lane::Read, read), (Lane::Background, background)] {
                let mut budget = Budget::new(at(0));
                budget.learn(false, &told(percentage), at(0));
                let waited = wait(&mut budget, lane, READ, 0);
                assert_eq!(waited > 0, stops, "{percentage} {lane:?}: {waited}");
            }
        }
    }

    #[test]
    fn ok_writes_are_spaced_the_wider_the_less_is_left() {
        let space = |percentage| {
            let mut budget = Budget::new(at(0));
            budget.learn(true, &told(percentage), at(0));
            assert_eq!(wait(&mut budget, Lane::Write, WRITE, 0), 0);
            wait(&mut budget, Lane::Write, WRITE, 0)
        };
        let spaces = ["0.80", "0.85", "0.90", "0.95", "0.97"].map(space);
        assert!(spaces.is_sorted() && spaces[0] <= 60 && spaces[4] >= 200, "{spaces:?}");
    }

    /// Any number of instances that know nothing of each other, against one bucket as Graph keeps it.
    fn simulate(instances: usize, seconds: i64) -> (u32, u32) {
        let (mut level, mut made, mut refused) = (3000.0_f64, 0, 0);
        let mut budgets = vec![Budget::new(at(0)); instances];
        let mut ready = vec![at(0); instances];
        for now in (0..seconds * 1000).map(at) {
            level = (level + 0.020).min(3000.0);
            for (budget, ready) in budgets.iter_mut().zip(&mut ready) {
                if *ready > now {
                    continue;
                }
                if level >= 1.0 {
                    level -= 1.0;
                    made += 1;
                } else {
                    refused += 1;
                }
                let used = 1.0 - level / 3000.0;
                budget.learn(true, &told(&if used > 0.8 { format!("{used:.3}") } else { String::new() }), now);
                let wait = budget.admit(Lane::Write, WRITE, now, LONG).unwrap();
                *ready = now + TimeDelta::from_std(wait).unwrap() + TimeDelta::milliseconds(5);
            }
        }
        (made, refused)
    }

    #[test]
    fn ok_instances_share_a_quota_without_knowing_each_other() {
        for instances in [1, 4, 16, 40] {
            let (made, refused) = simulate(instances, 200);
            // 3,000 at the start and 20 a second.
            assert!((5_900..=7_000).contains(&made), "{instances}: {made}");
            assert_eq!(refused, 0, "{instances}");
        }
    }

    #[test]
    fn ok_a_refusal_closes_what_it_is_about() {
        for (scope, write, reads_wait, writes_wait) in [
            (Some("Tenant_Application/Write/app/tenant"), true, false, true),
            (Some("Tenant_Application/ReadWrite/app/tenant"), false, true, true),
            (None, false, true, true),
            (None, true, false, true),
        ] {
            let mut budget = Budget::new(at(0));
            budget.turned_away(if write { WRITE } else { READ }, scope, Duration::from_secs(7), at(0));
            assert_eq!(wait(&mut budget.clone(), Lane::Read, READ, 0) >= 7000, reads_wait, "{scope:?}");
            assert_eq!(wait(&mut budget.clone(), Lane::Write, WRITE, 0) >= 7000, writes_wait, "{scope:?}");
            // What was under way does not open it again.
            budget.learn(write, &told(""), at(1));
            assert!(wait(&mut budget, Lane::Write, WRITE, 1) >= 6000);
        }
    }

    #[test]
    fn ok_logs_are_read_five_times_in_ten_seconds() {
        const REPORT: Cost = Cost { units: 1, writes: 0, reports: 1 };
        let mut budget = Budget::new(at(0));
        let waits: Vec<u128> = (0..12).map(|_| wait(&mut budget, Lane::Read, REPORT, 0)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 10_000, 10_000, 10_000, 10_000, 10_000, 20_000, 20_000]);
        assert_eq!(wait(&mut budget, Lane::Read, READ, 0), 0, "others do not wait for them");
        let mut budget = Budget::new(at(0));
        let all = Cost { reports: 20, ..REPORT };
        assert_eq!((wait(&mut budget, Lane::Read, all, 0), wait(&mut budget, Lane::Read, REPORT, 1_000)), (0, 9_000));
        assert_eq!(wait(&mut budget, Lane::Read, REPORT, 30_000), 0);
    }

    #[test]
    fn ok_logs_that_are_refused_stop_nothing_else() {
        let mut budget = Budget::new(at(0));
        let report = Cost { units: 1, writes: 0, reports: 1 };
        let scope = Some("Tenant_Application/Read/app/tenant");
        budget.turned_away(report, scope, Duration::from_secs(7), at(0));
        assert_eq!(wait(&mut budget, Lane::Read, report, 0), 7_000);
        assert_eq!(wait(&mut budget, Lane::Read, READ, 0), 0);
    }

    #[test]
    fn ok_nobody_waits_longer_than_he_wants() {
        let mut budget = Budget::new(at(0));
        budget.turned_away(WRITE, None, Duration::from_secs(60), at(0));
        let wait = budget.admit(Lane::Write, WRITE, at(0), Duration::from_secs(5)).unwrap_err();
        assert!(wait >= Duration::from_secs(60), "{wait:?}");
    }
}
