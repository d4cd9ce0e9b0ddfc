//! What a caller may do, checked before anything is called; and what was done, noted for the audit trail.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
};

use admission::{Entry, Journal};
use graph::{Kind, Operation as Call, Plan, segment};
use mapping::{
    Link, Write,
    write::{Changed, resources, value_at},
};
use runtime::{KeyValue, Random};
use scim::Error;
use serde::Deserialize;
use serde_json::{Value, json};
use trust::{
    Operation, Protected, Rights,
    audit::{Change, Outcome},
};

use crate::{
    context::{Context, Graph},
    failure::Failure,
    resources::At,
};

/// What the caller of a request may do, and where it is noted what was done.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// What the caller may do.
    pub rights: &'a Rights,
    /// What nobody may touch.
    pub protected: &'a Protected,
    /// The caller's deletions of the last hour.
    pub deletions: &'a dyn Deletions,
    /// Where it is noted what was done; none where nothing is done.
    pub journal: Option<&'a Journal>,
    /// Whether what an attribute was before is noted too.
    pub old_values: bool,
}

/// Counts the deletions of a caller.
pub trait Deletions {
    /// Counts one more, unless it would be more than `most` within an hour; tells whether it may be made.
    ///
    /// # Errors
    ///
    /// A sentence when the deletions cannot be counted.
    fn take(&self, most: u32) -> Pin<Box<dyn Future<Output = Result<bool, String>> + '_>>;
}

/// What a request has come to so far.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// The object's id, where it is not in the path.
    object: RefCell<Option<String>>,
    changes: RefCell<Vec<Noted>>,
    requests: RefCell<Vec<String>>,
    has_written: Cell<bool>,
    /// Whether nobody knows what became of a call.
    is_in_doubt: Cell<bool>,
}

/// A change, and what was there before as far as that is known.
#[derive(Clone, Debug)]
struct Noted {
    changed: Changed,
    old: Option<Value>,
}

/// How many request ids are noted of one request.
const MOST_REQUESTS: usize = 64;

impl Trace {
    /// Notes that a call that changes something was made, and what Graph calls it.
    pub(crate) fn wrote(&self, request_id: Option<&str>) {
        self.has_written.set(true);
        let mut requests = self.requests.borrow_mut();
        if let Some(id) = request_id
            && requests.len() < MOST_REQUESTS
            && !requests.iter().any(|known| known == id)
        {
            requests.push(id.to_owned());
        }
    }

    /// Notes that nobody knows what became of a call.
    pub(crate) fn doubts(&self) {
        self.is_in_doubt.set(true);
    }

    /// Notes which object it is about.
    pub(crate) fn about(&self, id: &str) {
        *self.object.borrow_mut() = Some(id.to_owned());
    }

    /// Notes what is to change.
    pub(crate) fn plans(&self, changes: Vec<Changed>) {
        *self.changes.borrow_mut() = changes.into_iter().map(|changed| Noted { changed, old: None }).collect();
    }

    /// Notes who comes and who goes, where that is known only after a look at the object.
    pub(crate) fn plans_members(&self, link: &Link, add: &[String], remove: &[String]) {
        let path = link.path();
        for noted in self.changes.borrow_mut().iter_mut().filter(|noted| noted.changed.label == path) {
            noted.changed.value = json!({ "add": add, "remove": remove });
        }
    }

    /// Notes what the object was before, as Graph shows it.
    pub(crate) fn was(&self, object: &Value) {
        for noted in self.changes.borrow_mut().iter_mut().filter(|noted| !noted.changed.property.is_empty()) {
            noted.old.get_or_insert_with(|| value_at(object, &noted.changed.property));
        }
    }

    /// The properties whose old values a read of the object tells.
    pub(crate) fn properties(&self) -> Vec<String> {
        let properties = self.changes.borrow().iter().map(|noted| noted.changed.property.clone()).collect::<Vec<_>>();
        properties.into_iter().filter(|property| !property.is_empty()).collect()
    }

    /// What changed. What is known to have been the same before did not.
    fn changes(&self) -> Vec<Change> {
        let has_changed = |noted: &&Noted| noted.old.as_ref().is_none_or(|old| !is_same(old, &noted.changed.value));
        self.changes.borrow().iter().filter(has_changed).map(Noted::told).collect()
    }
}

impl Noted {
    fn told(&self) -> Change {
        let attribute = self.changed.label.clone();
        let some = |value: Value| if is_nothing(&value) { None } else { Some(value) };
        let value = &self.changed.value;
        match (value.get("add"), value.get("remove")) {
            (Some(add), Some(remove)) => Change { attribute, old: some(remove.clone()), new: some(add.clone()) },
            _ => Change { attribute, old: self.old.clone().and_then(some), new: some(value.clone()) },
        }
    }
}

