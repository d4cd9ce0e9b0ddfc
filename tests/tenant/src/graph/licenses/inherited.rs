//! What users get through their groups. Only direct members inherit.

use serde_json::{Value, json};

use crate::clock;
use crate::contract::ObjectType;
use crate::directory::relations::Relation;
use crate::directory::{Directory, Object};
use crate::graph::licenses::pool::{self, Pool, conflict};
use crate::graph::licenses::{License, read_all};
use crate::resources::{Resources, text};

/// How a user comes to a licence, and what is wrong with it.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) license: License,
    /// The group it is inherited from; none where it was assigned to the user.
    pub(super) group: Option<String>,
    pub(super) error: Option<&'static str>,
}

/// Where the groups are noted that have, or once had, licences.
pub(super) const LICENSED: &str = "licensedGroups";
/// There are no units left.
const COUNT: &str = "CountViolation";
/// The user has a plan that excludes one of these.
const EXCLUSIVE: &str = "MutuallyExclusiveViolation";

/// Gives the members of groups what their groups have, as far as it goes, and takes away what they have no more.
pub(crate) fn settle(directory: &mut Directory, resources: &Resources) {
    let licensed = resources.all(LICENSED).iter();
    let groups: Vec<u32> =
        licensed.filter_map(|group| directory.find_of(ObjectType::Group, text(group, "id"))).collect();
    if resources.all(LICENSED).is_empty() {
        return;
    }
    let mut pool = Pool::read(directory, resources);
    let members = groups.iter().flat_map(|group| directory.related(*group, Relation::Members));
    let mut users: Vec<u32> = members.filter(|row| directory.user(*row).is_some()).collect();
    let inherits = |row: &u32| states_of(directory, *row).iter().any(|state| state.group.is_some());
    users.extend(directory.kept_rows().filter(inherits));
    users.sort_unstable();
    users.dedup();
    for row in users {
        let before = states_of(directory, row);
        let after = follow(directory, &groups, row, before.clone(), &mut pool);
        if shown(&before, "") != shown(&after, "") {
            directory.update(row, properties(&after, resources));
        }
    }
}

/// Lets all kept users tell how they come to the licences that they have.
pub(crate) fn tell(directory: &mut Directory, resources: &Resources) {
    for row in directory.kept_rows().collect::<Vec<_>>() {
        let states = states_of(directory, row);
        if !states.is_empty() {
            directory.update(row, properties(&states, resources));
        }
    }
}

/// What a user has after his groups are looked at: what was active goes on, the rest takes what is left.
fn follow(directory: &Directory, groups: &[u32], row: u32, before: Vec<State>, pool: &mut Pool) -> Vec<State> {
    let active = |states: &[State], sku: &str| states.iter().any(|state| state.is_active() && state.license.sku == sku);
    let (mut after, old): (Vec<State>, Vec<State>) = before.into_iter().partition(|state| state.group.is_none());
    // The units of what is inherited are free until they are taken again.
    let mut freed: Vec<&str> =
        old.iter().filter(|state| state.is_active()).map(|state| state.license.sku.as_str()).collect();
    freed.sort_unstable();
    freed.dedup();
    freed.into_iter().filter(|sku| !active(&after, sku)).for_each(|sku| pool.give_back(sku));
    let is_member =
        |group: &&u32| directory.is_related(**group, Relation::Members, row) && directory.user(row).is_some();
    for group in groups.iter().filter(is_member) {
        let id = directory.item(*group).map(|group| group.id());
        for license in licenses_of(directory, *group) {
            let others: Vec<String> = after
                .iter()
                .filter(|state| state.is_active() && state.license.sku != license.sku)
                .flat_map(|state| pool.plans(&state.license))
                .collect();
            let error = if conflict(&pool.plans(&license), &others).is_some() {
                Some(EXCLUSIVE)
            } else if active(&after, &license.sku) || pool.take(&license.sku) {
                None
            } else {
                Some(COUNT)
            };
            after.push(State { license, group: id.clone(), error });
        }
    }
    after
}

/// How a user comes to his licences.
pub(super) fn states_of(directory: &Directory, row: u32) -> Vec<State> {
    let Some(user) = directory.user(row) else { return Vec::new() };
    let states = user.value("licenseAssignmentStates");
    let read = |value: &Value| {
        let disabled = value.get("disabledPlans").cloned().unwrap_or_default();
        let license = License::read(&json!({"skuId": value.get("skuId"), "disabledPlans": disabled}))?;
        let error = match value.get("error").and_then(Value::as_str) {
            Some(COUNT) => Some(COUNT),
            Some(EXCLUSIVE) => Some(EXCLUSIVE),
            _ => None,
        };
        let group = value.get("assignedByGroup").and_then(Value::as_str).map(str::to_owned);
        Some(State { license, group, error })
    };
    match states.as_array().filter(|states| !states.is_empty()) {
        Some(states) => states.iter().filter_map(read).collect(),
        None => {
            let direct = read_all(&user.value("assignedLicenses")).into_iter();
            direct.map(|license| State { license, group: None, error: None }).collect()
        }
    }
}

/// The licences of a group.
pub(super) fn licenses_of(directory: &Directory, group: u32) -> Vec<License> {
    directory.item(group).map(|group| read_all(&group.value("assignedLicenses"))).unwrap_or_default()
}

/// What a user shows of it.
pub(super) fn properties(states: &[State], resources: &Resources) -> Object {
    let now = clock::now_text();
    let mut assigned: Vec<License> = Vec::new();
    for license in states.iter().filter(|state| state.is_active()).map(|state| &state.license) {
        match assigned.iter_mut().find(|known| known.sku == license.sku) {
            // A plan is off only where all ways to the licence have it off.
            Some(known) => known.disabled.retain(|plan| license.disabled.contains(plan)),
            None => assigned.push(license.clone()),
        }
    }
    let plans = pool::assigned_plans(resources, &assigned.iter().collect::<Vec<_>>(), &now);
    [
        ("assignedLicenses".to_owned(), assigned.iter().map(License::to_json).collect()),
        ("assignedPlans".to_owned(), plans),
        ("licenseAssignmentStates".to_owned(), shown(states, &now)),
    ]
    .into_iter()
    .collect()
}

fn shown(states: &[State], now: &str) -> Value {
    let shown = states.iter().map(|state| {
        json!({
            "skuId": state.license.sku, "disabledPlans": state.license.disabled, "assignedByGroup": state.group,
            "state": if state.is_active() { "Active" } else { "Error" }, "error": state.error.unwrap_or("None"),
            "lastUpdatedDateTime": now,
        })
    });
    shown.collect()
}

impl State {
    pub(super) fn is_active(&self) -> bool {
        self.error.is_none()
    }
}
