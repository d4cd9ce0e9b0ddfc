//! From Graph to SCIM: which properties to ask for, and the resource they make.

use scim::projection::Projection;
use serde_json::{Map, Value, json};

use crate::{
    Settings,
    schema::USER_SCHEMA,
    table::{Row, Shape, USER_ROWS},
};

/// Whether one user is read or a page of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// `GET /users/{id}`
    One,
    /// `GET /users`
    Page,
}

/// What a read asks Graph for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selection {
    /// The value of `$select`.
    pub select: String,
    /// Whether `$expand=manager` is needed.
    pub manager: bool,
}

/// The properties that `projection` needs, and no more.
#[must_use]
pub fn selection(settings: &Settings, projection: &Projection, reading: Reading) -> Selection {
    let mut names = vec!["id"];
    let mut manager = false;
    if projection.includes("meta.created") {
        names.push("createdDateTime");
    }
    for row in USER_ROWS {
        if !projection.includes(&row.path()) || (row.property.is_single_only() && reading == Reading::Page) {
            continue;
        }
        if row.property.shape == Shape::Manager {
            manager = true;
            continue;
        }
        let root = if row.property.path == crate::table::EXTERNAL_ID {
            settings.external_id.as_deref()
        } else {
            Some(row.property.root())
        };
        names.extend(root.filter(|root| !names.contains(root)));
    }
    Selection { select: names.join(","), manager }
}

/// The SCIM resource of a Graph user; `base` is the address of the service, such as `https://host/scim/v2`.
///
/// The resource holds whatever the Graph object holds: the projection cuts it down.
#[must_use]
pub fn render(settings: &Settings, user: &Value, base: &str) -> Value {
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), Value::Null);
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    resource.insert("id".to_owned(), json!(id));
    for row in USER_ROWS {
        let Some(path) = settings.property_of(row) else { continue };
        if row.property.shape == Shape::Manager {
            put_manager(&mut resource, row, user, base);
        } else if let Some(value) = at(user, path) {
            put(&mut resource, row, value);
        }
    }
    resource.insert("meta".to_owned(), meta(user, id, base));
    let extensions = resource.keys().filter(|key| key.starts_with("urn:")).cloned();
    let schemas: Vec<String> = std::iter::once(USER_SCHEMA.id.to_owned()).chain(extensions).collect();
    resource.insert("schemas".to_owned(), json!(schemas));
    Value::Object(resource)
}

/// The value at a path such as `employeeOrgData/costCenter`; `None` where it is missing or null.
fn at<'a>(user: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(user, |value, segment| value.get(segment)).filter(|value| !value.is_null())
}

fn meta(user: &Value, id: &str, base: &str) -> Value {
    let mut meta = json!({ "resourceType": "User", "location": format!("{base}/Users/{id}") });
    if let (Some(created), Some(meta)) = (at(user, "createdDateTime"), meta.as_object_mut()) {
        meta.insert("created".to_owned(), created.clone());
    }
    meta
}

fn put(resource: &mut Map<String, Value>, row: &Row, value: &Value) {
    match row.property.shape {
        Shape::Many(prefix) => {
            let items = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            for item in items.filter_map(|item| item.strip_prefix(prefix)) {
                push(resource, row, json!({ "value": item, "type": row.element }));
            }
        }
        Shape::First => {
            if let Some(first) = value.get(0) {
                put_single(resource, row, first);
            }
        }
        Shape::Single | Shape::Manager => put_single(resource, row, value),
    }
}

fn put_single(resource: &mut Map<String, Value>, row: &Row, value: &Value) {
    let (Some(element), Some(sub_attribute)) = (row.element, row.sub_attribute) else {
        let container = container(resource, row);
        match row.sub_attribute {
            None => container.insert(row.attribute.to_owned(), value.clone()),
            Some(sub_attribute) => object(container, row.attribute)
                .and_then(|complex| complex.insert(sub_attribute.to_owned(), value.clone())),
        };
        return;
    };
    let existing = resource.get_mut(row.attribute).and_then(Value::as_array_mut).and_then(|elements| {
        elements.iter_mut().find(|candidate| candidate.get("type").and_then(Value::as_str) == Some(element))
    });
    if let Some(Value::Object(existing)) = existing {
        existing.insert(sub_attribute.to_owned(), value.clone());
        return;
    }
    let mut fresh = json!({ sub_attribute: value, "type": element });
    if row.attribute == "emails"
        && let Some(fresh) = fresh.as_object_mut()
    {
        fresh.insert("primary".to_owned(), json!(true));
    }
    push(resource, row, fresh);
}

