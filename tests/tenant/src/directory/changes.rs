//! How the directory changes: what is created, changed, deleted, restored, and how a copy follows.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use crate::contract::ObjectType;
use crate::directory::change_log::Kind;
use crate::directory::generated::Person;
use crate::directory::item::{self, Item};
use crate::directory::relations::Links;
use crate::directory::{Directory, Entry, Noted, Object, State, identifier};

impl Directory {
    /// Adds an object and returns its row; without an `id` it gets one.
    pub(crate) fn create(&mut self, object_type: ObjectType, object: Object, manager: Option<u32>) -> u32 {
        let body = Value::Object(object.clone()).to_string();
        let row = self.insert(object_type, object, manager);
        self.note(row, Kind::Created, &body);
        row
    }

    /// Sets properties of an object; null clears one.
    pub(crate) fn update(&mut self, row: u32, changes: Object) {
        let body = Value::Object(changes.clone()).to_string();
        let properties: BTreeSet<String> = changes.keys().cloned().collect();
        self.unindex(row);
        if let Some(entry) = self.entry(row) {
            for (name, value) in changes {
                item::set(&mut entry.object, name, value);
            }
        }
        self.index(row);
        self.note(row, Kind::Updated { properties, manager_before: None }, &body);
    }

    /// Sets or clears a user's manager.
    pub(crate) fn set_manager(&mut self, row: u32, manager: Option<u32>) {
        let before = self.manager(row);
        if let Some(entry) = self.entry(row) {
            entry.manager = manager;
        }
        let kind = Kind::Updated { properties: BTreeSet::new(), manager_before: Some(before) };
        self.note(row, kind, &format!("{manager:?}"));
    }

    /// Moves an object to the deleted items.
    pub(crate) fn delete(&mut self, row: u32) {
        self.unindex(row);
        let now = json!(crate::clock::now_text());
        if let Some(entry) = self.entry(row) {
            entry.state = State::Deleted;
            entry.object.insert("deletedDateTime".to_owned(), now);
            self.live -= u32::from(entry.object_type == ObjectType::User);
        }
        self.note(row, Kind::Deleted, "");
    }

    /// Brings an object back from the deleted items, with its memberships.
    pub(crate) fn restore(&mut self, row: u32) {
        if let Some(entry) = self.entries.get_mut(&row) {
            entry.state = State::Live;
            entry.object.remove("deletedDateTime");
            self.live += u32::from(entry.object_type == ObjectType::User);
        }
        self.index(row);
        self.note(row, Kind::Created, "restored");
    }

    /// Takes an object out of the deleted items, or out of the directory, for good.
    pub(crate) fn purge(&mut self, row: u32) {
        self.unindex(row);
        if let Some(entry) = self.entries.get_mut(&row) {
            let was_live = entry.state == State::Live && entry.object_type == ObjectType::User;
            entry.state = State::Purged;
            self.live -= u32::from(was_live);
        }
        self.unlink_all(row);
        self.note(row, Kind::Purged, "");
    }

    /// Makes a change that was made to the directory this is a copy of.
    pub(super) fn take_over(&mut self, change: Noted) {
        let was_live = self.user(change.row).is_some();
        self.unindex(change.row);
        let object_type = change.entry.object_type;
        let is_live = change.entry.state == State::Live && object_type == ObjectType::User;
        self.relink(change.row, &change.entry.links);
        self.add_to_type(object_type, change.row);
        self.entries.insert(change.row, change.entry);
        self.index(change.row);
        self.rows = self.rows.max(change.row + 1);
        self.live = self.live + u32::from(is_live) - u32::from(was_live);
        self.note(change.row, change.kind, &change.body);
    }

    /// Notes a change that was made; `body` tells it from others of its kind.
    pub(super) fn note(&mut self, row: u32, kind: Kind, body: &str) {
        if let (Some(journal), Some(entry)) = (self.journal.as_mut(), self.entries.get(&row)) {
            let (entry, kind, body) = (entry.clone(), kind.clone(), body.to_owned());
            journal.push_back(Noted { made: Instant::now(), row, entry, kind, body });
        }
        self.log.append(row, kind, body);
    }

    pub(super) fn insert(&mut self, object_type: ObjectType, mut object: Object, manager: Option<u32>) -> u32 {
        let row = self.rows;
        self.rows += 1;
        self.live += u32::from(object_type == ObjectType::User);
        self.add_to_type(object_type, row);
        let id = object.get("id").and_then(Value::as_str).map(str::to_lowercase);
        if let Some(id) = id {
            self.ids.insert(id, row);
        } else {
            object.insert("id".to_owned(), json!(String::from_utf8_lossy(&identifier::of_row(row))));
        }
        let mut stored = Object::new();
        for (name, value) in object {
            item::set(&mut stored, name, value);
        }
        self.entries
            .insert(row, Entry { object_type, object: stored, manager, links: Links::default(), state: State::Live });
        self.index(row);
        row
    }

    /// The entry of a row; a generated user becomes a kept one.
    fn entry(&mut self, row: u32) -> Option<&mut Entry> {
        if row < self.generated && !self.entries.contains_key(&row) {
            let entry = Entry {
                object_type: ObjectType::User,
                object: Item::generated(row).to_object(),
                manager: Person::manager(row),
                links: Links::default(),
                state: State::Live,
            };
            self.entries.insert(row, entry);
        }
        self.entries.get_mut(&row)
    }

    fn add_to_type(&mut self, object_type: ObjectType, row: u32) {
        if object_type != ObjectType::User {
            self.others.entry(object_type).or_default().insert(row);
        }
    }

    fn index(&mut self, row: u32) {
        let Some(entry) = self.entries.get(&row).filter(|entry| entry.state == State::Live) else { return };
        for (index, property) in [(&mut self.names, "userPrincipalName"), (&mut self.mails, "mail")] {
            if let Some(address) = entry.object.get(property).and_then(Value::as_str) {
                index.entry(address.to_lowercase()).or_default().insert(row);
            }
        }
    }

    fn unindex(&mut self, row: u32) {
        let Some(entry) = self.entries.get(&row) else { return };
        for (index, property) in [(&mut self.names, "userPrincipalName"), (&mut self.mails, "mail")] {
            let Some(address) = entry.object.get(property).and_then(Value::as_str) else { continue };
            if let Some(rows) = index.get_mut(&address.to_lowercase()) {
                rows.remove(&row);
            }
        }
    }
}
