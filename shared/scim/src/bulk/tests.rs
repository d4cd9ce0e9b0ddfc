use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Method, Outcome, REQUEST_SCHEMA, RESPONSE_SCHEMA, Request, Schedule, parse};
use crate::error::{Error, Result};
use crate::fixtures::{CORE, ENTERPRISE, GROUPS, USERS};

const BASE: &str = "https://example.com/v2";

fn request(operations: Value) -> Result<Request> {
    parse(json!({ "schemas": [REQUEST_SCHEMA], "Operations": operations }), &[&USERS, &GROUPS], 100)
}

fn user(bulk_id: &str, name: &str) -> Value {
    let data = json!({ "schemas": [CORE], "userName": name });
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members = members.iter().map(|member| json!({ "value": format!("bulkId:{member}") })).collect::<Vec<_>>();
    let data = json!({ "displayName": bulk_id, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

fn patch(path: &str, changes: Value) -> Value {
    json!({ "method": "PATCH", "path": path, "data": { "Operations": changes } })
}

/// Runs the request against a service on which everything works but what `failing` names; the steps of each wave as
/// text, and the results.
fn run_with(mut schedule: Schedule, failing: &[&str]) -> (Vec<Vec<String>>, Value) {
    let mut waves = Vec::new();
    loop {
        let wave = schedule.next_wave();
        if wave.is_empty() {
            break;
        }
        let mut steps = Vec::new();
        for step in wave {
            let operation = step.operation;
            let id = operation.id.clone().unwrap_or_else(|| format!("id-{}", operation.bulk_id.unwrap_or_default()));
            let text = format!("{} {} {}", operation.method, id, operation.data);
            let outcome = match (failing.iter().any(|failing| text.contains(failing)), operation.method) {
                (true, _) => Outcome::from(&Error::uniqueness("it is taken")),
                (false, Method::Post) => Outcome { status: 201, id: Some(id), ..Outcome::default() },
                (false, Method::Delete) => Outcome { status: 204, ..Outcome::default() },
                (false, _) => Outcome { status: 200, version: Some("W/\"2\"".to_owned()), ..Outcome::default() },
            };
            schedule.record(step.index, outcome);
            steps.push(text);
        }
        waves.push(steps);
    }
    (waves, schedule.into_response(BASE)["Operations"].take())
}

fn run(operations: Value, failing: &[&str]) -> (Vec<Vec<String>>, Value) {
    run_with(Schedule::new(request(operations).unwrap()), failing)
}

/// The methods and ids of each wave.
fn order(operations: Value) -> Vec<String> {
    let short = |step: &String| step.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
    run(operations, &[]).0.iter().map(|wave| wave.iter().map(short).collect::<Vec<_>>().join(", ")).collect()
}

fn statuses(results: &Value) -> Vec<String> {
    let text = |result: &Value| format!("{} {}", result["status"].as_str().unwrap(), result["response"]["detail"]);
    results.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn ok_parse() {
    let entries = request(json!([
        { "METHOD": "post", "Path": "Users/", "bulkId": "a", "data": { "userName": "a" }, "version": null },
        { "method": "Put", "path": "/users/u%20%401", "version": "W/\"1\"", "data": {} },
        { "method": "PATCH", "path": "/Groups/bulkId:g", "bulkId": "p", "data": [{ "op": "remove", "path": "members" }] },
        { "method": "DELETE", "path": "/Groups/g", "data": { "ignored": true } },
    ]));
    let read = entries.unwrap().entries.into_iter().map(|entry| {
        let operation = entry.operation.unwrap();
        let id = operation.id.unwrap_or_default();
        (entry.method.unwrap(), operation.resource_type.name, id, operation.version, operation.data)
    });
    let read = read.collect::<Vec<_>>();
    let removal = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "remove", "path": "members" }] });
    assert_eq!(read[0], ("POST".to_owned(), "User", String::new(), None, json!({ "userName": "a" })));
    assert_eq!(read[1], ("PUT".to_owned(), "User", "u @1".to_owned(), Some("W/\"1\"".to_owned()), json!({})));
    assert_eq!(read[2], ("PATCH".to_owned(), "Group", "bulkId:g".to_owned(), None, removal));
    assert_eq!(read[3], ("DELETE".to_owned(), "Group", "g".to_owned(), None, json!(null)));
}

