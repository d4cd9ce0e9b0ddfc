//! Tenants of many computed users.

use serde_json::{Value, json};
use tenant::{Options, Population};

use crate::client::Box;

fn of(users: u32) -> Box {
    Box::start(Options { users: Population::Generated(users), ..Options::default() })
}

#[test]
fn the_same_users_every_time() {
    let (one, other) = (of(1_000), of(1_000_000));
    let page = |tenant: &Box| {
        tenant.get("/users?$select=id,displayName,mail,employeeOrgData,createdDateTime&$top=999").items().to_vec()
    };
    let users = page(&one);
    assert_eq!(users, page(&other));
    let mut ids: Vec<_> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 999);
    assert_eq!(other.get_eventual("/users/$count").body, 1_000_000);
}

#[test]
fn users_are_found_without_a_scan() {
    let tenant = of(1_000_000);
    let link = "/users?$select=id,userPrincipalName,mail,accountEnabled&$top=40";
    for user in tenant.get(link).items() {
        let id = user["id"].as_str().unwrap();
        let name = user["userPrincipalName"].as_str().unwrap();
        assert_eq!(tenant.get(&format!("/users/{id}?$select=id")).body["id"], id);
        assert_eq!(tenant.get(&format!("/users/{name}?$select=id")).body["id"], id);
        let by_name = format!("/users?$filter=userPrincipalName eq '{}'&$select=id", name.replace('\'', "''"));
        assert_eq!(tenant.get(&by_name).items(), [json!({ "id": id })]);
        if let Some(mail) = user["mail"].as_str() {
            let by_mail = format!("/users?$filter=mail eq '{}'&$select=id", mail.replace('\'', "''"));
            assert_eq!(tenant.get(&by_mail).items(), [json!({ "id": id })], "{mail}");
        }
    }
}

#[test]
fn changed_users_are_kept_beside_computed_ones() {
    let tenant = of(300);
    let ids = tenant.server.tenant().ids();
    let path = format!("/users/{}", ids[2]);
    let before = tenant.get(&format!("{path}?$select=userPrincipalName,employeeOrgData,city")).body;
    assert_eq!(tenant.patch(&path, &json!({"userPrincipalName": "moved@contoso.com", "city": "Oslo"})).status, 204);
    let after = tenant.get(&format!("{path}?$select=userPrincipalName,employeeOrgData,city")).body;
    assert_eq!((&after["city"], &after["employeeOrgData"]), (&json!("Oslo"), &before["employeeOrgData"]));
    assert_eq!(tenant.get(&format!("/users/{}", before["userPrincipalName"].as_str().unwrap())).status, 404);
    assert_eq!(tenant.get("/users/moved@contoso.com?$select=id").body["id"], ids[2]);
    assert_eq!(tenant.call("DELETE", &path, &[], &Value::Null).status, 204);
    assert_eq!(tenant.get_eventual("/users/$count").body, 299);
    let (all, _) = tenant.follow("/users?$select=id&$top=50", &[]);
    assert_eq!((all.len(), all[2]["id"].as_str()), (299, Some(ids[3].as_str())));
}
