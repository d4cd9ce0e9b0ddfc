//! `/directoryRoles`: the roles that were activated, and who is in them.
//!
//! To be a member of such a role and to be assigned it for the whole directory are one thing: the members are kept, and
//! `resources/assignments.rs` makes assignments of them.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::relations::Relation;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object, State};
use crate::graph::error::{Error, Result};
use crate::graph::groups::rules;
use crate::graph::list::{Rows, Scope};
use crate::graph::validate::{self, Writer};
use crate::graph::write::require;
use crate::graph::{Call, linked, list};
use crate::resources::{Resources, has, text};

/// Where the definitions of roles are kept.
pub(super) const DEFINITIONS: &str = "roleDefinitions";
/// Where assignments are kept that are not memberships of directory roles.
pub(super) const ASSIGNMENTS: &str = "roleAssignments";
/// The template of the role of which somebody always remains.
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// `GET /directoryRoles`: all of them on one page. Source: Graph's page "List directoryRoles".
pub(super) fn list(call: &Call<'_>) -> Result<Answer> {
    let query = &call.query;
    if query.top.is_some() || query.count || query.order_by.is_some() || query.search.is_some() {
        return Err(Error::unsupported_query("The query is not supported on directoryRoles."));
    }
    let types = vec![ObjectType::DirectoryRole];
    let scope = Scope { types, rows: Rows::All(State::Live), references: false, whole: true };
    list::page(call, call.tenant.replicas().seen(), &scope)
}

/// `POST /directoryRoles`: makes a role of its template.
pub(super) fn activate(call: &Call<'_>) -> Result<Answer> {
    let object = validate::object(&call.body()?, ObjectType::DirectoryRole, Writer::Create)?;
    require(ObjectType::DirectoryRole, &object)?;
    let mut replicas = call.tenant.replicas_mut();
    let template = text(&object, "roleTemplateId");
    if row_of(&replicas.primary, template).is_some() {
        return Err(Error::conflict("roleTemplateId"));
    }
    let row = of_template(&mut replicas, template).ok_or_else(|| Error::not_found(template))?;
    let id = replicas.primary.item(row).map(|role| role.id()).unwrap_or_default();
    call.created(&replicas.primary, &id)
}

/// The row of the role of a template.
pub(super) fn row_of(directory: &Directory, template: &str) -> Option<u32> {
    directory.find_of(ObjectType::DirectoryRole, &format!("roleTemplateId={template}"))
}

/// The row of the role of a template, which is activated where it is not yet; none where there is no such template.
pub(super) fn of_template(replicas: &mut Replicas, template: &str) -> Option<u32> {
    if let Some(row) = row_of(&replicas.primary, template) {
        return Some(row);
    }
    let definition = built_in(&replicas.resources, template)?;
    let role: Object = [
        ("roleTemplateId".to_owned(), json!(text(definition, "id"))),
        ("displayName".to_owned(), json!(text(definition, "displayName"))),
        ("description".to_owned(), json!(text(definition, "description"))),
    ]
    .into_iter()
    .collect();
    Some(replicas.primary.create(ObjectType::DirectoryRole, role, None))
}

/// The definition of a built-in role, whose id is that of its template.
pub(super) fn built_in<'a>(resources: &'a Resources, id: &str) -> Option<&'a Object> {
    resources.find(DEFINITIONS, "id", id).filter(|definition| definition.get("isBuiltIn") == Some(&json!(true)))
}

/// Refuses groups that no role can be assigned to.
pub(super) fn check_principal(directory: &Directory, row: u32) -> Result<()> {
    let is_group = directory.type_of(row) == ObjectType::Group;
    if is_group && !rules::of(directory, row).is_for_roles {
        return Err(Error::request("The group is not role-assignable: 'isAssignableToRole' must be true."));
    }
    Ok(())
}

/// Refuses to take the last one out of the role that manages everything.
pub(super) fn check_last(directory: &Directory, role: u32) -> Result<()> {
    let is_global =
        directory.item(role).is_some_and(|item| item.value("roleTemplateId") == json!(GLOBAL_ADMINISTRATOR));
    if is_global && directory.related(role, Relation::Members).count() <= 1 {
        return Err(Error::request("Removing last global administrator is not allowed."));
    }
    Ok(())
}

/// Takes all roles from somebody who is deleted: they do not come back with him.
pub(super) fn take_all(replicas: &mut Replicas, row: u32) {
    linked::leave(&mut replicas.primary, row, |object_type| object_type == ObjectType::DirectoryRole);
    let Some(id) = replicas.primary.item(row).map(|item| item.id()) else { return };
    replicas.resources.retain(ASSIGNMENTS, |assignment| !has(assignment, "principalId", &id));
}

/// The name by which an object is shown.
pub(super) fn display_name(directory: &Directory, id: &str) -> Value {
    let item = directory.row_of_id(id).and_then(|row| directory.item(row));
    item.map(|item| item.value("displayName")).unwrap_or_default()
}
