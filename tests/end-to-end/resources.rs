//! The resource types that are a table each, through their components.

mod administrative_units;
mod applications;
mod contacts;
mod deleted;
mod directory_roles;
mod every;
mod licenses;
mod logs;
mod role_assignments;
mod role_definitions;
mod service_principals;
mod tenant;

use serde_json::{Value, json};

use crate::harness::{Request, Server};

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

/// A connector beside the sample tenant, whose application was granted more, and with further settings of the tenant.
fn granted(permissions: &[&str], settings: &Value) -> Server {
    let server = Server::sample();
    let address = server.banner.split_once("simulated at http://").unwrap().1.split_once(": ").unwrap().0;
    let mut change = settings.clone();
    change["permissions"] = ["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"]
        .iter()
        .chain(permissions)
        .copied()
        .collect();
    change["revokeTokens"] = json!(true);
    Request::new("PATCH", "/_tenant/settings").json(&change).send(address.parse().unwrap()).expect(200);
    server
}

/// The requests of exchanges: method and path below the version, each alone, however they were batched.
fn requests(exchanges: &[Value]) -> Vec<String> {
    let path = |url: &str| {
        let path = url.split_once("/v1.0").map_or(url, |(_, path)| path);
        path.split('?').next().unwrap_or_default().to_owned()
    };
    let one = |method: &Value, url: &Value| format!("{} {}", method.as_str().unwrap(), path(url.as_str().unwrap()));
    let mut requests = Vec::new();
    for exchange in exchanges {
        match exchange.pointer("/requestBody/requests").and_then(Value::as_array) {
            Some(batch) => requests.extend(batch.iter().map(|step| one(&step["method"], &step["url"]))),
            None => requests.push(one(&exchange["method"], &exchange["url"])),
        }
    }
    requests
}
