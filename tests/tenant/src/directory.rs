//! The users of the tenant: generated ones are computed, only what was changed or created is kept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use serde_json::{Map, Value, json};

pub(crate) mod change_log;
pub(crate) mod generated;
pub(crate) mod identifier;
pub(crate) mod json;
pub(crate) mod replicas;
pub(crate) mod user;

use change_log::{ChangeLog, Kind};
use generated::Person;
use user::User;

/// A JSON object: the stored form of a user.
pub(crate) type Object = Map<String, Value>;

/// All users, in rows: the first ones are generated or sample users, created ones follow.
#[derive(Clone)]
pub(crate) struct Directory {
    generated: u32,
    rows: u32,
    live: u32,
    entries: BTreeMap<u32, Entry>,
    ids: BTreeMap<String, u32>,
    names: BTreeMap<String, BTreeSet<u32>>,
    mails: BTreeMap<String, BTreeSet<u32>>,
    pub(crate) log: ChangeLog,
    /// The changes that a copy has still to make; none where there is no copy.
    journal: Option<VecDeque<Noted>>,
}

/// A change, with the user as it is after it.
#[derive(Clone)]
struct Noted {
    made: Instant,
    row: u32,
    entry: Entry,
    kind: Kind,
    body: String,
}

/// A user that is kept: a sample user, a created one, or a generated one that was changed.
#[derive(Clone)]
struct Entry {
    user: Object,
    manager: Option<u32>,
    state: State,
}

