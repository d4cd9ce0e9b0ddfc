//! Prints what the usual steps of a request cost: `cargo run --release -p scim --example speed`.

use std::hint::black_box;
use std::time::Instant;

use scim::filter::{Filter, evaluate};
use scim::projection::Projection;
use scim::schema::{Attribute, ResourceType, Schema};
use scim::{Result, patch};
use serde_json::json;

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
    Ok(())
}

fn time(what: &str, mut step: impl FnMut() -> bool) {
    const ROUNDS: u32 = 100_000;
    let start = Instant::now();
    let done = (0..ROUNDS).filter(|_| step()).count();
    assert_eq!(done, ROUNDS as usize, "{what} must succeed");
    let nanoseconds = start.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{what:<40} {nanoseconds:>8} ns");
}
