//! A PATCH compiled without reading the user, where what it does cannot depend on what is there.
//!
//! Most updates set single values. They become one `PATCH /users/{id}`; only an operation on a set of values (adding one
//! of several other e-mail addresses, say) has to see the set first. An element of a fixed type, such as
//! `phoneNumbers[type eq "mobile"]`, is a single Graph property and always there to be replaced.

use scim::{
    Result,
    filter::{Filter, Operator},
    patch::{Op, Operation},
    schema::Mutability,
};
use serde_json::{Value, json};

use crate::{
    Settings, Write,
    schema::{ENTRA, USER},
    table::{Access, Row, Shape, USER_ROWS},
};

/// The writes of `operations`, or `None` where the user must be read first.
///
/// # Errors
///
/// `mutability` or `invalidValue` when a value cannot be written.
pub fn blind(settings: &Settings, operations: &[Operation]) -> Result<Option<Write>> {
    let mut write = Write::default();
    for operation in operations {
        if !apply(settings, operation, &mut write)? {
            return Ok(None);
        }
    }
    Ok(Some(write))
}

/// Whether the operation could be applied blindly.
fn apply(settings: &Settings, operation: &Operation, write: &mut Write) -> Result<bool> {
    let Some(target) = operation.path.resolve(&USER) else { return Ok(false) };
    if target.leaf().mutability == Mutability::ReadOnly {
        return Ok(false);
    }
    if let Some(name) = password_property(operation) {
        return Ok(set_password(name, operation, write));
    }
    let rows = rows_of(operation);
    let Some(element) = element_of(operation) else { return Ok(false) };
    match (target.attribute.multi_valued, element) {
        (false, None) => set_complex(settings, operation, &rows, write),
        (true, Some(element)) => {
            let rows: Vec<_> = rows.into_iter().filter(|row| row.element == Some(element.as_str())).collect();
            let writable = rows.iter().all(|row| row.property.access != Access::Read);
            let single = !rows.iter().any(|row| matches!(row.property.shape, Shape::Many(_)));
            if rows.is_empty() || !single || !writable {
                return Ok(false);
            }
            set_complex(settings, operation, &rows, write)
        }
        (true, None) if operation.path.attribute.sub_attribute.is_none() => set_many(settings, operation, &rows, write),
        _ => Ok(false),
    }
}

fn password_property(operation: &Operation) -> Option<&'static str> {
    let attribute = &operation.path.attribute;
    match (attribute.schema.as_deref(), attribute.name.as_str()) {
        (None, "password") => Some("password"),
        (Some(ENTRA), "passwordForceChangeOnNextSignIn") => Some("forceChangePasswordNextSignIn"),
        (Some(ENTRA), "passwordForceChangeOnNextSignInWithMFA") => Some("forceChangePasswordNextSignInWithMfa"),
        _ => None,
    }
}

fn set_password(name: &str, operation: &Operation, write: &mut Write) -> bool {
    let Some(value) = operation.value.clone().filter(|_| operation.op != Op::Remove) else { return false };
    let profile = write.body.entry("passwordProfile").or_insert_with(|| json!({}));
    profile.as_object_mut().map(|profile| profile.insert(name.to_owned(), value)).is_some()
}

fn rows_of(operation: &Operation) -> Vec<&'static Row> {
    let path = &operation.path.attribute;
    USER_ROWS
        .iter()
        .filter(|row| row.schema == path.schema.as_deref() && row.attribute == path.name)
        .filter(|row| path.sub_attribute.is_none() || row.sub_attribute == path.sub_attribute.as_deref())
        .collect()
}

/// The element type that the value filter names: `Some(None)` without a filter, `None` where the filter says more.
fn element_of(operation: &Operation) -> Option<Option<String>> {
    let Some(filter) = &operation.path.filter else { return Some(None) };
    let mut element = None;
    for condition in filter.conditions() {
        match condition {
            Filter::Compare(path, Operator::Equal, Value::String(text)) if path.name == "type" => {
                element = Some(text.to_lowercase());
            }
            Filter::Compare(path, Operator::Equal, Value::Bool(true)) if path.name == "primary" => {}
            _ => return None,
        }
    }
    element.map(Some)
}

