//! Properties that need a permission, a licence or a definition of their own: Graph refuses the whole query that names one.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use graph::{Error, Kind, Operation};
use runtime::{KeyValue, KeyValueError};

/// A property of Graph with a gate before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: Cow<'static, str>,
    pub(crate) needs: &'static str,
    /// Graph's code when it is a licence that is missing.
    licence: Option<&'static str>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/user#properties>.
static GATED: [Property; 3] = [
    Property {
        name: Cow::Borrowed("signInActivity"),
        needs: "AuditLog.Read.All and a Microsoft Entra ID P1 or P2 licence",
        licence: Some("Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
    },
    Property { name: Cow::Borrowed("employeeLeaveDateTime"), needs: "User-LifeCycleInfo.Read.All", licence: None },
    Property {
        name: Cow::Borrowed("customSecurityAttributes"),
        needs: "CustomSecAttributeAssignment.Read.All",
        licence: None,
    },
];

/// What the names of directory extension properties begin with; there is one for `externalId`.
const EXTENSION: &str = "extension_";

/// A directory extension property that the application may not have defined yet.
fn extension(name: &str) -> Property {
    Property {
        name: Cow::Owned(name.to_owned()),
        needs: "the directory extension property; entra-scim check says how to define it",
        licence: None,
    }
}

/// The properties that the call selects and that may not be there.
fn extensions(operation: &Operation) -> Vec<Property> {
    let select = operation.query.iter().find(|(name, _)| *name == "$select").map(|(_, select)| select.as_str());
    let names = select.unwrap_or_default().split(',').filter(|name| name.starts_with(EXTENSION));
    names.map(extension).collect()
}

/// Whether Graph refuses the call, or may refuse it, for a property that can be left out.
pub(crate) fn is_for_one(operation: &Operation, error: &Error) -> bool {
    let is_undefined = error.kind == Kind::BadRequest && error.message.contains(EXTENSION);
    error.kind == Kind::Forbidden || (is_undefined && !extensions(operation).is_empty())
}

/// How long it is remembered that a property is forbidden: so long a new licence or permission may go unnoticed.
const MEMORY: TimeDelta = TimeDelta::minutes(5);

/// How long an instance goes by what it has read of that: what another one learned is worth a call, not a look each time.
const KEPT: Duration = Duration::from_secs(10);

/// Where it is remembered.
const KEY: &str = "gated";

/// When each gated property was last refused, by name.
type Refused = BTreeMap<String, DateTime<Utc>>;

fn refused(stored: Result<Option<Vec<u8>>, KeyValueError>) -> Refused {
    let stored = stored.ok().flatten();
    stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Whether the call names a gated property at all.
fn is_gated(operation: &Operation) -> bool {
    let select = operation.query.iter().find(|(name, _)| *name == "$select").map(|(_, select)| select.as_str());
    let is_gated = |name: &str| name.starts_with(EXTENSION) || GATED.iter().any(|property| property.name == name);
    select.unwrap_or_default().split(',').any(is_gated)
}

/// The gated properties that were refused lately; nothing is looked up when no call names one.
pub(crate) async fn known<K: KeyValue>(store: &K, operations: &[Operation], now: DateTime<Utc>) -> Vec<Property> {
    if !operations.iter().any(is_gated) {
        return Vec::new();
    }
    let mut refused = refused(store.get_lately(KEY, KEPT).await);
    refused.retain(|_, at| now - *at < MEMORY);
    let known = |name: &String| match GATED.iter().find(|property| property.name == *name) {
        Some(property) => property.clone(),
        None => extension(name),
    };
    refused.keys().map(known).collect()
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
    let named = |name: &str| match GATED.iter().find(|property| property.name == name) {
        Some(property) => Some(property.clone()),
        None => name.starts_with(EXTENSION).then(|| extension(name)),
    };
    select.split(',').filter_map(named).filter(|property| !link.contains(property.name.as_ref())).collect()
}

/// Remembers what was refused. A store that fails only costs the next request a call.
pub(crate) async fn remember<K: KeyValue>(store: &K, properties: &[Property], now: DateTime<Utc>) {
    let mut refused = refused(store.get(KEY).await);
    refused.extend(properties.iter().map(|property| (property.name.clone().into_owned(), now)));
    if let Ok(bytes) = serde_json::to_vec(&refused) {
        let _ = store.set(KEY, &bytes).await;
    }
}

/// The calls to try, each without some of the properties for which `error` may have refused it; the fewest first.
pub(crate) fn without(operation: &Operation, error: &Error) -> Vec<(Operation, Vec<Property>)> {
    if error.kind == Kind::BadRequest {
        return strip(operation, &extensions(operation)).into_iter().collect();
    }
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
        properties.iter().filter(|property| select.split(',').any(|name| name == property.name)).cloned().collect();
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

    #[test]
    fn what_is_not_defined_is_left_out() {
        let operation = Operation::get("/users/1").query("$select", "id,extension_a_externalId,mail");
        assert!(is_gated(&operation));
        let rest = strip(&operation, &extensions(&operation)).map(|(operation, _)| operation.url());
        assert_eq!(rest.as_deref(), Some("/users/1?$select=id,mail"));
        let left_out = left_out_of("https://h/users?$select=id", "id,extension_a_externalId");
        assert_eq!(left_out, [extension("extension_a_externalId")]);
    }
}
