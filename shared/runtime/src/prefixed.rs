use std::time::Duration;

use crate::{KeyValue, KeyValueError};

/// A part of a store that nobody else sees: every key begins with the owner's name.
///
/// Names must not contain a slash, so that no owner's part lies inside another's.
#[derive(Clone, Debug)]
pub struct Prefixed<K> {
    store: K,
    owner: String,
}

impl<K: KeyValue> Prefixed<K> {
    /// The part of `store` that is `owner`'s.
    #[must_use]
    pub fn new(store: K, owner: &str) -> Self {
        Self { store, owner: owner.replace('/', "_") }
    }

    fn key(&self, key: &str) -> String {
        format!("{}/{key}", self.owner)
    }
}

impl<K: KeyValue> KeyValue for Prefixed<K> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.store.get(&self.key(key)).await
    }

    async fn get_lately(&self, key: &str, age: Duration) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.store.get_lately(&self.key(key), age).await
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
        self.store.set(&self.key(key), value).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        collections::BTreeMap,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

    impl KeyValue for Memory {
        async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
            Ok(self.0.borrow().get(key).cloned())
        }

        async fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
            self.0.borrow_mut().insert(key.to_owned(), value.to_owned());
            Ok(())
        }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn what_one_keeps_another_does_not_see() {
        let memory = Memory::default();
        let (one, other) = (Prefixed::new(&memory, "one"), Prefixed::new(&memory, "other"));
        now(one.set("walk/1", b"x")).unwrap();
        assert_eq!(now(one.get("walk/1")).unwrap().as_deref(), Some(b"x".as_slice()));
        assert_eq!(now(other.get("walk/1")).unwrap(), None);
        // A name with a slash does not reach into another's part.
        let sly = Prefixed::new(&memory, "one/walk");
        assert_eq!(now(sly.get("1")).unwrap(), None);
    }
}
