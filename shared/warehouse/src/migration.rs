use runtime::{Database, Value};

use crate::{
    audit,
    error::{Error, Kind},
    record::Record,
    table::{Table, literal},
    transaction::{End, transaction},
};

/// The numbered steps to the present schema; a step that has landed never changes, a new one goes at the end.
///
/// The tables of objects are not here: they follow the mapping, which may gain a column at any time.
const MIGRATIONS: &[&[&str]] = &[INVENTORY, audit::MIGRATION];

/// What the jobs know.
const INVENTORY: &[&str] = &[
    "CREATE TABLE tenant (
  id TEXT PRIMARY KEY, -- the tenant's id in Entra
  first_seen_at TEXT NOT NULL -- when the first job ran for it
)",
    "CREATE TABLE inventory_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- counts up over all tenants and jobs
  tenant_id TEXT NOT NULL, -- whose inventory
  job TEXT NOT NULL, -- which job: inventory-users
  round INTEGER NOT NULL, -- the run that began the round this run goes on with; its own id when it began one
  phase TEXT NOT NULL, -- full: everything is read; delta: what changed since the watermark
  status TEXT NOT NULL, -- running, complete, partial (the next run goes on), held (waits for a person), failed
  started_at TEXT NOT NULL, -- when the run began
  finished_at TEXT, -- when it ended; empty while it runs
  pages INTEGER NOT NULL DEFAULT 0, -- pages stored by this run
  seen INTEGER NOT NULL DEFAULT 0, -- objects in these pages, repeats and removals included
  added INTEGER NOT NULL DEFAULT 0, -- objects new to the warehouse or back in it
  updated INTEGER NOT NULL DEFAULT 0, -- objects with a changed attribute
  removed INTEGER NOT NULL DEFAULT 0, -- objects marked deleted
  graph_calls INTEGER NOT NULL DEFAULT 0, -- requests made to Graph
  detail TEXT -- why it is partial, held or failed
)",
    "CREATE INDEX inventory_run_job ON inventory_run (tenant_id, job, id)",
    "CREATE TABLE watermark (
  tenant_id TEXT NOT NULL, -- whose inventory
  job TEXT NOT NULL, -- which job
  request TEXT, -- what is asked of Graph; another request means that all is read anew
  delta_link TEXT, -- where the next round begins; empty until a full round was complete
  complete_at TEXT, -- up to when the warehouse knows what changed; empty until then
  total INTEGER, -- objects that were there when the last round was complete
  retry_at TEXT, -- Graph is not to be asked before
  round_run INTEGER, -- the run that began the round in progress; empty between rounds
  round_phase TEXT, -- full or delta
  round_started_at TEXT, -- when the round began
  round_next_link TEXT, -- the page the round goes on with; empty before its first page
  round_end_link TEXT, -- the delta link that ended the round's pages; what is left is to complete it
  round_deletes_accepted INTEGER NOT NULL DEFAULT 0, -- 1: a person agreed that many objects go
  round_pages INTEGER NOT NULL DEFAULT 0, -- the round's sums, as in inventory_run
  round_seen INTEGER NOT NULL DEFAULT 0, -- ditto
  round_added INTEGER NOT NULL DEFAULT 0, -- ditto
  round_updated INTEGER NOT NULL DEFAULT 0, -- ditto
  round_removed INTEGER NOT NULL DEFAULT 0, -- ditto
  round_graph_calls INTEGER NOT NULL DEFAULT 0, -- ditto
  lease_owner TEXT, -- the run at work, by a random name; empty when none is
  lease_expires_at TEXT, -- until when nobody else may run the job
  fence INTEGER NOT NULL DEFAULT 0, -- counts leases: who holds an older one may not write
  PRIMARY KEY (tenant_id, job)
)",
    "CREATE TABLE change_log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of the changes
  tenant_id TEXT NOT NULL, -- whose object
  resource TEXT NOT NULL, -- what kind of object: users
  object_id TEXT NOT NULL, -- its id in Graph
  change TEXT NOT NULL, -- created, updated (a row an attribute), deleted, restored
  attribute TEXT, -- the column that changed; empty for created and restored
  old, -- what it was; for created, as for every later value, walk back from the present row
  new, -- what it is
  seen_at TEXT NOT NULL, -- when the run saw it
  run INTEGER NOT NULL -- the run that saw it
)",
    "CREATE INDEX change_log_object ON change_log (object_id, sequence)",
];

/// Brings all but the tables of objects up to date.
pub(crate) async fn migrate_schema<D: Database>(database: &D) -> Result<(), Error> {
    transaction(database, async || Ok(End::Commit(apply_migrations(database).await?))).await
}

/// Brings the schema up to date; asks three questions and writes nothing where it is.
pub(crate) async fn migrate<D: Database>(database: &D, table: &Table) -> Result<(), Error> {
    if is_current(database, table).await? {
        return Ok(());
    }
    transaction(database, async || {
        apply_migrations(database).await?;
        apply_table(database, table).await?;
        Ok(End::Commit(()))
    })
    .await
}

async fn is_current<D: Database>(database: &D, table: &Table) -> Result<bool, Error> {
    if columns(database, "schema_version").await?.is_empty() || version(database).await? != MIGRATIONS.len() {
        return Ok(false);
    }
    let present = columns(database, table.name).await?;
    Ok(!present.is_empty() && table.add_missing(&present).is_empty())
}

async fn apply_migrations<D: Database>(database: &D) -> Result<(), Error> {
    database
        .execute(
            "CREATE TABLE IF NOT EXISTS schema_version (
  version INTEGER PRIMARY KEY, -- the number of a migration that was carried out
  applied_at TEXT NOT NULL -- when
)",
            &[],
        )
        .await?;
    let present = version(database).await?;
    if present > MIGRATIONS.len() {
        let known = MIGRATIONS.len();
        let message =
            format!("the warehouse has schema version {present}, this program knows {known}: run the newer program");
        return Err(Error::new(Kind::Schema, message));
    }
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(present) {
        for statement in *migration {
            database.execute(statement, &[]).await?;
        }
        let record = "INSERT INTO schema_version VALUES (?1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
        database.execute(record, &[Value::Integer(number)]).await?;
    }
    Ok(())
}

async fn apply_table<D: Database>(database: &D, table: &Table) -> Result<(), Error> {
    let present = columns(database, table.name).await?;
    let statements = if present.is_empty() {
        let mut statements = vec![table.create()];
        statements.extend(table.create_indexes());
        statements
    } else {
        table.add_missing(&present)
    };
    for statement in statements {
        database.execute(&statement, &[]).await?;
    }
    Ok(())
}

async fn version<D: Database>(database: &D) -> Result<usize, Error> {
    let rows = database.execute("SELECT max(version) FROM schema_version", &[]).await?;
    let version = Record::only(rows)?.count()?;
    usize::try_from(version)
        .map_err(|_| Error::new(Kind::Schema, "the schema version of the warehouse is not a number"))
}

/// The names of the columns of a table; none when there is no such table.
async fn columns<D: Database>(database: &D, table: &str) -> Result<Vec<String>, Error> {
    let statement = format!("SELECT name FROM pragma_table_info({})", literal(table));
    let rows = database.execute(&statement, &[]).await?;
    Record::all(rows).map(|mut record| record.text()).collect()
}

#[cfg(test)]
mod tests;
