//! What Graph and the login do to the connector on a bad day, and what the caller sees of it.

mod capabilities;
mod consistency;
mod credentials;
mod dry_run;
mod gated;
mod outages;
mod pages;
mod quota;
mod throttling;

use serde_json::Value;

use crate::harness::{Server, State, Tenant};

/// A connector beside a tenant that can be told to fail.
fn connected(tenant: &Tenant) -> Server {
    let mut variables = tenant.variables();
    variables.push(("inventory_users_schedule", "off"));
    Server::start(State::new(), &[], &variables)
}

/// The ids of the first users.
fn ids(server: &Server, count: usize) -> Vec<String> {
    let list = server.get(&format!("/scim/v2/Users?count={count}&attributes=id")).expect(200);
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

fn at(id: &str) -> String {
    format!("/scim/v2/Users/{id}")
}

fn calls(answer: &crate::harness::Answer) -> u32 {
    answer.headers["x-graph-calls"].parse().unwrap()
}

fn person(name: &str) -> Value {
    serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@contoso.onmicrosoft.com"),
        "displayName": name,
    })
}
