//! The tenant: its directory, its keys, what it counts, and what was ordered to go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::directory::relations::Relation;
use crate::directory::replicas::Replicas;
use crate::faults::Faults;
use crate::graph::ordered::Orders;
use crate::graph::{groups, write};
use crate::login::revocation::{Credential, Revoked};
use crate::login::tokens::Tokens;
use crate::settings::{Change, Settings};
use crate::throttle::Account;
use crate::traffic::Traffic;
use crate::{Options, Population};

/// A handle on the tenant, to look at or to change it as an administrator or directory synchronisation would: without
/// permissions, and without a call of Graph being counted. Clones are the same tenant.
#[derive(Clone)]
pub struct Tenant(Arc<Inner>);

struct Inner {
    options: Options,
    settings: RwLock<Arc<Settings>>,
    account: Account,
    origin: String,
    replicas: RwLock<Replicas>,
    faults: Faults,
    traffic: Traffic,
    tokens: Tokens,
    revoked: Revoked,
    orders: Orders,
}

/// Why the tenant did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("the tenant refused: {0}")]
pub struct Refused(String);

impl Refused {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// A request, from a connection or out of a batch.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
}

impl Request {
    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Tenant {
    pub(crate) fn new(options: Options, origin: String) -> Result<Self, Refused> {
        let mut directory = match options.users {
            Population::Sample => Directory::sample(),
            Population::Generated(users) => Directory::generated(users),
        };
        directory.add_teams(options.groups);
        let delay = Duration::from_millis(options.settings.replication_delay);
        let faults = Faults::default();
        options.faults.iter().try_for_each(|fault| faults.add(fault.clone()))?;
        Ok(Self(Arc::new(Inner {
            faults,
            settings: RwLock::new(Arc::new(options.settings.clone())),
            account: Account::default(),
            traffic: Traffic::new(options.record),
            tokens: Tokens::new(),
            revoked: Revoked::default(),
            orders: Orders::default(),
            replicas: RwLock::new(Replicas::new(directory, delay)),
            origin,
            options,
        })))
    }

    /// The ids of all users in the directory, in the order of the list.
    pub fn ids(&self) -> Vec<String> {
        let directory = &self.replicas().primary;
        (0..directory.rows()).filter_map(|row| directory.user(row)).map(|user| user.id()).collect()
    }

    /// Everything the directory holds of a user, by id or principal name, `manager` as an id.
    pub fn user(&self, id: &str) -> Option<Value> {
        let directory = &self.replicas().primary;
        let row = directory.find(id)?;
        let mut user = directory.user(row)?.to_object();
        if let Some(manager) = directory.manager(row).and_then(|row| directory.user(row)) {
            user.insert("manager".to_owned(), manager.id().into());
        }
        Some(Value::Object(user))
    }

    /// Everything the directory holds of a group, `members` and `owners` as ids.
    pub fn group(&self, id: &str) -> Option<Value> {
        let directory = &self.replicas().primary;
        let row = directory.find_of(ObjectType::Group, id)?;
        let mut group = directory.item(row)?.to_object();
        for relation in [Relation::Members, Relation::Owners] {
            let rows = directory.related(row, relation).filter_map(|row| directory.item(row));
            group.insert(relation.name().to_owned(), rows.map(|item| item.id()).collect());
        }
        Some(Value::Object(group))
    }

    /// The ids of all groups in the directory, in the order of the list.
    pub fn group_ids(&self) -> Vec<String> {
        let directory = &self.replicas().primary;
        let rows = directory.rows_of_type(ObjectType::Group, 0);
        rows.filter_map(|row| directory.item(row)).map(|item| item.id()).collect()
    }

    /// Creates a user from the same body that `POST /users` takes, and returns its id.
    ///
    /// # Errors
    ///
    /// When Graph would refuse the body.
    pub fn create(&self, user: Value) -> Result<String, Refused> {
        write::create(&mut self.replicas_mut(), &user).map_err(|error| Refused(error.message))
    }

    /// Creates a group from the same body that `POST /groups` takes, and returns its id.
    ///
    /// # Errors
    ///
    /// When Graph would refuse the body.
    pub fn create_group(&self, group: Value) -> Result<String, Refused> {
        groups::create(&mut self.replicas_mut(), &group).map_err(|error| Refused(error.message))
    }

    /// Makes an object a member of a group, of whatever kind, by their ids.
    ///
    /// # Errors
    ///
    /// When there is no such group or object.
    pub fn add_member(&self, group: &str, member: &str) -> Result<(), Refused> {
        self.link(group, member, |directory, group, member| directory.link(group, Relation::Members, &[member]))
    }

    /// Puts an end to an object being a member of a group.
    ///
    /// # Errors
    ///
    /// When there is no such group or object.
    pub fn remove_member(&self, group: &str, member: &str) -> Result<(), Refused> {
        self.link(group, member, |directory, group, member| directory.unlink(group, Relation::Members, member))
    }

    /// Sets properties of a user or group, also those that only the directory itself may write; null clears one.
    ///
    /// # Errors
    ///
    /// When there is no such object, or a property is unknown or of the wrong type.
    pub fn update(&self, id: &str, changes: Value) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = found(directory, id)?;
        write::overwrite(directory, row, &changes).map_err(|error| Refused(error.message))
    }

