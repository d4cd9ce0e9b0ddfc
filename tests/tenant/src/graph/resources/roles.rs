//! `/roleManagement/directory/roleDefinitions`, the templates of directory roles, and schedules of assignments.

use serde_json::{Value, json};

use crate::directory::Object;
use crate::directory::replicas::Replicas;
use crate::graph::Call;
use crate::graph::directory_roles::DEFINITIONS;
use crate::graph::error::{self, Error, Result};
use crate::graph::filter::{Filterable, Operator};
use crate::graph::resources::{Collection, PLAIN, assignments, body};
use crate::resources::text;

/// How many assignments, definitions and schedules are on a page.
pub(super) const PAGE: usize = 100;
/// How many roles a tenant can define. Source: "Microsoft Entra service limits and restrictions".
const MAX_CUSTOM: usize = 100;

/// What `$filter` takes of schedules, by eq alone.
const SCHEDULES: &[Filterable] =
    &[("principalId", &[Operator::Eq]), ("roleDefinitionId", &[Operator::Eq]), ("directoryScopeId", &[Operator::Eq])];

const SCHEDULE: Collection = Collection {
    options: &["$filter", "$expand", "$top", "$count"],
    filter: SCHEDULES,
    page: PAGE,
    expand: assignments::EXPAND,
    ..PLAIN
};

/// The collections.
pub(super) const TABLE: &[Collection] = &[
    Collection {
        path: "/directoryRoleTemplates",
        store: DEFINITIONS,
        entity: "directoryRoleTemplate",
        read: |_, replicas, collection| {
            let all = replicas.resources.all(collection.store).iter();
            Ok(all.filter(|definition| is_built_in(definition)).cloned().collect())
        },
        ..PLAIN
    },
    Collection {
        path: "/roleManagement/directory/roleDefinitions",
        store: DEFINITIONS,
        entity: "unifiedRoleDefinition",
        options: &["$filter", "$top", "$count", "$orderby"],
        filter: &[
            ("id", &[Operator::Eq, Operator::In]),
            ("displayName", &[Operator::Eq, Operator::In, Operator::StartsWith]),
            ("isBuiltIn", &[Operator::Eq]),
            ("templateId", &[Operator::Eq]),
        ],
        order_by: &["displayName"],
        page: PAGE,
        create,
        update,
        delete,
        ..PLAIN
    },
    Collection {
        path: "/roleManagement/directory/roleEligibilitySchedules",
        store: "roleEligibilitySchedules",
        entity: "unifiedRoleEligibilitySchedule",
        ..SCHEDULE
    },
    Collection {
        path: "/roleManagement/directory/roleAssignmentSchedules",
        store: "roleAssignmentSchedules",
        entity: "unifiedRoleAssignmentSchedule",
        filter: &[
            ("principalId", &[Operator::Eq]),
            ("roleDefinitionId", &[Operator::Eq]),
            ("directoryScopeId", &[Operator::Eq]),
            ("memberType", &[Operator::Eq, Operator::Ne]),
            ("assignmentType", &[Operator::Eq, Operator::Ne]),
        ],
        ..SCHEDULE
    },
];

fn create(_: &Call<'_>, replicas: &mut Replicas, collection: &Collection, mut role: Object) -> Result<Object> {
    check(replicas, collection, &role, None)?;
    let custom = replicas.resources.all(DEFINITIONS).iter().filter(|known| !is_built_in(known)).count();
    if custom >= MAX_CUSTOM {
        return Err(Error::request(format!("A tenant can define at most {MAX_CUSTOM} roles.")));
    }
    let id = json!(error::new_id());
    role.insert("id".to_owned(), id.clone());
    role.entry("templateId").or_insert(id);
    role.insert("isBuiltIn".to_owned(), json!(false));
    role.entry("resourceScopes").or_insert(json!(["/"]));
    replicas.resources.add(DEFINITIONS, role.clone());
    Ok(role)
}

fn update(
    _: &Call<'_>,
    replicas: &mut Replicas,
    collection: &Collection,
    role: &Object,
    changes: Object,
) -> Result<()> {
    refuse_built_in(role)?;
    check(replicas, collection, &changes, Some(text(role, "id")))?;
    replicas.resources.change(DEFINITIONS, text(role, "id"), changes);
    Ok(())
}

fn delete(_: &Call<'_>, replicas: &mut Replicas, _: &Collection, role: &Object) -> Result<()> {
    refuse_built_in(role)?;
    if assignments::is_assigned(replicas, text(role, "id")) {
        return Err(Error::request("The role definition is still assigned; delete its role assignments first."));
    }
    replicas.resources.remove(DEFINITIONS, text(role, "id"));
    Ok(())
}

fn refuse_built_in(role: &Object) -> Result<()> {
    if is_built_in(role) {
        return Err(Error::request("Built-in role definitions cannot be changed or deleted."));
    }
    Ok(())
}

fn is_built_in(role: &Object) -> bool {
    role.get("isBuiltIn") == Some(&json!(true))
}

/// A name of its own, and permissions that name actions of the directory.
fn check(replicas: &Replicas, collection: &Collection, role: &Object, own: Option<&str>) -> Result<()> {
    if let Some(name) = role.get("displayName").and_then(Value::as_str) {
        let same = replicas.resources.find(DEFINITIONS, "displayName", name);
        if same.is_some_and(|known| own != Some(text(known, "id"))) {
            return Err(Error::conflict("displayName"));
        }
    }
    let Some(permissions) = role.get("rolePermissions").and_then(Value::as_array) else { return Ok(()) };
    let actions = |permission: &Value| permission.get("allowedResourceActions").and_then(Value::as_array).cloned();
    let is_action =
        |action: &Value| action.as_str().is_some_and(|text| text.starts_with("microsoft.") && text.contains('/'));
    let fits = |permission: &Value| actions(permission).is_some_and(|all| !all.is_empty() && all.iter().all(is_action));
    let all_fit = !permissions.is_empty() && permissions.iter().all(fits);
    if all_fit { Ok(()) } else { Err(body::invalid_value(collection, "rolePermissions")) }
}
