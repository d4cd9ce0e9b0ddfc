//! Properties that need a permission or a licence of their own: Graph refuses the whole query that names one of them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use graph::{Error, Operation};
use runtime::KeyValue;

/// A property of Graph with a gate before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) needs: &'static str,
    /// Graph's code when it is a licence that is missing.
    licence: Option<&'static str>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/user#properties>.
const GATED: [Property; 2] = [
    Property {
        name: "signInActivity",
        needs: "AuditLog.Read.All and a Microsoft Entra ID P1 or P2 licence",
        licence: Some("Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
    },
    Property { name: "employeeLeaveDateTime", needs: "User-LifeCycleInfo.Read.All", licence: None },
];

/// How long it is remembered that a property is forbidden: so long a new licence or permission may go unnoticed.
const MEMORY: TimeDelta = TimeDelta::minutes(5);

/// Where it is remembered.
const KEY: &str = "gated";

/// When each gated property was last refused, by name.
type Refused = BTreeMap<String, DateTime<Utc>>;

async fn refused<K: KeyValue>(store: &K) -> Refused {
    let stored = store.get(KEY).await.ok().flatten();
    stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Whether the call names a gated property at all.
fn is_gated(operation: &Operation) -> bool {
    strip(operation, &GATED).is_some()
}

/// The gated properties that were refused lately; nothing is looked up when no call names one.
pub(crate) async fn known<K: KeyValue>(store: &K, operations: &[Operation], now: DateTime<Utc>) -> Vec<Property> {
    if !operations.iter().any(is_gated) {
        return Vec::new();
    }
    let refused = refused(store).await;
    let is_fresh = |property: &Property| refused.get(property.name).is_some_and(|at| now - *at < MEMORY);
    GATED.into_iter().filter(is_fresh).collect()
}

/// The call without these properties, and which of them it named.
pub(crate) fn without_known(operation: &Operation, known: &[Property]) -> (Operation, Vec<Property>) {
    match strip(operation, known) {
        Some((rest, named)) => (Operation { after: operation.after.clone(), ..rest }, named),
        None => (operation.clone(), Vec::new()),
    }
}

/// The gated properties that `select` names and a link to a later page does not: they were left out of the first.
pub(crate) fn left_out_of(link: &str, select: &str) -> Vec<Property> {
    let is_selected = |property: &Property| select.split(',').any(|name| name == property.name);
    GATED.into_iter().filter(|property| is_selected(property) && !link.contains(property.name)).collect()
}

/// Remembers what was refused. A store that fails only costs the next request a call.
pub(crate) async fn remember<K: KeyValue>(store: &K, properties: &[Property], now: DateTime<Utc>) {
    let mut refused = refused(store).await;
    refused.extend(properties.iter().map(|property| (property.name.to_owned(), now)));
    if let Ok(bytes) = serde_json::to_vec(&refused) {
        let _ = store.set(KEY, &bytes).await;
    }
}

/// The calls to try, each without some of the properties for which `error` may have refused it; the fewest first.
pub(crate) fn without(operation: &Operation, error: &Error) -> Vec<(Operation, Vec<Property>)> {
    let by_licence = GATED.iter().find(|property| property.licence == Some(error.code.as_str()));
    let mut tries: Vec<(Operation, Vec<Property>)> = match by_licence {
        Some(property) => strip(operation, std::slice::from_ref(property)).into_iter().collect(),
        None => GATED.iter().filter_map(|property| strip(operation, std::slice::from_ref(property))).collect(),
    };
    if tries.len() > 1 {
        tries.extend(strip(operation, &GATED));
    }
    tries
}

fn strip(operation: &Operation, properties: &[Property]) -> Option<(Operation, Vec<Property>)> {
    let mut operation = operation.clone();
    let (_, select) = operation.query.iter_mut().find(|(name, _)| *name == "$select")?;
    let found: Vec<Property> =
        properties.iter().filter(|property| select.split(',').any(|name| name == property.name)).copied().collect();
    if found.is_empty() {
        return None;
    }
    let rest: Vec<&str> =
        select.split(',').filter(|name| !found.iter().any(|property| property.name == *name)).collect();
    *select = rest.join(",");
    // It is made on its own, when what it waited for is done.
    operation.after.clear();
    Some((operation, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_gated_is_left_out() {
        let operation = |select: &str| Operation::get("/users/1").query("$select", select);
        let all = |select: &str| strip(&operation(select), &GATED).map(|(operation, _)| operation.url());
        assert_eq!(all("id,displayName"), None);
        assert_eq!(all("id,signInActivity,mail").as_deref(), Some("/users/1?$select=id,mail"));
        assert_eq!(all("id,employeeLeaveDateTime,signInActivity").as_deref(), Some("/users/1?$select=id"));
        assert_eq!(strip(&Operation::get("/users/1"), &GATED), None);
    }
}
