//! What is asked of the service.

use serde_json::{Value, json};

use crate::directory::{Directory, User};
use crate::wire::{MARKER, Message};

/// How many objects an operation is about in turn.
const VARIANTS: usize = 16;

/// How many operations a bulk request has.
const BULK: usize = 20;

/// One operation of the service.
pub(crate) struct Subject {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) title: &'static str,
    /// Its requests, about one object or another.
    pub(crate) variants: Vec<Message>,
}

/// The names of all subjects.
pub(crate) const NAMES: [&str; 7] = ["by-id", "page", "filter", "group", "patch", "bulk", "create"];

/// All subjects. Those that read come first: what the others write would be in their way.
pub(crate) fn all(directory: &Directory, caller_token: &str) -> Vec<Subject> {
    let request = |method: &str, target: String, body: &Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {caller_token}"))];
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/scim+json".to_owned()));
        }
        Message::new(method, &format!("/scim/v2{target}"), &headers, &body)
    };
    let get = |target: String| request("GET", target, &Value::Null);
    // What is written is not what is read, as what was just written is read in another way.
    let (read, rest) = directory.users.split_at(VARIANTS.min(directory.users.len()));
    let rest = rest.iter().filter(|user| user.is_ours).collect::<Vec<_>>();
    let (changed, rest) = rest.split_at(VARIANTS.min(rest.len()));
    let subject = |name, title, variants| Subject { name, title, variants };
    vec![
        subject("by-id", "`GET /Users/{id}`", read.iter().map(|user| get(format!("/Users/{}", user.id))).collect()),
        subject("page", "`GET /Users`, page of 100", vec![get("/Users?count=100".to_owned())]),
        subject("filter", "`GET /Users`, `userName eq`", read.iter().map(|user| get(by_name(user))).collect()),
        subject("group", "`GET /Groups/{id}`, 1,000 members", vec![get(format!("/Groups/{}", directory.group))]),
        subject(
            "patch",
            "`PATCH /Users/{id}`, one attribute",
            changed.iter().map(|user| request("PATCH", format!("/Users/{}", user.id), &change())).collect(),
        ),
        subject(
            "bulk",
            "`POST /Bulk`, 20 times `PATCH`",
            rest.chunks_exact(BULK)
                .take(VARIANTS)
                .map(|users| request("POST", "/Bulk".to_owned(), &bulk(users)))
                .collect(),
        ),
        subject("create", "`POST /Users`", vec![request("POST", "/Users".to_owned(), &user())]),
    ]
}

fn by_name(user: &User) -> String {
    format!("/Users?filter=userName%20eq%20%22{}%22", user.name.replace('#', "%23"))
}

/// Another title each time, so that each time something is written.
fn change() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": format!("Engineer {MARKER}") }],
    })
}

fn bulk(users: &[&User]) -> Value {
    let operation =
        |user: &&User| json!({ "method": "PATCH", "path": format!("/Users/{}", user.id), "data": change() });
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": users.iter().map(operation).collect::<Vec<_>>(),
    })
}

fn user() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("bench.{MARKER}@contoso.onmicrosoft.com"),
        "displayName": format!("Bench {MARKER}"),
        "name": { "givenName": "Bench", "familyName": "Mark" },
        "title": "Engineer",
        "active": true,
    })
}
