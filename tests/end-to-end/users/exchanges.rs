//! How many exchanges with Graph each operation takes.

use serde_json::{Value, json};

use super::{CORE, USERS, at, create, id, list, operations};
use crate::harness::{Answer, Server, State};

/// A connector whose tenant has more users than the largest page.
fn large() -> Server {
    Server::start(State::new(), &["--simulate", "2100"], &[("inventory_users_schedule", "off")])
}

#[track_caller]
fn one(server: &Server, what: &str, something: impl FnOnce() -> Answer) -> Value {
    let (exchanges, answer) = server.exchanges_of(something);
    assert_eq!(exchanges.len(), 1, "{what}: {exchanges:#?}");
    assert!(answer.status < 300, "{what}: {answer:?}");
    answer.json()
}

#[test]
fn each_takes_one() {
    let server = Server::sample();
    let user = create(&server, "counted@contoso.onmicrosoft.com");
    one(&server, "a read", || server.get(&at(id(&user))));
    one(&server, "a page", || server.get(USERS));
    let filters = [
        "userName eq \"counted@contoso.onmicrosoft.com\"",
        "displayName sw \"Ada\"",
        "not (title eq \"x\") and active eq true",
        "emails.value ew \"contoso.onmicrosoft.com\"",
    ];
    for filter in filters {
        // Managers come apart from an advanced query.
        one(&server, filter, || list(&server, &[("filter", filter), ("attributes", "userName")]));
    }
    let body = json!({ "schemas": [CORE], "userName": "counted2@contoso.onmicrosoft.com" });
    one(&server, "a create", || server.post(USERS, &body));
    let change = operations(json!([{ "op": "replace", "path": "title", "value": "Counter" }]));
    one(&server, "a change", || server.patch(&at(id(&user)), &change));
    one(&server, "a replacement", || server.put(&at(id(&user)), &user));
    one(&server, "a deletion", || server.delete(&at(id(&user))));
}

#[test]
fn a_page_of_any_size_takes_one_wherever_it_is() {
    let server = large();
    for count in [1, 100, 999] {
        let mut index = 1;
        for _ in 0..3 {
            let target = format!("{USERS}?startIndex={index}&count={count}");
            let page = one(&server, &target, || server.get(&target));
            assert_eq!(page["Resources"].as_array().map(Vec::len), Some(count.min(2101 - index)));
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(2100), &json!(index)));
            index += count;
        }
    }
    let mut cursor = String::new();
    let mut seen = 0;
    loop {
        let target = format!("{USERS}?cursor={cursor}&count=999&attributes=userName");
        let page = one(&server, &target, || server.get(&target));
        seen += page["Resources"].as_array().unwrap().len();
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, 2100);
}

#[test]
fn a_jump_is_right_and_what_follows_is_cheap() {
    let server = large();
    let page =
        |index: usize| server.get(&format!("{USERS}?startIndex={index}&count=50&attributes=userName")).expect(200);
    let walked: Vec<Value> =
        (0..42).flat_map(|number| page(1 + number * 50)["Resources"].as_array().unwrap().clone()).collect();
    assert_eq!(walked.len(), 2100);
    // Another instance, another store: it remembers nothing of that walk.
    let server = large();
    let jumped = server.get(&format!("{USERS}?startIndex=1201&count=50&attributes=userName")).expect(200);
    assert_eq!(jumped["Resources"].as_array().unwrap(), &walked[1200..1250]);
    for index in [1251, 1301, 1351] {
        let target = format!("{USERS}?startIndex={index}&count=50&attributes=userName");
        let page = one(&server, &target, || server.get(&target));
        assert_eq!(page["Resources"].as_array().unwrap(), &walked[index - 1..index + 49]);
    }
    let past = server.get(&format!("{USERS}?startIndex=5001&count=50&attributes=userName")).expect(200);
    assert_eq!((&past["totalResults"], past["Resources"].as_array().map(Vec::len)), (&json!(2100), Some(0)));
}

#[test]
fn what_graph_cannot_do_is_done_within_a_bound() {
    let server = large();
    let filter = "displayName co \"an\"";
    let found = list(&server, &[("filter", filter), ("attributes", "userName"), ("count", "10")]).expect(200);
    let total = found["totalResults"].as_u64().unwrap();
    assert!(total > 0 && total < 2100, "{total}");
    let sorted = list(&server, &[("sortBy", "title"), ("attributes", "title"), ("count", "999")]).expect(200);
    let titles: Vec<String> = sorted["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|user| user["title"].as_str().map(str::to_lowercase))
        .collect();
    assert!(titles.is_sorted(), "{titles:?}");
    let huge = Server::start(State::new(), &["--simulate", "12000"], &[("inventory_users_schedule", "off")]);
    let detail = list(&huge, &[("filter", filter)]).expect_error(400, Some("tooMany"));
    assert!(detail.contains("12000"), "{detail}");
}