#[test]
fn err_envelopes() {
    let one = json!([user("a", "a")]);
    for (body, status, detail) in [
        (json!([]), 400, "the body must be a JSON object"),
        (json!({ "Operations": one }), 400, "'schemas' must hold urn:ietf:params:scim:api:messages:2.0:BulkRequest"),
        (json!({ "schemas": [REQUEST_SCHEMA] }), 400, "'Operations' must be an array of operations"),
        (json!({ "schemas": [REQUEST_SCHEMA], "Operations": [] }), 400, "'Operations' must be an array of operations"),
        (
            json!({ "schemas": [REQUEST_SCHEMA], "Operations": one, "failOnErrors": 0 }),
            400,
            "'failOnErrors' must be a whole number from 1",
        ),
        (
            json!({ "schemas": [REQUEST_SCHEMA], "Operations": one, "failOnErrors": true }),
            400,
            "'failOnErrors' must be a whole number from 1",
        ),
        (
            json!({ "schemas": [REQUEST_SCHEMA], "Operations": [1, 2, 3] }),
            413,
            "3 operations are more than maxOperations (2); split the request",
        ),
    ] {
        let error = parse(body.clone(), &[&USERS], 2).unwrap_err();
        assert_eq!((error.status, error.detail.as_str()), (status, detail), "{body}");
    }
    for fail_on_errors in [json!(2), json!("2"), json!(null)] {
        let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": one, "failOnErrors": fail_on_errors });
        assert_eq!(parse(body, &[&USERS], 2).unwrap().fail_on_errors, (!fail_on_errors.is_null()).then_some(2));
    }
}

#[test]
fn err_operations_fail_alone() {
    let (waves, results) = run(
        json!([
            1,
            { "method": "GET", "path": "/Users/1" },
            { "path": "/Users/1" },
            { "method": "POST", "path": "/Users", "data": {} },
            { "method": "POST", "path": "/Users/1", "bulkId": "x", "data": {} },
            { "method": "PUT", "path": "/Users", "data": {} },
            { "method": "PUT", "path": "/Users/1" },
            { "method": "DELETE", "path": "https://example.com/v2/Users/1" },
            { "method": "DELETE", "path": "/Users/1?attributes=id" },
            { "method": "DELETE", "path": "/Users/1/photo" },
            { "method": "DELETE", "path": "/Users/..%2FGroups" },
            { "method": "DELETE", "path": "/Devices/1" },
            { "method": "DELETE", "path": 1 },
            user("b", "b"),
        ]),
        &[],
    );
    assert_eq!(waves.len(), 1);
    assert_eq!(
        statuses(&results),
        [
            r#"400 "an operation must be a JSON object""#,
            r#"400 "'method' must be POST, PUT, PATCH or DELETE, found 'GET'""#,
            r#"400 "'method' is missing: POST, PUT, PATCH or DELETE""#,
            r#"400 "'bulkId' is missing: POST needs one""#,
            r#"405 "POST needs the path of an endpoint, such as /Users""#,
            r#"405 "PUT needs the path of a resource, such as /Users/2819c223""#,
            r#"400 "'data' is missing: PUT needs it""#,
            r#"400 "'path' must be relative to the service, such as /Users, and no URL""#,
            r#"400 "'path' must not have a query: an operation takes no parameters""#,
            r#"404 "no resource has such an id""#,
            r#"404 "no resource has such an id""#,
            r#"404 "there is no endpoint at 'Devices/1'""#,
            r#"400 "'path' must be a string""#,
            "201 null",
        ]
    );
    assert_eq!(
        results[6],
        json!({ "method": "PUT", "location": format!("{BASE}/Users/1"), "status": "400",
            "response": Error::invalid_syntax("'data' is missing: PUT needs it").to_value() })
    );
    let location = format!("{BASE}/Users/id-b");
    assert_eq!(results[13], json!({ "method": "POST", "bulkId": "b", "location": location, "status": "201" }));
}

