//! What follows from a mapping and a deployment's settings alone, and is asked for by nearly every request.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Settings, mapping::Mapping};

/// How many are kept: one for each mapping and each choice of settings, of which every tenant may have its own.
const MOST: usize = 256;

/// Values made once for a mapping and settings.
pub(crate) struct Memo<T>(Mutex<Vec<Kept<T>>>);

struct Kept<T> {
    mapping: &'static Mapping,
    settings: Settings,
    value: Arc<T>,
}

impl<T> Memo<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The value that was made before, or the one that `make` makes.
    pub(crate) fn get(&self, mapping: &'static Mapping, settings: &Settings, make: impl FnOnce() -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|kept| std::ptr::eq(kept.mapping, mapping) && kept.settings == *settings);
        if let Some(known) = known {
            return Arc::clone(&known.value);
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        let value = Arc::new(make());
        kept.push(Kept { mapping, settings: settings.clone(), value: Arc::clone(&value) });
        value
    }
}