fn put_manager(resource: &mut Map<String, Value>, row: &Row, user: &Value, base: &str) {
    let Some(id) = at(user, "manager/id").and_then(Value::as_str) else { return };
    let mut manager = json!({ "value": id, "$ref": format!("{base}/Users/{id}") });
    if let (Some(name), Some(manager)) = (at(user, "manager/displayName"), manager.as_object_mut()) {
        manager.insert("displayName".to_owned(), name.clone());
    }
    container(resource, row).insert(row.attribute.to_owned(), manager);
}

fn push(resource: &mut Map<String, Value>, row: &Row, element: Value) {
    if let Value::Array(elements) = resource.entry(row.attribute).or_insert_with(|| json!([])) {
        elements.push(element);
    }
}

/// The object that holds the row's attribute: the resource itself or its extension.
fn container<'a>(resource: &'a mut Map<String, Value>, row: &Row) -> &'a mut Map<String, Value> {
    match row.schema {
        Some(schema) if resource.get(schema).is_none_or(Value::is_object) => {
            match resource.entry(schema).or_insert_with(|| json!({})) {
                Value::Object(extension) => extension,
                _ => unreachable!("the guard lets only objects through"),
            }
        }
        _ => resource,
    }
}

fn object<'a>(container: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    container.entry(name).or_insert_with(|| json!({})).as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new("11111111-2222-3333-4444-555555555555", "")
    }

    #[test]
    fn a_full_user_becomes_a_resource() {
        let user = json!({
            "id": "7", "userPrincipalName": "a@b.c", "displayName": "Ana", "givenName": null, "mail": "a@b.c",
            "otherMails": ["x@y.z"], "proxyAddresses": ["SMTP:a@b.c", "smtp:b@b.c"], "businessPhones": ["1", "2"],
            "city": "Köln", "officeLocation": "4/12", "employeeOrgData": { "costCenter": "77", "division": null },
            "manager": { "id": "9", "displayName": "Bo" }, "createdDateTime": "2026-01-01T00:00:00Z",
            "extension_11111111222233334444555555555555_externalId": "E1", "accountEnabled": false,
        });
        let resource = render(&settings(), &user, "http://h/scim/v2");
        assert_eq!(resource["externalId"], "E1");
        assert_eq!(resource["active"], false);
        assert_eq!(
            resource["emails"],
            json!([
                { "value": "a@b.c", "type": "work", "primary": true },
                { "value": "x@y.z", "type": "other" },
                { "value": "b@b.c", "type": "proxyAddress" },
            ])
        );
        assert_eq!(resource["phoneNumbers"], json!([{ "value": "1", "type": "work" }]));
        assert_eq!(
            resource["addresses"],
            json!([{ "locality": "Köln", "type": "work" }, { "formatted": "4/12", "type": "other" }])
        );
        assert_eq!(resource["employeeOrgData"], json!({ "costCenter": "77" }));
        assert_eq!(
            resource[crate::ENTERPRISE]["manager"],
            json!({ "value": "9", "$ref": "http://h/scim/v2/Users/9", "displayName": "Bo" })
        );
        assert!(resource.get("name").is_none());
        assert_eq!(resource["meta"]["created"], "2026-01-01T00:00:00Z");
        assert_eq!(resource["schemas"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn only_what_is_wanted_is_selected() {
        let check = |attributes, reading, expected: &str, manager| {
            let projection = Projection::parse(attributes, None, &crate::USER).unwrap();
            let selection = selection(&settings(), &projection, reading);
            assert_eq!((selection.select.as_str(), selection.manager), (expected, manager));
        };
        check(Some("userName"), Reading::Page, "id,userPrincipalName", false);
        check(Some("name.givenName,emails"), Reading::Page, "id,givenName,mail,otherMails,proxyAddresses", false);
        check(Some("profileUrl"), Reading::Page, "id", false);
        check(Some("profileUrl"), Reading::One, "id,mySite", false);
        check(Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"), Reading::Page, "id", true);
    }
}
