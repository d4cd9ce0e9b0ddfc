//! The identity warehouse: its SQL schema, and the set-based statements that store what Graph says.
//!
//! A page of delta is one parameter of one statement: the database itself takes the JSON apart, compares it with the
//! rows it has, writes the change log and moves the job's position, all in one transaction. Nothing is stored by halves,
//! and a row that did not change is not written.
//!
//! The tables are described where they are made: [`Table`] for the current state of one kind of object, and the
//! migrations for the rest (`tenant`, `change_log`, `inventory_run`, `watermark`, and those of [`audit`]).

pub mod audit;
mod error;
mod job;
mod migration;
mod page;
mod record;
mod report;
mod round;
mod statement;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transaction;

use runtime::Database;

use crate::statement::Statements;
pub use crate::{
    error::{Error, Kind},
    job::{Acquired, Counts, JobKey, Lease, Phase, Round, Watermark},
    page::{Ceiling, Links, Page, PageOutcome},
    report::{Population, RunRecord},
    round::{Completion, RunEnd, RunStart, RunStatus},
    table::{Column, ColumnKind, Source, Table},
};

/// One connection to the warehouse, for the jobs that keep one table current.
#[derive(Debug)]
pub struct Warehouse<D> {
    database: D,
    statements: Statements,
}

impl<D: Database> Warehouse<D> {
    /// Opens the warehouse for `table`, and first brings the schema up to date, in one transaction.
    ///
    /// # Errors
    ///
    /// [`Kind::Database`] when a statement fails, [`Kind::Schema`] when a newer program made the schema.
    pub async fn open(database: D, table: &Table) -> Result<Self, Error> {
        migration::migrate(&database, table).await?;
        // What is staged never leaves the memory.
        database.execute("PRAGMA temp_store = MEMORY", &[]).await?;
        let statements = Statements::new(table);
        for statement in &statements.create_staging {
            database.execute(statement, &[]).await?;
        }
        Ok(Self { database, statements })
    }
}
