//! `/roleManagement/directory/roleAssignments`: who has which role, and where; and the same as administrative units and
//! directory roles show it.
//!
//! A built-in role for the whole directory is assigned to the members of its directory role, so these assignments are
//! made of the members. All others are in the store.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::contract::ObjectType;
use crate::directory::relations::Relation;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object};
use crate::graph::Call;
use crate::graph::directory_roles::{self, ASSIGNMENTS, DEFINITIONS, display_name};
use crate::graph::error::{Error, Result};
use crate::graph::filter::Operator;
use crate::graph::resources::{Collection, PLAIN, body, expand, roles};
use crate::resources::{has, text};

/// The whole directory, as a scope.
const DIRECTORY: &str = "/";
/// How the scope of an administrative unit begins.
const UNIT: &str = "/administrativeUnits/";

/// What `$expand` takes of assignments and of schedules.
pub(super) const EXPAND: &[(&str, expand::Reader)] = &[
    ("principal", |call, replicas, assignment, select| {
        expand::directory_object(call, replicas, text(assignment, "principalId"), select)
    }),
    ("roleDefinition", |_, replicas, assignment, _| {
        let role = replicas.resources.find(DEFINITIONS, "id", text(assignment, "roleDefinitionId"));
        Ok(role.map_or(Value::Null, |role| json!(role)))
    }),
    ("directoryScope", |call, replicas, assignment, select| {
        let scope = text(assignment, "directoryScopeId");
        let id = scope.strip_prefix(UNIT).unwrap_or_else(|| scope.trim_start_matches('/'));
        expand::directory_object(call, replicas, id, select)
    }),
];

/// The collections.
pub(super) const TABLE: &[Collection] = &[
    Collection {
        path: "/roleManagement/directory/roleAssignments",
        store: ASSIGNMENTS,
        entity: "unifiedRoleAssignment",
        options: &["$filter", "$expand", "$top", "$count"],
        filter: &[
            ("principalId", &[Operator::Eq, Operator::In]),
            ("roleDefinitionId", &[Operator::Eq, Operator::In]),
            ("directoryScopeId", &[Operator::Eq, Operator::In]),
            ("appScopeId", &[Operator::Eq, Operator::In]),
        ],
        page: roles::PAGE,
        expand: EXPAND,
        read: |_, replicas, _| Ok(all(replicas, replicas.seen())),
        create,
        delete,
        ..PLAIN
    },
    Collection {
        path: "/directory/administrativeUnits/{id}/scopedRoleMembers",
        store: ASSIGNMENTS,
        entity: "scopedRoleMembership",
        read: |call, replicas, _| {
            call.row_of(replicas.seen(), ObjectType::AdministrativeUnit)?;
            Ok(scoped(replicas, |unit, _| unit.eq_ignore_ascii_case(&call.key)))
        },
        create: create_scoped,
        ..PLAIN
    },
    Collection {
        path: "/directoryRoles/{id}/scopedMembers",
        store: ASSIGNMENTS,
        entity: "scopedRoleMembership",
        read: |call, replicas, _| {
            let row = call.row_of(replicas.seen(), ObjectType::DirectoryRole)?;
            let role = replicas.seen().item(row).map(|role| role.id()).unwrap_or_default();
            Ok(scoped(replicas, |_, of| of == role))
        },
        ..PLAIN
    },
];

/// Whether anybody has a role.
pub(super) fn is_assigned(replicas: &Replicas, role: &str) -> bool {
    all(replicas, &replicas.primary).iter().any(|assignment| has(assignment, "roleDefinitionId", role))
}

/// All assignments whose principals are there.
fn all(replicas: &Replicas, directory: &Directory) -> Vec<Object> {
    let roles = directory.rows_of_type(ObjectType::DirectoryRole, 0).filter_map(|row| directory.item(row));
    let mut assignments: Vec<Object> = roles
        .flat_map(|role| {
            let template = role.value("roleTemplateId");
            let template = template.as_str().unwrap_or_default().to_owned();
            let members = directory.related(role.row, Relation::Members).filter_map(|row| directory.item(row));
            members.map(move |member| assignment(&member.id(), &template, DIRECTORY)).collect::<Vec<_>>()
        })
        .collect();
    let is_there = |assignment: &&Object| directory.find_any(text(assignment, "principalId")).is_some();
    assignments.extend(replicas.resources.all(ASSIGNMENTS).iter().filter(is_there).cloned());
    assignments
}

fn create(_: &Call<'_>, replicas: &mut Replicas, collection: &Collection, object: Object) -> Result<Object> {
    let role = text(&object, "roleDefinitionId").to_owned();
    let definition = replicas.resources.find(DEFINITIONS, "id", &role).ok_or_else(|| Error::not_found(&role))?;
    if definition.get("isEnabled") == Some(&json!(false)) {
        return Err(Error::request("The role definition is disabled and cannot be assigned."));
    }
    let scope = scope_of(replicas, collection, &object)?;
    assign(replicas, text(&object, "principalId"), &role, &scope)
}

