//! What holds for requests about users holds for those about groups: permissions, costs, delays, faults, batches.

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Box};

const FINANCE: &str = "69f435f6-b8b7-5ffd-8d18-0fea14f38358";
const IDEAS: &str = "0888b818-ba80-517a-9b8a-4b4d13272177";
const MEGAN: &str = "d25e900e-a020-5c82-a8b1-a87a758f9050";

fn with(permissions: &[&str]) -> Box {
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    Box::start(Options { settings: Settings { permissions, ..Settings::default() }, ..Options::default() })
}

fn reference(id: &str) -> Value {
    json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")})
}

fn group(name: &str) -> Value {
    json!({"displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true})
}

#[test]
fn permissions() {
    // The permissions, and what they allow: list, create, update, members, add a member, memberOf, delete.
    let cases: [(&[&str], [u16; 7]); 7] = [
        (&[], [403, 403, 403, 403, 403, 403, 403]),
        (&["User.ReadWrite.All"], [403, 403, 403, 403, 403, 403, 403]),
        (&["Group.Read.All"], [200, 403, 403, 200, 403, 403, 403]),
        (&["Group.ReadWrite.All"], [200, 201, 204, 200, 204, 403, 204]),
        (&["GroupMember.Read.All"], [200, 403, 403, 200, 403, 403, 403]),
        (&["GroupMember.ReadWrite.All"], [403, 403, 403, 200, 204, 403, 403]),
        (&["Group.Create", "Directory.Read.All"], [200, 201, 403, 200, 403, 200, 403]),
    ];
    for (permissions, expected) in cases {
        let tenant = with(permissions);
        let path = format!("/groups/{IDEAS}");
        let calls = [
            ("GET", "/groups".to_owned(), Value::Null),
            ("POST", "/groups".to_owned(), group("New")),
            ("PATCH", path.clone(), json!({"description": "x"})),
            ("GET", format!("{path}/members"), Value::Null),
            ("POST", format!("{path}/members/$ref"), reference(ADELE)),
            ("GET", format!("/users/{ADELE}/memberOf"), Value::Null),
            ("DELETE", path, Value::Null),
        ];
        for ((method, path, body), status) in calls.iter().zip(expected) {
            let answer = tenant.call(method, path, &[], body);
            assert_eq!(answer.status, status, "{permissions:?} {method} {path}: {:?}", answer.body);
        }
    }
}

#[test]
fn costs() {
    let tenant = Box::sample();
    let cases = [
        ("/groups", "1"),
        (&format!("/groups/{FINANCE}?$expand=members"), "2"),
        (&format!("/groups/{FINANCE}/members"), "3"),
        (&format!("/groups/{FINANCE}/members?$select=id&$top=10"), "1"),
        (&format!("/groups/{FINANCE}/transitiveMembers"), "5"),
        (&format!("/users/{ADELE}/memberOf"), "2"),
        (&format!("/users/{ADELE}/transitiveMemberOf?$select=id"), "1"),
    ];
    for (path, units) in cases {
        assert_eq!(tenant.get(path).headers["x-ms-resource-unit"], units, "{path}");
    }
    let cast = tenant.get_eventual(&format!("/groups/{FINANCE}/members/microsoft.graph.user?$count=true"));
    assert_eq!(cast.headers["x-ms-resource-unit"], "3", "a cast costs what is cast");
    assert!(tenant.server.counts().contains(&("GET /groups/{id}/members".to_owned(), 2)));
}

#[test]
fn changes_of_groups_take_their_time_to_be_seen() {
    let settings = Settings { replication_delay: 600_000, ..Settings::default() };
    let tenant = Box::start(Options { settings, ..Options::default() });
    let members = format!("/groups/{IDEAS}/members");
    let new = tenant.post("/groups", &group("New")).body["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(ADELE)).status, 204);
    assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(MEGAN)).status, 204);
    assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(ADELE)).status, 400, "written is written");
    assert_eq!(tenant.call("DELETE", &format!("{members}/{MEGAN}/$ref"), &[], &Value::Null).status, 204);
    assert_eq!(tenant.patch(&format!("/groups/{FINANCE}"), &json!({"displayName": "Money"})).status, 204);
    let seen = || {
        (
            tenant.get(&format!("/groups/{new}")).status,
            tenant.get(&members).items().len(),
            tenant.get(&format!("/groups/{FINANCE}")).body["displayName"].as_str().unwrap().to_owned(),
            tenant.get(&format!("/users/{ADELE}/memberOf")).items().len(),
            tenant.get_eventual("/groups/$count").body.as_u64().unwrap(),
        )
    };
    assert_eq!(seen(), (404, 0, "Finance".to_owned(), 3, 18));
    tenant.set(&json!({"replicationDelay": 0}));
    assert_eq!(seen(), (200, 1, "Money".to_owned(), 4, 19));

    tenant.set(&json!({"replicationDelay": 600_000}));
    assert_eq!(tenant.call("DELETE", &format!("/users/{ADELE}"), &[], &Value::Null).status, 204);
    assert_eq!(tenant.get(&members).items().len(), 1);
    tenant.set(&json!({"replicationDelay": 30}));
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(tenant.get(&members).items().len(), 0);
}

#[test]
fn faults_and_batches() {
    let tenant = Box::sample();
    tenant.order(&[json!({"match": "POST /groups/*/members/$ref", "status": 503, "retryAfter": 1})]);
    let path = format!("/groups/{IDEAS}");
    let add = |id: &str| ("POST", format!("{path}/members/$ref"), reference(id));
    let steps = [
        add(ADELE),
        add(MEGAN),
        ("PATCH", path.clone(), json!({"description": "x"})),
        ("GET", format!("{path}/members?$select=id"), Value::Null),
        ("POST", "/groups".to_owned(), group("New")),
    ];
    let steps: Vec<(&str, &str, Value)> = steps.iter().map(|(m, p, b)| (*m, p.as_str(), b.clone())).collect();
    let answers = tenant.batch(&steps);
    let statuses: Vec<u64> = answers.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [503, 204, 204, 200, 201]);
    assert_eq!(answers[3]["body"]["value"][0]["id"], MEGAN);
    assert_eq!(tenant.server.tenant().group(&path[8..]).unwrap()["members"], json!([MEGAN]));
}
