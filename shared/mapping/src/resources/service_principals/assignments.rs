//! App role assignments: who is assigned to the roles of a service principal, and to which it is assigned itself.
//!
//! Sources: <https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto>,
//! <https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments>.

use serde_json::{Value, json};

use crate::keyed::{Call, Difference, Keyed, text};

/// The permission to assign.
const WRITING: &str = "AppRoleAssignment.ReadWrite.All";
/// The role that is assigned where the resource has none.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// Those who are assigned to its roles.
pub(super) static ASSIGNED_TO: Keyed = Keyed {
    bare: true,
    ..Keyed::new("id", WRITING, |path, change| calls(path, "appRoleAssignedTo", "resourceId", change))
};

/// The roles that it is assigned to.
pub(super) static ASSIGNMENTS: Keyed = Keyed {
    bare: true,
    ..Keyed::new("id", WRITING, |path, change| calls(path, "appRoleAssignments", "principalId", change))
};

/// The calls for a set below an object that is itself the `own` part of each assignment.
fn calls(path: &str, navigation: &str, own: &str, difference: &Difference) -> Vec<Call> {
    let id = path.rsplit('/').next().unwrap_or_default();
    let all = format!("{path}/{navigation}");
    let unchanged =
        difference.changed.iter().map(|_| Call::none("an assignment does not change: remove it and add another"));
    let part = |element: &Value, name: &str| match (name == own, name) {
        (true, _) => json!(id),
        (false, "appRoleId") if text(element, name).is_empty() => json!(NO_ROLE),
        (false, _) => element.get(name).cloned().unwrap_or_default(),
    };
    let added = difference.added.iter().map(|element| {
        let body = ["principalId", "resourceId", "appRoleId"].map(|name| (name.to_owned(), part(element, name)));
        Call::post(&all, Value::Object(body.into_iter().collect()))
    });
    let removed =
        difference.removed.iter().map(|element| Call::delete(format!("{all}/{}", segment(text(element, "id")))));
    unchanged.chain(added).chain(removed).collect()
}

/// An id of Graph's in a path; any other text leads nowhere.
pub(super) fn segment(id: &str) -> String {
    id.chars().filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed::Verb;

    #[test]
    fn an_assignment_is_of_both_sides() {
        let difference = Difference {
            added: vec![
                json!({ "principalId": "u", "resourceId": "r", "appRoleId": "a" }),
                json!({ "principalId": "v", "resourceId": "s" }),
            ],
            changed: Vec::new(),
            removed: vec![json!({ "id": "x-_/y" })],
        };
        let to = "/servicePrincipals/1/appRoleAssignedTo";
        assert_eq!(
            (ASSIGNED_TO.calls)("/servicePrincipals/1", &difference),
            [
                Call::post(to, json!({ "principalId": "u", "resourceId": "1", "appRoleId": "a" })),
                Call::post(to, json!({ "principalId": "v", "resourceId": "1", "appRoleId": NO_ROLE })),
                Call::delete(format!("{to}/x-_y")),
            ]
        );
        let own = "/servicePrincipals/1/appRoleAssignments";
        assert_eq!(
            (ASSIGNMENTS.calls)("/servicePrincipals/1", &difference)[0],
            Call::post(own, json!({ "principalId": "1", "resourceId": "r", "appRoleId": "a" })),
        );
        let changed = Difference { changed: vec![json!({ "id": "x" })], ..Difference::default() };
        assert!(matches!((ASSIGNMENTS.calls)("/servicePrincipals/1", &changed)[0].verb, Verb::None(_)));
    }
}
