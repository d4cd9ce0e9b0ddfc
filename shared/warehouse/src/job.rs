use std::ops::AddAssign;

use chrono::{DateTime, TimeDelta, Utc};
use runtime::{Database, Value};

use crate::{
    Warehouse,
    error::Error,
    record::{Record, moment},
    transaction::{End, transaction},
};

/// Which job of which tenant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobKey {
    /// The tenant's id.
    pub tenant: String,
    /// The job's name: `inventory-users`.
    pub job: String,
}

/// The right to run a job, held until it expires; its fencing number goes with everything that is written.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Which job it is for.
    pub key: JobKey,
    /// For how long the lease holds from each time it is renewed.
    pub duration: TimeDelta,
    /// Counts the leases of the job: a smaller number than the one in the warehouse may not write.
    pub(crate) fence: i64,
}

/// What came of asking for a lease.
#[derive(Clone, Debug)]
pub enum Acquired {
    /// The lease, and where the job stands.
    Held(Lease, Box<Watermark>),
    /// Another run is at work.
    Busy {
        /// When its lease ends, unless it is renewed.
        until: DateTime<Utc>,
    },
}

/// Where a job stands between two runs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Watermark {
    /// What is asked of Graph, of the round in progress or else of the last complete one.
    pub request: Option<String>,
    /// Where the next delta round begins; none until a full round was complete.
    pub delta_link: Option<String>,
    /// Up to when the warehouse knows what changed.
    pub complete_at: Option<DateTime<Utc>>,
    /// How many objects were there when the last round was complete.
    pub total: Option<u64>,
    /// Graph is not to be asked before.
    pub retry_at: Option<DateTime<Utc>>,
    /// The round in progress.
    pub round: Option<Round>,
}

/// A read of everything, or of all changes since the watermark, that one run or several in a row carry out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Round {
    /// The run that began it.
    pub run: i64,
    /// What is read.
    pub phase: Phase,
    /// The page to go on with; none before the first.
    pub next_link: Option<String>,
    /// Whether all pages are stored, so that only its completion is left.
    pub pages_done: bool,
    /// The sums so far.
    pub counts: Counts,
}

/// What a round reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// All objects.
    Full,
    /// What changed since the watermark.
    Delta,
}

impl Phase {
    /// The word for it in the warehouse and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        if text == "delta" { Self::Delta } else { Self::Full }
    }
}

/// What a run or a round did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Pages stored.
    pub pages: u64,
    /// Objects in these pages, repeats and removals included.
    pub seen: u64,
    /// Objects new to the warehouse or back in it.
    pub added: u64,
    /// Objects with a changed attribute.
    pub updated: u64,
    /// Objects marked deleted.
    pub removed: u64,
    /// Requests made to Graph.
    pub graph_calls: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.pages += other.pages;
        self.seen += other.seen;
        self.added += other.added;
        self.updated += other.updated;
        self.removed += other.removed;
        self.graph_calls += other.graph_calls;
    }
}

impl Counts {
    pub(crate) fn read(record: &mut Record) -> Result<Self, Error> {
        Ok(Self {
            pages: record.count()?,
            seen: record.count()?,
            added: record.count()?,
            updated: record.count()?,
            removed: record.count()?,
            graph_calls: record.count()?,
        })
    }
}

const WATERMARK: &str =
    "SELECT request, delta_link, complete_at, total, retry_at, round_run, round_phase, round_next_link,
  round_end_link IS NOT NULL, round_pages, round_seen, round_added, round_updated, round_removed, round_graph_calls
FROM watermark WHERE tenant_id = ?1 AND job = ?2";

const ACQUIRE: &str = "UPDATE watermark SET lease_owner = ?3, lease_expires_at = ?4, fence = fence + 1
WHERE tenant_id = ?1 AND job = ?2 AND (lease_owner IS NULL OR lease_owner = ?3 OR lease_expires_at <= ?5)
RETURNING fence";

const CLOSE_DEAD_RUNS: &str = "UPDATE inventory_run SET status = 'partial', finished_at = ?3,
  detail = 'the run ended without a word, as when its process is killed; what it had stored stays, and the next run goes on'
