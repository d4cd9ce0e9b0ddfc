//! `scim-users`: `/scim/v2/Users`.

mod authentication;
mod create;
mod delete;
mod exchanges;
mod facets;
mod get;
mod list;
mod patch;
mod replace;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::harness::{Answer, Server, sample};

const USERS: &str = "/scim/v2/Users";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The id that no user has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A person of the sample tenant, as Graph has it.
fn person(user_name: &str) -> Value {
    sample().into_iter().find(|person| person["userPrincipalName"] == user_name).unwrap()
}

fn at(id: &str) -> String {
    format!("{USERS}/{id}")
}

/// A user made for a test; the sample's people stay as they are.
fn create(server: &Server, user_name: &str) -> Value {
    let body = json!({
        "schemas": [CORE, ENTERPRISE],
        "userName": user_name,
        "active": true,
        "displayName": "Ada Lovelace",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "title": "Analyst",
        ENTERPRISE: { "department": "Research" },
    });
    server.post(USERS, &body).expect(201)
}

fn id(user: &Value) -> &str {
    user["id"].as_str().unwrap()
}

/// The body of a PATCH, RFC 7644 section 3.5.2.
fn operations(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// Asks for a list; the values of the parameters are encoded here.
fn list(server: &Server, parameters: &[(&str, &str)]) -> Answer {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    server.get(&format!("{USERS}?{}", parameters.iter().map(pair).collect::<Vec<_>>().join("&")))
}

/// The resources of a list; a page without any may leave the array out.
fn resources(list: &Value) -> &[Value] {
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]), "{list}");
    list["Resources"].as_array().map(Vec::as_slice).unwrap_or_default()
}
