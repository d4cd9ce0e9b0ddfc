//! The directory roles of a user, as assignments of unified role definitions.
//!
//! Source: <https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments>.

use scim::schema::Attribute;
use serde_json::{Value, json};

use crate::{
    keyed::{Call, Difference, Keyed, text},
    link::Link,
    table::Conversion,
};

const ASSIGNMENTS: &str = "/roleManagement/directory/roleAssignments";

/// The parts of a role.
pub(super) static ROLE: &[Attribute] = &[
    Attribute::string("value").describe("The id of the role definition, one of /RoleDefinitions"),
    Attribute::string("display").read_only().describe("The name of the role"),
    Attribute::string("type").unkept(),
    Attribute::boolean("primary").unkept(),
    Attribute::string("directoryScopeId")
        .describe("Where it counts: / for the whole tenant, which is meant where nothing is said, or such as /administrativeUnits/{id}"),
    Attribute::string("assignment").case_exact().read_only().describe("The id of the assignment, one of /RoleAssignments"),
];

/// The roles of a user.
pub(super) const ROLES: Link = Link::objects("roles", "roleAssignments")
    .at("/roleManagement/directory/roleAssignments?$filter=principalId%20eq%20'{id}'&$expand=roleDefinition")
    .reading("RoleManagement.Read.Directory")
    .converted(&CONVERSION)
    .keyed(&KEYED);

/// From assignments, and not back: they are changed one by one.
static CONVERSION: Conversion = Conversion { read: shown, write: |value| value };

static KEYED: Keyed = Keyed {
    refers: Some("value"),
    blind: false,
    bare: true,
    resource: Some("RoleAssignments"),
    ..Keyed::new("assignment", "RoleManagement.ReadWrite.Directory", calls)
};

fn shown(assignments: Value) -> Value {
    let Value::Array(assignments) = assignments else { return Value::Null };
    let of = |assignment: &Value| {
        json!({ "value": text(assignment, "roleDefinitionId"), "assignment": text(assignment, "id"),
            "directoryScopeId": assignment.get("directoryScopeId"),
            "display": assignment.pointer("/roleDefinition/displayName") })
    };
    assignments.iter().map(of).collect()
}

/// An assignment cannot be changed, so one that changes is another one.
fn calls(path: &str, difference: &Difference) -> Vec<Call> {
    let principal = path.rsplit('/').next().unwrap_or_default();
    let assign = |role: &Value| {
        let scope = Some(text(role, "directoryScopeId")).filter(|scope| !scope.is_empty()).unwrap_or("/");
        let body = json!({ "@odata.type": "#microsoft.graph.unifiedRoleAssignment", "principalId": principal,
            "roleDefinitionId": text(role, "value"), "directoryScopeId": scope });
        Call::post(ASSIGNMENTS, body)
    };
    let remove = |role: &Value| Call::delete(format!("{ASSIGNMENTS}/{}", text(role, "assignment")));
    let gone = difference.removed.iter().chain(&difference.changed).map(remove);
    gone.chain(difference.added.iter().chain(&difference.changed).map(assign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_an_assignment() {
        let difference = Difference {
            added: vec![json!({ "value": "r" })],
            changed: Vec::new(),
            removed: vec![json!({ "value": "s", "assignment": "x" })],
        };
        let calls = calls("/users/u", &difference);
        assert_eq!(calls[0], Call::delete("/roleManagement/directory/roleAssignments/x"));
        assert_eq!(calls[1].body["principalId"], "u");
        assert_eq!(calls[1].body["directoryScopeId"], "/");
        let assignment = json!({ "id": "x", "roleDefinitionId": "r", "directoryScopeId": "/", "principalId": "u",
            "roleDefinition": { "displayName": "Reader" } });
        let role = json!({ "value": "r", "assignment": "x", "directoryScopeId": "/", "display": "Reader" });
        assert_eq!(shown(json!([assignment])), json!([role]));
    }
}
