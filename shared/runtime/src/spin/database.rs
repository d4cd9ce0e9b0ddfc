use std::cell::RefCell;

use spin_sdk::sqlite;

use crate::{Database, DatabaseError, Rows, Value};

/// A connection to a SQLite database that the manifest grants.
pub struct SpinDatabase(sqlite::Connection);

impl SpinDatabase {
    /// Opens the database labelled `label` in `sqlite_databases` of the manifest.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] when the manifest does not grant it or it cannot be opened.
    pub async fn open(label: &str) -> Result<Self, DatabaseError> {
        sqlite::Connection::open(label).await.map(Self).map_err(to_error)
    }
}

/// How many connections an instance keeps for later requests.
const MOST_IDLE: usize = 4;

thread_local! {
    /// Connections that nobody uses at the moment, and their labels.
    static IDLE: RefCell<Vec<(String, SpinDatabase)>> = const { RefCell::new(Vec::new()) };
}

impl SpinDatabase {
    /// A connection that an earlier request has kept, or a new one: to open one costs more than what is done with it.
    ///
    /// # Errors
    ///
    /// As [`SpinDatabase::open`].
    pub async fn kept_or_open(label: &str) -> Result<Self, DatabaseError> {
        let kept = IDLE.with_borrow_mut(|idle| {
            let place = idle.iter().position(|(kept, _)| kept == label)?;
            Some(idle.swap_remove(place).1)
        });
        match kept {
            Some(kept) => Ok(kept),
            None => Self::open(label).await,
        }
    }

    /// Keeps the connection for a later request of this instance. Only one that is in no transaction may be kept.
    pub fn keep(self, label: &str) {
        IDLE.with_borrow_mut(|idle| {
            if idle.len() < MOST_IDLE {
                idle.push((label.to_owned(), self));
            }
        });
    }
}

impl Database for SpinDatabase {
    async fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, DatabaseError> {
        let parameters: Vec<sqlite::Value> = parameters.iter().cloned().map(to_sqlite).collect();
        let result = self.0.execute(statement, parameters).await.map_err(to_error)?;
        let columns = result.columns().to_vec();
        let rows = result.collect().await.map_err(to_error)?;
        let rows = rows.into_iter().map(|row| row.values.into_iter().map(from_sqlite).collect()).collect();
        Ok(Rows { columns, rows })
    }
}

fn to_sqlite(value: Value) -> sqlite::Value {
    match value {
        Value::Null => sqlite::Value::Null,
        Value::Integer(integer) => sqlite::Value::Integer(integer),
        Value::Real(real) => sqlite::Value::Real(real),
        Value::Text(text) => sqlite::Value::Text(text),
        Value::Blob(blob) => sqlite::Value::Blob(blob),
    }
}

fn from_sqlite(value: sqlite::Value) -> Value {
    match value {
        sqlite::Value::Null => Value::Null,
        sqlite::Value::Integer(integer) => Value::Integer(integer),
        sqlite::Value::Real(real) => Value::Real(real),
        sqlite::Value::Text(text) => Value::Text(text),
        sqlite::Value::Blob(blob) => Value::Blob(blob),
    }
}

fn to_error(error: sqlite::Error) -> DatabaseError {
    DatabaseError(error.to_string())
}
