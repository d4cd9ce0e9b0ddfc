//! What must hold whatever a client sends. The unit tests run the same functions for a moment.

use std::sync::LazyLock;

use scim::filter::{self, Filter, Narrowed, evaluate};
use scim::list::{Query, Search};
use scim::path::{AttributePath, Path};
use scim::projection::Projection;
use scim::resource::Incoming;
use scim::schema::ResourceType;
use scim::{bulk, etag, patch, sort};
use serde_json::{Value, json};

use crate::fixtures::{GROUPS, USERS, user};

/// A name, and what is to be fed.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const ALL: [Target; 4] = [("filter", filter), ("path", path), ("patch", patch), ("bulk", bulk)];

/// A filter is read or refused; what was read can be printed, resolved and evaluated.
pub(crate) fn filter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(read) = Filter::parse(&text) else { return };
    let printed = read.to_string();
    if printed.len() <= filter::MAX_LENGTH {
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(&read), "{printed}");
    }
    for resource_type in [&USERS, &GROUPS] {
        let resolved = read.resolve(resource_type);
        let narrowed = read.narrow(resource_type);
        let Ok(resolved) = resolved else { continue };
        assert_eq!(resolved.resolve(resource_type).as_ref(), Ok(&resolved), "{resolved}");
        let resource = resource_of(resource_type);
        let matches = evaluate(&resolved, &resource, resource_type);
        let not = Filter::Not(Box::new(resolved.clone()));
        assert_ne!(evaluate(&not, &resource, resource_type), matches, "{resolved}");
        let narrowed = match narrowed {
            Ok(Narrowed::All) => true,
            Ok(Narrowed::Nothing) => false,
            Ok(Narrowed::Some(narrowed)) => evaluate(&narrowed, &resource, resource_type),
            Err(error) => panic!("{resolved} cannot be narrowed: {error}"),
        };
        assert_eq!(narrowed, matches, "{resolved}");
    }
}

/// A path, a list of names and the headers of a precondition are read or refused.
pub(crate) fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for resource_type in [&USERS, &GROUPS] {
        if let Ok(read) = Path::parse(&text, resource_type) {
            let printed = read.to_string();
            if printed.len() <= filter::MAX_LENGTH {
                assert_eq!(Path::parse(&printed, resource_type), Ok(read), "{printed}");
            }
        }
    }
    for (attributes, excluded) in [(Some(&*text), None), (None, Some(&*text))] {
        let Ok(projection) = Projection::parse(attributes, excluded, &USERS) else { continue };
        assert!(projection.includes("id") && projection.includes("schemas") && !projection.includes("password"));
        let mut once = USER.clone();
        projection.apply(&mut once);
        assert!(once["id"].is_string() && once["schemas"].is_array(), "{once}");
        let mut twice = once.clone();
        projection.apply(&mut twice);
        assert_eq!(twice, once);
    }
    if let Ok(Query { sort: Some(order), .. }) = Query::parse([("sortBy", &*text)], &USERS) {
        let mut resources = [json!({}), USER.clone()];
        sort::sort(&mut resources, &order, &USERS);
        assert!(resources.is_sorted_by_key(|resource| sort::key(resource, &order, &USERS)));
    }
    if let Ok(read) = AttributePath::parse(&text) {
        assert_eq!(AttributePath::parse(&read.to_string()), Ok(read));
    }
    let version = etag::weak(&text);
    let matched = etag::precondition(Some(&version), None, Some(&version), etag::Access::Write);
    assert_eq!(matched, etag::Precondition::Proceed);
    etag::precondition(Some(&text), Some(&text), Some(&version), etag::Access::Read);
}

/// A PATCH is read or refused, and applied as a whole or not at all; the same body is tried as a resource and a search.
pub(crate) fn patch(data: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    for resource_type in [&USERS, &GROUPS] {
        if let Ok(operations) = patch::parse(&body, resource_type) {
            apply(&operations, resource_type);
        }
        if let Ok(incoming) = Incoming::read(&body, resource_type) {
            let again = Incoming::read(&incoming.resource, resource_type);
            assert_eq!(again.map(|again| again.resource).as_ref(), Ok(&incoming.resource));
            assert_eq!(etag::of(&incoming.resource).len(), 36);
        }
    }
    if let Ok(search) = Search::from_search_request(&body) {
        let _ = (search.for_type(&USERS), search.for_type(&GROUPS));
    }
}

fn apply(operations: &[patch::Operation], resource_type: &ResourceType) {
    let before = resource_of(resource_type);
    let mut resource = before.clone();
    match patch::apply(&mut resource, operations, resource_type) {
        Ok(applied) => {
            assert_eq!(applied.changed, resource != before);
            assert_eq!((&resource["id"], &resource["meta"]), (&before["id"], &before["meta"]));
            for attribute in resource_type.attributes().filter(|attribute| attribute.required) {
                assert!(!resource[attribute.name].is_null(), "{} is gone: {resource}", attribute.name);
            }
            for values in resource.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array()) {
                let primaries = values.iter().filter(|value| value["primary"] == true).count();
                assert!(primaries <= 1, "{resource}");
            }
            // What came out is a resource: it can be sent back.
            let read = Incoming::read(&resource, resource_type).unwrap_or_else(|error| panic!("{resource}: {error}"));
            assert_eq!(read.unknown, Vec::<String>::new());
        }
        Err(_) => assert_eq!(resource, before),
    }
}

/// A Bulk request is read or refused; it comes to an end, with one result for each operation that was done.
pub(crate) fn bulk(data: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    let Ok(request) = bulk::parse(body, &[&USERS, &GROUPS], 100) else { return };
    let (count, stops) = (request.entries.len(), request.fail_on_errors.is_some());
    let mut schedule = bulk::Schedule::new(request);
    let mut steps = 0;
    loop {
        let wave = schedule.next_wave();
        if wave.is_empty() {
            break;
        }
        for step in wave {
            steps += 1;
            let outcome = match (step.operation.data.to_string().len() % 3, step.operation.method) {
                (0, _) => bulk::Outcome::from(&scim::Error::conflict("it does not go")),
                (_, bulk::Method::Post) => {
                    bulk::Outcome { status: 201, id: Some(format!("made-{steps}")), ..bulk::Outcome::default() }
                }
                _ => bulk::Outcome { status: 200, ..bulk::Outcome::default() },
            };
            schedule.record(step.index, outcome);
        }
        assert!(steps <= 2 * count, "{steps} steps for {count} operations");
    }
    let response = schedule.into_response("https://example.com/v2");
    let results = response["Operations"].as_array().map_or(0, Vec::len);
    assert!(results == count || (stops && results <= count), "{results} results for {count} operations");
}

fn resource_of(resource_type: &ResourceType) -> Value {
    let resource = if resource_type.name == USERS.name { &USER } else { &GROUP };
    Value::clone(resource)
}

static USER: LazyLock<Value> = LazyLock::new(user);
static GROUP: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "schemas": [GROUPS.schema.id],
        "id": "g1",
        "displayName": "Tour Guides",
        "members": [{ "value": "u1", "type": "User" }, { "value": "u2" }],
        "meta": { "resourceType": "Group" },
    })
});
