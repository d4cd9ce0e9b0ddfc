use spin_sdk::key_value;

use crate::{KeyValue, KeyValueError};

/// A key-value store that the manifest grants.
pub struct SpinKeyValue(key_value::Store);

impl SpinKeyValue {
    /// Opens the store labelled `label` in `key_value_stores` of the manifest.
    ///
    /// # Errors
    ///
    /// [`KeyValueError`] when the manifest does not grant it or it cannot be opened.
    pub async fn open(label: &str) -> Result<Self, KeyValueError> {
        key_value::Store::open(label).await.map(Self).map_err(to_error)
    }
}

impl KeyValue for SpinKeyValue {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.0.get(key).await.map_err(to_error)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
        self.0.set(key, value).await.map_err(to_error)
    }
}

fn to_error(error: key_value::Error) -> KeyValueError {
    KeyValueError(error.to_string())
}
