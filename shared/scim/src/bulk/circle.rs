//! Operations that refer to each other in a circle. RFC 7644 section 3.7.1.
//!
//! A circle is broken by creating the resources without what refers to others of the circle, and adding that
//! afterwards.

use serde_json::{Map, Value};

use super::parse::patch_body;
use super::{Operation, reference};
use crate::schema::{Attribute, Mutability};

/// Which operations are part of a circle, or between two; `needs` has for each those it refers to.
pub(super) fn find(needs: &[Vec<usize>]) -> Vec<bool> {
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (index, needed) in needs.iter().enumerate() {
        for other in needed {
            if let Some(others) = needed_by.get_mut(*other) {
                others.push(index);
            }
        }
    }
    let mut left = vec![true; needs.len()];
    peel(&mut left, needs, &needed_by);
    peel(&mut left, &needed_by, needs);
    left
}

/// Takes away what needs nothing that is left, again and again.
fn peel(left: &mut [bool], needs: &[Vec<usize>], needed_by: &[Vec<usize>]) {
    let is_left = |left: &[bool], index: usize| left.get(index).copied().unwrap_or_default();
    let open = needs.iter().map(|needed| needed.iter().filter(|other| is_left(left, **other)).count());
    let mut open = open.collect::<Vec<_>>();
    let free = |(index, count): (usize, &usize)| (*count == 0 && is_left(left, index)).then_some(index);
    let mut free = open.iter().enumerate().filter_map(free).collect::<Vec<_>>();
    while let Some(index) = free.pop() {
        if let Some(left) = left.get_mut(index) {
            *left = false;
        }
        for other in needed_by.get(index).into_iter().flatten() {
            if let Some(count) = open.get_mut(*other).filter(|_| is_left(left, *other)) {
                *count -= 1;
                if *count == 0 {
                    free.push(*other);
                }
            }
        }
    }
}

/// Takes out of a POST what refers to others of its circle, if the resource can do without at first; returns the body
/// of the PATCH that adds it afterwards.
pub(super) fn split(operation: &mut Operation, in_circle: &dyn Fn(&str) -> bool) -> Option<Value> {
    let resource_type = operation.resource_type;
    let members = operation.data.as_object_mut()?;
    let mut changes = take(members, "", in_circle, |name| resource_type.attribute(name));
    for (name, value) in members.iter_mut() {
        if let (Some(schema), Value::Object(members)) = (resource_type.extension(name), value) {
            changes.extend(take(members, &format!("{}:", schema.id), in_circle, |name| schema.attribute(name)));
        }
    }
    (!changes.is_empty()).then(|| patch_body(changes))
}

fn take(
    members: &mut Map<String, Value>,
    prefix: &str,
    in_circle: &dyn Fn(&str) -> bool,
    find: impl Fn(&str) -> Option<&'static Attribute>,
) -> Vec<Value> {
    let mut changes = Vec::new();
    members.retain(|name, value| {
        let Some(attribute) = find(name).filter(|attribute| can_wait(attribute)) else { return true };
        if !reference::refers(value, in_circle) {
            return true;
        }
        let path = format!("{prefix}{}", attribute.name);
        let Some(items) = value.as_array_mut().filter(|_| attribute.multi_valued) else {
            changes.push(addition(&path, value.take()));
            return false;
        };
        let later = items.extract_if(.., |item| reference::refers(item, in_circle)).collect();
        changes.push(addition(&path, Value::Array(later)));
        !items.is_empty()
    });
    changes
}

fn can_wait(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::ReadWrite && !attribute.required
}

fn addition(path: &str, value: Value) -> Value {
    let members = [("op", "add".into()), ("path", path.into()), ("value", value)];
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Leaves out of the PATCH that adds references those to what does not exist; `None` if nothing is left to add.
pub(super) fn without(mut body: Value, is_missing: &dyn Fn(&str) -> bool) -> Option<Value> {
    let changes = body.get_mut("Operations").and_then(Value::as_array_mut)?;
    changes.retain_mut(|change| match change.get_mut("value") {
        Some(Value::Array(items)) => {
            items.retain_mut(|item| !reference::refers(item, is_missing));
            !items.is_empty()
        }
        Some(value) => !reference::refers(value, is_missing),
        None => false,
    });
    (!changes.is_empty()).then_some(body)
}