/// Sets a single value, or each given part of a complex one.
fn set_complex(settings: &Settings, operation: &Operation, rows: &[&'static Row], write: &mut Write) -> Result<bool> {
    let named = operation.path.attribute.sub_attribute.is_some();
    for row in rows {
        let value = match (&operation.value, operation.op) {
            (_, Op::Remove) | (None, _) => Some(Value::Null),
            (Some(value), _) if named || row.sub_attribute.is_none() => Some(value.clone()),
            (Some(Value::Object(parts)), op) => {
                let part = row.sub_attribute.and_then(|name| parts.get(name)).cloned();
                // A whole element that is replaced loses the parts that the new one lacks.
                part.or_else(|| (op == Op::Replace && row.element.is_some()).then_some(Value::Null))
            }
            _ => return Ok(false),
        };
        if let Some(value) = value {
            write.set(settings, row, value)?;
        }
    }
    Ok(!rows.is_empty())
}

/// Replaces or removes all the elements of a multi-valued attribute.
fn set_many(settings: &Settings, operation: &Operation, rows: &[&'static Row], write: &mut Write) -> Result<bool> {
    if operation.op == Op::Add {
        return Ok(false);
    }
    let resource =
        json!({ operation.path.attribute.name.as_str(): operation.value.clone().unwrap_or_else(|| json!([])) });
    let given = crate::write::create(settings, &resource)?;
    for row in rows.iter().filter(|row| row.property.access != Access::Read) {
        let nothing = if matches!(row.property.shape, Shape::Many(_)) { json!([]) } else { Value::Null };
        match given.body.get(row.property.root()) {
            Some(value) => {
                write.body.insert(row.property.root().to_owned(), value.clone());
            }
            None => write.set(settings, row, nothing)?,
        }
    }
    Ok(!rows.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManagerChange;

    fn check(operations: Value, expected: Option<Value>, manager: Option<ManagerChange>) {
        let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
        let operations = scim::patch::parse(&body, &USER).unwrap();
        let write = blind(&Settings::default(), &operations).unwrap();
        assert_eq!(write.as_ref().map(|write| Value::Object(write.body.clone())), expected);
        assert_eq!(write.and_then(|write| write.manager), manager);
    }

    #[test]
    fn single_values_need_no_read() {
        check(
            json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            Some(json!({ "accountEnabled": false })),
            None,
        );
        check(
            json!([{ "op": "replace", "value": { "name.givenName": "A", "title": "T" } }]),
            Some(json!({ "givenName": "A", "jobTitle": "T" })),
            None,
        );
        check(json!([{ "op": "remove", "path": "title" }]), Some(json!({ "jobTitle": null })), None);
        check(
            json!([{ "op": "add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" }]),
            Some(json!({ "businessPhones": ["1"] })),
            None,
        );
        check(
            json!([{ "op": "replace", "path": "emails[type eq \"work\" and primary eq true].value", "value": "x@y.z" }]),
            Some(json!({ "mail": "x@y.z" })),
            None,
        );
        check(
            json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "value": "7" }]),
            Some(json!({ "employeeOrgData": { "costCenter": "7" } })),
            None,
        );
        check(
            json!([{ "op": "replace", "path": "password", "value": "new" }]),
            Some(json!({ "passwordProfile": { "password": "new" } })),
            None,
        );
    }

    #[test]
    fn the_manager_is_kept_apart() {
        let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
        check(
            json!([{ "op": "Add", "path": path, "value": "m1" }]),
            Some(json!({})),
            Some(ManagerChange::Set("m1".to_owned())),
        );
        check(json!([{ "op": "Remove", "path": path }]), Some(json!({})), Some(ManagerChange::Clear));
    }

    #[test]
    fn sets_need_a_read_unless_they_are_replaced() {
        check(json!([{ "op": "add", "path": "emails", "value": [{ "type": "other", "value": "o" }] }]), None, None);
        check(
            json!([{ "op": "replace", "path": "emails", "value": [{ "type": "other", "value": "o" }] }]),
            Some(json!({ "mail": null, "otherMails": ["o"] })),
            None,
        );
    }
}
