use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use spin_sdk::key_value::{self, Store};

use super::SpinClock;
use crate::{Clock, KeyValue, KeyValueError};

/// A key-value store that the manifest grants.
#[derive(Clone)]
pub struct SpinKeyValue(Rc<Opened>);

struct Opened {
    store: Store,
    read: RefCell<Read>,
}

/// What was read of late, by key, and when, in milliseconds.
type Read = BTreeMap<String, (i64, Option<Vec<u8>>)>;

/// How many values are kept of what was read of late.
const MOST_READ: usize = 64;

thread_local! {
    /// The stores that this instance has opened.
    static OPENED: RefCell<BTreeMap<String, SpinKeyValue>> = const { RefCell::new(BTreeMap::new()) };
}

impl SpinKeyValue {
    /// Opens the store labelled `label` in `key_value_stores` of the manifest.
    ///
    /// # Errors
    ///
    /// [`KeyValueError`] when the manifest does not grant it or it cannot be opened.
    pub async fn open(label: &str) -> Result<Self, KeyValueError> {
        if let Some(opened) = OPENED.with_borrow(|opened| opened.get(label).cloned()) {
            return Ok(opened);
        }
        let store = Store::open(label).await.map_err(to_error)?;
        let opened = Self(Rc::new(Opened { store, read: RefCell::default() }));
        OPENED.with_borrow_mut(|all| all.insert(label.to_owned(), opened.clone()));
        Ok(opened)
    }
}

impl KeyValue for SpinKeyValue {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.0.store.get(key).await.map_err(to_error)
    }

    async fn get_lately(&self, key: &str, age: Duration) -> Result<Option<Vec<u8>>, KeyValueError> {
        let now = SpinClock.now().timestamp_millis();
        let oldest = now.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        if let Some((at, value)) = self.0.read.borrow().get(key)
            && (oldest..=now).contains(at)
        {
            return Ok(value.clone());
        }
        let value = self.get(key).await?;
        let mut read = self.0.read.borrow_mut();
        if read.len() >= MOST_READ {
            read.clear();
        }
        read.insert(key.to_owned(), (now, value.clone()));
        Ok(value)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
        self.0.read.borrow_mut().remove(key);
        self.0.store.set(key, value).await.map_err(to_error)
    }
}

fn to_error(error: key_value::Error) -> KeyValueError {
    KeyValueError(error.to_string())
}
