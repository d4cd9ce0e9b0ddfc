//! What real callers send, and what they go by: a file a caller, a test a quirk that is known of it.

mod entra;
mod entra_flagged;
mod issues;
mod jumpcloud;
mod nulls;
mod okta;
mod onelogin;
mod others;
mod ping;

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::harness::{Answer, Request, Server, sample};

const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The id that nothing in the directory has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A user name in the tenant's domain.
fn named(local: &str) -> String {
    format!("{local}@contoso.onmicrosoft.com")
}

/// A user of the least that callers send.
fn body_of(local: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": named(local),
        "active": true,
        "displayName": "Joy Young",
        "name": { "givenName": "Joy", "familyName": "Young" },
        "emails": [{ "primary": true, "type": "work", "value": named(local) }],
        "title": "Engineer",
        ENTERPRISE: { "department": "Research" },
    })
}

/// A user made for a test; the sample's people stay as they are.
fn user(server: &Server, local: &str) -> Value {
    server.post(USERS, &body_of(local)).expect(201)
}

/// A group made for a test, with these members.
fn group(server: &Server, name: &str, ids: &[String]) -> Value {
    let body = json!({ "schemas": [GROUP], "displayName": name, "members": values(ids) });
    server.post(GROUPS, &body).expect(201)
}

/// The ids of the first people of the sample.
fn people(count: usize) -> Vec<String> {
    sample().iter().take(count).map(|person| id(person).to_owned()).collect()
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

/// The path of a resource, as it says itself.
fn at(resource: &Value) -> String {
    let location = resource["meta"]["location"].as_str().unwrap_or_else(|| panic!("it is nowhere: {resource}"));
    location[location.find("/scim/v2/").unwrap()..].to_owned()
}

fn read(server: &Server, resource: &Value) -> Value {
    server.get(&at(resource)).expect(200)
}

/// The body of a PATCH, RFC 7644 section 3.5.2.
fn operations(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

fn patch(server: &Server, resource: &Value, changes: Value) -> Answer {
    server.patch(&at(resource), &operations(changes))
}

/// Changes a resource, and gives it as it is read afterwards; a user comes with the answer too.
#[track_caller]
fn changed(server: &Server, resource: &Value, changes: Value) -> Value {
    let answer = patch(server, resource, changes);
    match resource["meta"]["resourceType"].as_str() {
        Some("User") => assert_eq!(answer.expect(200)["id"], resource["id"]),
        _ => assert!(matches!(answer.status, 200 | 204), "{answer:?}"),
    }
    read(server, resource)
}

/// Asks for what matches, with `+` for blanks as Entra writes it; `rest` are parameters as they are.
fn look_up(server: &Server, endpoint: &str, filter: &str, rest: &str) -> Value {
    let filter: String = byte_serialize(filter.as_bytes()).collect();
    let list = server.get(&format!("{endpoint}?filter={filter}{rest}")).expect(200);
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]), "{list}");
    assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len(), "{list}");
    list
}

/// Sees that a filter finds this resource and no other.
#[track_caller]
fn assert_found(server: &Server, endpoint: &str, filter: &str, resource: &Value) {
    let list = look_up(server, endpoint, filter, "");
    assert_eq!(list["totalResults"], 1, "{filter}: {list}");
    assert_eq!(list["Resources"][0]["id"], resource["id"], "{filter}: {list}");
}

/// The element of this type, null where there is none.
fn typed<'a>(resource: &'a Value, attribute: &str, kind: &str) -> &'a Value {
    let elements = resource[attribute].as_array().map(Vec::as_slice).unwrap_or_default();
    elements.iter().find(|element| element["type"] == kind).unwrap_or(&Value::Null)
}

/// The ids of the members of a group, sorted.
fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids = members.iter().map(|member| member["value"].as_str().unwrap().to_owned());
    sorted(&ids.collect::<Vec<_>>())
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

/// What the answer says that Entra cannot keep; of several, the last.
fn left_out(answer: &Answer) -> &str {
    answer.headers.get("x-left-out").map(String::as_str).unwrap_or_default()
}

/// A request with a body of this media type.
fn with_body<'a>(method: &'a str, target: &'a str, media_type: &str, body: &Value) -> Request<'a> {
    let mut request = Request::new(method, target).header("content-type", media_type);
    request.body = body.to_string().into_bytes();
    request
}
