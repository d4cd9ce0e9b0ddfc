use std::collections::BTreeSet;

use proptest::{prop_assert, prop_assert_eq, proptest};

use super::{AttributeRule, INVENTORY, OPERATIONS, Operation, Path, ROLES, Rights, Role};

fn paths(paths: &[&str]) -> BTreeSet<Path> {
    paths.iter().map(|path| Path::new(path)).collect()
}

fn only(allowed: &[&str]) -> Rights {
    Rights::of(&[Role::ScimWrite]).with_attributes("Users", AttributeRule::Only(paths(allowed)))
}

fn except(barred: &[&str]) -> Rights {
    Rights::of(&[Role::ScimWrite]).with_attributes("Users", AttributeRule::Except(paths(barred)))
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn ok_each_role_allows_what_it_says() {
    use Operation::{Audit, Create, Delete, Read, Run, Update};
    let all = [
        ("Users", Read),
        ("Groups", Create),
        ("Users", Update),
        ("Users", Delete),
        (INVENTORY, Read),
        (INVENTORY, Run),
        ("", Audit),
    ];
    for (role, allowed) in [
        (Role::ScimRead, [true, false, false, false, false, false, false]),
        (Role::ScimWrite, [true, true, true, true, false, false, false]),
        (Role::InventoryRead, [false, false, false, false, true, false, false]),
        (Role::InventoryRun, [false, false, false, false, false, true, false]),
        (Role::Admin, [true; 7]),
    ] {
        let rights = Rights::of(&[role]);
        assert_eq!(all.map(|(resource, operation)| rights.may(resource, operation).is_ok()), allowed, "{role:?}");
        assert_eq!(Role::named(role.name()), Some(role));
    }
    assert!(all.iter().all(|(resource, operation)| Rights::default().may(resource, *operation).is_err()));
    assert_eq!(Role::named("scim.read"), None);
    assert!(OPERATIONS.iter().all(|(operation, name)| Operation::named(name) == Some(*operation)));
    assert_eq!((Operation::named("run"), Run.name(), Audit.name()), (None, "run", "audit"));
}

#[test]
fn err_who_may_not_is_told_what_is_missing() {
    let rights = Rights::of(&[Role::ScimWrite, Role::InventoryRun])
        .on_resources(["Users".to_owned()])
        .with_operations([Operation::Read, Operation::Update]);
    assert!(rights.may("users", Operation::Update).is_ok() && rights.may("USERS", Operation::Read).is_ok());
    for (resource, operation, says) in [
        ("Groups", Operation::Read, "\"resources\""),
        ("Users", Operation::Delete, "\"operations\""),
        ("Users", Operation::Audit, "role Admin"),
        (INVENTORY, Operation::Read, "Inventory.Read"),
    ] {
        let error: scim::Error = rights.may(resource, operation).unwrap_err().into();
        assert!(error.status == 403 && error.detail.contains(says), "{}", error.detail);
    }
    // What narrows SCIM does not narrow the jobs.
    assert!(rights.may(INVENTORY, Operation::Run).is_ok());
    let detail = rights.may(&"x\n".repeat(1_000), Operation::Read).unwrap_err().detail;
    assert!(detail.len() < 400 && !detail.contains('\n'));
}

#[test]
fn ok_attributes_are_allowed_with_what_is_in_them() {
    let enterprise = format!("{ENTERPRISE}:department");
    let rights = only(&["active", "userName", "name", "phoneNumbers", "emails.value", &enterprise]);
    for allowed in [
        "active",
        "ACTIVE",
        "userName",
        "name.familyName",
        "name",
        "phoneNumbers[type eq \"work\"].value",
        "emails[type eq \"a]b\\\"]\"].value",
        "urn:ietf:params:scim:schemas:core:2.0:User:active",
        &enterprise,
        "schemas",
        "id",
        "meta.version",
    ] {
        assert!(rights.may_write("Users", allowed).is_ok(), "{allowed}");
    }
    for barred in [
        "password",
        "activeX",
        "nam",
        "names.familyName",
        "emails",
        "emails[type eq \"work\"]",
        "",
        ENTERPRISE,
        "urn:ietf:params:scim:schemas:core:2.0:User",
        &format!("{ENTERPRISE}:manager"),
        "department",
        "idx",
        "phone",
        "value[active]password",
    ] {
        let forbidden = rights.may_write("users", barred).unwrap_err();
        assert!(forbidden.detail.contains("may not write"), "{}", forbidden.detail);
    }
    assert!(rights.may_write("Groups", "displayName").is_ok());
    assert!(only(&[ENTERPRISE]).may_write("Users", &enterprise).is_ok());
}

#[test]
fn ok_attributes_are_barred_with_what_they_are_in() {
    let rights = except(&["password", "name.familyName", "roles"]);
    for barred in ["password", "Password", "name", "name.familyName", "roles[primary eq true].value", "roles"] {
        assert!(rights.may_write("Users", barred).is_err(), "{barred}");
    }
    for allowed in ["active", "name.givenName", "passwordHint", "rolesX", "urn:a:roles"] {
        assert!(rights.may_write("Users", allowed).is_ok(), "{allowed}");
    }
    assert!(except(&[&format!("{ENTERPRISE}:manager")]).may_write("Users", ENTERPRISE).is_err());
}

proptest! {
    #[test]
    fn prop_paths_are_read_once_and_for_all(path in "[a-zA-Z\\[\\]\" .:=]{0,40}") {
        let once = Path::new(&path);
        prop_assert_eq!(&Path::new(&once.0), &once);
        if !once.is_empty() && !["schemas", "id", "meta"].contains(&once.0.as_str()) {
            prop_assert!(only(&[&path]).may_write("Users", &path).is_ok());
            prop_assert!(except(&[&path]).may_write("Users", &path).is_err());
        }
    }

    #[test]
    fn prop_admin_may_what_anybody_may(role in 0_usize..5, resource in "[A-Za-z]{0,12}", operation in 0_usize..4) {
        let (role, operation) = (ROLES[role].0, OPERATIONS[operation].0);
        let is_allowed = Rights::of(&[role]).may(&resource, operation).is_ok();
        prop_assert!(!is_allowed || Rights::of(&[Role::Admin]).may(&resource, operation).is_ok());
    }
}