/// The example of RFC 7644 section 3.7.2.
#[test]
fn ok_references_forward_and_back() {
    for operations in [
        [user("qwerty", "Alice"), group("ytrewq", &["qwerty"])],
        [group("ytrewq", &["qwerty"]), user("qwerty", "Alice")],
    ] {
        let (waves, _) = run(json!(operations), &[]);
        assert_eq!(
            waves[0],
            [r#"POST id-qwerty {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Alice"}"#]
        );
        assert_eq!(waves[1], [r#"POST id-ytrewq {"displayName":"ytrewq","members":[{"value":"id-qwerty"}]}"#]);
    }
}

#[test]
fn ok_references_wherever_they_stand() {
    let bob = json!({ "userName": "bob", "groups": [{ "value": "bulkId:nobody" }], ENTERPRISE: { "manager": {
        "value": "bulkId:a", "$ref": "../Users/bulkId:a" } } });
    let (waves, results) = run(
        json!([
            user("a", "a"),
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": bob },
            { "method": "PUT", "path": "/Users/bulkId:a", "data": { "userName": "a", ENTERPRISE: { "manager": "bulkId:a" } } },
            patch("/Groups/g", json!([
                { "op": "add", "path": "members", "value": [{ "value": "bulkId:a", "$ref": "bulkId:a" }, "bulkId:a"] },
                { "op": "remove", "path": "members[value eq \"bulkId:a\" or value eq \"\\u0062ulkId:a\"]" },
                { "op": "replace", "value": { "members": { "value": "bulkId:a" } } },
                { "op": "remove", "path": "members[value eq \"bulkId:a" },
            ])),
            { "method": "DELETE", "path": "/Users/bulkId:a" },
        ]),
        &[],
    );
    assert_eq!(statuses(&results), ["201 null", "201 null", "200 null", "200 null", "204 null"]);
    let all = waves.concat().join("\n");
    assert!(all.contains(r#""manager":{"$ref":"../Users/id-a","value":"id-a"}"#), "{all}");
    assert!(all.contains(r#""manager":"id-a""#) && all.contains("PUT id-a"), "{all}");
    assert!(all.contains(r#"[{"$ref":"id-a","value":"id-a"},"id-a"]"#), "{all}");
    assert!(all.contains(r#""path":"members[value eq \"id-a\" or value eq \"id-a\"]""#), "{all}");
    assert!(all.contains(r#""path":"members[value eq \"bulkId:a""#), "{all}");
    assert!(all.contains(r#"{"members":{"value":"id-a"}}"#), "{all}");
    assert_eq!(waves.last().unwrap(), &["DELETE id-a null"]);
}

#[test]
fn err_references() {
    let (waves, results) = run(
        json!([
            group("g", &["a"]),
            user("a", "taken"),
            group("h", &["nobody"]),
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": [{ "op": "remove", "path": "members" }] },
            user("twice", "b"),
            user("twice", "c"),
            group("i", &["twice"]),
            user("d", "d"),
        ]),
        &["taken"],
    );
    assert_eq!(waves.concat().len(), 2);
    assert_eq!(
        statuses(&results),
        [
            r#"409 "what bulkId:a stands for was not created""#,
            r#"409 "it is taken""#,
            r#"400 "no POST has the bulkId 'nobody' that is referred to""#,
            r#"409 "what bulkId:g stands for was not created""#,
            r#"400 "the bulkId 'twice' is given to more than one POST""#,
            r#"400 "the bulkId 'twice' is given to more than one POST""#,
            r#"409 "what bulkId:twice stands for was not created""#,
            "201 null",
        ]
    );
    assert_eq!(results[3].get("location"), None);
}

/// The example of RFC 7644 section 3.7.1.
#[test]
fn ok_a_circle_is_broken() {
    let (waves, results) = run(json!([group("a", &["b", "c"]), group("b", &["a"]), user("c", "c")]), &[]);
    assert_eq!(
        waves,
        [
            vec![
                r#"POST id-b {"displayName":"b"}"#.to_owned(),
                format!(r#"POST id-c {{"schemas":["{CORE}"],"userName":"c"}}"#),
            ],
            vec![
                r#"POST id-a {"displayName":"a","members":[{"value":"id-c"}]}"#.to_owned(),
            ],
            vec![
                r#"PATCH id-a {"Operations":[{"op":"add","path":"members","value":[{"value":"id-b"}]}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}"#.to_owned(),
                r#"PATCH id-b {"Operations":[{"op":"add","path":"members","value":[{"value":"id-a"}]}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}"#.to_owned(),
            ],
        ]
    );
    assert_eq!(statuses(&results), ["201 null", "201 null", "201 null"]);
    assert_eq!((&results[0]["method"], &results[0]["version"]), (&json!("POST"), &json!("W/\"2\"")));
}

#[test]
fn err_a_circle_that_cannot_be_broken() {
    // `employeeBadge` is immutable: what it refers to has to be there from the start.
    let badge = |bulk_id: &str, other: &str| {
        let data = json!({ "userName": bulk_id, "employeeBadge": format!("bulkId:{other}") });
        json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
    };
    let operations =
        json!([badge("a", "b"), badge("b", "a"), badge("c", "c"), group("g", &["a"]), badge("d", "e"), user("e", "e")]);
    let (waves, results) = run(operations, &[]);
    let closed = r#"409 "it refers to what refers back to it, and none of them can be created first""#;
    let dependent = r#"409 "what bulkId:a stands for was not created""#;
    assert_eq!(statuses(&results), [closed, closed, closed, dependent, "201 null", "201 null"]);
    assert_eq!(waves.len(), 2);
}

#[test]
fn ok_and_err_what_is_added_afterwards() {
    let manager = |bulk_id: &str, other: &str| {
        let data = json!({ "userName": bulk_id, ENTERPRISE: { "department": "IT", "manager": { "value": format!("bulkId:{other}") } } });
        json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
    };
    let (waves, results) = run(json!([manager("a", "a")]), &[]);
    assert!(waves[0][0].contains(r#"{"department":"IT"}"#), "{waves:?}");
    assert!(waves[1][0].contains(&format!(r#""path":"{ENTERPRISE}:manager","value":{{"value":"id-a"}}"#)), "{waves:?}");
    assert_eq!(statuses(&results), ["201 null"]);

    // The PATCH fails: the resource is there, and its result says where and that not all was done.
    let (_, results) = run(json!([manager("a", "a")]), &["PATCH"]);
    assert_eq!(statuses(&results), [r#"409 "it is taken""#]);
    assert_eq!(results[0]["location"], json!(format!("{BASE}/Users/id-a")));

    // One of a circle is not created: the others are, without it.
    let three = json!([group("a", &["b", "c"]), group("b", &["a"]), group("c", &["a"])]);
    let (waves, results) = run(three.clone(), &[r#"{"displayName":"c"}"#]);
    let missing = r#"409 "what bulkId:c stands for was not created""#;
    assert_eq!(statuses(&results), [missing, "201 null", r#"409 "it is taken""#]);
    assert!(waves[1][0].contains(r#""value":[{"value":"id-b"}]"#), "{waves:?}");
    let (waves, results) = run(three, &[r#"{"displayName":"c"}"#, r#"{"displayName":"b"}"#]);
    assert_eq!(waves.len(), 1);
    assert_eq!(results[0]["location"], json!(format!("{BASE}/Groups/id-a")));
    assert_eq!(results[0]["status"], "409");
}

#[test]
fn ok_order_is_kept_where_it_matters() {
    let delete = |path: &str| json!({ "method": "DELETE", "path": path });
    let rename = |path: &str, name: &str| patch(path, json!([{ "op": "replace", "path": "userName", "value": name }]));
    let title = |path: &str| patch(path, json!([{ "op": "replace", "path": "title", "value": "x" }]));
    let member = |id: &str| patch("/Groups/g", json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]));
    for (operations, expected) in [
        // Nothing in common: all at once.
        (
            json!([user("a", "a"), title("/Users/1"), delete("/Users/2"), member("3")]),
            vec!["POST id-a, PATCH 1, DELETE 2, PATCH g"],
        ),
        // The same resource.
        (json!([title("/Users/1"), title("/Users/2"), delete("/Users/1")]), vec!["PATCH 1, PATCH 2", "DELETE 1"]),
        // The same unique value.
        (json!([user("a", "Ann"), user("b", "ann"), user("c", "c")]), vec!["POST id-a, POST id-c", "POST id-b"]),
        (json!([user("a", "ann"), rename("/Users/1", "ANN")]), vec!["POST id-a", "PATCH 1"]),
        // A name that is given up.
        (
            json!([delete("/Users/1"), user("a", "a"), rename("/Users/2", "x"), user("b", "b")]),
            vec!["DELETE 1, PATCH 2", "POST id-a, POST id-b"],
        ),
        (json!([user("a", "a"), delete("/Users/1")]), vec!["POST id-a, DELETE 1"]),
        // What is deleted is mentioned.
        (json!([member("1"), delete("/Users/1")]), vec!["PATCH g", "DELETE 1"]),
        (json!([delete("/Users/1"), member("1")]), vec!["DELETE 1", "PATCH g"]),
        (
            json!([
                delete("/Users/1"),
                patch("/Groups/g", json!([{ "op": "remove", "path": "members[value eq \"1\"]" }]))
            ]),
            vec!["DELETE 1", "PATCH g"],
        ),
        // To refer to something is the stronger tie: the POST goes first though a PATCH before it gives up a name.
        (
            json!([
                patch(
                    "/Users/1",
                    json!([{ "op": "replace", "value": { "userName": "x", ENTERPRISE: { "manager": "bulkId:m" } } }])
                ),
                user("m", "m")
            ]),
            vec!["POST id-m", "PATCH 1"],
        ),
        // Later changes of a resource wait until the references of its circle are added.
        (
            json!([group("a", &["b"]), group("b", &["a"]), delete("/Groups/bulkId:a")]),
            vec!["POST id-a, POST id-b", "PATCH id-a, PATCH id-b", "DELETE id-a"],
        ),
    ] {
        assert_eq!(order(operations.clone()), expected, "{operations}");
    }
}

#[test]
fn ok_fail_on_errors() {
    let operations = json!([user("a", "a"), user("b", "b"), { "method": "GET" }, user("c", "c"), user("d", "d")]);
    let schedule = |count: usize| {
        let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": operations, "failOnErrors": count });
        Schedule::new(parse(body, &[&USERS], 100).unwrap())
    };
    let sizes = |waves: &[Vec<String>]| waves.iter().map(Vec::len).collect::<Vec<_>>();

    let (waves, results) = run_with(schedule(1), &["id-b"]);
    assert_eq!((sizes(&waves), results.as_array().unwrap().len()), (vec![1, 1], 2));
    let (waves, results) = run_with(schedule(1), &[]);
    assert_eq!((sizes(&waves), results.as_array().unwrap().len()), (vec![1, 1], 3));
    let (waves, results) = run_with(schedule(2), &["id-c"]);
    assert_eq!((sizes(&waves), results.as_array().unwrap().len()), (vec![2, 1], 4));
    let (waves, results) = run_with(schedule(3), &[]);
    assert_eq!((sizes(&waves), results.as_array().unwrap().len()), (vec![2, 2], 5));
}

#[test]
fn err_fail_on_errors_in_the_middle_of_a_circle() {
    let operations = json!([group("a", &["b"]), group("b", &["a", "c"]), group("c", &[]), user("d", "d")]);
    let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": operations, "failOnErrors": 1 });
    let schedule = Schedule::new(parse(body, &[&USERS, &GROUPS], 100).unwrap());
    let (_, results) = run_with(schedule, &["id-c"]);
    // The first was created: its result must be there though the limit was reached before the rest of it.
    assert_eq!(
        statuses(&results),
        [r#"409 "it was created, and the rest stopped before its references were added""#, r#"409 "it is taken""#]
    );
    assert_eq!(results[0]["location"], json!(format!("{BASE}/Groups/id-a")));
}

/// The example of RFC 7644 section 3.7.3, where all fails.
#[test]
fn err_every_result_has_what_it_must() {
    let data = json!({ "schemas": [CORE], "userName": "x" });
    let (_, results) = run(
        json!([
            { "method": "POST", "path": "/Users", "bulkId": "qwerty", "data": data },
            { "method": "PUT", "path": "/Users/b7c14771", "version": "W/\"3694e05e9dff591\"", "data": data },
            { "method": "DELETE", "path": "/Users/e9025315", "bulkId": "echo" },
        ]),
        &["POST", "PUT", "DELETE"],
    );
    let response = Error::uniqueness("it is taken").to_value();
    assert_eq!(
        results,
        json!([
            { "method": "POST", "bulkId": "qwerty", "status": "409", "response": response },
            { "method": "PUT", "location": "https://example.com/v2/Users/b7c14771", "status": "409", "response": response },
            { "method": "DELETE", "bulkId": "echo", "location": "https://example.com/v2/Users/e9025315", "status": "409", "response": response },
        ])
    );
}

#[test]
fn err_when_the_time_is_up() {
    let mut schedule = Schedule::new(
        request(json!([group("a", &["b"]), group("b", &["a"]), group("c", &["b"]), user("d", "d")])).unwrap(),
    );
    let first = schedule.next_wave();
    assert_eq!(first.iter().map(|step| step.index).collect::<Vec<_>>(), [0, 1, 3]);
    for index in [0, 1, 7] {
        schedule.record(index, Outcome { status: 201, id: Some(format!("id{index}")), ..Outcome::default() });
        schedule.record(index, Outcome { status: 500, ..Outcome::default() });
    }
    // The third step is open; the rest can go on meanwhile.
    assert_eq!(schedule.next_wave().iter().map(|step| step.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(schedule.next_wave().is_empty());
    schedule.record(2, Outcome { status: 201, id: Some("id2".to_owned()), ..Outcome::default() });
    schedule.give_up(&Error::unavailable("the time is up"));
    let response = schedule.into_response(&format!("{BASE}/"));
    assert_eq!(response["schemas"], json!([RESPONSE_SCHEMA]));
    let late = r#"503 "the time is up""#;
    assert_eq!(statuses(&response["Operations"]), [late, late, "201 null", late]);
    assert_eq!(response["Operations"][1]["location"], json!(format!("{BASE}/Groups/id1")));
}

#[test]
fn ok_many_operations() {
    let chain = (0..1000).map(|index| match index {
        999 => user("999", "last"),
        _ => group(&index.to_string(), &[&(index + 1).to_string()]),
    });
    let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": chain.collect::<Vec<_>>() });
    let (waves, results) = run_with(Schedule::new(parse(body, &[&USERS, &GROUPS], 1000).unwrap()), &[]);
    assert_eq!((waves.len(), results.as_array().unwrap().len()), (1000, 1000));

    let ring = (0..1000).map(|index| group(&index.to_string(), &[&((index + 1) % 1000).to_string()]));
    let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": ring.collect::<Vec<_>>() });
    let (waves, _) = run_with(Schedule::new(parse(body, &[&USERS, &GROUPS], 1000).unwrap()), &[]);
    assert_eq!(waves.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 1000]);
}

/// Requests of a few groups that refer to each other, and of changes to them.
fn any_operations() -> impl Strategy<Value = Vec<Value>> {
    let reference = || "[a-e]".prop_map(|bulk_id| bulk_id);
    let creation = (reference(), proptest::collection::vec(reference(), 0..3)).prop_map(|(bulk_id, members)| {
        let members = members.iter().map(String::as_str).collect::<Vec<_>>();
        group(&bulk_id, &members)
    });
    let path = prop_oneof![reference().prop_map(|bulk_id| format!("/Groups/bulkId:{bulk_id}")), "/Groups/[1-3]"];
    let change = (path.clone(), reference()).prop_map(|(path, member)| {
        patch(&path, json!([{ "op": "add", "path": "members", "value": [{ "value": format!("bulkId:{member}") }] }]))
    });
    let deletion = path.prop_map(|path| json!({ "method": "DELETE", "path": path }));
    proptest::collection::vec(prop_oneof![3 => creation, 2 => change, 1 => deletion, 1 => Just(json!({}))], 1..12)
}

proptest! {
    #[test]
    fn property_every_operation_has_one_result(operations in any_operations(), failing in "id-[a-e]|nothing") {
        let (waves, results) = run(json!(operations), &[&failing]);
        prop_assert_eq!(results.as_array().unwrap().len(), operations.len());
        for (operation, result) in operations.iter().zip(results.as_array().unwrap()) {
            prop_assert_eq!(operation.get("method"), result.get("method"));
            prop_assert_eq!(operation.get("bulkId"), result.get("bulkId"));
            prop_assert_eq!(result["status"].as_str().unwrap().starts_with('2'), result.get("response").is_none());
        }
        for step in waves.iter().flatten() {
            prop_assert!(!step.contains("bulkId:"), "{}", step);
        }
    }

    #[test]
    fn property_no_more_errors_than_accepted(operations in any_operations(), failing in "id-[a-e]|nothing", accepted in 1_usize..4) {
        let body = json!({ "schemas": [REQUEST_SCHEMA], "Operations": operations, "failOnErrors": accepted });
        let (waves, results) = run_with(Schedule::new(parse(body, &[&USERS, &GROUPS], 100).unwrap()), &[&failing]);
        let results = results.as_array().unwrap();
        let is_error = |result: &&Value| !result["status"].as_str().unwrap().starts_with('2');
        let was_stopped = |result: &&Value| result["response"]["detail"].as_str().unwrap().contains("the rest stopped");
        let errors = results.iter().filter(is_error).filter(|error| !was_stopped(error)).count();
        prop_assert!(errors <= accepted && waves.iter().all(|wave| wave.len() <= accepted));
        prop_assert!(errors == accepted || results.len() == operations.len());
    }
}
