//! The resource types that are a table each, through their components.

mod administrative_units;
mod contacts;
mod deleted;
mod directory_roles;
mod every;
mod licenses;
mod logs;
mod role_assignments;
mod role_definitions;
mod tenant;

use serde_json::{Value, json};

use crate::harness::Server;

/// The resources on the first page of an endpoint.
fn listed(server: &Server, target: &str) -> Vec<Value> {
    let list = server.get(&format!("/scim/v2{target}")).expect(200);
    list["Resources"].as_array().cloned().unwrap_or_default()
}

/// The first resource of which something holds.
fn find(server: &Server, target: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let resources = listed(server, target);
    let found = resources.iter().find(|resource| holds(resource)).cloned();
    found.unwrap_or_else(|| panic!("none of {} at {target} is meant", resources.len()))
}

/// Where a resource of an endpoint is.
fn at(endpoint: &str, resource: &Value) -> String {
    format!("/scim/v2{endpoint}/{}", resource["id"].as_str().unwrap())
}

/// A PATCH of these operations.
fn patch(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}
