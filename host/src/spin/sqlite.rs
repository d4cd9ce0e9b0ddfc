//! `spin:sqlite/sqlite@3.1.0`: each label is a file of the state directory, each `open` a connection of its own.
//!
//! A component may run `BEGIN` and `COMMIT` on its connection. When the connection is dropped, or the instance that
//! holds it, what was not committed is rolled back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, ToSql, params_from_iter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

use super::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use super::{Spin, SpinView};
use crate::served::Grants;

/// How long a statement waits for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The most that one statement may answer, in bytes: the memory of a component is 128 MiB.
const RESULT_LIMIT: usize = 64 << 20;

/// How many prepared statements a connection keeps.
const STATEMENT_CACHE: usize = 64;

/// An open database, as a component holds it.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings export it again")]
pub struct Connection(Arc<Opened>);

struct Opened {
    connection: Mutex<rusqlite::Connection>,
    /// Who may write to the file next: those who wait come in the order in which they asked.
    writers: Arc<Semaphore>,
    /// Held from the begin of a transaction that writes to its end.
    turn: Mutex<Option<OwnedSemaphorePermit>>,
}

/// Who may write to a file, of all connections of this process.
fn writers(path: &Path) -> Arc<Semaphore> {
    static FILES: Mutex<BTreeMap<PathBuf, Arc<Semaphore>>> = Mutex::new(BTreeMap::new());
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(files.entry(path.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(1))))
}

/// The settings of every SQLite connection of the host: readers beside a writer, and a crash loses no commit's order.
pub(crate) fn configure(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

impl Connection {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = rusqlite::Connection::open(path)?;
        configure(&connection)?;
        let (connection, writers, turn) = (Mutex::new(connection), writers(path), Mutex::default());
        Ok(Self(Arc::new(Opened { connection, writers, turn })))
    }

    /// A thread that panicked with the lock held leaves a connection that SQLite itself keeps consistent.
    fn lock(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits in line before a transaction that writes. SQLite itself has no line: who finds the file locked sleeps and
    /// looks again, and may do so for a second while others come and go.
    async fn take_turn(&self, statement: &str) {
        if !statement.trim_start().get(..15).is_some_and(|begin| begin.eq_ignore_ascii_case("BEGIN IMMEDIATE")) {
            return;
        }
        let turn = timeout(BUSY_TIMEOUT, Arc::clone(&self.0.writers).acquire_owned()).await;
        // Another process may write too, so SQLite's own lock counts in any case.
        *self.turn() = turn.ok().and_then(Result::ok);
    }

    fn turn(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.0.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a statement; if no transaction is open after it, others have their turn.
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<QueryResult, Error> {
        let result = self.run(statement, parameters);
        if self.lock().is_autocommit() {
            *self.turn() = None;
        }
        result
    }

    fn run(&self, statement: &str, parameters: &[Value]) -> Result<QueryResult, Error> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(statement).map_err(error)?;
        let columns = statement.column_names().map(str::to_owned).collect::<Vec<_>>();
        let mut answer = statement.query(params_from_iter(parameters)).map_err(error)?;
        let mut rows = Vec::new();
        let mut size = 0;
        while let Some(row) = answer.next().map_err(error)? {
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                let value = value(row.get_ref(index).map_err(error)?)?;
                size += size_of::<Value>() + length(&value);
                values.push(value);
            }
            if size > RESULT_LIMIT {
                return Err(Error::Io(format!("the statement answers more than {RESULT_LIMIT} bytes: ask for less")));
            }
            rows.push(RowResult { values });
        }
        Ok(QueryResult { columns, rows })
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
            Value::Null => ValueRef::Null,
        }))
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Integer(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Blob(value) => Value::Blob(value.to_owned()),
        ValueRef::Text(value) => {
            let text = std::str::from_utf8(value).map_err(|error| Error::Io(error.to_string()))?;
            Value::Text(text.to_owned())
        }
    })
}

fn length(value: &Value) -> usize {
    match value {
        Value::Text(value) => value.len(),
        Value::Blob(value) => value.len(),
        Value::Integer(_) | Value::Real(_) | Value::Null => 0,
    }
}

fn error(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::DatabaseFull,
        _ => Error::Io(error.to_string()),
    }
}

/// Where the database of a label is: `default` is the warehouse.
fn file(state: &Path, label: &str) -> PathBuf {
    let name = if label == "default" { "warehouse" } else { label };
    state.join(format!("{name}.db"))
}

/// Where a component's database is, if the component may open it.
fn path(grants: &Grants, label: &str) -> Result<PathBuf, Error> {
    if !grants.sqlite_databases.contains(label) {
        return Err(Error::AccessDenied);
    }
    Ok(file(&grants.state, label))
}