/// Graph clears with null, with an empty text or an empty array, as the property wants it.
fn is_nothing(value: &Value) -> bool {
    *value == Value::Null || *value == json!([]) || *value == json!("")
}

fn is_same(left: &Value, right: &Value) -> bool {
    left == right || (is_nothing(left) && is_nothing(right))
}

/// A directory role that somebody holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Role {
    display_name: String,
    role_template_id: String,
}

#[derive(Deserialize)]
struct Roles {
    value: Vec<Role>,
}

/// What tells whether a group can hold roles; it never changes.
const FOR_ROLES: &str = "isAssignableToRole";

impl<G, K, R> At<'_, '_, G, K, R> {
    /// The resource type as rights name it: `Users`.
    pub(crate) fn resource(&self) -> &'static str {
        self.mapping.resource_type.endpoint.trim_start_matches('/')
    }

    /// Refuses what the caller may not do to this type of resource.
    pub(crate) fn permit(&self, operation: Operation) -> Result<(), Failure> {
        Ok(self.context.access.rights.may(self.resource(), operation)?)
    }

    /// Refuses a write of attributes that the caller may not write, or that would make what nobody may touch; notes what
    /// is to change.
    pub(crate) fn permit_changes(&self, changes: Vec<Changed>) -> Result<(), Failure> {
        let access = self.context.access;
        for changed in &changes {
            access.rights.may_write_one_of(self.resource(), changed.names.iter().map(String::as_str))?;
        }
        let makes_one_for_roles =
            |changed: &Changed| changed.property == FOR_ROLES && changed.value == Value::Bool(true);
        if access.protected.role_assignable_groups && changes.iter().any(makes_one_for_roles) {
            return Err(Failure::refused(
                "a group to which roles can be assigned may not be made through this service",
            ));
        }
        self.context.trace.plans(changes);
        Ok(())
    }

    /// Refuses a change of sets that are resources of their own by a caller who may not change those.
    pub(crate) fn permit_sets(&self, write: &Write) -> Result<(), Failure> {
        for resource in resources(write) {
            self.context.access.rights.may(resource, Operation::Update)?;
        }
        Ok(())
    }

    /// Notes how an operation ended, where it wrote or was refused.
    pub(crate) fn record(&self, operation: Operation, id: Option<&str>, outcome: Result<u16, &Failure>) {
        let trace = &self.context.trace;
        let Some(journal) = self.context.access.journal else { return };
        let is_refused = outcome.as_ref().is_err_and(|failure| failure.is_refused);
        if !is_refused && !trace.has_written.get() {
            return;
        }
        let object = trace.object.borrow().clone().or_else(|| id.map(str::to_owned)).unwrap_or_default();
        let became = match &outcome {
            Ok(_) => Outcome::Done,
            Err(_) if is_refused => Outcome::Refused,
            Err(_) if trace.is_in_doubt.get() => Outcome::Unknown,
            Err(_) => Outcome::Failed,
        };
        journal.note(Entry {
            operation,
            resource: self.resource().to_owned(),
            object,
            changes: trace.changes(),
            requests: trace.requests.take(),
            status: outcome.as_ref().map_or_else(|failure| failure.error.status, |status| *status),
            outcome: became,
            detail: outcome.map_or_else(|failure| failure.error.detail.clone(), |_| String::new()),
        });
    }

    fn has(&self, property: &str) -> bool {
        self.mapping.rows.iter().any(|row| row.property.path == property)
    }
}

