//! `spin:key-value/key-value@3.0.0`, kept in one SQLite file for all stores.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, params};
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

use super::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use super::{Spin, SpinView};
use crate::spin::sqlite::configure;

/// The largest key and the largest value, in bytes.
const KEY_LIMIT: usize = 1024;
const VALUE_LIMIT: usize = 4 << 20;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS key_value (
    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)
) WITHOUT ROWID";

/// The file behind all key-value stores. Readers do not wait for a writer: each side has its connection.
pub(crate) struct KeyValue {
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
}

/// An open store, as a component holds it.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings export it again")]
pub struct Store {
    label: String,
    file: Arc<KeyValue>,
}

impl KeyValue {
    /// Opens the file, making it if need be.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let open = || -> rusqlite::Result<Self> {
            let writer = Connection::open(path)?;
            configure(&writer)?;
            writer.execute(SCHEMA, [])?;
            let reader = Connection::open(path)?;
            configure(&reader)?;
            Ok(Self { reader: Mutex::new(reader), writer: Mutex::new(writer) })
        };
        open().with_context(|| format!("cannot open the key-value file {}", path.display()))
    }
}

impl Store {
    fn get(&self, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        lock(&self.file.reader)
            .prepare_cached("SELECT value FROM key_value WHERE store = ? AND key = ?")?
            .query_row(params![self.label, key], |row| row.get(0))
            .optional()
    }

    fn set(&self, key: &str, value: &[u8]) -> rusqlite::Result<()> {
        lock(&self.file.writer)
            .prepare_cached("INSERT OR REPLACE INTO key_value (store, key, value) VALUES (?, ?, ?)")?
            .execute(params![self.label, key, value])
            .map(drop)
    }

    fn delete(&self, key: &str) -> rusqlite::Result<()> {
        lock(&self.file.writer)
            .prepare_cached("DELETE FROM key_value WHERE store = ? AND key = ?")?
            .execute(params![self.label, key])
            .map(drop)
    }

    fn keys(&self) -> rusqlite::Result<Vec<String>> {
        lock(&self.file.reader)
            .prepare_cached("SELECT key FROM key_value WHERE store = ? ORDER BY key")?
            .query_map([&self.label], |row| row.get(0))?
            .collect()
    }
}

/// A thread that panicked with the lock held leaves a connection that SQLite itself keeps consistent.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a read or write of the file where it may wait for the disk.
async fn on_disk<R: Send + 'static>(
    work: impl FnOnce() -> rusqlite::Result<R> + Send + 'static,
) -> wasmtime::Result<Result<R, Error>> {
    let result = tokio::task::spawn_blocking(work).await?;
    Ok(result.map_err(|error| Error::Other(error.to_string())))
}

fn store_of<T>(accessor: &Accessor<T, Spin>, store: &Resource<Store>) -> wasmtime::Result<Store> {
    accessor.with(|mut access| Ok(access.get().table.get(store)?.clone()))
}

impl Host for SpinView<'_> {}

impl HostStore for SpinView<'_> {
    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl<T: 'static> HostStoreWithStore<T> for Spin {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        accessor.with(|mut access| {
            let view = access.get();
            if !view.grants.key_value_stores.contains(&label) {
                return Ok(Err(Error::AccessDenied));
            }
            let store = Store { label, file: Arc::clone(&view.grants.key_value) };
            Ok(Ok(view.table.push(store)?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        // A read by key never waits for the writer and takes microseconds: a thread would cost more.
        let value = store_of(accessor, &store)?.get(&key);
        Ok(value.map_err(|error| Error::Other(error.to_string())))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        if key.len() > KEY_LIMIT || value.len() > VALUE_LIMIT {
            let limit = format!("a key has at most {KEY_LIMIT} bytes and a value at most {VALUE_LIMIT}");
            return Ok(Err(Error::Other(limit)));
        }
        let store = store_of(accessor, &store)?;
        on_disk(move || store.set(&key, &value)).await
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = store_of(accessor, &store)?;
        on_disk(move || store.delete(&key)).await
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let value = store_of(accessor, &store)?.get(&key);
        Ok(value.map(|value| value.is_some()).map_err(|error| Error::Other(error.to_string())))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let store = store_of(accessor, &store)?;
        let (keys, result) = match on_disk(move || store.keys()).await? {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let result = FutureReader::new(&mut access, async { wasmtime::error::Ok(result) })?;
            Ok((keys, result))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_apart_and_outlive_the_process() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key-value.db");
        let file = Arc::new(KeyValue::open(&path).unwrap());
        let store = |label: &str| Store { label: label.to_owned(), file: Arc::clone(&file) };
        store("a").set("k", b"1").unwrap();
        store("a").set("k", b"2").unwrap();
        store("a").set("j", b"3").unwrap();
        assert_eq!(store("a").get("k").unwrap(), Some(b"2".to_vec()));
        assert_eq!(store("b").get("k").unwrap(), None);
        assert_eq!(store("a").keys().unwrap(), ["j", "k"]);
        store("a").delete("k").unwrap();
        let again = Store { label: "a".to_owned(), file: Arc::new(KeyValue::open(&path).unwrap()) };
        assert_eq!(again.keys().unwrap(), ["j"]);
    }
}
