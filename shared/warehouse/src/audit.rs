//! The audit trail: who did what through the connector, one line a write, a refusal or a run, and how much a caller deleted.
//!
//! The lines of a tenant are numbered without gaps, and each has the hash of the one before it: what is in a line and how
//! it is hashed is the caller's matter ([`append`] asks for it), that no two lines get the same place is the database's.

use chrono::{DateTime, Utc};
use runtime::{Database, Value};

use crate::{
    error::Error,
    migration::migrate_schema,
    record::{Record, moment},
    transaction::{End, transaction},
};

/// What can be asked of a line without reading its record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuditColumns {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The name of the request.
    pub request_id: String,
    /// Who; empty where nobody was let in.
    pub caller: String,
    /// What was done: `create`, `update`, `delete`, `run`, ...
    pub operation: String,
    /// What kind of object: `Users`.
    pub resource: String,
    /// Its id; empty where there is none.
    pub object_id: String,
    /// How it ended: `done`, `refused`, `failed`.
    pub outcome: String,
}

/// A line that is appended: its place and hash are known only then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditText {
    /// The record as text, as it was hashed.
    pub text: String,
    /// The hash of the line.
    pub hash: String,
}

/// A line of the trail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditLine {
    /// Its number, from 1 on, without gaps.
    pub sequence: u64,
    /// The record as text.
    pub record: String,
    /// The hash of the line before it, or what the chain starts with.
    pub previous: String,
    /// Its hash.
    pub hash: String,
}

/// Which lines are asked for; what is empty or none asks for any.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuditFilter {
    /// This caller's.
    pub caller: Option<String>,
    /// About this object, in any letter case.
    pub object_id: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// Older than this line, by number.
    pub before: Option<u64>,
}

/// The first migration of the trail.
pub(crate) const MIGRATION: &[&str] = &[
    "CREATE TABLE audit (
  tenant_id TEXT NOT NULL, -- whose trail
  sequence INTEGER NOT NULL, -- counts the lines of a tenant from 1, without gaps
  at TEXT NOT NULL, -- when it happened
  request_id TEXT NOT NULL, -- the name of the request
  caller TEXT NOT NULL, -- who; empty where nobody was let in
  operation TEXT NOT NULL, -- create, update, delete, run, ...
  resource TEXT NOT NULL, -- what kind of object
  object_id TEXT NOT NULL, -- its id, in small letters; empty where there is none
  outcome TEXT NOT NULL, -- done, refused, failed
  record TEXT NOT NULL, -- all of it, as it was hashed
  previous TEXT NOT NULL, -- the hash of the line before
  hash TEXT NOT NULL, -- the hash of this one
  PRIMARY KEY (tenant_id, sequence)
) WITHOUT ROWID",
    "CREATE INDEX audit_object ON audit (tenant_id, object_id, sequence)",
    "CREATE INDEX audit_outcome ON audit (tenant_id, outcome, at)",
    "CREATE TABLE deletion (
  tenant_id TEXT NOT NULL, -- in which tenant
  caller TEXT NOT NULL, -- who
  minute INTEGER NOT NULL, -- in which minute since 1970
  deleted INTEGER NOT NULL, -- how many deletions were begun in it
  PRIMARY KEY (tenant_id, caller, minute)
) WITHOUT ROWID",
];

const HEAD: &str = "SELECT sequence, hash FROM audit WHERE tenant_id = ?1 ORDER BY sequence DESC LIMIT 1";

const INSERT: &str = "INSERT INTO audit (tenant_id, sequence, at, request_id, caller, operation, resource, object_id,
  outcome, record, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// Appends lines to the trail of `tenant`, all or none of them, in one transaction.
///
/// `link` gives the text and the hash of a line: it is told the hash of the line before (`start` for the first), the number
/// of the line, and which of `lines` it is.
///
/// # Errors
///
/// [`Kind::Database`](crate::Kind::Database) when a statement fails: no line was appended then.
pub async fn append<D: Database>(
    database: &D,
    tenant: &str,
    start: &str,
    lines: &[AuditColumns],
    mut link: impl FnMut(&str, u64, usize) -> AuditText,
) -> Result<(), Error> {
    let mut attempt = async || {
        transaction(database, async || {
            let head = Record::first(database.execute(HEAD, &[tenant.into()]).await?);
            let (mut sequence, mut previous) = match head {
                Some(mut head) => (head.integer()?, head.text()?),
                None => (0, start.to_owned()),
            };
            for (index, line) in lines.iter().enumerate() {
                sequence += 1;
                let text = link(&previous, sequence.unsigned_abs(), index);
                let parameters = line.parameters(tenant, sequence, &previous, &text);
                database.execute(INSERT, &parameters).await?;
                previous = text.hash;
            }
            Ok(End::Commit(()))
        })
        .await
    };
    with_schema(database, attempt().await, attempt).await
}

/// What came of something, done once more where it failed because the tables are not there yet: to ask first would cost
/// every request a question.
async fn with_schema<D: Database, T>(
    database: &D,
    outcome: Result<T, Error>,
    mut again: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    match outcome {
        Err(error) if error.to_string().contains("no such table") => {
            migrate_schema(database).await?;
            again().await
        }
        outcome => outcome,
    }
}

