//! Bodies that are short and ask for much.

use super::*;

fn status(changes: Value, resource_type: &ResourceType) -> u16 {
    patch(&json!({ "userName": "a", "displayName": "g" }), changes, resource_type)
        .map_or_else(|error| error.status, |_| 200)
}

#[test]
fn ok_many_additions_of_the_same_values() {
    let members =
        |prefix: &str| (0..20_000).map(|index| json!({ "value": format!("{prefix}{index}") })).collect::<Vec<_>>();
    let add = |values: Vec<Value>| json!({ "op": "add", "path": "members", "value": values });
    let changes = json!([add(members("m")), add(members("m"))]);
    let (full, _) = patch(&json!({ "displayName": "g" }), changes, &GROUPS).unwrap();
    assert_eq!(full["members"].as_array().map(Vec::len), Some(20_000));
    let removed = json!([{ "op": "remove", "path": "members", "value": &members("m")[..5000] }]);
    let (rest, _) = patch(&full, removed, &GROUPS).unwrap();
    assert_eq!(rest["members"].as_array().map(Vec::len), Some(15_000));
}

#[test]
fn ok_many_additions_know_the_type() {
    let mut emails = (0..20).map(|index| json!({ "value": format!("{index}@x"), "type": "work" })).collect::<Vec<_>>();
    emails.push(json!({ "value": "0@X", "type": "home" }));
    emails.push(json!({ "value": "0@X", "type": "WORK", "primary": true }));
    emails.push(json!({ "value": "B@example.com" }));
    let (resource, _) = patch(&user(), json!([{ "op": "add", "path": "emails", "value": emails }]), &USERS).unwrap();
    let emails = resource["emails"].as_array().unwrap();
    assert_eq!(emails.len(), 2 + 20 + 1);
    let primaries = emails.iter().filter(|email| email["primary"] == true).collect::<Vec<_>>();
    assert_eq!(primaries, [&json!({ "value": "0@x", "type": "work", "primary": true })]);
}

#[test]
fn err_values_without_a_name() {
    let addresses = (0..1002).map(|index| json!({ "locality": index.to_string() })).collect::<Vec<_>>();
    let add = |values: &[Value]| json!([{ "op": "add", "path": "addresses", "value": values }]);
    assert_eq!(status(add(&addresses[..1000]), &USERS), 200);
    assert_eq!(status(add(&addresses), &USERS), 413);
}

#[test]
fn err_one_value_for_many() {
    let many = json!({ "op": "add", "path": "emails", "value": vec![json!({ "type": "work" }); 1] });
    let emails = (0..20_000).map(|index| json!({ "value": index.to_string() })).collect::<Vec<_>>();
    let add = json!({ "op": "add", "path": "emails", "value": emails });
    let long = "x".repeat(100_000);
    for path in ["emails.display", "emails.type", "emails[value pr].type"] {
        let changes = json!([many, add, { "op": "replace", "path": path, "value": long }]);
        let expected = if path.ends_with("type") { 413 } else { 400 };
        assert_eq!(status(changes, &USERS), expected, "{path}");
    }
}

#[test]
fn err_many_filters_over_many_values() {
    let emails = (0..20_000).map(|index| json!({ "value": index.to_string() })).collect::<Vec<_>>();
    let filter = vec!["type eq \"x\""; 100].join(" or ");
    let mut changes = vec![json!({ "op": "add", "path": "emails", "value": emails })];
    changes.extend((0..900).map(|_| json!({ "op": "remove", "path": format!("emails[{filter}]") })));
    let error = patch(&user(), Value::Array(changes), &USERS).unwrap_err();
    assert_eq!(error.detail, "change 4: the operations select among too many values; split the request");
}

#[test]
fn err_depth_and_size() {
    let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));
    let error = operations(json!([{ "op": "add", "path": "title", "value": deep }]), &USERS).unwrap_err();
    assert_eq!(error.detail, "the body is nested deeper than 16 levels");
    let wide = json!([{ "op": "add", "path": "tags", "value": vec!["x"; 100_000] }]);
    assert_eq!(operations(wide, &USERS).unwrap_err().status, 413);
    let long = format!("emails[{}type pr{}]", "(".repeat(100_000), ")".repeat(100_000));
    let error = operations(json!([{ "op": "remove", "path": long }]), &USERS).unwrap_err();
    assert_eq!(error.detail, "operation 1: the filter is longer than 8192 bytes");
}