    /// Moves a user or group to the deleted items.
    ///
    /// # Errors
    ///
    /// When there is no such object.
    pub fn delete(&self, id: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = found(directory, id)?;
        directory.delete(row);
        Ok(())
    }

    /// Takes a user or group out of the deleted items for good.
    ///
    /// # Errors
    ///
    /// When no such object is in the deleted items.
    pub fn purge(&self, id: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = directory.row_of_id(id).filter(|row| directory.deleted_rows().any(|deleted| deleted == *row));
        directory.purge(row.ok_or_else(|| Refused(format!("no object {id} is in the deleted items")))?);
        Ok(())
    }

    /// Makes one user the manager of another.
    ///
    /// # Errors
    ///
    /// When there is no such user, or both are the same.
    pub fn set_manager(&self, id: &str, manager: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let find = |id: &str| directory.find(id).ok_or_else(|| Refused(format!("there is no user {id}")));
        let (row, manager) = (find(id)?, find(manager)?);
        if row == manager {
            return Err(Refused(format!("{id} cannot be the manager of itself")));
        }
        directory.set_manager(row, Some(manager));
        Ok(())
    }

    /// Takes a credential away: from now on the login, or the managed identity, refuses it.
    pub fn revoke(&self, credential: Credential) {
        self.revoked().add(credential);
    }

    /// Lets Graph refuse each token that was issued so far.
    pub fn revoke_tokens(&self) {
        self.tokens().revoke();
    }

    /// Gives back all credentials and tokens that were revoked.
    pub fn restore(&self) {
        self.revoked().clear();
        self.tokens().restore();
    }

    fn link(&self, group: &str, other: &str, change: fn(&mut Directory, u32, u32)) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = directory.find_of(ObjectType::Group, group);
        let row = row.ok_or_else(|| Refused(format!("there is no group {group}")))?;
        let other = found(directory, other)?;
        change(directory, row, other);
        Ok(())
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// The settings that hold at this moment.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings, and returns what holds from now on.
    pub fn change(&self, change: &Change) -> Arc<Settings> {
        if change.revoke_tokens {
            self.tokens().revoke();
        }
        let mut settings = self.0.settings.write().unwrap_or_else(PoisonError::into_inner);
        *settings = Arc::new(Settings::clone(&settings).with(change));
        self.replicas_mut().set_delay(Duration::from_millis(settings.replication_delay));
        Arc::clone(&settings)
    }

    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The directory, for reading.
    pub(crate) fn replicas(&self) -> RwLockReadGuard<'_, Replicas> {
        let read = || self.0.replicas.read().unwrap_or_else(PoisonError::into_inner);
        if read().is_behind(Instant::now()) {
            drop(self.replicas_mut());
        }
        read()
    }

    /// The directory, for writing.
    pub(crate) fn replicas_mut(&self) -> RwLockWriteGuard<'_, Replicas> {
        let mut replicas = self.0.replicas.write().unwrap_or_else(PoisonError::into_inner);
        replicas.catch_up(Instant::now());
        replicas
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn revoked(&self) -> &Revoked {
        &self.0.revoked
    }

    pub(crate) fn orders(&self) -> &Orders {
        &self.0.orders
    }
}

/// The row of a user, by id or principal name, or of a group, by id.
fn found(directory: &Directory, id: &str) -> Result<u32, Refused> {
    directory.find_any(id).ok_or_else(|| Refused(format!("there is no object {id}")))
}
