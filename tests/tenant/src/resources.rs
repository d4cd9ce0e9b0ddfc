//! What is in the tenant beside its directory: roles, licences, domains, logs and more, as JSON objects by collection.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::directory::Object;

pub(crate) mod logs;

/// All such objects, by the name of their collection.
///
/// A member that is no property of the type of an object is kept with it and never shown.
pub(crate) struct Resources(BTreeMap<String, Vec<Object>>);

impl Default for Resources {
    /// The objects of `data/sample-resources.json`.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn default() -> Self {
        Self(serde_json::from_str(include_str!("../data/sample-resources.json")).expect("data/sample-resources.json"))
    }
}

impl Resources {
    /// Provides what so many made-up users have: a unit for each of them, and as many as the sample tenant.
    pub(crate) fn provide(&mut self, users: u32) {
        for sku in self.0.get_mut("subscribedSkus").into_iter().flatten() {
            let enabled = sku.get_mut("prepaidUnits").and_then(|units| units.get_mut("enabled"));
            if let Some(enabled) = enabled {
                *enabled = (enabled.as_u64().unwrap_or_default() + u64::from(users)).into();
            }
        }
    }

    /// The objects of a collection, in the order in which they were made.
    pub(crate) fn all(&self, collection: &str) -> &[Object] {
        self.0.get(collection).map(Vec::as_slice).unwrap_or_default()
    }

    /// The object of a collection of which this property has this value, whatever its case.
    pub(crate) fn find(&self, collection: &str, property: &str, value: &str) -> Option<&Object> {
        self.all(collection).iter().find(|object| has(object, property, value))
    }

    /// Adds an object to a collection.
    pub(crate) fn add(&mut self, collection: &str, object: Object) {
        self.0.entry(collection.to_owned()).or_default().push(object);
    }

    /// Adds an object before all others, and keeps so many of them.
    pub(crate) fn push_front(&mut self, collection: &str, object: Object, most: usize) {
        let objects = self.0.entry(collection.to_owned()).or_default();
        objects.insert(0, object);
        objects.truncate(most);
    }

    /// Sets properties of the object with this id; null clears one.
    pub(crate) fn change(&mut self, collection: &str, id: &str, changes: Object) {
        let objects = self.0.get_mut(collection).into_iter().flatten();
        for object in objects.filter(|object| has(object, "id", id)) {
            object.extend(changes.clone());
        }
    }

    /// Takes the object with this id away.
    pub(crate) fn remove(&mut self, collection: &str, id: &str) {
        self.retain(collection, |object| !has(object, "id", id));
    }

    /// Takes all objects away that do not fit.
    pub(crate) fn retain(&mut self, collection: &str, fits: impl Fn(&Object) -> bool) {
        if let Some(objects) = self.0.get_mut(collection) {
            objects.retain(fits);
        }
    }
}

/// Whether a property of an object has this value, whatever its case.
pub(crate) fn has(object: &Object, property: &str, value: &str) -> bool {
    text(object, property).eq_ignore_ascii_case(value)
}

/// The text of a property; empty where it has none.
pub(crate) fn text<'a>(object: &'a Object, property: &str) -> &'a str {
    object.get(property).and_then(Value::as_str).unwrap_or_default()
}
