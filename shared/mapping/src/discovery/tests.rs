use super::*;
use crate::{ENTERPRISE, ENTRA, ENTRA_GROUP, GROUP_SCHEMA, GROUPS, ON_PREMISES, USER_SCHEMA, USERS};

const BASE: &str = "https://h/scim/v2";

/// The attribute at a path with dots.
fn attribute(schema: &str, path: &str) -> Option<Value> {
    let schemas = schemas(&[&USERS, &GROUPS], BASE);
    let schema = schemas.into_iter().find(|known| known["id"] == schema)?;
    let named = |attributes: &Value, name: &str| {
        attributes.as_array().into_iter().flatten().find(|attribute| attribute["name"] == name).cloned()
    };
    match path.split_once('.') {
        Some((name, part)) => named(&named(&schema["attributes"], name)?["subAttributes"], part),
        None => named(&schema["attributes"], path),
    }
}

/// `required mutability returned`
fn check(schema: &str, path: &str, expected: &str) {
    let actual = attribute(schema, path).map(|attribute| {
        let required = if attribute["required"] == true { "required " } else { "" };
        let word = |name: &str| attribute[name].as_str().unwrap_or_default().to_owned();
        format!("{required}{} {}", word("mutability"), word("returned"))
    });
    assert_eq!(actual.as_deref().unwrap_or("not shown"), expected, "{schema} {path}");
}

#[test]
fn users_are_shown_as_they_can_be_used() {
    for (path, expected) in [
        ("userName", "required readWrite default"),
        ("displayName", "required readWrite default"),
        ("active", "required readWrite default"),
        ("name", "readWrite default"),
        ("name.formatted", "readWrite default"),
        ("name.middleName", "not shown"),
        ("password", "not shown"),
        ("nickName", "not shown"),
        ("profileUrl", "readOnly request"),
        ("usageLocation", "readOnly default"),
        ("emails.primary", "readWrite default"),
        ("addresses.formatted", "readOnly default"),
        ("addresses.streetAddress", "readWrite default"),
        ("groups", "readOnly request"),
        ("status", "readOnly request"),
        ("photos.value", "readOnly default"),
        ("endDateTime", "readWrite default"),
    ] {
        check(USER_SCHEMA.id, path, expected);
    }
    for (path, expected) in [
        ("manager.value", "readWrite default"),
        ("manager.$ref", "readWrite default"),
        ("manager.displayName", "readOnly request"),
    ] {
        check(ENTERPRISE, path, expected);
    }
    for (path, expected) in [
        ("mailNickname", "required readWrite default"),
        ("usageLocation", "required readWrite default"),
        ("userType", "readWrite default"),
        ("proxyAddresses", "readOnly request"),
        ("lastPasswordChangeDateTime", "readOnly request"),
        ("passwordForceChangeOnNextSignIn", "not shown"),
        ("preferredLanguage", "not shown"),
    ] {
        check(ENTRA, path, expected);
    }
}

#[test]
fn groups_are_shown_as_they_can_be_used() {
    for (path, expected) in [
        ("displayName", "required readWrite default"),
        ("members", "readWrite default"),
        ("members.value", "immutable default"),
        ("members.$ref", "immutable default"),
        ("members.type", "immutable default"),
        ("members.display", "readOnly request"),
    ] {
        check(GROUP_SCHEMA.id, path, expected);
    }
    for (path, expected) in [
        ("description", "readWrite default"),
        ("mailNickname", "required readWrite default"),
        ("mailEnabled", "required immutable default"),
        ("securityEnabled", "required immutable default"),
        ("groupTypes", "readOnly default"),
        ("visibility", "readOnly default"),
        ("classification", "readOnly default"),
        ("isAssignableToRole", "readOnly request"),
        ("securityIdentifier", "readOnly request"),
        ("owners", "readOnly request"),
        ("owners.value", "readOnly default"),
    ] {
        check(ENTRA_GROUP, path, expected);
    }
}

#[test]
fn suggestions_can_be_written() {
    for (schema, path, expected) in [
        (USER_SCHEMA.id, "emails.primary", json!(["true"])),
        (USER_SCHEMA.id, "emails.type", json!(["work", "other"])),
        (USER_SCHEMA.id, "addresses.type", json!(["work"])),
        (ENTERPRISE, "employeeNumber", json!(["1001"])),
        (ENTRA_GROUP, "mailEnabled", json!(["false"])),
        (ENTRA_GROUP, "securityEnabled", json!(["true"])),
    ] {
        assert_eq!(attribute(schema, path).map(|shown| shown["canonicalValues"].clone()), Some(expected), "{path}");
    }
    let types = attribute(GROUP_SCHEMA.id, "members.type").map(|shown| shown["canonicalValues"][0].clone());
    assert_eq!(types, Some(json!("User")));
    assert!(USER_SCHEMA.description.contains("User Account"));
}

#[test]
fn schemas_and_resource_types_are_told_once() {
    let ids = |values: Vec<Value>| values.into_iter().map(|value| value["id"].clone()).collect::<Vec<_>>();
    let expected = [USER_SCHEMA.id, ENTERPRISE, ENTRA, ON_PREMISES, GROUP_SCHEMA.id, ENTRA_GROUP];
    assert_eq!(ids(schemas(&[&USERS, &GROUPS, &USERS], BASE)), expected);
    let types = resource_types(&[&USERS, &GROUPS], BASE);
    assert_eq!(
        types[0]["schemaExtensions"],
        json!([
            { "schema": ENTERPRISE, "required": false },
            { "schema": ENTRA, "required": true },
            { "schema": ON_PREMISES, "required": false },
        ])
    );
    assert_eq!(types[1]["schemaExtensions"], json!([{ "schema": ENTRA_GROUP, "required": true }]));
    assert_eq!(types[1]["meta"]["location"], "https://h/scim/v2/ResourceTypes/Group");
    assert_eq!(types[1]["endpoint"], "/Groups");
}

#[test]
fn names_are_unique_in_any_letter_case() {
    for schema in schemas(&[&USERS, &GROUPS], BASE) {
        let mut lists = vec![schema["attributes"].clone()];
        lists.extend(schema["attributes"].as_array().unwrap().iter().map(|shown| shown["subAttributes"].clone()));
        for list in lists {
            let names =
                list.as_array().into_iter().flatten().map(|shown| shown["name"].as_str().unwrap().to_lowercase());
            let mut names: Vec<_> = names.collect();
            let length = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), length, "{}", schema["id"]);
        }
    }
}

#[test]
fn what_cannot_go_lasts() {
    for mapping in [&USERS, &GROUPS] {
        for row in mapping.rows.iter().filter(|row| row.schema.is_some()) {
            let attribute = mapping.attribute(row.schema, row.attribute).unwrap();
            let stays = attribute.lasting || attribute.mutability == Mutability::Immutable;
            let cannot_go = row.property.access == Access::Keep;
            assert!(stays == cannot_go || attribute.mutability == Mutability::ReadOnly, "{}", row.path());
        }
    }
}

#[test]
fn the_service_says_what_it_can_do() {
    let config = service_provider_config(BASE);
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 1_000, "maxPayloadSize": 1_048_576 }));
    assert_eq!(config["pagination"]["defaultPaginationMethod"], "index");
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(config["meta"]["location"], "https://h/scim/v2/ServiceProviderConfig");
}
