//! Makes the changes of a PATCH request.

mod remove;
mod set;

use serde_json::{Map, Value};

use self::remove::remove;
use self::set::set;
use super::{Op, Operation};
use crate::error::{Error, Result};
use crate::path::{Path, Target};
use crate::resource::set_schemas;
use crate::schema::{Attribute, Mutability, ResourceType};
use crate::value::is_unassigned;

/// What a PATCH request did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Whether the resource is another than before; if not, its `meta.lastModified` must not move.
    pub changed: bool,
}

/// Applies the operations in their order; after an error the resource is as it was.
///
/// The resource must be in canonical form, as [`Incoming`](crate::resource::Incoming) gives it. Its `schemas` follow
/// the extensions it carries afterwards.
///
/// # Errors
/// `noTarget` for a replacement whose filter selects nothing, `mutability` for a change of what is readOnly or
/// immutable or the removal of what is required, `invalidPath` for an attribute the resource type does not have.
pub fn apply(resource: &mut Value, operations: &[Operation], resource_type: &ResourceType) -> Result<Applied> {
    let mut changed = resource.clone();
    for (index, operation) in operations.iter().enumerate() {
        one(&mut changed, operation, resource_type)
            .map_err(|error| Error { detail: format!("change {}: {}", index + 1, error.detail), ..error })?;
    }
    set_schemas(&mut changed, resource_type);
    let applied = Applied { changed: changed != *resource };
    *resource = changed;
    Ok(applied)
}

fn one(resource: &mut Value, operation: &Operation, resource_type: &ResourceType) -> Result<()> {
    let path = &operation.path;
    let target = path.resolve(resource_type).ok_or_else(|| {
        Error::invalid_path(format!("'{}' is not an attribute of {}", path.attribute, resource_type.name))
    })?;
    let container = container(resource, &target)?;
    // Only what must not change is kept for the comparison: a group may have thousands of members.
    let keep = matches!(target.attribute.mutability, Mutability::ReadOnly | Mutability::Immutable);
    let before = container.get(target.attribute.name).filter(|_| keep).cloned();
    match (target.attribute.mutability, operation.op) {
        (Mutability::ReadOnly, op) => return confirm(path, op, before.as_ref(), operation.value.as_ref()),
        (_, Op::Remove) => remove(container, path, &target, operation.value.as_ref())?,
        (_, op) => {
            let value = operation.value.clone().unwrap_or(Value::Null);
            set(container, path, &target, op, value)?;
        }
    }
    check_result(path, target.attribute, before.as_ref(), container.get(target.attribute.name))?;
    drop_empty_container(resource, &target);
    Ok(())
}

fn container<'a>(resource: &'a mut Value, target: &Target) -> Result<&'a mut Map<String, Value>> {
    let broken = || Error::internal("the resource to change is not a JSON object");
    let resource = resource.as_object_mut().ok_or_else(broken)?;
    match target.extension {
        None => Ok(resource),
        Some(schema) => {
            let extension = resource.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
            extension.as_object_mut().ok_or_else(broken)
        }
    }
}

fn drop_empty_container(resource: &mut Value, target: &Target) {
    if let (Some(schema), Some(resource)) = (target.extension, resource.as_object_mut())
        && resource.get(schema.id).is_some_and(is_unassigned)
    {
        resource.remove(schema.id);
    }
}

/// What only the service sets may be sent back unchanged.
fn confirm(path: &Path, op: Op, before: Option<&Value>, value: Option<&Value>) -> Result<()> {
    let same = match (before, value) {
        (Some(before), Some(value)) => contains_all(before, value),
        (None, Some(value)) => is_unassigned(value),
        _ => false,
    };
    match same && op != Op::Remove {
        true => Ok(()),
        false => Err(Error::mutability(format!("'{}' is readOnly", path.attribute))),
    }
}

fn contains_all(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| contains_all(whole, value)))
        }
        _ => whole == part,
    }
}

/// An immutable attribute keeps the value it had, a required one keeps some value.
fn check_result(path: &Path, attribute: &Attribute, before: Option<&Value>, after: Option<&Value>) -> Result<()> {
    if attribute.mutability == Mutability::Immutable && before.is_some() && before != after {
        return Err(Error::mutability(format!("'{}' is immutable and has another value already", path.attribute)));
    }
    if attribute.required && after.is_none() {
        return Err(Error::mutability(format!("'{}' is required and cannot be removed", path.attribute)));
    }
    Ok(())
}
