//! From SCIM to Graph: the body of a create or an update.

use scim::{Error, Result};
use serde_json::{Map, Value, json};

use crate::{
    Settings,
    schema::ENTRA,
    table::{Access, Row, Shape, USER_ROWS},
};

/// What is to be written to Graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Write {
    /// The properties of `POST /users` or `PATCH /users/{id}`.
    pub body: Map<String, Value>,
    /// The change of the manager, which Graph keeps apart.
    pub manager: Option<ManagerChange>,
}

/// A change of the manager.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ManagerChange {
    /// `PUT /users/{id}/manager/$ref`
    Set(String),
    /// `DELETE /users/{id}/manager/$ref`
    Clear,
}

impl Write {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.manager.is_none()
    }

    /// Sets the property of `row` to `value`, or clears it with null.
    ///
    /// # Errors
    ///
    /// `invalidValue` when Graph would refuse the value.
    pub(crate) fn set(&mut self, settings: &Settings, row: &'static Row, value: Value) -> Result<()> {
        let value = if value == json!("") { Value::Null } else { value };
        let Some(path) = settings.property_of(row) else {
            return Err(Error::invalid_value(
                "externalId is not kept: set the variable client_id or external_id_property of the deployment",
            ));
        };
        if row.property.shape == Shape::Manager {
            self.manager = Some(value.as_str().map_or(ManagerChange::Clear, |id| ManagerChange::Set(id.to_owned())));
            return Ok(());
        }
        if value.is_null() && row.property.access == Access::Keep {
            return Err(Error::mutability(format!("{} cannot be removed: give it a value instead", row.path())));
        }
        let value = match (row.property.shape, value) {
            (Shape::First, Value::Null) => json!([]),
            (Shape::First, value) => json!([value]),
            (_, value) => value,
        };
        match path.split_once('/') {
            None => {
                self.body.insert(path.to_owned(), value);
            }
            Some((root, leaf)) => {
                let complex = self.body.entry(root).or_insert_with(|| json!({}));
                if let Some(complex) = complex.as_object_mut() {
                    complex.insert(leaf.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    fn has(&self, settings: &Settings, row: &'static Row) -> bool {
        if row.property.shape == Shape::Manager {
            return self.manager.is_some();
        }
        settings.property_of(row).is_none_or(|path| {
            let mut segments = path.split('/');
            let root = segments.next().and_then(|root| self.body.get(root));
            segments.next().map_or(root.is_some(), |leaf| root.and_then(|root| root.get(leaf)).is_some())
        })
    }
}

/// The body that creates `resource`.
///
/// # Errors
///
/// `invalidValue` when a value cannot be written.
pub fn create(settings: &Settings, resource: &Value) -> Result<Write> {
    let mut write = Write::default();
    for row in writable() {
        if let Some(value) = value_of(row, resource)
            && !write.has(settings, row)
        {
            write.set(settings, row, value)?;
        }
    }
    password(resource, &mut write);
    Ok(write)
}

/// The body that makes a user equal to `resource`: what it lacks is cleared, except what Graph requires, what it does
/// not return by itself, and the extensions that the resource does not name (RFC 7644 section 3.5.1: MAY be cleared).
///
/// # Errors
///
/// As [`create`].
pub fn replace(settings: &Settings, resource: &Value) -> Result<Write> {
    let mut write = create(settings, resource)?;
    for row in writable() {
        let named = row.schema.is_none_or(|schema| resource.get(schema).is_some());
        let by_default = !row.property.is_single_only() && row.property.path != "employeeLeaveDateTime";
        let clearable = row.property.access == Access::Write && row.property.path != "userType" && named && by_default;
        // A synchronised or immutable anchor is never cleared by what a client leaves out.
        if clearable && row.property.path != "onPremisesImmutableId" && !write.has(settings, row) {
            let nothing = if matches!(row.property.shape, Shape::Many(_)) { json!([]) } else { Value::Null };
            write.set(settings, row, nothing)?;
        }
    }
    Ok(write)
}

/// The body that takes a user from `before` to `after`: what differs and nothing else.
///
/// # Errors
///
/// As [`create`]; `mutability` when a required value was removed.
pub fn update(settings: &Settings, before: &Value, after: &Value) -> Result<Write> {
    let mut write = Write::default();
    for row in writable() {
        let value = value_of(row, after);
        if value != value_of(row, before) {
            let nothing = if matches!(row.property.shape, Shape::Many(_)) { json!([]) } else { Value::Null };
            write.set(settings, row, value.unwrap_or(nothing))?;
        }
    }
    password(after, &mut write);
    Ok(write)
}

pub(crate) fn writable() -> impl Iterator<Item = &'static Row> {
    USER_ROWS.iter().filter(|row| row.property.access != Access::Read)
}

/// The value that `resource` has for `row`, in Graph's shape.
fn value_of(row: &Row, resource: &Value) -> Option<Value> {
    let container = row.schema.map_or(Some(resource), |schema| resource.get(schema))?;
    let attribute = container.get(row.attribute)?;
    let Some(element) = row.element else {
        let value = row.sub_attribute.map_or(Some(attribute), |sub_attribute| attribute.get(sub_attribute))?;
        return (!value.is_null()).then(|| value.clone());
    };
    let sub_attribute = row.sub_attribute.unwrap_or("value");
    let mut values = attribute
        .as_array()?
        .iter()
        // What has no type counts as work.
        .filter(|candidate| {
            candidate.get("type").and_then(Value::as_str).unwrap_or("work").eq_ignore_ascii_case(element)
        })
        .filter_map(|candidate| candidate.get(sub_attribute))
        .filter(|value| !value.is_null());
    if matches!(row.property.shape, Shape::Many(_)) {
        let values: Vec<Value> = values.cloned().collect();
        return (!values.is_empty()).then_some(Value::Array(values));
    }
    values.next().cloned()
}

/// The password profile, where the resource carries a password or says that it must be changed.
fn password(resource: &Value, write: &mut Write) {
    let entra = resource.get(ENTRA);
    let pairs = [
        (resource.get("password"), "password"),
        (entra.and_then(|entra| entra.get("passwordForceChangeOnNextSignIn")), "forceChangePasswordNextSignIn"),
        (
            entra.and_then(|entra| entra.get("passwordForceChangeOnNextSignInWithMFA")),
            "forceChangePasswordNextSignInWithMfa",
        ),
    ];
    let profile: Map<String, Value> = pairs
        .into_iter()
        .filter_map(|(value, name)| Some((name.to_owned(), value.filter(|value| !value.is_null())?.clone())))
        .collect();
    if !profile.is_empty() {
        write.body.insert("passwordProfile".to_owned(), Value::Object(profile));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_becomes_a_body() {
        let resource = json!({
            "userName": "a@b.c", "active": true, "password": "pw", "name": { "givenName": "A" },
            "emails": [{ "value": "a@b.c" }, { "type": "other", "value": "o@b.c" }],
            "phoneNumbers": [{ "type": "work", "value": "1" }],
            "addresses": [{ "type": "work", "locality": "Rome" }], "city": "Paris",
            crate::ENTERPRISE: { "costCenter": "7", "manager": { "value": "m" } },
        });
        let write = create(&Settings::default(), &resource).unwrap();
        assert_eq!(
            Value::Object(write.body),
            json!({
                "userPrincipalName": "a@b.c", "accountEnabled": true, "givenName": "A", "mail": "a@b.c",
                "otherMails": ["o@b.c"], "businessPhones": ["1"], "city": "Rome",
                "employeeOrgData": { "costCenter": "7" }, "passwordProfile": { "password": "pw" },
            })
        );
        assert_eq!(write.manager, Some(ManagerChange::Set("m".to_owned())));
    }

    #[test]
    fn replace_clears_what_is_missing() {
        let resource = json!({ "userName": "a@b.c", crate::ENTERPRISE: { "department": "D" } });
        let write = replace(&Settings::default(), &resource).unwrap();
        assert_eq!(write.body["jobTitle"], Value::Null);
        assert_eq!(write.body["businessPhones"], json!([]));
        assert_eq!(write.body["otherMails"], json!([]));
        assert_eq!(write.body["department"], "D");
        assert_eq!(write.manager, Some(ManagerChange::Clear));
        for kept in ["displayName", "accountEnabled", "usageLocation", "mySite", "onPremisesExtensionAttributes"] {
            assert!(!write.body.contains_key(kept), "{kept}");
        }
    }

    #[test]
    fn update_writes_only_what_differs() {
        let before = json!({ "title": "a", "city": "x", "emails": [{ "type": "other", "value": "1" }] });
        let after = json!({ "title": "b", "city": "x", "emails": [] });
        let write = update(&Settings::default(), &before, &after).unwrap();
        assert_eq!(Value::Object(write.body), json!({ "jobTitle": "b", "otherMails": [] }));
    }
}
