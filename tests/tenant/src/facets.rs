//! What other services than the directory keep of users: pictures, and the settings of mailboxes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What was changed of it; the rest is as in the sample, or as usual.
#[derive(Default)]
pub(crate) struct Facets(Mutex<Changed>);

#[derive(Default)]
struct Changed {
    /// By the id of the user; none where the picture was deleted.
    photos: BTreeMap<String, Option<Arc<Bytes>>>,
    mailboxes: BTreeMap<String, Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    photos: Vec<String>,
    mailbox_settings: BTreeMap<String, Map<String, Value>>,
}

#[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/sample-facets.json")).expect("data/sample-facets.json")
});

/// How many pictures are kept; the one of the lowest id goes when there are more.
const MAX_PHOTOS: usize = 100;

impl Facets {
    /// The picture of a user.
    pub(crate) fn photo(&self, id: &str) -> Option<Arc<Bytes>> {
        match self.changed().photos.get(id) {
            Some(changed) => changed.clone(),
            None => SAMPLE
                .photos
                .iter()
                .any(|known| known == id)
                .then(|| Arc::new(Bytes::from_static(include_bytes!("../data/sample-photo.jpg")))),
        }
    }

    /// Replaces the picture of a user, or deletes it.
    pub(crate) fn set_photo(&self, id: &str, photo: Option<Bytes>) {
        let mut changed = self.changed();
        changed.photos.insert(id.to_owned(), photo.map(Arc::new));
        if changed.photos.len() > MAX_PHOTOS {
            changed.photos.pop_first();
        }
    }

    /// What is unusual about the settings of a user's mailbox.
    pub(crate) fn mailbox(&self, id: &str) -> Map<String, Value> {
        let mut settings = SAMPLE.mailbox_settings.get(id).cloned().unwrap_or_default();
        settings.extend(self.changed().mailboxes.get(id).cloned().unwrap_or_default());
        settings
    }

    /// Changes settings of a user's mailbox.
    pub(crate) fn set_mailbox(&self, id: &str, settings: &Map<String, Value>) {
        self.changed().mailboxes.entry(id.to_owned()).or_default().extend(settings.clone());
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