impl<G: Graph, K: KeyValue, R: Random> At<'_, '_, G, K, R> {
    /// Refuses a write to an object that nobody may touch; the id by which the object is to be called from now on.
    pub(crate) async fn permit_object<'i>(&self, id: &'i str) -> Result<Cow<'i, str>, Failure> {
        let protected = self.context.access.protected;
        if protected.is_empty() {
            return Ok(Cow::Borrowed(id));
        }
        let id = match is_guid(id) {
            true => Cow::Borrowed(id),
            // What is protected is protected under all of its names.
            false => Cow::Owned(self.id_of(id).await?),
        };
        if protected.is_protected(&id) {
            return Err(untouchable(&id, "is protected"));
        }
        if protected.role_assignable_groups && self.has(FOR_ROLES) && self.is_for_roles(&id).await? {
            return Err(untouchable(&id, "is a group to which directory roles can be assigned"));
        }
        if self.has("userPrincipalName") {
            self.permit_holders(&[id.to_string()]).await?;
        }
        Ok(id)
    }

    /// Refuses to let somebody in or out whom nobody may touch.
    pub(crate) async fn permit_members(&self, ids: &[String]) -> Result<(), Failure> {
        let protected = self.context.access.protected;
        match ids.iter().find(|id| protected.is_protected(id)) {
            Some(id) => Err(untouchable(id, "is protected")),
            None => self.permit_holders(ids).await,
        }
    }

    /// Refuses to delete more within an hour than the caller may.
    pub(crate) async fn permit_deletion(&self) -> Result<(), Failure> {
        let access = self.context.access;
        // What is only planned does not count.
        let most = access.rights.deletions_per_hour().filter(|_| access.journal.is_some());
        let Some(most) = most else { return Ok(()) };
        match access.deletions.take(most).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::refused(format!(
                "the caller {} may delete {most} objects within an hour and has done so: wait, or let deletions_per_hour \
                 of its rights be raised",
                self.context.caller
            ))),
            Err(reason) => {
                Err(Error::unavailable(format!("deletions cannot be counted, so none is made: {reason}")).into())
            }
        }
    }

    async fn id_of(&self, name: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let read = Call::get(self.path(name)).permission(self.mapping.reading).query("$select", "id");
        let response = self.context.send(&read).await.map_err(|error| self.missing(error, name))?;
        let named: Named = serde_json::from_slice(&response.body).map_err(unreadable)?;
        Ok(named.id)
    }

    /// Whether directory roles can be assigned to the group; asked once a group, as that never changes.
    async fn is_for_roles(&self, id: &str) -> Result<bool, Failure> {
        let store = self.context.store;
        let key = format!("for-roles/{}", id.to_ascii_lowercase());
        // A store that fails only costs a call.
        match store.get(&key).await.ok().flatten().as_deref() {
            Some(b"1") => return Ok(true),
            Some(b"0") => return Ok(false),
            _ => {}
        }
        let read =
            Call::get(self.path(id)).permission(self.mapping.reading).query("$select", format!("id,{FOR_ROLES}"));
        let response = self.context.send(&read).await.map_err(|error| self.missing(error, id))?;
        let group: Value = serde_json::from_slice(&response.body).map_err(unreadable)?;
        let is_for_roles = group.get(FOR_ROLES) == Some(&Value::Bool(true));
        let _ = store.set(&key, if is_for_roles { b"1" } else { b"0" }).await;
        Ok(is_for_roles)
    }

    /// Refuses whoever holds a role that is protected, be it by a group.
    async fn permit_holders(&self, ids: &[String]) -> Result<(), Failure> {
        let protected = &self.context.access.protected.roles;
        if protected.is_empty() || ids.is_empty() {
            return Ok(());
        }
        let read = |id: &String| {
            Call::get(format!("/users/{}/transitiveMemberOf/microsoft.graph.directoryRole", segment(id)))
                .permission("Directory.Read.All")
                .query("$select", "id,displayName,roleTemplateId")
                // Graph takes a cast only so.
                .query("$count", "true")
                .eventual()
        };
        let outcomes = self.context.run(&Plan { operations: ids.iter().map(read).collect() }).await?;
        for (id, outcome) in ids.iter().zip(outcomes) {
            let response = match outcome {
                Ok(response) => response,
                // Not a user, so it holds none that counts here; or not there, as will be seen.
                Err(error) if error.kind == Kind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            let roles: Roles = serde_json::from_slice(&response.body).map_err(unreadable)?;
            let is_meant = |role: &&Role| protected.contains(&role.role_template_id.to_ascii_lowercase());
            if let Some(role) = roles.value.iter().find(is_meant) {
                return Err(untouchable(id, &format!("holds the directory role {}", role.display_name)));
            }
        }
        Ok(())
    }
}

fn unreadable(error: serde_json::Error) -> Failure {
    Error::bad_gateway(format!("the answer of Microsoft Graph cannot be read: {error}")).into()
}

fn untouchable(id: &str, why: &str) -> Failure {
    Failure::refused(format!(
        "{id} {why} and may not be touched through this service: change it in Entra, or take it out of what is protected"
    ))
}

/// Whether the text is a GUID as Entra writes ids, so that it names one object and nothing else does but its name.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_hexdigit())));
    groups.eq([(8, true), (4, true), (4, true), (4, true), (12, true)])
}

impl<'a, G, K, R> Context<'a, G, K, R> {
    /// The same world with another Graph, for a request that has come to nothing yet.
    pub(crate) fn with<'b, H>(&'b self, graph: H, access: Access<'b>, brief: bool) -> Context<'b, H, K, R> {
        Context {
            graph,
            store: self.store,
            random: self.random,
            now: self.now,
            settings: self.settings,
            graph_url: self.graph_url,
            seal: self.seal,
            caller: self.caller,
            access,
            brief,
            left_out: RefCell::default(),
            trace: Trace::default(),
        }
    }
}