WHERE tenant_id = ?1 AND job = ?2 AND status = 'running'";

impl<D: Database> Warehouse<D> {
    /// Takes the lease of a job, unless another run has it, and closes what runs before it left open.
    ///
    /// `owner` names the run that asks; no two runs have the same.
    ///
    /// # Errors
    ///
    /// [`Kind::Database`](crate::Kind::Database) when a statement fails.
    pub async fn acquire(
        &self,
        key: &JobKey,
        owner: &str,
        duration: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Acquired, Error> {
        let [tenant, job] = key.parameters();
        transaction(&self.database, async || {
            let first_seen = "INSERT INTO tenant (id, first_seen_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            self.database.execute(first_seen, &[tenant.clone(), moment(now)]).await?;
            let row = "INSERT INTO watermark (tenant_id, job) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            self.database.execute(row, &[tenant.clone(), job.clone()]).await?;
            let taken = [tenant.clone(), job.clone(), owner.into(), moment(now + duration), moment(now)];
            let Some(mut record) = Record::first(self.database.execute(ACQUIRE, &taken).await?) else {
                return Ok(End::Rollback(Acquired::Busy { until: self.lease_end(key).await? }));
            };
            let lease = Lease { key: key.clone(), duration, fence: record.integer()? };
            self.database.execute(CLOSE_DEAD_RUNS, &[tenant.clone(), job.clone(), moment(now)]).await?;
            Ok(End::Commit(Acquired::Held(lease, Box::new(self.watermark(key).await?))))
        })
        .await
    }

    /// Where a job stands; all empty when it never ran.
    ///
    /// # Errors
    ///
    /// [`Kind::Database`](crate::Kind::Database) when the statement fails.
    pub async fn watermark(&self, key: &JobKey) -> Result<Watermark, Error> {
        let rows = self.database.execute(WATERMARK, &key.parameters()).await?;
        Record::first(rows).map_or_else(|| Ok(Watermark::default()), |mut record| read_watermark(&mut record))
    }

    /// Holds the lease for another while, from `now` on.
    ///
    /// # Errors
    ///
    /// [`Kind::LeaseLost`](crate::Kind::LeaseLost) when another run has taken it.
    pub async fn renew(&self, lease: &Lease, now: DateTime<Utc>) -> Result<(), Error> {
        let statement = "UPDATE watermark SET lease_expires_at = ?4 WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3 RETURNING fence";
        let [tenant, job] = lease.key.parameters();
        let parameters = [tenant, job, lease.fence.into(), lease.end(now)];
        let renewed = self.database.execute(statement, &parameters).await?;
        renewed.first().map(|_| ()).ok_or_else(|| Error::lease_lost(&lease.key.job))
    }

    async fn lease_end(&self, key: &JobKey) -> Result<DateTime<Utc>, Error> {
        let statement = "SELECT lease_expires_at FROM watermark WHERE tenant_id = ?1 AND job = ?2";
        Record::only(self.database.execute(statement, &key.parameters()).await?)?.moment()
    }
}

impl JobKey {
    pub(crate) fn parameters(&self) -> [Value; 2] {
        [self.tenant.as_str().into(), self.job.as_str().into()]
    }
}

impl Lease {
    /// When the lease ends if it is renewed at `now`.
    pub(crate) fn end(&self, now: DateTime<Utc>) -> Value {
        moment(now + self.duration)
    }
}

fn read_watermark(record: &mut Record) -> Result<Watermark, Error> {
    Ok(Watermark {
        request: record.optional_text()?,
        delta_link: record.optional_text()?,
        complete_at: record.optional_moment()?,
        total: record.optional_integer()?.map(|total| u64::try_from(total).unwrap_or_default()),
        retry_at: record.optional_moment()?,
        round: match record.optional_integer()? {
            None => None,
            Some(run) => Some(Round {
                run,
                phase: Phase::parse(&record.text()?),
                next_link: record.optional_text()?,
                pages_done: record.integer()? == 1,
                counts: Counts::read(record)?,
            }),
        },
    })
}