/// Where a user is in its life.
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
            log: ChangeLog::of(&format!("generated {users}")),
            journal: None,
        }
    }

    /// The directory of the twenty-five people in `data/sample.json`.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    pub(crate) fn sample() -> Self {
        let mut people: Vec<Object> =
            serde_json::from_str(include_str!("../data/sample.json")).expect("data/sample.json");
        let row_of: BTreeMap<String, u32> = (0..)
            .zip(&people)
            .filter_map(|(row, person)| Some((person.get("id")?.as_str()?.to_owned(), row)))
            .collect();
        let mut directory = Self::generated(0);
        directory.log = ChangeLog::of("sample");
        for person in &mut people {
            let manager = person.remove("manager");
            let manager = manager.as_ref().and_then(Value::as_str).and_then(|id| row_of.get(id)).copied();
            directory.insert(std::mem::take(person), manager);
        }
        directory
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
    pub(crate) fn user(&self, row: u32) -> Option<User<'_>> {
        self.user_in(row, State::Live)
    }

    /// The user of a row, when it is in the given state.
    pub(crate) fn user_in(&self, row: u32, state: State) -> Option<User<'_>> {
        match self.entries.get(&row) {
            Some(entry) => (entry.state == state).then(|| User::stored(row, &entry.user)),
            None => (state == State::Live && row < self.generated).then(|| User::generated(row)),
        }
    }

    /// The rows whose users are in the deleted items.
    pub(crate) fn deleted_rows(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().filter(|(_, entry)| entry.state == State::Deleted).map(|(row, _)| *row)
    }

    /// The row of an id, whatever became of the user.
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

    /// The rows of the users in the directory that have this `userPrincipalName` or `mail`, in order.
    pub(crate) fn rows_of(&self, property: &str, address: &str) -> Vec<u32> {
        let index = if property == "mail" { &self.mails } else { &self.names };
        let mut rows: BTreeSet<u32> = index.get(&address.to_lowercase()).cloned().unwrap_or_default();
        rows.retain(|row| self.user(*row).is_some());
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

    /// Adds a user and returns its row; without an `id` it gets one.
    pub(crate) fn create(&mut self, user: Object, manager: Option<u32>) -> u32 {
        let body = Value::Object(user.clone()).to_string();
        let row = self.insert(user, manager);
        self.note(row, Kind::Created, &body);
        row
    }

    /// Sets properties of a user; null clears one.
    pub(crate) fn update(&mut self, row: u32, changes: Object) {
        let body = Value::Object(changes.clone()).to_string();
        let properties: BTreeSet<String> = changes.keys().cloned().collect();
        self.unindex(row);
        if let Some(entry) = self.entry(row) {
            for (name, value) in changes {
                user::set(&mut entry.user, name, value);
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

    /// Moves a user to the deleted items.
    pub(crate) fn delete(&mut self, row: u32) {
        self.unindex(row);
        let now = json!(crate::clock::now_text());
        if let Some(entry) = self.entry(row) {
            entry.state = State::Deleted;
            entry.user.insert("deletedDateTime".to_owned(), now);
            self.live -= 1;
        }
        self.note(row, Kind::Deleted, "");
    }

    /// Brings a user back from the deleted items.
    pub(crate) fn restore(&mut self, row: u32) {
        if let Some(entry) = self.entries.get_mut(&row) {
            entry.state = State::Live;
            entry.user.remove("deletedDateTime");
            self.live += 1;
        }
        self.index(row);
        self.note(row, Kind::Created, "restored");
    }

    /// Takes a user out of the deleted items, for good.
    pub(crate) fn purge(&mut self, row: u32) {
        if let Some(entry) = self.entries.get_mut(&row) {
            entry.state = State::Purged;
        }
        self.note(row, Kind::Purged, "");
    }

    /// Makes a change that was made to the directory this is a copy of.
    fn take_over(&mut self, change: Noted) {
        let was_live = self.user(change.row).is_some();
        self.unindex(change.row);
        let is_live = change.entry.state == State::Live;
        self.entries.insert(change.row, change.entry);
        self.index(change.row);
        self.rows = self.rows.max(change.row + 1);
        self.live = self.live + u32::from(is_live) - u32::from(was_live);
        self.note(change.row, change.kind, &change.body);
    }

    /// Notes a change that was made; `body` tells it from others of its kind.
    fn note(&mut self, row: u32, kind: Kind, body: &str) {
        if let (Some(journal), Some(entry)) = (self.journal.as_mut(), self.entries.get(&row)) {
            let (entry, kind, body) = (entry.clone(), kind.clone(), body.to_owned());
            journal.push_back(Noted { made: Instant::now(), row, entry, kind, body });
        }
        self.log.append(row, kind, body);
    }

    fn insert(&mut self, mut user: Object, manager: Option<u32>) -> u32 {
        let row = self.rows;
        self.rows += 1;
        self.live += 1;
        let id = user.get("id").and_then(Value::as_str).map(str::to_lowercase);
        if let Some(id) = id {
            self.ids.insert(id, row);
        } else {
            user.insert("id".to_owned(), json!(String::from_utf8_lossy(&identifier::of_row(row))));
        }
        let mut stored = Object::new();
        for (name, value) in user {
            user::set(&mut stored, name, value);
        }
        self.entries.insert(row, Entry { user: stored, manager, state: State::Live });
        self.index(row);
        row
    }

    /// The entry of a row; a generated user becomes a kept one.
    fn entry(&mut self, row: u32) -> Option<&mut Entry> {
        if row < self.generated && !self.entries.contains_key(&row) {
            let entry =
                Entry { user: User::generated(row).to_object(), manager: Person::manager(row), state: State::Live };
            self.entries.insert(row, entry);
        }
        self.entries.get_mut(&row)
    }

    fn index(&mut self, row: u32) {
        let Some(entry) = self.entries.get(&row).filter(|entry| entry.state == State::Live) else { return };
        for (index, property) in [(&mut self.names, "userPrincipalName"), (&mut self.mails, "mail")] {
            if let Some(address) = entry.user.get(property).and_then(Value::as_str) {
                index.entry(address.to_lowercase()).or_default().insert(row);
            }
        }
    }

    fn unindex(&mut self, row: u32) {
        let Some(entry) = self.entries.get(&row) else { return };
        for (index, property) in [(&mut self.names, "userPrincipalName"), (&mut self.mails, "mail")] {
            let Some(address) = entry.user.get(property).and_then(Value::as_str) else { continue };
            if let Some(rows) = index.get_mut(&address.to_lowercase()) {
                rows.remove(&row);
            }
        }
    }
}

impl Entry {
    fn has(&self, property: &str, text: &str) -> bool {
        self.user.get(property).and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(text))
    }
}
