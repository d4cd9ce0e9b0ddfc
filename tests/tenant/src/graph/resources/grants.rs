//! What was granted: app roles to users, groups and service principals, and delegated permissions to clients.

use serde_json::{Value, json};

use crate::clock;
use crate::contract::ObjectType;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object};
use crate::graph::Call;
use crate::graph::error::{self, Error, Result};
use crate::graph::filter::Operator::Eq;
use crate::graph::resources::{Collection, PLAIN, body};
use crate::resources::{has, text};

const ASSIGNMENTS: &str = "appRoleAssignments";
const GRANTS: &str = "oauth2PermissionGrants";
/// The role that is assigned where a resource has none.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";
/// How many are on a page.
const PAGE: usize = 100;

const ASSIGNMENT: Collection = Collection {
    store: ASSIGNMENTS,
    entity: "appRoleAssignment",
    options: &["$filter", "$top", "$count"],
    filter: &[("resourceId", &[Eq]), ("principalId", &[Eq]), ("principalDisplayName", &[Eq]), ("appRoleId", &[Eq])],
    page: PAGE,
    read: |call, replicas, collection| assignments_of(call, replicas, collection),
    create: assign,
    ..PLAIN
};

const GRANT: Collection = Collection {
    store: GRANTS,
    entity: "oAuth2PermissionGrant",
    options: &["$filter", "$top", "$count"],
    filter: &[("clientId", &[Eq]), ("consentType", &[Eq]), ("principalId", &[Eq]), ("resourceId", &[Eq])],
    page: PAGE,
    read: |call, replicas, collection| grants_of(call, replicas, collection),
    ..PLAIN
};

/// The collections: the same assignments from four sides, and the same grants from three.
pub(super) const TABLE: &[Collection] = &[
    Collection { path: "/users/{id}/appRoleAssignments", ..ASSIGNMENT },
    Collection { path: "/groups/{id}/appRoleAssignments", ..ASSIGNMENT },
    Collection { path: "/servicePrincipals/{id}/appRoleAssignments", ..ASSIGNMENT },
    Collection { path: "/servicePrincipals/{id}/appRoleAssignedTo", ..ASSIGNMENT },
    Collection { path: "/oauth2PermissionGrants", create: grant, update: change, ..GRANT },
    Collection { path: "/users/{id}/oauth2PermissionGrants", ..GRANT },
    Collection { path: "/servicePrincipals/{id}/oauth2PermissionGrants", ..GRANT },
];

/// The id of the object in the path, and the property of an assignment or grant that it is.
fn owner(call: &Call<'_>, directory: &Directory, collection: &Collection) -> Result<Option<(String, &'static str)>> {
    let (object_type, property) = match collection.path {
        "/users/{id}/appRoleAssignments" => (ObjectType::User, "principalId"),
        "/groups/{id}/appRoleAssignments" => (ObjectType::Group, "principalId"),
        "/servicePrincipals/{id}/appRoleAssignments" => (ObjectType::ServicePrincipal, "principalId"),
        "/servicePrincipals/{id}/appRoleAssignedTo" => (ObjectType::ServicePrincipal, "resourceId"),
        "/users/{id}/oauth2PermissionGrants" => (ObjectType::User, "principalId"),
        "/servicePrincipals/{id}/oauth2PermissionGrants" => (ObjectType::ServicePrincipal, "clientId"),
        _ => return Ok(None),
    };
    let row = call.row_of(directory, object_type)?;
    Ok(directory.item(row).map(|item| (item.id(), property)))
}

/// The assignments between objects that are there, with their names.
fn assignments_of(call: &Call<'_>, replicas: &Replicas, collection: &Collection) -> Result<Vec<Object>> {
    let directory = replicas.seen();
    let owner = owner(call, directory, collection)?;
    let is_own = |one: &&Object| owner.as_ref().is_none_or(|(id, property)| has(one, property, id));
    let all = replicas.resources.all(ASSIGNMENTS).iter().filter(is_own);
    Ok(all.filter_map(|assignment| shown(directory, assignment)).collect())
}

fn shown(directory: &Directory, assignment: &Object) -> Option<Object> {
    let item = |property: &str| directory.row_of_id(text(assignment, property)).and_then(|row| directory.item(row));
    let (principal, resource) = (item("principalId")?, item("resourceId")?);
    let mut shown = assignment.clone();
    shown.insert("principalDisplayName".to_owned(), principal.value("displayName"));
    shown.insert("principalType".to_owned(), json!(principal.object_type.resource()));
    shown.insert("resourceDisplayName".to_owned(), resource.value("displayName"));
    Some(shown)
}

