//! `scim-groups`: `/scim/v2/Groups`.

mod create;
mod get;
mod list;
mod members;

use serde_json::{Value, json};

use crate::harness::Server;

pub(crate) const GROUPS: &str = "/scim/v2/Groups";
pub(crate) const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group";

fn at(group: &Value) -> String {
    format!("{GROUPS}/{}", group["id"].as_str().unwrap())
}

fn create(server: &Server, name: &str) -> Value {
    server.post(GROUPS, &json!({ "schemas": [CORE], "displayName": name })).expect(201)
}

/// The ids of the first `count` users.
fn users(server: &Server, count: usize) -> Vec<String> {
    let list = server.get(&format!("/scim/v2/Users?count={count}&attributes=id")).expect(200);
    let users: Vec<String> =
        list["Resources"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    let mut next = users.len() + 1;
    let mut all = users;
    while all.len() < count {
        let list = server.get(&format!("/scim/v2/Users?startIndex={next}&count=999&attributes=id")).expect(200);
        let page = list["Resources"].as_array().unwrap();
        assert!(!page.is_empty());
        all.extend(page.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        next = all.len() + 1;
    }
    all.truncate(count);
    all
}

/// The ids of the members of a resource, sorted.
fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn operations(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}
