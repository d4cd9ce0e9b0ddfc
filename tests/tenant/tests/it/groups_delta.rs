//! `GET /groups/delta`.

use serde_json::{Value, json};
use tenant::{Groups, Options, Population};

use crate::client::{ADELE, Box};

const MEGAN: &str = "d25e900e-a020-5c82-a8b1-a87a758f9050";
const FINANCE: &str = "69f435f6-b8b7-5ffd-8d18-0fea14f38358";
const IDEAS: &str = "0888b818-ba80-517a-9b8a-4b4d13272177";

/// The items of a round, and the link to the next one.
fn round(tenant: &Box, path: &str) -> (Vec<Value>, String) {
    let (items, last) = tenant.follow(path, &[]);
    (items, last["@odata.deltaLink"].as_str().unwrap().to_owned())
}

fn of<'a>(items: &'a [Value], id: &str) -> &'a Value {
    items.iter().find(|item| item["id"] == id).unwrap_or(&Value::Null)
}

#[test]
fn rounds() {
    let tenant = Box::start(Options { delta_page_size: 7, ..Options::default() });
    let (all, link) = round(&tenant, "/groups/delta?$select=displayName,description,members");
    assert_eq!(all.len(), 18);
    assert_eq!(of(&all, FINANCE)["members@delta"].as_array().unwrap().len(), 2);
    assert_eq!(of(&all, IDEAS), &json!({"id": IDEAS, "displayName": "Ideas 山"}), "what is not set is left out");
    let (by_default, _) = round(&tenant, "/groups/delta");
    assert_eq!(of(&by_default, FINANCE)["members@delta"][0]["@odata.type"], "#microsoft.graph.user");
    let (none, latest) = round(&tenant, "/groups/delta?$deltatoken=latest&$select=displayName");
    assert_eq!(none.len(), 0);
    let (quiet, link) = round(&tenant, &link);
    assert_eq!(quiet.len(), 0);

    let lynne = tenant.get(&format!("/groups/{FINANCE}/members")).items()[0]["id"].as_str().unwrap().to_owned();
    let handle = tenant.server.tenant();
    handle.add_member(IDEAS, ADELE).unwrap();
    handle.add_member(IDEAS, MEGAN).unwrap();
    handle.remove_member(IDEAS, MEGAN).unwrap();
    handle.delete(&lynne).unwrap();
    tenant.patch(&format!("/users/{ADELE}"), &json!({"city": "Oslo"}));
    let (changed, link) = round(&tenant, &link);
    assert_eq!(
        of(&changed, IDEAS)["members@delta"],
        json!([
            {"@odata.type": "#microsoft.graph.user", "id": ADELE},
            {"@odata.type": "#microsoft.graph.user", "id": MEGAN, "@removed": {"reason": "deleted"}},
        ])
    );
    assert_eq!(of(&changed, FINANCE)["members@delta"][0]["@removed"]["reason"], "deleted", "{changed:?}");
    assert!(changed.iter().all(|item| item["displayName"].is_string()), "users have a round of their own");
    assert_eq!(round(&tenant, &latest).0.len(), 0, "members were not selected there");

    handle.restore();
    tenant.post(&format!("/directory/deletedItems/{lynne}/restore"), &Value::Null);
    tenant.patch(&format!("/groups/{FINANCE}"), &json!({"description": null}));
    let new = json!({"displayName": "New", "mailEnabled": false, "mailNickname": "new", "securityEnabled": true});
    let new = handle.create_group(new).unwrap();
    handle.delete(IDEAS).unwrap();
    let (changed, link) = round(&tenant, &link);
    let lynne = json!([{"@odata.type": "#microsoft.graph.user", "id": lynne}]);
    assert_eq!(
        (&of(&changed, FINANCE)["members@delta"], &of(&changed, FINANCE)["description"]),
        (&lynne, &Value::Null)
    );
    assert!(of(&changed, FINANCE).as_object().unwrap().contains_key("description"), "what was cleared is null");
    assert_eq!(of(&changed, &new)["displayName"], "New");
    assert_eq!(of(&changed, IDEAS), &json!({"id": IDEAS, "@removed": {"reason": "changed"}}));
    handle.purge(IDEAS).unwrap();
    assert_eq!(of(&round(&tenant, &link).0, IDEAS)["@removed"]["reason"], "deleted");
    let lost = tenant.get(&link.replace("/groups/", "/users/"));
    assert_eq!((lost.status, lost.code()), (410, "syncStateNotFound"), "a link is of its own collection");
    let broken = tenant.get("/groups/delta?$deltatoken=x");
    assert!(broken.headers["location"].ends_with("/v1.0/groups/delta?$deltatoken="));
    let one = round(&tenant, &format!("/groups/delta?$filter=id eq '{FINANCE}'&$select=displayName")).0;
    assert_eq!(one, [json!({"id": FINANCE, "displayName": "Finance"})]);
}

#[test]
fn a_large_group_comes_in_parts() {
    let groups = Groups { count: 3, members: 5, largest: 2_500, busiest: 0 };
    let options = Options { users: Population::Generated(3_000), groups, delta_page_size: 2, ..Options::default() };
    let tenant = Box::start(options);
    let (items, _) = round(&tenant, "/groups/delta?$select=displayName,members");
    assert_eq!(items.len(), 5, "the first group has three parts");
    let first = &items[0]["id"];
    let members: Vec<&Value> = items
        .iter()
        .filter(|item| item["id"] == *first)
        .flat_map(|item| item["members@delta"].as_array().unwrap())
        .map(|member| &member["id"])
        .collect();
    assert_eq!(members.len(), 2_500);
    let names = items.iter().filter(|item| item["displayName"].is_string()).count();
    assert_eq!(names, 3, "only the first part tells the rest");
}
