use std::{pin::pin, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{Either, select};
use runtime::{Clock, Database, Random};

use crate::{
    end::End,
    source::{DeltaSource, Link, SourceError},
    tick::Run,
};

/// How often a lease is renewed while a run waits; well below how long it holds.
const RENEW_EVERY: TimeDelta = TimeDelta::seconds(6);

/// How often the same page is asked for before the tick gives up.
const ATTEMPTS: u32 = 5;

impl<S: DeltaSource, D: Database, C: Clock, R: Random> Run<'_, S, D, C, R> {
    /// The page at `link`, asked for again while Graph is not there, within the time budget.
    ///
    /// The lease is held on all the while.
    pub(crate) async fn fetch(&self, link: Link<'_>) -> Result<Bytes, FetchError> {
        let mut attempt = 1;
        loop {
            let error = match self.hold_on(self.context.source.page(link)).await? {
                Some(Ok(body)) => return Ok(body),
                Some(Err(error)) => error,
                None => return Err(FetchError::End(End::out_of_time())),
            };
            let SourceError::Unavailable { retry_after, detail } = error else { return Err(FetchError::Source(error)) };
            let until = self.context.clock.now() + wait(attempt, retry_after);
            if attempt == ATTEMPTS {
                let detail = format!("gave up after {ATTEMPTS} tries: {detail}");
                return Err(FetchError::End(End::later(detail, retry_after.map(|_| until))));
            }
            if until >= self.deadline {
                return Err(FetchError::End(End::later(detail, retry_after.map(|_| until))));
            }
            self.wait_until(until).await?;
            attempt += 1;
        }
    }

    /// Waits until a moment before the deadline.
    pub(crate) async fn wait_until(&self, until: DateTime<Utc>) -> Result<(), FetchError> {
        let left = (until - self.context.clock.now()).to_std().unwrap_or_default();
        self.hold_on(self.context.clock.sleep(left)).await?;
        Ok(())
    }

    /// What `work` gives, or nothing when the time budget is spent before.
    async fn hold_on<T>(&self, work: impl Future<Output = T>) -> Result<Option<T>, FetchError> {
        let mut work = pin!(work);
        loop {
            let now = self.context.clock.now();
            let pause = RENEW_EVERY.min(self.deadline - now).to_std().unwrap_or_default();
            match select(work.as_mut(), pin!(self.context.clock.sleep(pause))).await {
                Either::Left((result, _)) => return Ok(Some(result)),
                Either::Right(_) => {}
            }
            let now = self.context.clock.now();
            if now >= self.deadline {
                return Ok(None);
            }
            self.warehouse.renew(&self.lease, now).await.map_err(FetchError::Warehouse)?;
        }
    }
}

/// Why there is no page.
pub(crate) enum FetchError {
    /// The tick ends.
    End(End),
    /// Graph says no.
    Source(SourceError),
    /// The lease could not be renewed.
    Warehouse(warehouse::Error),
}

/// What Graph says, or else a second, doubled with each attempt.
fn wait(attempt: u32, retry_after: Option<Duration>) -> TimeDelta {
    let wait = retry_after.unwrap_or_else(|| Duration::from_secs(1 << attempt.saturating_sub(1).min(5)));
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1)).min(TimeDelta::days(1))
}