/// Makes the database of a label, so that no two instances do it at once.
pub(crate) fn create(state: &Path, label: &str) -> anyhow::Result<()> {
    let path = file(state, label);
    Connection::open(&path).map(drop).with_context(|| format!("cannot open the database {}", path.display()))
}

async fn open(path: Result<PathBuf, Error>) -> wasmtime::Result<Result<Connection, Error>> {
    let path = match path {
        Ok(path) => path,
        Err(error) => return Ok(Err(error)),
    };
    Ok(tokio::task::spawn_blocking(move || Connection::open(&path)).await?.map_err(error))
}

async fn execute(
    connection: Connection,
    statement: String,
    parameters: Vec<Value>,
) -> wasmtime::Result<Result<QueryResult, Error>> {
    connection.take_turn(&statement).await;
    Ok(tokio::task::spawn_blocking(move || connection.execute(&statement, &parameters)).await?)
}

impl Host for SpinView<'_> {}

impl HostConnection for SpinView<'_> {
    async fn open(&mut self, database: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        match open(path(self.grants, &database)).await? {
            Ok(connection) => Ok(Ok(self.table.push(connection)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let connection = self.table.get(&connection)?.clone();
        execute(connection, statement, parameters).await
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(self.table.get(&connection)?.lock().last_insert_rowid())
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&connection)?.lock().changes())
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

fn connection_of<T>(accessor: &Accessor<T, Spin>, connection: &Resource<Connection>) -> wasmtime::Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

/// Columns, the rows, and whether all rows came.
type Answer = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);

impl<T: 'static> HostConnectionWithStore<T> for Spin {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let path = accessor.with(|mut access| path(access.get().grants, &database));
        match open(path).await? {
            Ok(connection) => accessor.with(|mut access| Ok(Ok(access.get().table.push(connection)?))),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Answer, Error>> {
        let connection = connection_of(accessor, &connection)?;
        let answer = match execute(connection, statement, parameters).await? {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, answer.rows)?;
            let result = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((answer.columns, rows, result)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(connection_of(accessor, &connection)?.lock().last_insert_rowid())
    }

    async fn changes_async(accessor: &Accessor<T, Self>, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(connection_of(accessor, &connection)?.lock().changes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_there_and_back() {
        let directory = tempfile::tempdir().unwrap();
        let connection = Connection::open(&directory.path().join("warehouse.db")).unwrap();
        let values = || {
            vec![
                Value::Integer(i64::MIN),
                Value::Real(1.5),
                Value::Text("Zoë".to_owned()),
                Value::Blob(vec![0, 255]),
                Value::Null,
            ]
        };
        let answer = connection.execute("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", &values()).unwrap();
        assert_eq!(answer.columns, ["a", "b", "c", "d", "e"]);
        assert_eq!(format!("{:?}", answer.rows[0].values), format!("{:?}", values()));
    }

    #[test]
    fn a_dropped_connection_rolls_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warehouse.db");
        let connection = Connection::open(&path).unwrap();
        for statement in ["CREATE TABLE t (a)", "BEGIN", "INSERT INTO t VALUES (1)"] {
            connection.execute(statement, &[]).unwrap();
        }
        drop(connection);
        let again = Connection::open(&path).unwrap().execute("SELECT * FROM t", &[]).unwrap();
        assert_eq!(again.rows.len(), 0);
    }

    #[tokio::test]
    async fn who_wants_to_write_waits_in_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warehouse.db");
        let run = async |connection: &Connection, statement: &str| {
            super::execute(connection.clone(), statement.to_owned(), Vec::new()).await.unwrap().map(drop)
        };
        let (first, second) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
        run(&first, "CREATE TABLE t (a)").await.unwrap();
        run(&first, "BEGIN IMMEDIATE").await.unwrap();
        let mut waits = Box::pin(run(&second, "begin immediate"));
        assert!(timeout(Duration::from_millis(50), &mut waits).await.is_err());
        // A statement that fails leaves the transaction open.
        run(&first, "INSERT INTO nothing VALUES (1)").await.unwrap_err();
        assert!(timeout(Duration::from_millis(50), &mut waits).await.is_err());
        run(&first, "COMMIT").await.unwrap();
        waits.await.unwrap();
        drop(second);
        run(&first, "BEGIN IMMEDIATE").await.unwrap();
    }

    #[test]
    fn a_wrong_statement_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let connection = Connection::open(&directory.path().join("warehouse.db")).unwrap();
        let Err(Error::Io(text)) = connection.execute("SELEKT", &[]) else { panic!("expected an error") };
        assert!(text.contains("syntax error"), "{text}");
    }
}
