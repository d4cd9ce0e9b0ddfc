//! Directory extensions: properties that an application adds to users, groups and others.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::APPLICATION_HEX;
use crate::contract::ObjectType;
use crate::directory::identifier;

/// All that are defined, by their full names.
pub(crate) struct Extensions(BTreeMap<String, Extension>);

/// The definition of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    /// `extension_{application}_{name}`.
    pub(crate) name: String,
    pub(crate) data_type: String,
    pub(crate) targets: Vec<String>,
    pub(crate) is_multi_valued: bool,
}

/// How many an application can define.
const MAX_EXTENSIONS: usize = 100;
/// The longest text that one holds, in characters, and the longest list.
const MAX_TEXT: usize = 256;

impl Extensions {
    /// None, or the external id of users and groups.
    pub(crate) fn new(with_external_id: bool) -> Self {
        let mut extensions = Self(BTreeMap::new());
        if with_external_id {
            extensions.set_external_id(true);
        }
        extensions
    }

    /// Defines the external id of users and groups, or takes it away.
    pub(crate) fn set_external_id(&mut self, wanted: bool) {
        let external_id = Extension {
            name: format!("extension_{APPLICATION_HEX}_externalId"),
            data_type: "String".to_owned(),
            targets: vec!["User".to_owned(), "Group".to_owned()],
            is_multi_valued: false,
        };
        self.0.remove(&external_id.name);
        if wanted {
            self.0.insert(external_id.name.clone(), external_id);
        }
    }

    /// All definitions, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Extension> {
        self.0.values()
    }

    /// Adds a definition; false when there is one of the name, or when there are too many.
    pub(crate) fn add(&mut self, extension: Extension) -> bool {
        if self.0.contains_key(&extension.name) || self.0.len() >= MAX_EXTENSIONS {
            return false;
        }
        self.0.insert(extension.name.clone(), extension);
        true
    }

    /// Takes a definition away; false when there is none of this id.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|_, extension| !extension.id().eq_ignore_ascii_case(id));
        self.0.len() < before
    }

    /// The definition of a property of objects of a type.
    pub(crate) fn find(&self, name: &str, object_type: ObjectType) -> Option<&Extension> {
        self.0.get(name).filter(|extension| extension.targets.iter().any(|target| target == object_type.resource()))
    }
}

impl Extension {
    /// The id, made of the name.
    pub(crate) fn id(&self) -> String {
        let digest = Sha256::digest(&self.name);
        let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        String::from_utf8_lossy(&identifier::format(number & !(0xf << 76) | 4 << 76)).into_owned()
    }

    /// Whether it can hold a value; null clears it.
    pub(crate) fn takes(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => {
                self.is_multi_valued && items.len() <= MAX_TEXT && items.iter().all(|item| self.holds(item))
            }
            value => !self.is_multi_valued && self.holds(value),
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match self.data_type.as_str() {
            "Boolean" => value.is_boolean(),
            "Integer" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "LargeInteger" => value.is_i64(),
            "DateTime" => value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
            _ => value.as_str().is_some_and(|text| (1..=MAX_TEXT).contains(&text.chars().count())),
        }
    }

    /// As Graph shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({"id": self.id(), "deletedDateTime": null, "appDisplayName": crate::APPLICATION_NAME,
            "dataType": self.data_type, "isMultiValued": self.is_multi_valued, "isSyncedFromOnPremises": false,
            "name": self.name, "targetObjects": self.targets})
    }
}
