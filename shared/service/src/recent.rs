//! The last writes through this service: Graph takes some seconds to show a write everywhere.
//!
//! What was just made is known to exist, so a 404 about it is asked again; what was just written is laid over an older
//! read. As in [`crate::walk`], the memory is a help and never the truth, and it is bounded.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/users#common-properties>.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use runtime::KeyValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::walk;

/// What marks the changes of a relationship among the properties.
const MEMBERS: &str = "@members";
/// How many of them are remembered.
const MOST_MEMBERS: usize = 500;
/// How long a write is remembered; Graph has caught up by then.
const WINDOW: TimeDelta = TimeDelta::seconds(30);

/// The last writes to an object.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Recent {
    id: String,
    at: DateTime<Utc>,
    pub(crate) change: Change,
    /// The properties written and when, as Graph has them; null for those that were cleared.
    written: BTreeMap<String, (DateTime<Utc>, Value)>,
}

impl Recent {
    /// The properties that were written.
    pub(crate) fn properties(&self) -> Map<String, Value> {
        self.written.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect()
    }

    /// Who was added to and removed from a relationship.
    pub(crate) fn members(&self, navigation: &str) -> Option<Value> {
        self.written.get(&members_key(navigation)).map(|(_, value)| value.clone())
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        self.written.retain(|_, (at, _)| now - *at < WINDOW);
    }
}

/// What a write did.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Change {
    Made,
    Changed,
    Deleted,
}

/// The last writes to the object `id`, if they were just now.
pub(crate) async fn load<K: KeyValue>(store: &K, id: &str, now: DateTime<Utc>) -> Option<Recent> {
    let bytes = store.get(&slot(id)).await.ok()??;
    let mut recent: Recent = serde_json::from_slice(&bytes).ok()?;
    if !recent.id.eq_ignore_ascii_case(id) || now - recent.at >= WINDOW {
        return None;
    }
    recent.forget(now);
    Some(recent)
}

/// Remembers a write on top of those before. A store that fails only means that a read may be older.
pub(crate) async fn save<K: KeyValue>(
    store: &K,
    before: Option<Recent>,
    id: &str,
    change: Change,
    properties: &Map<String, Value>,
    now: DateTime<Utc>,
) {
    let fresh = Recent { id: id.to_owned(), at: now, change, written: BTreeMap::new() };
    let mut recent = match before {
        // What was made stays made, for as long as Graph may not show it.
        Some(before) if change == Change::Changed => before,
        _ => fresh,
    };
    if recent.change == Change::Changed {
        recent.at = now;
    }
    let written = properties.iter().filter(|(name, _)| !is_secret(name));
    for (name, value) in written {
        let value = match recent.written.get(name) {
            Some((_, before)) if name.ends_with(MEMBERS) => joined(before, value),
            _ => value.clone(),
        };
        // More than that is not worth keeping for half a minute.
        if !name.ends_with(MEMBERS) || length(&value) <= MOST_MEMBERS {
            recent.written.insert(name.clone(), (now, value));
        }
    }
    if let Ok(bytes) = serde_json::to_vec(&recent) {
        let _ = store.set(&slot(id), &bytes).await;
    }
}

/// Forgets the last writes to an object.
pub(crate) async fn forget<K: KeyValue>(store: &K, id: &str) {
    // A store that fails only means that the object may not be found for half a minute.
    let _ = store.set(&slot(id), b"").await;
}

/// What the changes of a relationship with many are kept under.
pub(crate) fn members_key(navigation: &str) -> String {
    format!("{navigation}{MEMBERS}")
}

/// Two changes of the same relationship, one after the other.
fn joined(before: &Value, after: &Value) -> Value {
    let ids = |change: &Value, name: &str| {
        let ids = change.get(name).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect::<BTreeSet<_>>()
    };
    let (add, remove) = (ids(after, "add"), ids(after, "remove"));
    let added: BTreeSet<String> = ids(before, "add").difference(&remove).cloned().collect();
    let removed: BTreeSet<String> = ids(before, "remove").difference(&add).cloned().collect();
    json!({ "add": added.union(&add).collect::<Vec<_>>(), "remove": removed.union(&remove).collect::<Vec<_>>() })
}

fn length(change: &Value) -> usize {
    change.as_object().into_iter().flatten().filter_map(|(_, ids)| ids.as_array()).map(Vec::len).sum()
}

/// Lays what was written over what was read; secrets are not among it.
pub(crate) fn lay_over(read: &mut Map<String, Value>, written: &Map<String, Value>) {
    for (name, value) in written.iter().filter(|(name, _)| !is_secret(name) && !name.ends_with(MEMBERS)) {
        match (read.get_mut(name), value) {
            // A part of the same thing; another manager is another thing.
            (Some(Value::Object(inner)), Value::Object(parts)) if inner.get("id") == parts.get("id") => {
                lay_over(inner, parts);
            }
            (_, Value::Null) => {
                read.remove(name);
            }
            _ => {
                read.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Keys may be private ones, and Graph completes those that it is given; secrets come and go by actions, after the object.
fn is_secret(property: &str) -> bool {
    matches!(property, "passwordProfile" | "keyCredentials" | "passwordCredentials")
}

/// One of 4,096 slots.
fn slot(id: &str) -> String {
    let fingerprint = walk::fingerprint(&[&id.to_ascii_lowercase()]);
    format!("recent/{}", fingerprint.get(..3).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn the_last_write_wins() {
        let mut read = object(json!({ "mail": "old", "city": "X", "manager": { "id": "1", "displayName": "One" },
            "employeeOrgData": { "division": "D", "costCenter": "1" }, "sets": { "a": { "x": 1, "y": 2 }, "b": 3 } }));
        let written = object(
            json!({ "mail": "new", "city": null, "jobTitle": "T", "passwordProfile": { "password": "p" },
            "manager": { "id": "2" }, "employeeOrgData": { "costCenter": "2" }, "sets": { "a": { "y": null, "z": [] } } }),
        );
        lay_over(&mut read, &written);
        assert_eq!(
            Value::Object(read),
            json!({ "mail": "new", "jobTitle": "T", "manager": { "id": "2" },
                "employeeOrgData": { "division": "D", "costCenter": "2" }, "sets": { "a": { "x": 1, "z": [] }, "b": 3 } })
        );
    }
}