fn assign(call: &Call<'_>, replicas: &mut Replicas, collection: &Collection, mut object: Object) -> Result<Object> {
    let directory = &replicas.primary;
    if let Some((id, property)) =
        owner(call, directory, collection)?.filter(|(id, property)| !has(&object, property, id))
    {
        return Err(Error::request(format!("The {property} of the body has to be '{id}', as in the path.")));
    }
    let find = |property: &str| {
        let id = text(&object, property);
        let item = directory.row_of_id(id).and_then(|row| directory.item(row));
        item.ok_or_else(|| Error::not_found(id))
    };
    let (principal, resource) = (find("principalId")?, find("resourceId")?);
    if resource.object_type != ObjectType::ServicePrincipal {
        return Err(body::invalid_value(collection, "resourceId"));
    }
    let member = match principal.object_type {
        ObjectType::User | ObjectType::Group => "User",
        ObjectType::ServicePrincipal => "Application",
        _ => return Err(body::invalid_value(collection, "principalId")),
    };
    let role = text(&object, "appRoleId");
    if !takes(&resource.value("appRoles"), role, member) {
        let text = format!("Permission being assigned was not found on application '{}'.", resource.id());
        return Err(Error::request(text).about("InvalidUpdate", "appRoleAssignment"));
    }
    let names = ["principalId", "resourceId", "appRoleId"];
    let is_same = |known: &&Object| names.iter().all(|name| has(known, name, text(&object, name)));
    if replicas.resources.all(ASSIGNMENTS).iter().any(|known| is_same(&known)) {
        return Err(Error::request("Permission being assigned already exists on the object.")
            .about("InvalidUpdate", "appRoleAssignment"));
    }
    object.remove("resourceDisplayName");
    object.insert("id".to_owned(), json!(error::new_id()));
    object.insert("createdDateTime".to_owned(), json!(clock::now_text()));
    let told = shown(directory, &object).unwrap_or_default();
    replicas.resources.add(ASSIGNMENTS, object);
    Ok(told)
}

/// Whether a role, which is enabled, can be assigned to such a member; where no role can, the one that is none.
fn takes(roles: &Value, role: &str, member: &str) -> bool {
    let roles = roles.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_for = |known: &&Value| {
        let types = known.get("allowedMemberTypes").and_then(Value::as_array);
        known.get("isEnabled") == Some(&json!(true)) && types.is_some_and(|types| types.contains(&json!(member)))
    };
    let mut fitting = roles.iter().filter(is_for);
    if role == NO_ROLE {
        return fitting.next().is_none();
    }
    fitting.any(|known| known.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case(role)))
}

/// The grants whose client and resource are there.
fn grants_of(call: &Call<'_>, replicas: &Replicas, collection: &Collection) -> Result<Vec<Object>> {
    let directory = replicas.seen();
    let owner = owner(call, directory, collection)?;
    let is_own = |one: &&Object| owner.as_ref().is_none_or(|(id, property)| has(one, property, id));
    let is_there = |grant: &&Object| {
        let known = |property| directory.find_of(ObjectType::ServicePrincipal, text(grant, property)).is_some();
        known("clientId") && known("resourceId")
    };
    Ok(replicas.resources.all(GRANTS).iter().filter(is_own).filter(is_there).cloned().collect())
}

fn grant(_: &Call<'_>, replicas: &mut Replicas, collection: &Collection, mut object: Object) -> Result<Object> {
    let directory = &replicas.primary;
    for property in ["clientId", "resourceId"] {
        let id = text(&object, property);
        directory.find_of(ObjectType::ServicePrincipal, id).ok_or_else(|| Error::not_found(id))?;
    }
    let principal = text(&object, "principalId");
    match text(&object, "consentType") {
        "AllPrincipals" if principal.is_empty() => {}
        "Principal" if !principal.is_empty() => {
            directory.find(principal).ok_or_else(|| Error::not_found(principal))?;
        }
        "AllPrincipals" | "Principal" => return Err(body::invalid_value(collection, "principalId")),
        _ => return Err(body::invalid_value(collection, "consentType")),
    }
    let names = ["clientId", "resourceId", "consentType", "principalId"];
    if replicas.resources.all(GRANTS).iter().any(|known| names.iter().all(|name| has(known, name, text(&object, name))))
    {
        let text = "Permission entry already exists.";
        return Err(Error::new(409, "Request_MultipleObjectsWithSameKeyValue", text));
    }
    object.insert("id".to_owned(), json!(error::new_id()));
    replicas.resources.add(GRANTS, object.clone());
    Ok(object)
}

/// Of a grant only the scope changes.
fn change(_: &Call<'_>, replicas: &mut Replicas, _: &Collection, grant: &Object, changes: Object) -> Result<()> {
    if let Some(name) = changes.keys().find(|name| *name != "scope") {
        return Err(Error::request(format!("Property '{name}' is read-only and cannot be set."))
            .about("ReadOnlyProperty", name));
    }
    replicas.resources.change(GRANTS, text(grant, "id"), changes);
    Ok(())
}
