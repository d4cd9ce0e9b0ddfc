use chrono::{DateTime, Utc};
use runtime::Database;

use crate::{
    Warehouse,
    error::Error,
    job::{Counts, JobKey},
    record::Record,
};

/// One run of a job, as the warehouse remembers it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunRecord {
    /// Its number.
    pub run: i64,
    /// `full` or `delta`.
    pub phase: String,
    /// `running`, `complete`, `partial`, `held` or `failed`.
    pub status: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it did.
    pub counts: Counts,
    /// Why it is partial, held or failed.
    pub detail: Option<String>,
}

/// How many objects a table holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Population {
    /// Those that are there.
    pub active: u64,
    /// Those marked deleted.
    pub deleted: u64,
}

const RECENT_RUNS: &str = "SELECT id, phase, status, started_at, finished_at, detail,
  pages, seen, added, updated, removed, graph_calls
FROM inventory_run WHERE tenant_id = ?1 AND job = ?2 ORDER BY id DESC LIMIT ?3";

impl<D: Database> Warehouse<D> {
    /// The last `limit` runs of a job, the latest first.
    ///
    /// # Errors
    ///
    /// [`Kind::Database`](crate::Kind::Database) when the statement fails.
    pub async fn recent_runs(&self, key: &JobKey, limit: u32) -> Result<Vec<RunRecord>, Error> {
        let [tenant, job] = key.parameters();
        let rows = self.database.execute(RECENT_RUNS, &[tenant, job, i64::from(limit).into()]).await?;
        Record::all(rows).map(|mut record| read_run(&mut record)).collect()
    }

    /// How many objects of a tenant the table holds.
    ///
    /// # Errors
    ///
    /// [`Kind::Database`](crate::Kind::Database) when the statement fails.
    pub async fn population(&self, tenant: &str) -> Result<Population, Error> {
        let active = self.count_present(&tenant.into()).await?;
        let rows = self.database.execute(&self.statements.count_deleted, &[tenant.into()]).await?;
        Ok(Population { active, deleted: Record::only(rows)?.count()? })
    }
}

fn read_run(record: &mut Record) -> Result<RunRecord, Error> {
    Ok(RunRecord {
        run: record.integer()?,
        phase: record.text()?,
        status: record.text()?,
        started_at: record.moment()?,
        finished_at: record.optional_moment()?,
        detail: record.optional_text()?,
        counts: Counts::read(record)?,
    })
}