/// The scope of a new assignment: the directory, an administrative unit, or an application with its service principal.
fn scope_of(replicas: &Replicas, collection: &Collection, object: &Object) -> Result<String> {
    let scope = match (text(object, "directoryScopeId"), text(object, "appScopeId")) {
        ("", "") => return Err(body::missing_value(collection, "directoryScopeId")),
        ("", _) => return Err(body::invalid_value(collection, "appScopeId")),
        (scope, "") => scope,
        _ => return Err(Error::request("Only one of directoryScopeId and appScopeId can be specified.")),
    };
    let directory = &replicas.primary;
    let is_of = |id: &str, types: &[ObjectType]| types.iter().any(|one| directory.find_of(*one, id).is_some());
    let is_there = match (scope.strip_prefix(UNIT), scope.strip_prefix('/')) {
        (Some(id), _) => is_of(id, &[ObjectType::AdministrativeUnit]),
        (None, Some(id)) => id.is_empty() || is_of(id, &[ObjectType::Application, ObjectType::ServicePrincipal]),
        (None, None) => return Err(body::invalid_value(collection, "directoryScopeId")),
    };
    if is_there { Ok(scope.to_owned()) } else { Err(Error::not_found(scope.trim_start_matches(UNIT))) }
}

/// Assigns a role that there is to a principal in a scope that there is.
fn assign(replicas: &mut Replicas, principal: &str, role: &str, scope: &str) -> Result<Object> {
    let row = replicas.seen().row_of_id(principal).filter(|row| replicas.primary.item(*row).is_some());
    let row = row.ok_or_else(|| Error::not_found(principal))?;
    let can_have = [ObjectType::User, ObjectType::Group, ObjectType::ServicePrincipal];
    if !can_have.contains(&replicas.primary.type_of(row)) {
        return Err(Error::request(
            "A role can be assigned to users, service principals and role-assignable groups only.",
        ));
    }
    directory_roles::check_principal(&replicas.primary, row)?;
    let made = assignment(principal, role, scope);
    let is_same = |known: &Object| {
        ["principalId", "roleDefinitionId", "directoryScopeId"].iter().all(|name| has(known, name, text(&made, name)))
    };
    if all(replicas, &replicas.primary).iter().any(is_same) {
        let text =
            "A conflicting object with one or more of the specified property values is present in the directory.";
        return Err(Error::request(text).about("ConflictingObjects", "roleAssignments"));
    }
    let directory_role = if scope == DIRECTORY { directory_roles::of_template(replicas, role) } else { None };
    match directory_role {
        Some(directory_role) => replicas.primary.link(directory_role, Relation::Members, &[row]),
        None => replicas.resources.add(ASSIGNMENTS, made.clone()),
    }
    Ok(made)
}

fn delete(_: &Call<'_>, replicas: &mut Replicas, _: &Collection, assignment: &Object) -> Result<()> {
    let directory = &mut replicas.primary;
    let role = directory_roles::row_of(directory, text(assignment, "roleDefinitionId"));
    let member = directory.row_of_id(text(assignment, "principalId"));
    match (role, member) {
        (Some(role), Some(member)) if has(assignment, "directoryScopeId", DIRECTORY) => {
            directory_roles::check_last(directory, role)?;
            directory.unlink(role, Relation::Members, member);
        }
        _ => replicas.resources.remove(ASSIGNMENTS, text(assignment, "id")),
    }
    Ok(())
}

/// An assignment; its id is made of what it ties together.
fn assignment(principal: &str, role: &str, scope: &str) -> Object {
    let unit = scope.rsplit('/').next().unwrap_or_default();
    let bytes = [role, principal, unit].map(|id| u128::from_str_radix(&id.replace('-', ""), 16).map(u128::to_be_bytes));
    let bytes: Vec<u8> = bytes.into_iter().flatten().flatten().collect();
    let id = format!("{}-1", URL_SAFE_NO_PAD.encode(bytes));
    [("id", id.as_str()), ("principalId", principal), ("roleDefinitionId", role), ("directoryScopeId", scope)]
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into_iter()
        .collect()
}

/// The assignments in administrative units, as these show them, of those units and activated roles that fit.
fn scoped(replicas: &Replicas, fits: impl Fn(&str, &str) -> bool) -> Vec<Object> {
    let directory = replicas.seen();
    let membership = |assignment: &Object| {
        let unit = text(assignment, "directoryScopeId").strip_prefix(UNIT)?;
        let role = directory_roles::row_of(directory, text(assignment, "roleDefinitionId"))?;
        let role = directory.item(role)?.id();
        let principal = text(assignment, "principalId");
        let info = json!({"id": principal, "displayName": display_name(directory, principal)});
        fits(unit, &role).then(|| {
            [
                ("id", json!(text(assignment, "id"))),
                ("administrativeUnitId", json!(unit)),
                ("roleId", json!(role)),
                ("roleMemberInfo", info),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
        })
    };
    all(replicas, directory).iter().filter_map(membership).collect()
}

/// `POST /directory/administrativeUnits/{id}/scopedRoleMembers`, which names a role by the id it was activated with.
fn create_scoped(call: &Call<'_>, replicas: &mut Replicas, collection: &Collection, object: Object) -> Result<Object> {
    call.row_to_write(replicas, ObjectType::AdministrativeUnit)?;
    let role = text(&object, "roleId");
    let principal = object.get("roleMemberInfo").and_then(|info| info.get("id")).and_then(Value::as_str);
    if role.is_empty() {
        return Err(body::missing_value(collection, "roleId"));
    }
    let principal = principal.ok_or_else(|| body::missing_value(collection, "roleMemberInfo"))?;
    let row = replicas.primary.find_of(ObjectType::DirectoryRole, role).ok_or_else(|| Error::not_found(role))?;
    let template = replicas.primary.item(row).map(|role| role.value("roleTemplateId")).unwrap_or_default();
    let made = assign(replicas, principal, template.as_str().unwrap_or_default(), &format!("{UNIT}{}", call.key))?;
    let mut shown = scoped(replicas, |_, _| true);
    shown.retain(|membership| has(membership, "id", text(&made, "id")));
    shown.pop().ok_or_else(|| Error::not_found(principal))
}
