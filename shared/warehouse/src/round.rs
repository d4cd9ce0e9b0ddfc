use chrono::{DateTime, Utc};
use runtime::{Database, Value};

use crate::{
    Warehouse,
    error::Error,
    job::{Counts, Lease, Phase, Round},
    page::{Ceiling, removals_allowed},
    record::{Record, count, moment},
    transaction::{End, transaction},
};

/// How a run begins.
#[derive(Clone, Debug)]
pub struct RunStart<'a> {
    /// The round it goes on with; none to begin one.
    pub round: Option<&'a Round>,
    /// What the round reads.
    pub phase: Phase,
    /// What is asked of Graph.
    pub request: &'a str,
    /// Whether a person agreed that the round may remove any number of objects.
    pub deletes_accepted: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunStatus {
    /// The round is complete.
    Complete,
    /// The next run goes on where this one stopped.
    Partial,
    /// Nothing goes on until a person has decided about the deletes.
    Held,
    /// It cannot go on as things are; the next run tries again.
    Failed,
}

impl RunStatus {
    /// The word for it in the warehouse and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// How and why a run ends.
#[derive(Clone, Debug)]
pub struct RunEnd<'a> {
    /// The run's number.
    pub run: i64,
    /// How it ended.
    pub status: RunStatus,
    /// Why, where it is not complete.
    pub detail: Option<&'a str>,
    /// Requests it made to Graph.
    pub graph_calls: u64,
    /// The moment before which Graph does not want to be asked again.
    pub retry_at: Option<DateTime<Utc>>,
}

impl RunEnd<'_> {
    fn parameters(&self, now: DateTime<Utc>) -> [Value; 5] {
        [self.run.into(), self.status.as_str().into(), moment(now), self.detail.into(), count(self.graph_calls)]
    }
}

/// What came of completing a round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Completion {
    /// The watermark has moved.
    Complete {
        /// Objects marked deleted because a complete read of everything did not have them.
        removed: u64,
        /// Objects that are there now.
        total: u64,
    },
    /// Nothing was written: more objects would go than may without a person's word.
    Held {
        /// How many would go in this round.
        removals: u64,
        /// How many may.
        allowed: u64,
    },
}

const BEGIN_RUN: &str = "INSERT INTO inventory_run (tenant_id, job, round, phase, status, started_at)
VALUES (?1, ?2, ?3, ?4, 'running', ?5) RETURNING id";

const BEGIN_ROUND: &str = "UPDATE watermark SET request = ?4, round_run = ?5, round_phase = ?6, round_started_at = ?7,
  round_next_link = NULL, round_end_link = NULL, round_deletes_accepted = 0, round_pages = 0,
  round_seen = 0, round_added = 0, round_updated = 0, round_removed = 0, round_graph_calls = 0
WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3";

const END_RUN: &str =
    "UPDATE inventory_run SET status = ?2, finished_at = ?3, detail = ?4, graph_calls = ?5 WHERE id = ?1";

const RELEASE: &str = "UPDATE watermark SET lease_owner = NULL, lease_expires_at = NULL, retry_at = ?4
WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3";

const COMPLETE: &str = "UPDATE watermark SET delta_link = round_end_link, complete_at = round_started_at, total = ?5,
  round_run = NULL, round_phase = NULL, round_next_link = NULL, round_end_link = NULL, lease_expires_at = ?4
WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3";

impl<D: Database> Warehouse<D> {
    /// Begins a run, and a round where it does not go on with one; returns the run's number and the round.
    ///
    /// # Errors
    ///
    /// [`Kind::LeaseLost`](crate::Kind::LeaseLost) when another run has taken the job,
    /// [`Kind::Database`](crate::Kind::Database) when a statement fails.
    pub async fn begin_run(
        &self,
        lease: &Lease,
        start: &RunStart<'_>,
        now: DateTime<Utc>,
    ) -> Result<(i64, Round), Error> {
        transaction(&self.database, async || {
            self.renew(lease, now).await?;
            Ok(End::Commit(self.insert_run(lease, start, now).await?))
        })
        .await
    }

    /// Ends a run whose round Graph can no longer go on with, and begins a full round for `request` in its place.
    ///
    /// The new round is another run's: what the old one saw proves nothing about what the new one will see.
    ///
    /// # Errors
    ///
    /// As [`Warehouse::begin_run`].
    pub async fn restart_round(
        &self,
        lease: &Lease,
        end: &RunEnd<'_>,
        request: &str,
        now: DateTime<Utc>,
    ) -> Result<(i64, Round), Error> {
        let start = RunStart { round: None, phase: Phase::Full, request, deletes_accepted: false };
        transaction(&self.database, async || {
            self.renew(lease, now).await?;
            self.database.execute(END_RUN, &end.parameters(now)).await?;
            Ok(End::Commit(self.insert_run(lease, &start, now).await?))
        })
        .await
    }

