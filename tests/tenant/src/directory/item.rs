//! One object of the directory, computed or kept, and how its properties are written.

use serde_json::Value;

use crate::contract::{ObjectType, Property};
use crate::directory::generated::{self, Person};
use crate::directory::{Object, identifier, json};

/// An object that can be read: a user, a group, or another that can be a member.
pub(crate) struct Item<'a> {
    /// Its row.
    pub(crate) row: u32,
    pub(crate) object_type: ObjectType,
    source: Source<'a>,
}

enum Source<'a> {
    Generated(Person),
    Stored(&'a Object),
}

const EXTENSION_ATTRIBUTES: &str = "onPremisesExtensionAttributes";

impl<'a> Item<'a> {
    /// The generated user of a row.
    pub(crate) fn generated(row: u32) -> Self {
        Self { row, object_type: ObjectType::User, source: Source::Generated(Person::new(row)) }
    }

    pub(crate) fn stored(row: u32, object_type: ObjectType, object: &'a Object) -> Self {
        Self { row, object_type, source: Source::Stored(object) }
    }

    /// Writes the value of a property: null, or an empty list, where the object has none.
    pub(crate) fn write(&self, property: &Property, out: &mut Vec<u8>) {
        let written = match &self.source {
            Source::Generated(person) => match property.generate {
                Some(write) => {
                    write(person, out);
                    true
                }
                None => self.write_id(property, out),
            },
            Source::Stored(object) => match object.get(&property.name) {
                Some(value) => {
                    json::value(out, value);
                    true
                }
                None => false,
            },
        };
        if !written {
            out.extend_from_slice(empty(property));
        }
    }

    /// Writes a directory extension property; false, and nothing written, where the object has none.
    pub(crate) fn write_extension(&self, name: &str, out: &mut Vec<u8>) -> bool {
        match &self.source {
            Source::Generated(person) => generated::extension(person, name, out),
            Source::Stored(object) => object.get(name).map(|value| json::value(out, value)).is_some(),
        }
    }

    /// The value of a property or directory extension property.
    pub(crate) fn value(&self, name: &str) -> Value {
        let mut out = Vec::new();
        match self.object_type.schema().property(name) {
            Some(property) => self.write(property, &mut out),
            None if self.write_extension(name, &mut out) => {}
            None => return Value::Null,
        }
        serde_json::from_slice(&out).unwrap_or_default()
    }

    /// The id.
    pub(crate) fn id(&self) -> String {
        match &self.source {
            Source::Generated(_) => String::from_utf8_lossy(&identifier::of_row(self.row)).into_owned(),
            Source::Stored(object) => object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        }
    }

    /// Everything the object has a value for.
    pub(crate) fn to_object(&self) -> Object {
        let mut object = Object::new();
        if let Source::Stored(stored) = &self.source {
            let extensions = stored.iter().filter(|(name, _)| name.starts_with("extension_"));
            object.extend(extensions.map(|(name, value)| (name.clone(), value.clone())));
        }
        let extension = format!("extension_{}_externalId", crate::APPLICATION_HEX);
        let declared = self.object_type.schema().properties().map(|property| property.name.as_str());
        let names = declared.chain([extension.as_str()]);
        for name in names {
            set(&mut object, name.to_owned(), self.value(name));
        }
        object
    }

    fn write_id(&self, property: &Property, out: &mut Vec<u8>) -> bool {
        let is_id = property.name == "id";
        if is_id {
            out.push(b'"');
            out.extend_from_slice(&identifier::of_row(self.row));
            out.push(b'"');
        }
        is_id
    }
}

/// Sets a property as the directory keeps it: no nulls, no password, extension attributes and the parts of
/// organisational data each on their own.
pub(crate) fn set(object: &mut Object, name: String, value: Value) {
    match (name.as_str(), value) {
        ("passwordProfile", Value::Object(mut profile)) => {
            profile.insert("password".to_owned(), Value::Null);
            object.insert(name, Value::Object(profile));
        }
        (EXTENSION_ATTRIBUTES, Value::Object(changes)) => {
            let mut merged: Object =
                (1..=15).map(|number| (format!("extensionAttribute{number}"), Value::Null)).collect();
            let before = object.remove(&name);
            let before = before.and_then(|value| value.as_object().cloned()).unwrap_or_default();
            merged.extend(before);
            merged.extend(changes);
            object.insert(name, Value::Object(merged));
        }
        // A part that is left out stays: OData 4.0, part 1, section 11.4.3.
        ("employeeOrgData", Value::Object(changes)) => {
            let before = object.remove(&name);
            let mut merged = before.and_then(|value| value.as_object().cloned()).unwrap_or_default();
            merged.extend(changes);
            object.insert(name, Value::Object(merged));
        }
        (_, Value::Null) => {
            object.remove(&name);
        }
        (_, value) => {
            object.insert(name, value);
        }
    }
}

fn empty(property: &Property) -> &'static [u8] {
    const NO_EXTENSION_ATTRIBUTES: &[u8] = br#"{"extensionAttribute1":null,"extensionAttribute2":null,"extensionAttribute3":null,"extensionAttribute4":null,"extensionAttribute5":null,"extensionAttribute6":null,"extensionAttribute7":null,"extensionAttribute8":null,"extensionAttribute9":null,"extensionAttribute10":null,"extensionAttribute11":null,"extensionAttribute12":null,"extensionAttribute13":null,"extensionAttribute14":null,"extensionAttribute15":null}"#;
    match property.name.as_str() {
        EXTENSION_ATTRIBUTES => NO_EXTENSION_ATTRIBUTES,
        "deviceEnrollmentLimit" => b"5",
        "birthday" | "hireDate" => b"\"0001-01-01T00:00:00Z\"",
        "allowExternalSenders"
        | "autoSubscribeNewMembers"
        | "hideFromAddressLists"
        | "hideFromOutlookClients"
        | "isSubscribedByMail" => b"false",
        "unseenConversationsCount" | "unseenCount" | "unseenMessagesCount" => b"0",
        _ if property.collection => b"[]",
        _ => b"null",
    }
}
