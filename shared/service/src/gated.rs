//! Properties that need a permission or a licence of their own: Graph refuses the whole query that names one of them.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use graph::{Error, Operation};

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

/// When each gated property was last refused.
static REFUSED: Mutex<[Option<DateTime<Utc>>; GATED.len()]> = Mutex::new([None; GATED.len()]);

/// The call without the properties that were refused lately, and which those are.
pub(crate) fn without_known(operation: &Operation, now: DateTime<Utc>) -> (Operation, Vec<Property>) {
    let refused = *REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_fresh = |at: &Option<DateTime<Utc>>| at.is_some_and(|at| now - at < MEMORY);
    let known: Vec<Property> =
        GATED.iter().zip(refused).filter(|(_, at)| is_fresh(at)).map(|(property, _)| *property).collect();
    strip(operation, &known).unwrap_or_else(|| (operation.clone(), Vec::new()))
}

/// The call without the properties for which `error` may have refused it; nothing when it names none.
pub(crate) fn without(operation: &Operation, error: &Error) -> Option<(Operation, Vec<Property>)> {
    let by_licence = GATED.iter().find(|property| property.licence == Some(error.code.as_str()));
    strip(operation, by_licence.map_or(GATED.as_slice(), std::slice::from_ref))
}

/// Remembers what was refused.
pub(crate) fn remember(properties: &[Property], now: DateTime<Utc>) {
    let mut refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    for (property, at) in GATED.iter().zip(refused.iter_mut()) {
        if properties.contains(property) {
            *at = Some(now);
        }
    }
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