    /// Moves the watermark to the end of the round, whose pages are all stored.
    ///
    /// A full round was proved complete by the unbroken chain of its pages: what it did not meet is marked deleted
    /// first, if it is not more than `ceiling` allows or a person agreed.
    ///
    /// # Errors
    ///
    /// As [`Warehouse::begin_run`].
    pub async fn complete_round(
        &self,
        lease: &Lease,
        run: i64,
        round: &Round,
        ceiling: Ceiling,
        now: DateTime<Utc>,
    ) -> Result<Completion, Error> {
        let [tenant, job] = lease.key.parameters();
        transaction(&self.database, async || {
            self.renew(lease, now).await?;
            let mut removed = 0;
            if round.phase == Phase::Full {
                removed = self.count_absent(&tenant, round.run).await?;
                let allowed = removals_allowed(self, lease, round.counts.removed, ceiling).await?;
                let removals = removed + round.counts.removed;
                if removed > 0 && removals > allowed {
                    return Ok(End::Rollback(Completion::Held { removals, allowed }));
                }
            }
            if removed > 0 {
                self.remove_absent(&tenant, run, round.run, now).await?;
                let counted = "UPDATE inventory_run SET removed = removed + ?2 WHERE id = ?1";
                self.database.execute(counted, &[run.into(), count(removed)]).await?;
            }
            let total = self.count_present(&tenant).await?;
            let parameters = [tenant.clone(), job.clone(), lease.fence.into(), lease.end(now), count(total)];
            self.database.execute(COMPLETE, &parameters).await?;
            Ok(End::Commit(Completion::Complete { removed, total }))
        })
        .await
    }

    /// Ends a run and gives the lease back.
    ///
    /// # Errors
    ///
    /// As [`Warehouse::begin_run`].
    pub async fn end_run(&self, lease: &Lease, end: &RunEnd<'_>, now: DateTime<Utc>) -> Result<(), Error> {
        let [tenant, job] = lease.key.parameters();
        transaction(&self.database, async || {
            self.renew(lease, now).await?;
            self.database.execute(END_RUN, &end.parameters(now)).await?;
            let released = [tenant, job, lease.fence.into(), end.retry_at.map_or(Value::Null, moment)];
            self.database.execute(RELEASE, &released).await?;
            Ok(End::Commit(()))
        })
        .await
    }

    async fn insert_run(&self, lease: &Lease, start: &RunStart<'_>, now: DateTime<Utc>) -> Result<(i64, Round), Error> {
        let [tenant, job] = lease.key.parameters();
        let phase = start.phase.as_str();
        let round_run = start.round.map_or(0, |round| round.run);
        let inserted = [tenant.clone(), job.clone(), round_run.into(), phase.into(), moment(now)];
        let run = Record::only(self.database.execute(BEGIN_RUN, &inserted).await?)?.integer()?;
        let round = match start.round {
            Some(round) => round.clone(),
            None => {
                let own = "UPDATE inventory_run SET round = id WHERE id = ?1";
                self.database.execute(own, &[run.into()]).await?;
                let fence = lease.fence.into();
                let begun =
                    [tenant.clone(), job.clone(), fence, start.request.into(), run.into(), phase.into(), moment(now)];
                self.database.execute(BEGIN_ROUND, &begun).await?;
                Round { run, phase: start.phase, next_link: None, pages_done: false, counts: Counts::default() }
            }
        };
        if start.deletes_accepted {
            let accept =
                "UPDATE watermark SET round_deletes_accepted = 1 WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3";
            self.database.execute(accept, &[tenant, job, lease.fence.into()]).await?;
        }
        Ok((run, round))
    }

    async fn count_absent(&self, tenant: &Value, round: i64) -> Result<u64, Error> {
        let rows = self.database.execute(&self.statements.count_absent, &[tenant.clone(), round.into()]).await?;
        Record::only(rows)?.count()
    }

    pub(crate) async fn count_present(&self, tenant: &Value) -> Result<u64, Error> {
        let rows = self.database.execute(&self.statements.count_present, std::slice::from_ref(tenant)).await?;
        Record::only(rows)?.count()
    }

    async fn remove_absent(&self, tenant: &Value, run: i64, round: i64, now: DateTime<Utc>) -> Result<(), Error> {
        let logged = [tenant.clone(), round.into(), moment(now), run.into()];
        self.database.execute(&self.statements.log_absent, &logged).await?;
        let removed = [tenant.clone(), round.into(), moment(now)];
        self.database.execute(&self.statements.remove_absent, &removed).await?;
        Ok(())
    }
}
