//! Members and owners of what is no group: of directory roles, administrative units, applications and service principals.

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::directory::relations::Relation;
use crate::graph::error::{Error, Result};
use crate::graph::groups::refuse_present;
use crate::graph::{Call, directory_roles, reference};

/// How many owners an application can have.
const MAX_OWNERS: usize = 100;

/// `POST …/members/$ref` and `POST …/owners/$ref`.
pub(super) fn add(call: &Call<'_>, object_type: ObjectType, relation: Relation) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, object_type)?;
    let other = reference::row(replicas.seen(), reference::of_body(&body)?, types_of(object_type, relation))?;
    let directory = &mut replicas.primary;
    if object_type == ObjectType::DirectoryRole {
        directory_roles::check_principal(directory, other)?;
    }
    refuse_present(directory, row, relation, &[other])?;
    if relation == Relation::Owners && directory.related(row, relation).count() >= MAX_OWNERS {
        return Err(Error::request(format!("An application can have at most {MAX_OWNERS} owners.")));
    }
    directory.link(row, relation, &[other]);
    Ok(Answer::empty(204))
}

/// `DELETE …/members/{id}/$ref` and `DELETE …/owners/{id}/$ref`.
pub(super) fn remove(call: &Call<'_>, object_type: ObjectType, relation: Relation) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, object_type)?;
    let directory = &mut replicas.primary;
    let other = directory.find_any(&call.inner_key).filter(|other| directory.is_related(row, relation, *other));
    let other = other.ok_or_else(|| Error::not_found(&call.inner_key))?;
    if object_type == ObjectType::DirectoryRole {
        directory_roles::check_last(directory, row)?;
    }
    directory.unlink(row, relation, other);
    Ok(Answer::empty(204))
}

/// The types of objects that a relation of objects of a type can be to. Source: Graph's pages "Add directory role member",
/// "Add a member" (of an administrative unit) and "Add owner".
fn types_of(object_type: ObjectType, relation: Relation) -> &'static [ObjectType] {
    match (object_type, relation) {
        (ObjectType::AdministrativeUnit, _) => &[ObjectType::User, ObjectType::Group],
        (_, Relation::Members) => &[ObjectType::User, ObjectType::Group, ObjectType::ServicePrincipal],
        (_, Relation::Owners) => &[ObjectType::User, ObjectType::ServicePrincipal],
    }
}

/// Takes away what ties an object to those that it is a member of and that fit.
pub(super) fn leave(directory: &mut Directory, row: u32, fits: fn(ObjectType) -> bool) {
    let left: Vec<u32> =
        directory.groups_of(row, Relation::Members).filter(|other| fits(directory.type_of(*other))).collect();
    left.into_iter().for_each(|other| directory.unlink(other, Relation::Members, row));
}
