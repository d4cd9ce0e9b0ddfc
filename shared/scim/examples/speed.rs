//! Prints what the usual steps of a request cost: `cargo run --release -p scim --example speed`.

use std::hint::black_box;
use std::time::Instant;

use scim::bulk::{self, Outcome, Schedule};
use scim::filter::{Filter, evaluate};
use scim::list::Query;
use scim::projection::Projection;
use scim::schema::{Attribute, ResourceType, Schema};
use scim::{Result, etag, patch, sort};
use serde_json::{Value, json};

static EMAIL: &[Attribute] = &[Attribute::string("value"), Attribute::string("type"), Attribute::boolean("primary")];
static USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "A person",
    attributes: &[
        Attribute::string("userName").required(),
        Attribute::string("title"),
        Attribute::boolean("active"),
        Attribute::complex("emails", EMAIL).many(),
    ],
};
static USERS: ResourceType =
    ResourceType { name: "User", endpoint: "/Users", description: "People", schema: &USER, extensions: &[] };

fn main() -> Result<()> {
    let text = r#"userName eq "bjensen@example.com" and emails[type eq "work" and value co "@example.com"]"#;
    let filter = Filter::parse(text)?.resolve(&USERS)?;
    let user = json!({ "id": "1", "userName": "bjensen@example.com", "active": true, "title": "Guide",
        "emails": [{ "value": "b@home.org", "type": "home" }, { "value": "b@example.com", "type": "work" }] });
    let body = json!({ "schemas": [patch::PATCH_SCHEMA], "Operations": [
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "x@example.com" }] });
    let operations = patch::parse(&body, &USERS)?;
    let projection = Projection::parse(Some("userName,emails.value"), None, &USERS)?;

    time("filter: parse", || Filter::parse(black_box(r#"userName eq "bjensen@example.com""#)).is_ok());
    time("filter: parse, three terms", || Filter::parse(black_box(text)).is_ok());
    time("filter: resolve, three terms", || filter.resolve(black_box(&USERS)).is_ok());
    time("filter: evaluate, three terms", || evaluate(&filter, black_box(&user), &USERS));
    time("patch: parse two operations", || patch::parse(black_box(&body), &USERS).is_ok());
    time("patch: copy and apply two operations", || {
        patch::apply(&mut black_box(&user).clone(), &operations, &USERS).is_ok()
    });
    time("projection: includes", || projection.includes(black_box("emails.value")));
    time("projection: copy and apply", || {
        let mut user = black_box(&user).clone();
        projection.apply(&mut user);
        user.is_object()
    });
    let mut users = vec![user.clone(); 10];
    let order = Query::parse([("sortBy", "emails")], &USERS)?.sort;
    time("sort: ten users", || {
        order.as_ref().is_some_and(|order| {
            sort::sort(black_box(&mut users), order, &USERS);
            true
        })
    });
    time("etag: of a user", || etag::of(black_box(&user)).len() == 36);
    let request = bulk_request();
    time("bulk: copy, parse and schedule ten operations", || schedule(black_box(&request).clone()));
    Ok(())
}

/// Ten users of whom each names the one before.
fn bulk_request() -> Value {
    let operation = |index: usize| {
        let title = index.checked_sub(1).map(|before| format!("bulkId:{before}"));
        json!({ "method": "POST", "path": "/Users", "bulkId": index.to_string(), "data": { "title": title } })
    };
    json!({ "schemas": [bulk::REQUEST_SCHEMA], "Operations": (0..10).map(operation).collect::<Vec<_>>() })
}

fn schedule(request: Value) -> bool {
    let Ok(request) = bulk::parse(request, &[&USERS], 10) else { return false };
    let mut schedule = Schedule::new(request);
    loop {
        let wave = schedule.next_wave();
        if wave.is_empty() {
            let response = schedule.into_response("https://example.com/v2");
            return response.pointer("/Operations/9/status").is_some_and(|status| status == "201");
        }
        for step in wave {
            let id = step.operation.bulk_id;
            schedule.record(step.index, Outcome { status: 201, id, ..Outcome::default() });
        }
    }
}

fn time(what: &str, mut step: impl FnMut() -> bool) {
    const ROUNDS: u32 = 100_000;
    let start = Instant::now();
    let done = (0..ROUNDS).filter(|_| step()).count();
    assert_eq!(done, ROUNDS as usize, "{what} must succeed");
    let nanoseconds = start.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{what:<46} {nanoseconds:>8} ns");
}
