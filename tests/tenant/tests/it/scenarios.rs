//! The scenario files that come with the tenant, and what is wrong with others.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tenant::{Options, Scenario};

use crate::client::{ADELE, Box};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

fn start(name: &str) -> Box {
    Box::start(Options::default().with_scenario(Scenario::read(&file(name)).unwrap()))
}

/// The statuses of so many requests; 0 where the connection broke, 1 where the body was no JSON.
fn statuses(tenant: &Box, path: &str, count: usize) -> Vec<u16> {
    let status = |_| match tenant.try_call("GET", path, &[], &Value::Null) {
        Err(_) => 0,
        Ok(answer) if answer.status == 200 && answer.body.is_string() => 1,
        Ok(answer) => answer.status,
    };
    (0..count).map(status).collect()
}

#[test]
fn every_file_is_described_and_can_be_served() {
    let table = std::fs::read_to_string(file("README.md")).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(file("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".json") {
            assert!(table.contains(&format!("| `{name}` |")), "{name} is not described");
            start(&name);
            files += 1;
        }
    }
    assert_eq!(files, 6);
}

#[test]
fn documented_quota() {
    let tenant = start("documented-quota.json");
    assert_eq!(tenant.control("GET", "/settings", &Value::Null).body["throttle"], "documented");
}

#[test]
fn throttled() {
    let tenant = start("throttled.json");
    assert_eq!(statuses(&tenant, "/users", 11), [200, 200, 200, 429, 200, 200, 200, 429, 429, 200, 200]);
    assert_eq!(statuses(&tenant, "/users", 20).last(), Some(&429), "the units are used up");
}

#[test]
fn flaky() {
    let tenant = start("flaky.json");
    let ok = [200, 200, 200];
    let wrong = [503, 502, 504, 500, 200, 0, 1, 1];
    let expected: Vec<u16> = wrong.iter().flat_map(|wrong| ok.into_iter().chain([*wrong])).collect();
    assert_eq!(statuses(&tenant, "/users?$top=5", expected.len()), expected);
}

#[test]
fn replicating() {
    let tenant = start("replicating.json");
    let user = format!("/users/{ADELE}");
    let before = tenant.get(&user).body["jobTitle"].clone();
    assert_eq!(tenant.patch(&user, &json!({"jobTitle": "Changed"})).status, 204);
    assert_eq!(tenant.get(&user).body["jobTitle"], before);
}

#[test]
fn no_premium() {
    let tenant = start("no-premium.json");
    assert_eq!(
        tenant.get("/users?$select=signInActivity").code(),
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    );
    assert_eq!(tenant.get("/organization").status, 403);
}

#[test]
fn lost_places() {
    let tenant = start("lost-places.json");
    let empty = tenant.get("/users?$top=10&$select=id");
    let next = empty.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!((empty.items().len(), tenant.get(next).code()), (0, "Directory_ExpiredPageToken"));
    let reset = tenant.get("/users/delta?$deltatoken=x");
    assert_eq!((reset.status, reset.code()), (410, "resyncRequired"));
}

#[test]
fn what_is_no_scenario_is_told_with_its_place() {
    let cases = [
        (
            "{\"faults\": [\n  {\"match\": \"GET /users\", \"drop\": true, \"cut\": true}]}",
            "only one of `status`, `drop`, `cut`, `garble` and `emptyPage` can be said, in the fault for 'GET /users'",
            "line 2",
        ),
        ("{\"faults\": [{\"match\": \"users\", \"drop\": true}]}", "in the fault for 'users'", "line 1"),
        ("{\"settings\": {\"premum\": false}}", "unknown field `premum`", "line 1 column 22"),
        ("{\n\"settings\": {\"throttle\": 5}}", "`throttle` has to be", "line 2"),
        ("{\"setting\": {}}", "unknown field `setting`, expected `settings` or `faults`", "line 1 column 10"),
        ("{", "EOF while parsing an object", "line 1 column 1"),
    ];
    let directory = std::env::temp_dir().join(format!("scenarios-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let wrong = directory.join("wrong.json");
    for (text, what, place) in cases {
        std::fs::write(&wrong, text).unwrap();
        let error = Scenario::read(&wrong).unwrap_err().to_string();
        let start = format!("the scenario {} is wrong: ", wrong.display());
        assert!(error.starts_with(&start) && error.contains(what) && error.contains(place), "{error}");
    }
    std::fs::remove_dir_all(&directory).unwrap();
    let missing = Scenario::read(&wrong).unwrap_err().to_string();
    assert!(missing.starts_with(&format!("cannot read the scenario {}: ", wrong.display())), "{missing}");
}
