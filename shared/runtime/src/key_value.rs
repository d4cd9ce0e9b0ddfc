use std::{future::Future, time::Duration};

/// A small store of bytes by key that outlives an instance.
pub trait KeyValue {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// [`KeyValueError`] when the store cannot be read.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, KeyValueError>>;

    /// The value under `key`, as it is or as this instance read it not longer than `age` ago: for what many requests ask
    /// and few write.
    ///
    /// # Errors
    ///
    /// As [`KeyValue::get`].
    fn get_lately(&self, key: &str, age: Duration) -> impl Future<Output = Result<Option<Vec<u8>>, KeyValueError>> {
        let _ = age;
        self.get(key)
    }

    /// Puts `value` under `key`.
    ///
    /// # Errors
    ///
    /// [`KeyValueError`] when the store cannot be written.
    fn set(&self, key: &str, value: &[u8]) -> impl Future<Output = Result<(), KeyValueError>>;
}

impl<T: KeyValue> KeyValue for &T {
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, KeyValueError>> {
        T::get(self, key)
    }

    fn get_lately(&self, key: &str, age: Duration) -> impl Future<Output = Result<Option<Vec<u8>>, KeyValueError>> {
        T::get_lately(self, key, age)
    }

    fn set(&self, key: &str, value: &[u8]) -> impl Future<Output = Result<(), KeyValueError>> {
        T::set(self, key, value)
    }
}

/// Why the store could not be read or written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key-value store: {0}")]
pub struct KeyValueError(pub String);
