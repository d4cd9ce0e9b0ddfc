//! Several tenants in one deployment: `/{tenant}/scim/v2/...`.

mod apart;
mod neighbours;
mod rotation;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, Request, Server, State, Tenant};

/// The ids of the two tenants, under both of which a tenant in a box answers.
const IDS: [&str; 2] = ["8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34", "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6"];

/// The settings of the tenant number `index`, which is `box_`, with these callers: names, which are their tokens too, and
/// rights.
pub(crate) fn tenant(index: usize, box_: &Tenant, callers: &[(&str, Value)]) -> Value {
    let variables = box_.variables();
    let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).unwrap().1;
    let caller = |(name, rights): &(&str, Value)| {
        let hash = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let secrets = json!([{ "name": "one", "sha256": hash }]);
        ((*name).to_owned(), json!({ "secrets": secrets, "rights": rights }))
    };
    json!({
        "tenant_id": IDS[index],
        "login_url": variable("login_url"),
        "graph_url": variable("graph_url"),
        "identity_url": variable("identity_url"),
        "credential": { "client_id": variable("client_id"), "client_secret": variable("client_secret") },
        "callers": callers.iter().map(caller).collect::<serde_json::Map<_, _>>(),
    })
}

/// A connector that serves these tenants, the first of which is the default one.
pub(crate) fn serving(tenants: &[(&str, Value)]) -> Server {
    let named: serde_json::Map<String, Value> =
        tenants.iter().map(|(name, tenant)| ((*name).to_owned(), tenant.clone())).collect();
    let document = json!({ "default": tenants[0].0, "tenants": named }).to_string();
    let variables = [("tenants", document.as_str()), ("tenant_id", ""), ("inventory_users_schedule", "off")];
    Server::start(State::new(), &[], &variables)
}

/// Sends a request that shows this token.
pub(crate) fn send(server: &Server, token: &str, method: &str, target: &str, body: &Value) -> Answer {
    let request = Request::new(method, target).header("authorization", format!("Bearer {token}"));
    let request = if body.is_null() { request } else { request.json(body) };
    request.send(server.address)
}

pub(crate) fn get(server: &Server, token: &str, target: &str) -> Answer {
    send(server, token, "GET", target, &Value::Null)
}

/// The body of a PATCH that replaces one value.
pub(crate) fn replace(path: &str, value: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": path, "value": value }] })
}

/// The ids of all users on the first page.
pub(crate) fn ids(server: &Server, token: &str, users: &str) -> Vec<String> {
    let list = get(server, token, &format!("{users}?attributes=id&count=100")).expect(200);
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}
