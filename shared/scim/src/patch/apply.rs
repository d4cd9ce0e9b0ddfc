//! Makes the changes of a PATCH request.

mod append;
mod budget;
mod remove;
mod set;

use serde_json::{Map, Value};

use self::budget::Budget;
use self::remove::{count_removals, has_text_values, remove, remove_run};
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
    let mut budget = Budget::new();
    let mut done = 0;
    while let Some(operation) = operations.get(done) {
        let rest = operations.get(done..).unwrap_or_default();
        if let Some(count) = run_of_removals(&mut changed, rest, resource_type) {
            done += count;
            continue;
        }
        done += 1;
        one(&mut changed, operation, resource_type, &mut budget)
            .map_err(|error| Error { detail: format!("change {done}: {}", error.detail), ..error })?;
    }
    set_schemas(&mut changed, resource_type);
    let applied = Applied { changed: changed != *resource };
    *resource = changed;
    Ok(applied)
}

fn one(resource: &mut Value, operation: &Operation, resource_type: &ResourceType, budget: &mut Budget) -> Result<()> {
    let path = &operation.path;
    let target = target(path, resource_type)?;
    let attribute = target.attribute;
    if attribute.open {
        return Err(Error::internal(format!("'{}' is not known well enough to be changed here", path.attribute)));
    }
    let container = container(resource, &target)?;
    if attribute.mutability == Mutability::ReadOnly {
        return confirm(path, operation.op, container.get(attribute.name), operation.value.as_ref());
    }
    // Only what must not change is kept for the comparison: a group may have thousands of members.
    let keep = attribute.mutability == Mutability::Immutable;
    let before = container.get(attribute.name).filter(|_| keep).cloned();
    match operation.op {
        Op::Remove => remove(container, path, &target, operation.value.as_ref(), budget)?,
        op => {
            let value = operation.value.clone().unwrap_or(Value::Null);
            set(container, path, &target, op, value, budget)?;
        }
    }
    check_result(path, attribute, before.as_ref(), container.get(attribute.name))?;
    drop_empty_container(resource, &target);
    Ok(())
}

/// Makes the changes of several operations that each remove an element of the same attribute; says how many those were.
///
/// Thousands of members may be removed one by one from a group of thousands.
fn run_of_removals(resource: &mut Value, operations: &[Operation], resource_type: &ResourceType) -> Option<usize> {
    let count = count_removals(operations);
    let (run, first) = (operations.get(..count)?, operations.first().filter(|_| count > 1)?);
    let target = first.path.resolve(resource_type)?;
    let is_plain = target.attribute.mutability == Mutability::ReadWrite && !target.attribute.required;
    if !is_plain || !has_text_values(target.attribute) {
        return None;
    }
    remove_run(container(resource, &target).ok()?, target.attribute, run);
    drop_empty_container(resource, &target);
    Some(count)
}

fn target(path: &Path, resource_type: &ResourceType) -> Result<Target> {
    path.resolve(resource_type).ok_or_else(|| {
        Error::invalid_path(format!("'{}' is not an attribute of {}", path.attribute, resource_type.name))
    })
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