impl AuditColumns {
    fn parameters(&self, tenant: &str, sequence: i64, previous: &str, text: &AuditText) -> [Value; 12] {
        [
            tenant.into(),
            sequence.into(),
            moment(self.at),
            self.request_id.as_str().into(),
            self.caller.as_str().into(),
            self.operation.as_str().into(),
            self.resource.as_str().into(),
            self.object_id.to_ascii_lowercase().into(),
            self.outcome.as_str().into(),
            text.text.as_str().into(),
            previous.into(),
            text.hash.as_str().into(),
        ]
    }
}

const PAGE: &str = "SELECT sequence, record, previous, hash FROM audit WHERE tenant_id = ?1
  AND (?2 IS NULL OR caller = ?2) AND (?3 IS NULL OR operation = ?3) AND (?4 IS NULL OR outcome = ?4)
  AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) AND (?7 IS NULL OR sequence < ?7)
ORDER BY sequence DESC LIMIT ?8";

/// The same by way of the index over objects.
const PAGE_OF_OBJECT: &str =
    "SELECT sequence, record, previous, hash FROM audit WHERE tenant_id = ?1 AND object_id = ?9
  AND (?2 IS NULL OR caller = ?2) AND (?3 IS NULL OR operation = ?3) AND (?4 IS NULL OR outcome = ?4)
  AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) AND (?7 IS NULL OR sequence < ?7)
ORDER BY sequence DESC LIMIT ?8";

/// The latest `limit` lines of `tenant` that `filter` asks for, the latest first.
///
/// # Errors
///
/// [`Kind::Database`](crate::Kind::Database) when the statement fails.
pub async fn page<D: Database>(
    database: &D,
    tenant: &str,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditLine>, Error> {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    let time = |time: Option<DateTime<Utc>>| time.map_or(Value::Null, moment);
    let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let mut parameters = vec![
        tenant.into(),
        text(&filter.caller),
        text(&filter.operation),
        text(&filter.outcome),
        time(filter.from),
        time(filter.to),
        filter.before.map_or(Value::Null, number),
        i64::from(limit).into(),
    ];
    let statement = match &filter.object_id {
        Some(id) => {
            parameters.push(id.to_ascii_lowercase().into());
            PAGE_OF_OBJECT
        }
        None => PAGE,
    };
    let ask = async || -> Result<Vec<AuditLine>, Error> {
        let rows = database.execute(statement, &parameters).await?;
        Record::all(rows).map(|mut record| read_line(&mut record)).collect()
    };
    with_schema(database, ask().await, ask).await
}

fn read_line(record: &mut Record) -> Result<AuditLine, Error> {
    Ok(AuditLine { sequence: record.count()?, record: record.text()?, previous: record.text()?, hash: record.text()? })
}

const COUNT: &str =
    "SELECT count(*) FROM (SELECT 1 FROM audit WHERE tenant_id = ?1 AND outcome = ?2 AND at >= ?3 LIMIT ?4)";

/// How many lines with this outcome there are since a moment, counted up to `most`.
///
/// # Errors
///
/// [`Kind::Database`](crate::Kind::Database) when the statement fails.
pub async fn count_since<D: Database>(
    database: &D,
    tenant: &str,
    outcome: &str,
    since: DateTime<Utc>,
    most: u32,
) -> Result<u64, Error> {
    let parameters = [tenant.into(), outcome.into(), moment(since), i64::from(most).into()];
    let ask = async || -> Result<u64, Error> { Record::only(database.execute(COUNT, &parameters).await?)?.count() };
    with_schema(database, ask().await, ask).await
}

/// One statement, so that two requests at once cannot both take the last one.
const TAKE: &str = "INSERT INTO deletion (tenant_id, caller, minute, deleted)
SELECT ?1, ?2, ?3, 1 WHERE ?4 > (SELECT coalesce(sum(deleted), 0) FROM deletion
  WHERE tenant_id = ?1 AND caller = ?2 AND minute > ?3 - 60)
ON CONFLICT (tenant_id, caller, minute) DO UPDATE SET deleted = deleted + 1
RETURNING deleted";

/// What is older than an hour counts no more.
const FORGET: &str = "DELETE FROM deletion WHERE tenant_id = ?1 AND caller = ?2 AND minute <= ?3 - 60";

/// Counts a deletion that `caller` is about to make, unless it would be more than `most` within 60 minutes; returns
/// whether it may be made.
///
/// # Errors
///
/// [`Kind::Database`](crate::Kind::Database) when the statement fails.
pub async fn take_deletion<D: Database>(
    database: &D,
    tenant: &str,
    caller: &str,
    most: u32,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let minute = now.timestamp().div_euclid(60);
    let parameters = [tenant.into(), caller.into(), minute.into(), i64::from(most).into()];
    let take = async || -> Result<Option<i64>, Error> {
        Record::first(database.execute(TAKE, &parameters).await?).map(|mut taken| taken.integer()).transpose()
    };
    let taken = with_schema(database, take().await, take).await?;
    if taken == Some(1) {
        // The first one of a minute also clears up.
        database.execute(FORGET, &[tenant.into(), caller.into(), minute.into()]).await?;
    }
    Ok(taken.is_some())
}

#[cfg(test)]
mod tests;
