//! The tenant: its directory, its keys, what it counts, and what was ordered to go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::directory::Directory;
use crate::directory::replicas::Replicas;
use crate::extensions::Extensions;
use crate::facets::Facets;
use crate::faults::Faults;
use crate::graph::licenses;
use crate::graph::ordered::Orders;
use crate::login::callers::CallerToken;
use crate::login::keys::Plan;
use crate::login::revocation::{Credential, Revoked};
use crate::login::tokens::Tokens;
use crate::resources::{Resources, logs};
use crate::settings::{Change, Settings};
use crate::throttle::Account;
use crate::traffic::Traffic;
use crate::{Options, Population};

mod administration;

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
    extensions: RwLock<Extensions>,
    facets: Facets,
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
        let mut resources = Resources::default();
        directory.add_standing(&mut resources);
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
            facets: Facets::default(),
            extensions: RwLock::new(Extensions::new(options.settings.external_id_extension)),
            replicas: RwLock::new(Replicas::new(directory, delay).beside(resources)),
            origin,
            options,
        })))
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

    /// A token for a caller of the connector.
    pub fn mint(&self, order: &CallerToken) -> String {
        order.mint(self)
    }

    /// Says which keys the login tells, and which one signs; without a plan the first one does both.
    pub fn rotate(&self, plan: Plan) {
        self.tokens().keys().follow(plan);
    }

    /// How often somebody asked for the login's keys.
    pub fn key_fetches(&self) -> u64 {
        self.tokens().keys().fetches()
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
        if let Some(wanted) = change.external_id_extension {
            self.extensions_mut().set_external_id(wanted);
        }
        let settings = {
            let mut settings = self.0.settings.write().unwrap_or_else(PoisonError::into_inner);
            *settings = Arc::new(Settings::clone(&settings).with(change));
            Arc::clone(&settings)
        };
        // Requests look at the settings while they hold the directory, so the locks are always taken in this order.
        let mut replicas = self.replicas_mut();
        replicas.set_delay(Duration::from_millis(self.settings().replication_delay));
        settings
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

    /// The directory extensions, for reading.
    pub(crate) fn extensions(&self) -> RwLockReadGuard<'_, Extensions> {
        self.0.extensions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The directory extensions, for writing.
    pub(crate) fn extensions_mut(&self) -> RwLockWriteGuard<'_, Extensions> {
        self.0.extensions.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what follows a write: members of groups get the licences that they inherit, and the audit log tells of it.
    pub(crate) fn written(&self, method: &str, path: &str, id: &str) {
        let replicas = &mut *self.replicas_mut();
        licenses::settle(&mut replicas.primary, &replicas.resources);
        logs::note(&mut replicas.resources, method, path, id);
    }

    /// Pictures and mailboxes.
    pub(crate) fn facets(&self) -> &Facets {
        &self.0.facets
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
