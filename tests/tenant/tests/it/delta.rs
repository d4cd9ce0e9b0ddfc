//! `GET /users/delta`.

use serde_json::{Value, json};
use tenant::{Options, Population};

use crate::client::{ADELE, Box};

const MANAGER: &str = "ba76f586-9604-57a3-b94e-02d749c65171";

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn link(page: &Value) -> String {
    assert!(page.get("@odata.nextLink").is_none());
    page["@odata.deltaLink"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_round_has_everyone_and_the_next_one_what_changed() {
    let tenant = Box::start(Options { delta_page_size: 4, ..Options::default() });
    let (all, last) = tenant.follow("/users/delta?$select=displayName,jobTitle,manager", &[]);
    assert_eq!(ids(&all), tenant.server.tenant().ids());
    assert_eq!(all[4]["manager@delta"], json!([{"@odata.type": "#microsoft.graph.user", "id": MANAGER}]));
    assert!(all.iter().all(|item| item.as_object().unwrap().values().all(|value| !value.is_null())));

    let (none, last) = tenant.follow(&link(&last), &[]);
    assert_eq!(none, Vec::<Value>::new());

    let new = json!({"accountEnabled": true, "displayName": "New", "mailNickname": "new", "userPrincipalName": "new@contoso.com",
        "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d"}});
    let new = tenant.post("/users", &new).body["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &json!({"jobTitle": null})).status, 204);
    // A property that is not selected is not tracked.
    assert_eq!(tenant.patch(&format!("/users/{MANAGER}"), &json!({"city": "Oslo"})).status, 204);
    assert_eq!(tenant.call("DELETE", "/users/DebraB@contoso.onmicrosoft.com", &[], &Value::Null).status, 204);
    let (changed, after) = tenant.follow(&link(&last), &[]);
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert_eq!(changed[0], json!({"displayName": "New", "id": new}));
    assert_eq!(changed[1], json!({"displayName": "Adele Vance", "id": ADELE, "jobTitle": null}));
    assert_eq!(changed[2]["@removed"], json!({"reason": "changed"}));

    let (minimal, _) = tenant.follow(&link(&last), &[("Prefer", "return=minimal")]);
    assert_eq!(minimal[1], json!({"id": ADELE, "jobTitle": null}));

    tenant.server.tenant().purge(changed[2]["id"].as_str().unwrap()).unwrap();
    let (gone, _) = tenant.follow(&link(&after), &[]);
    assert_eq!(gone, [json!({"id": changed[2]["id"], "@removed": {"reason": "deleted"}})]);
}

#[test]
fn a_manager_that_changes_is_told_with_the_one_before() {
    let tenant = Box::sample();
    let start = link(&tenant.get("/users/delta?$deltatoken=latest&$select=displayName,manager").body);
    let other = tenant.server.tenant().ids()[2].clone();
    let reference = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{other}")});
    assert_eq!(tenant.call("PUT", &format!("/users/{ADELE}/manager/$ref"), &[], &reference).status, 204);
    let (items, _) = tenant.follow(&start, &[]);
    let user = "#microsoft.graph.user";
    let expected = json!([{"@odata.type": user, "id": other}, {"@odata.type": user, "id": MANAGER, "@removed": {"reason": "deleted"}}]);
    assert_eq!(items[0]["manager@delta"], expected);
    assert_eq!(tenant.call("DELETE", &format!("/users/{ADELE}/manager/$ref"), &[], &Value::Null).status, 204);
    let (items, _) = tenant.follow(&start, &[]);
    assert_eq!(items[0]["manager@delta"].as_array().unwrap().len(), 1, "only the first one is told, as removed");
}

#[test]
fn changes_come_in_pages_and_what_changes_meanwhile_comes_later() {
    let tenant = Box::start(Options { delta_page_size: 3, ..Options::default() });
    let start = link(&tenant.get("/users/delta?$deltatoken=latest&$select=jobTitle").body);
    let ids_before = tenant.server.tenant().ids();
    for id in &ids_before[..7] {
        tenant.server.tenant().update(id, json!({"jobTitle": "Changed"})).unwrap();
    }
    let first = tenant.get(&start);
    assert_eq!(ids(first.items()), ids_before[..3]);
    tenant.server.tenant().update(&ids_before[20], json!({"jobTitle": "Changed"})).unwrap();
    let (rest, last) = tenant.follow(first.body["@odata.nextLink"].as_str().unwrap(), &[]);
    assert_eq!(ids(&rest), ids_before[3..7]);
    let (later, _) = tenant.follow(&link(&last), &[]);
    assert_eq!(ids(&later), [&ids_before[20]]);
    // A link can be used again.
    assert_eq!(tenant.get(&start).items().len(), 3);
}

#[test]
fn a_link_outlives_a_restart_without_changes_and_no_other() {
    let options = || Options { users: Population::Generated(500), ..Options::default() };
    let before = Box::start(options());
    let page = before.get("/users/delta?$select=displayName").body;
    let onward = |link: &str| format!("/users/delta{}", link.split_once("/delta").unwrap().1);
    let next = onward(page["@odata.nextLink"].as_str().unwrap());
    let expected = before.get(&next).body["value"].clone();
    let (_, last) = before.follow("/users/delta?$select=displayName", &[]);
    let delta = onward(&link(&last));
    before.server.stop();

    let after = Box::start(options());
    assert_eq!(after.get(&next).body["value"], expected);
    assert_eq!(after.get(&delta).items().len(), 0);
    let other = Box::start(Options { users: Population::Generated(501), ..Options::default() });
    for (tenant, path) in
        [(&other, delta.as_str()), (&other, next.as_str()), (&after, "/users/delta?$deltatoken=unknown")]
    {
        let answer = tenant.get(path);
        assert_eq!((answer.status, answer.code()), (410, "syncStateNotFound"));
        assert!(answer.headers["location"].ends_with("/v1.0/users/delta?$deltatoken="));
    }
    assert_eq!(after.get("/users/delta?$deltatoken=").items().len(), 200);
}

#[test]
fn what_delta_does_not_take() {
    let tenant = Box::sample();
    for option in ["$top=5", "$orderby=displayName", "$expand=manager", "$count=true", "$search=\"displayName:a\""] {
        assert_eq!(tenant.get(&format!("/users/delta?{option}")).status, 400, "{option}");
    }
    let one = tenant.get(&format!("/users/delta?$filter=id eq '{ADELE}'&$select=displayName"));
    assert_eq!(one.names(), ["Adele Vance"]);
    for filter in ["displayName eq 'a'", "id eq 'a' and id eq 'b'", "id ne 'a'"] {
        assert_eq!(tenant.get(&format!("/users/delta?$filter={filter}")).status, 400, "{filter}");
    }
}
