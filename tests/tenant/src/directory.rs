//! What is in the tenant: users, groups and what else can be a member. Generated users are computed, only what was changed
//! or created is kept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use serde_json::{Map, Value};

use crate::contract::ObjectType;

pub(crate) mod change_log;
mod changes;
pub(crate) mod generated;
pub(crate) mod identifier;
pub(crate) mod item;
pub(crate) mod json;
pub(crate) mod relations;
pub(crate) mod replicas;
mod sample;
mod teams;

use change_log::{ChangeLog, Kind};
use generated::Person;
use item::Item;
use relations::{Backlinks, Links};

/// A JSON object: the stored form of what is in the directory.
pub(crate) type Object = Map<String, Value>;

/// The properties by which a path can name an object instead of by its id.
const ALTERNATE_KEYS: [&str; 3] = ["appId", "roleTemplateId", "uniqueName"];

/// All objects, in rows: the first ones are generated or sample objects, created ones follow.
#[derive(Clone)]
pub(crate) struct Directory {
    generated: u32,
    rows: u32,
    /// How many users are in the directory.
    live: u32,
    entries: BTreeMap<u32, Entry>,
    ids: BTreeMap<String, u32>,
    names: BTreeMap<String, BTreeSet<u32>>,
    mails: BTreeMap<String, BTreeSet<u32>>,
    /// The rows of what is no user.
    others: BTreeMap<ObjectType, BTreeSet<u32>>,
    backlinks: Backlinks,
    pub(crate) log: ChangeLog,
    /// The changes that a copy has still to make; none where there is no copy.
    journal: Option<VecDeque<Noted>>,
}

/// A change, with the object as it is after it.
#[derive(Clone)]
struct Noted {
    made: Instant,
    row: u32,
    entry: Entry,
    kind: Kind,
    body: String,
}

/// An object that is kept: a sample object, a created one, or a generated user that was changed.
#[derive(Clone)]
struct Entry {
    object_type: ObjectType,
    object: Object,
    manager: Option<u32>,
    links: Links,
    state: State,
}

/// Where an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// In the directory.
    Live,
    /// In the deleted items, from where it can be restored.
    Deleted,
    /// Gone for good.
    Purged,
}

impl Directory {
    /// A directory of this many generated users.
    pub(crate) fn generated(users: u32) -> Self {
        Self {
            generated: users,
            rows: users,
            live: users,
            entries: BTreeMap::new(),
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            mails: BTreeMap::new(),
            others: BTreeMap::new(),
            backlinks: Backlinks::default(),
            log: ChangeLog::of(&format!("generated {users}")),
            journal: None,
        }
    }

    /// The number of rows, used and unused.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// The number of users in the directory.
    pub(crate) fn count(&self) -> u32 {
        self.live
    }

    /// The user of a row, when it is in the directory.
    pub(crate) fn user(&self, row: u32) -> Option<Item<'_>> {
        self.item(row).filter(|item| item.object_type == ObjectType::User)
    }

    /// The object of a row, when it is in the directory.
    pub(crate) fn item(&self, row: u32) -> Option<Item<'_>> {
        self.item_in(row, State::Live)
    }

    /// The object of a row, when it is in the given state.
    pub(crate) fn item_in(&self, row: u32, state: State) -> Option<Item<'_>> {
        match self.entries.get(&row) {
            Some(entry) => (entry.state == state).then(|| Item::stored(row, entry.object_type, &entry.object)),
            None => (state == State::Live && row < self.generated).then(|| Item::generated(row)),
        }
    }

    /// The rows of objects that are kept: of all but generated users that were never changed.
    pub(crate) fn kept_rows(&self) -> impl Iterator<Item = u32> {
        self.entries.keys().copied()
    }

    /// The rows whose objects are in the deleted items.
    pub(crate) fn deleted_rows(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().filter(|(_, entry)| entry.state == State::Deleted).map(|(row, _)| *row)
    }

    /// The row of an id, whatever became of the object.
    pub(crate) fn row_of_id(&self, id: &str) -> Option<u32> {
        self.ids.get(&id.to_ascii_lowercase()).copied().or_else(|| {
            identifier::to_row(id)
                .filter(|row| *row < self.generated || self.entries.get(row).is_some_and(|entry| entry.has("id", id)))
        })
    }

    /// The row of a user in the directory, by id or principal name.
    pub(crate) fn find(&self, id_or_name: &str) -> Option<u32> {
        let row = if identifier::is_guid(id_or_name) {
            self.row_of_id(id_or_name)
        } else {
            self.rows_of("userPrincipalName", id_or_name).first().copied()
        };
        row.filter(|row| self.user(*row).is_some())
    }

    /// The row of an object of a type in the directory, by id; of a user also by principal name.
    pub(crate) fn find_of(&self, object_type: ObjectType, id: &str) -> Option<u32> {
        if object_type == ObjectType::User {
            return self.find(id);
        }
        if let Some((property, key)) = id.split_once('=').filter(|(property, _)| ALTERNATE_KEYS.contains(property)) {
            let is_of =
                |item: Item<'_>| item.value(property).as_str().is_some_and(|known| known.eq_ignore_ascii_case(key));
            return self.rows_of_type(object_type, 0).find(|row| self.item(*row).is_some_and(is_of));
        }
        self.row_of_id(id).filter(|row| self.item(*row).is_some_and(|item| item.object_type == object_type))
    }

    /// The row of an object of any type in the directory, by id; of a user also by principal name.
    pub(crate) fn find_any(&self, id: &str) -> Option<u32> {
        let row = if identifier::is_guid(id) { self.row_of_id(id) } else { self.find(id) };
        row.filter(|row| self.item(*row).is_some())
    }

    /// The type of the object of a row, whatever became of it.
    pub(crate) fn type_of(&self, row: u32) -> ObjectType {
        self.entries.get(&row).map_or(ObjectType::User, |entry| entry.object_type)
    }

    /// The rows of the objects in the directory that have this `userPrincipalName` or `mail`, in order.
    pub(crate) fn rows_of(&self, property: &str, address: &str) -> Vec<u32> {
        let index = if property == "mail" { &self.mails } else { &self.names };
        let mut rows: BTreeSet<u32> = index.get(&address.to_lowercase()).cloned().unwrap_or_default();
        rows.retain(|row| self.item(*row).is_some());
        let computed = Person::row_of_address(address).filter(|row| *row < self.generated);
        if let Some(row) = computed.filter(|row| !self.entries.contains_key(row)) {
            let mut text = Vec::new();
            let person = Person::new(row);
            if property == "mail" {
                person.mail(&mut text);
            } else {
                person.principal_name(&mut text);
            }
            if text.eq_ignore_ascii_case(address.as_bytes()) {
                rows.insert(row);
            }
        }
        rows.into_iter().collect()
    }

    /// The row of a user's manager, when it has one that is in the directory.
    pub(crate) fn manager(&self, row: u32) -> Option<u32> {
        let manager = match self.entries.get(&row) {
            Some(entry) => entry.manager,
            None => Person::manager(row),
        };
        manager.filter(|manager| self.user(*manager).is_some())
    }
}

impl Entry {
    fn has(&self, property: &str, text: &str) -> bool {
        self.object.get(property).and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(text))
    }
}
