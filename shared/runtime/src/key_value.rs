use std::future::Future;

/// A small store of bytes by key that outlives an instance.
pub trait KeyValue {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// [`KeyValueError`] when the store cannot be read.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, KeyValueError>>;

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

    fn set(&self, key: &str, value: &[u8]) -> impl Future<Output = Result<(), KeyValueError>> {
        T::set(self, key, value)
    }
}

/// Why the store could not be read or written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key-value store: {0}")]
pub struct KeyValueError(pub String);
