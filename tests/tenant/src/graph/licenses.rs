//! `POST /users/{id}/assignLicense` and `POST /groups/{id}/assignLicense`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::{CONTRACT, ObjectType};
use crate::directory::{Directory, Object, identifier};
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::{Call, get};
use crate::resources::Resources;

mod inherited;
mod pool;

pub(crate) use inherited::{settle, tell};
pub(super) use pool::shown_skus;

use inherited::State;
use pool::{Pool, conflict};

/// A licence as a request names it, or as a group has it.
#[derive(Clone, Debug)]
struct License {
    sku: String,
    disabled: Vec<String>,
}

/// What a request adds and removes.
struct Order {
    add: Vec<License>,
    remove: Vec<String>,
}

/// Assigns licences to a user, all or none of them.
pub(super) fn of_user(call: &Call<'_>) -> Result<Answer> {
    let order = Order::read(&call.body()?)?;
    let replicas = &mut *call.tenant.replicas_mut();
    let row = call.row_to_write(replicas, ObjectType::User)?;
    let resources = &replicas.resources;
    let directory = &replicas.primary;
    let mut pool = Pool::read(directory, resources);
    order.check_skus(&pool)?;
    let mut states = inherited::states_of(directory, row);
    for sku in &order.remove {
        remove(&mut states, sku, &mut pool)?;
    }
    let location = directory.user(row).map(|user| user.value("usageLocation")).unwrap_or_default();
    if !order.add.is_empty() && location.is_null() {
        return Err(Error::request("License assignment cannot be done for user with invalid usage location."));
    }
    for license in &order.add {
        add(&mut states, license, &mut pool)?;
    }
    let changes = inherited::properties(&states, resources);
    let directory = &mut replicas.primary;
    directory.update(row, changes);
    inherited::settle(directory, &replicas.resources);
    shown(call, directory, row, ObjectType::User)
}

/// Assigns licences to a group, and so to its members.
pub(super) fn of_group(call: &Call<'_>) -> Result<Answer> {
    let order = Order::read(&call.body()?)?;
    let replicas = &mut *call.tenant.replicas_mut();
    let row = call.row_to_write(replicas, ObjectType::Group)?;
    order.check_skus(&Pool::read(&replicas.primary, &replicas.resources))?;
    let directory = &mut replicas.primary;
    if !order.add.is_empty() && directory.item(row).is_some_and(|group| group.value("securityEnabled") != json!(true)) {
        return Err(Error::request("Licenses can be assigned to security-enabled groups only."));
    }
    let id = directory.item(row).map(|group| group.id()).unwrap_or_default();
    let mut licenses = inherited::licenses_of(directory, row);
    for sku in &order.remove {
        let before = licenses.len();
        licenses.retain(|license| !license.sku.eq_ignore_ascii_case(sku));
        if licenses.len() == before {
            return Err(Error::request("Group does not have a corresponding license."));
        }
    }
    for license in &order.add {
        licenses.retain(|known| !known.sku.eq_ignore_ascii_case(&license.sku));
        licenses.push(license.clone());
    }
    let changes: Object = [
        ("assignedLicenses".to_owned(), licenses.iter().map(License::to_json).collect()),
        ("licenseProcessingState".to_owned(), json!({"state": "ProcessingComplete"})),
    ]
    .into_iter()
    .collect();
    directory.update(row, changes);
    note_licensed(&mut replicas.resources, &id);
    inherited::settle(directory, &replicas.resources);
    shown(call, directory, row, ObjectType::Group)
}

/// Notes that a group has licences, so that its members are looked at after each change.
pub(crate) fn note_licensed(resources: &mut Resources, id: &str) {
    if resources.find(inherited::LICENSED, "id", id).is_none() {
        resources.add(inherited::LICENSED, [("id".to_owned(), json!(id))].into_iter().collect());
    }
}

fn shown(call: &Call<'_>, directory: &Directory, row: u32, object_type: ObjectType) -> Result<Answer> {
    let item = directory.item(row).ok_or_else(|| Error::not_found(&call.key))?;
    let status = if object_type == ObjectType::Group { 202 } else { 200 };
    let context = call.context(&format!("{}/$entity", object_type.collection()));
    Ok(Answer::odata(status, get::entity(&context, &item, directory, &Selection::of(object_type, None)?)))
}

