//! How many units there are of what was bought, and which service plans are in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::directory::{Directory, Object};
use crate::graph::licenses::{License, read_all};
use crate::resources::{Resources, text};

/// Where what was bought is kept.
const SKUS: &str = "subscribedSkus";

/// Service plans of which nobody can have two. Source: "Conflicting service plans", Microsoft's page on group-based
/// licensing; these are plan 1 and plan 2 of Exchange, and of SharePoint.
const EXCLUSIVE: [(&str, &str); 2] = [
    ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
    ("c7699d2e-19aa-44de-8edf-1736da088ca1", "5dbe027f-2339-4123-9542-606e4d348a72"),
];

/// The units that are left, and the plans, by SKU.
pub(super) struct Pool {
    left: BTreeMap<String, i64>,
    plans: BTreeMap<String, Vec<String>>,
}

impl Pool {
    pub(super) fn read(directory: &Directory, resources: &Resources) -> Self {
        let used = used(directory);
        let skus = resources.all(SKUS).iter();
        let of = |sku: &Object| (enabled(sku) - used.get(text(sku, "skuId")).copied().unwrap_or_default(), plans(sku));
        let (left, plans) = skus
            .map(|sku| (text(sku, "skuId").to_owned(), of(sku)))
            .map(|(id, (left, plans))| ((id.clone(), left), (id, plans)))
            .unzip();
        Self { left, plans }
    }

    /// Takes a unit; false where none is left.
    pub(super) fn take(&mut self, sku: &str) -> bool {
        match self.left.get_mut(sku) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    pub(super) fn give_back(&mut self, sku: &str) {
        if let Some(left) = self.left.get_mut(sku) {
            *left += 1;
        }
    }

    /// All plans of a SKU; none where it was not bought.
    pub(super) fn all_plans(&self, sku: &str) -> Option<&Vec<String>> {
        self.plans.get(sku)
    }

    /// The plans of a licence that are on.
    pub(super) fn plans(&self, license: &License) -> Vec<String> {
        let all = self.plans.get(&license.sku).into_iter().flatten();
        all.filter(|plan| !license.disabled.contains(plan)).cloned().collect()
    }
}

/// Two plans, one of each list, that exclude each other.
pub(super) fn conflict(plans: &[String], others: &[String]) -> Option<(&'static str, &'static str)> {
    let has = |plans: &[String], wanted: &str| plans.iter().any(|plan| plan == wanted);
    let excludes =
        |(one, other): &&(&str, &str)| has(plans, one) && has(others, other) || has(plans, other) && has(others, one);
    EXCLUSIVE.iter().find(excludes).copied()
}

/// What was bought, with the units that users have.
pub(in crate::graph) fn shown_skus(directory: &Directory, resources: &Resources) -> Vec<Object> {
    let used = used(directory);
    let skus = resources.all(SKUS).iter().cloned();
    let counted = |mut sku: Object| {
        let units = used.get(text(&sku, "skuId")).copied().unwrap_or_default();
        sku.insert("consumedUnits".to_owned(), json!(units));
        sku
    };
    skus.map(counted).collect()
}

/// What is told of a user's licence in detail.
pub(super) fn details(resources: &Resources, license: &License) -> Option<Object> {
    let sku = resources.find(SKUS, "skuId", &license.sku)?;
    let mut plans = sku.get("servicePlans").cloned().unwrap_or_default();
    for plan in plans.as_array_mut().into_iter().flatten() {
        let is_off = plan
            .get("servicePlanId")
            .and_then(Value::as_str)
            .is_some_and(|id| license.disabled.iter().any(|one| one == id));
        if let (true, Some(plan)) = (is_off, plan.as_object_mut()) {
            plan.insert("provisioningStatus".to_owned(), json!("Disabled"));
        }
    }
    let mut details = Object::new();
    for name in ["id", "skuId", "skuPartNumber"] {
        details.insert(name.to_owned(), json!(text(sku, name)));
    }
    details.insert("servicePlans".to_owned(), plans);
    Some(details)
}

/// The `assignedPlans` that licences come to.
pub(super) fn assigned_plans(resources: &Resources, licenses: &[&License], since: &str) -> Value {
    let details = licenses.iter().filter_map(|license| details(resources, license));
    let mut assigned = Vec::new();
    for plan in
        details.flat_map(|details| details.get("servicePlans").and_then(Value::as_array).cloned().unwrap_or_default())
    {
        let name = plan.get("servicePlanName").and_then(Value::as_str).unwrap_or_default();
        let is_off = plan.get("provisioningStatus") == Some(&json!("Disabled"));
        let status = if is_off { "Deleted" } else { "Enabled" };
        assigned.push(json!({"assignedDateTime": since, "capabilityStatus": status, "service": service(name),
            "servicePlanId": plan.get("servicePlanId")}));
    }
    Value::Array(assigned)
}

/// The service that a plan belongs to, by how its name begins.
fn service(plan: &str) -> &'static str {
    const SERVICES: [(&str, &str); 9] = [
        ("EXCHANGE", "exchange"),
        ("SHAREPOINT", "SharePoint"),
        ("TEAMS", "TeamspaceAPI"),
        ("MCO", "MicrosoftCommunicationsOnline"),
        ("OFFICE", "MicrosoftOffice"),
        ("YAMMER", "YammerEnterprise"),
        ("RMS", "RMSOnline"),
        ("INTUNE", "SCO"),
        ("BI_", "PowerBI"),
    ];
    SERVICES.iter().find(|(start, _)| plan.starts_with(start)).map_or("AADPremiumService", |(_, service)| service)
}

fn enabled(sku: &Object) -> i64 {
    sku.get("prepaidUnits").and_then(|units| units.get("enabled")).and_then(Value::as_i64).unwrap_or_default()
}

fn plans(sku: &Object) -> Vec<String> {
    let plans = sku.get("servicePlans").and_then(Value::as_array).into_iter().flatten();
    plans.filter_map(|plan| plan.get("servicePlanId")?.as_str().map(str::to_owned)).collect()
}

/// How many users have each SKU.
fn used(directory: &Directory) -> BTreeMap<String, i64> {
    let mut used = BTreeMap::new();
    for user in (0..directory.rows()).filter_map(|row| directory.user(row)) {
        for license in read_all(&user.value("assignedLicenses")) {
            *used.entry(license.sku).or_default() += 1;
        }
    }
    used
}
