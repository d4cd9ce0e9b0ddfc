//! A SQLite database for tests, which fails where a test says so.

use std::{cell::Cell, future::Future, path::Path};

use runtime::{Database, DatabaseError, Rows, Value};
use rusqlite::{Connection, params_from_iter, types};

/// A connection to a file; statements are counted from 1.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    executed: Cell<usize>,
    fault: Cell<Fault>,
}

/// Which statement fails.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fault {
    /// None.
    #[default]
    Never,
    /// This one, and no other.
    Once(usize),
    /// This one and every later one, as when the process was killed before it.
    Crash(usize),
}

impl Sqlite {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] when the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let connection = Connection::open(path).map_err(|error| failed(&error))?;
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;")
            .map_err(|error| failed(&error))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection, executed: Cell::new(0), fault: Cell::new(Fault::Never) })
    }

    /// The same, with statement `fault` failing.
    #[must_use]
    pub fn with_fault(self, fault: Fault) -> Self {
        self.fault.set(fault);
        self
    }

    /// How many statements were asked for.
    #[must_use]
    pub fn executed(&self) -> usize {
        self.executed.get()
    }

    fn run(&self, statement: &str, parameters: &[Value]) -> Result<Rows, DatabaseError> {
        let number = self.executed.get() + 1;
        self.executed.set(number);
        match self.fault.get() {
            Fault::Once(at) if at == number => return Err(DatabaseError("this one statement failed".to_owned())),
            Fault::Crash(at) if at <= number => return Err(DatabaseError("the process is gone".to_owned())),
            _ => {}
        }
        self.query(statement, parameters).map_err(|error| failed(&error))
    }

    fn query(&self, statement: &str, parameters: &[Value]) -> rusqlite::Result<Rows> {
        let mut prepared = self.connection.prepare_cached(statement)?;
        let columns: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let mut found = prepared.query(params_from_iter(parameters.iter().map(to_sqlite)))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push((0..width).map(|index| row.get(index).map(from_sqlite)).collect::<rusqlite::Result<_>>()?);
        }
        Ok(Rows { columns, rows })
    }
}

impl Database for Sqlite {
    fn execute(&self, statement: &str, parameters: &[Value]) -> impl Future<Output = Result<Rows, DatabaseError>> {
        std::future::ready(self.run(statement, parameters))
    }
}

fn to_sqlite(value: &Value) -> types::ToSqlOutput<'_> {
    types::ToSqlOutput::Borrowed(match value {
        Value::Null => types::ValueRef::Null,
        Value::Integer(integer) => types::ValueRef::Integer(*integer),
        Value::Real(real) => types::ValueRef::Real(*real),
        Value::Text(text) => types::ValueRef::Text(text.as_bytes()),
        Value::Blob(bytes) => types::ValueRef::Blob(bytes),
    })
}

fn from_sqlite(value: types::Value) -> Value {
    match value {
        types::Value::Null => Value::Null,
        types::Value::Integer(integer) => Value::Integer(integer),
        types::Value::Real(real) => Value::Real(real),
        types::Value::Text(text) => Value::Text(text),
        types::Value::Blob(bytes) => Value::Blob(bytes),
    }
}

fn failed(error: &rusqlite::Error) -> DatabaseError {
    DatabaseError(error.to_string())
}