fn remove(states: &mut Vec<State>, sku: &str, pool: &mut Pool) -> Result<()> {
    let is_of = |state: &State| state.license.sku.eq_ignore_ascii_case(sku);
    if let Some(place) = states.iter().position(|state| is_of(state) && state.group.is_none()) {
        let removed = states.remove(place);
        if !states.iter().any(|state| is_of(state) && state.is_active()) {
            pool.give_back(&removed.license.sku);
        }
        return Ok(());
    }
    let text = if states.iter().any(is_of) {
        "User license is inherited from a group membership and it cannot be removed directly from the user."
    } else {
        "User does not have a corresponding license."
    };
    Err(Error::request(text))
}

fn add(states: &mut Vec<State>, license: &License, pool: &mut Pool) -> Result<()> {
    let is_same = |state: &State| state.license.sku.eq_ignore_ascii_case(&license.sku);
    let has_unit = states.iter().any(|state| is_same(state) && state.is_active());
    states.retain(|state| !(is_same(state) && state.group.is_none()));
    let others = states.iter().filter(|state| state.is_active()).flat_map(|state| pool.plans(&state.license));
    if let Some((one, other)) = conflict(&pool.plans(license), &others.collect::<Vec<_>>()) {
        return Err(Error::request(format!(
            "License assignment failed because service plans {one} and {other} are mutually exclusive."
        )));
    }
    if !has_unit && !pool.take(&license.sku) {
        let sku = &license.sku;
        return Err(Error::request(format!("Subscription with SKU {sku} does not have any available licenses.")));
    }
    states.insert(0, State { license: license.clone(), group: None, error: None });
    Ok(())
}

impl License {
    fn read(value: &Value) -> Option<Self> {
        let known = CONTRACT.complex("microsoft.graph.assignedLicense")?;
        let members = value.as_object().filter(|members| members.keys().all(|name| known.contains_key(name)))?;
        let disabled = match members.get("disabledPlans") {
            None | Some(Value::Null) => Vec::new(),
            Some(plans) => plans.as_array()?.iter().map(guid).collect::<Option<_>>()?,
        };
        Some(Self { sku: guid(members.get("skuId")?)?, disabled })
    }

    fn to_json(&self) -> Value {
        json!({"disabledPlans": self.disabled, "skuId": self.sku})
    }
}

impl Order {
    fn read(body: &Value) -> Result<Self> {
        let list = |name: &'static str| {
            let missing = || Error::request(format!("The parameter '{name}' is required.")).about("MissingValue", name);
            body.get(name).and_then(Value::as_array).ok_or_else(missing)
        };
        let invalid = |name: &'static str| {
            Error::request(format!("Invalid value specified for parameter '{name}'.")).about("InvalidValue", name)
        };
        let unknown = body.as_object().into_iter().flat_map(Object::keys);
        if let Some(name) = unknown.clone().find(|name| !["addLicenses", "removeLicenses"].contains(&name.as_str())) {
            return Err(Error::unknown_property(name));
        }
        let add = list("addLicenses")?.iter().map(License::read).collect::<Option<_>>();
        let remove = list("removeLicenses")?.iter().map(guid).collect::<Option<_>>();
        Ok(Self {
            add: add.ok_or_else(|| invalid("addLicenses"))?,
            remove: remove.ok_or_else(|| invalid("removeLicenses"))?,
        })
    }

    /// Refuses what was not bought, and plans that the licence does not have.
    fn check_skus(&self, pool: &Pool) -> Result<()> {
        for license in &self.add {
            let sku = &license.sku;
            let plans = pool.all_plans(sku).ok_or_else(|| {
                Error::request(format!("License {sku} does not correspond to a valid company License."))
            })?;
            if let Some(plan) = license.disabled.iter().find(|plan| !plans.contains(plan)) {
                return Err(Error::request(format!(
                    "License assignment failed because service plan {plan} is not part of SKU {sku}."
                )));
            }
        }
        Ok(())
    }
}

fn guid(value: &Value) -> Option<String> {
    value.as_str().filter(|text| identifier::is_guid(text)).map(str::to_lowercase)
}

/// The licences in a property such as `assignedLicenses`.
fn read_all(value: &Value) -> Vec<License> {
    value.as_array().into_iter().flatten().filter_map(License::read).collect()
}

/// What `/users/{id}/licenseDetails` tells: of each licence the plans, and whether they are on.
pub(super) fn details(directory: &Directory, resources: &Resources, row: u32) -> Vec<Object> {
    let assigned = directory.user(row).map(|user| user.value("assignedLicenses")).unwrap_or_default();
    read_all(&assigned).iter().filter_map(|license| pool::details(resources, license)).collect()
}
