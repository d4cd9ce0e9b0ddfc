//! `GET /Groups`.

use serde_json::json;

use super::{CORE, GROUPS, create, members, sorted, users, values};
use crate::harness::Server;

#[test]
fn a_page_of_groups_has_all_members() {
    let server = Server::sample();
    let ids = users(&server, 25);
    let body = json!({ "schemas": [CORE], "displayName": "Twenty-five", "members": values(&ids) });
    let group = server.post(GROUPS, &body).expect(201);
    let list = server.get(&format!("{GROUPS}?filter=displayName%20eq%20%22Twenty-five%22")).expect(200);
    assert_eq!(list["totalResults"], 1);
    assert_eq!(members(&list["Resources"][0]), sorted(&ids));
    assert_eq!(list["Resources"][0]["meta"]["version"], group["meta"]["version"]);
    let (exchanges, all) =
        server.exchanges_of(|| server.get(&format!("{GROUPS}?excludedAttributes=members")).expect(200));
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    assert!(all["totalResults"].as_u64().unwrap() > 1);
}

#[test]
fn entra_looks_whether_a_user_is_a_member() {
    // Entra: GET /Groups?filter=id eq "G" and members eq "U"&attributes=id
    let server = Server::sample();
    let ids = users(&server, 2);
    let body = json!({ "schemas": [CORE], "displayName": "Checked", "members": [{ "value": ids[0] }] });
    let group = server.post(GROUPS, &body).expect(201);
    let group = group["id"].as_str().unwrap();
    for (user, total) in [(&ids[0], 1), (&ids[1], 0)] {
        let filter = format!("filter=id%20eq%20%22{group}%22%20and%20members%20eq%20%22{user}%22&attributes=id");
        let list = server.get(&format!("{GROUPS}?{filter}")).expect(200);
        assert_eq!(list["totalResults"], total, "{list}");
    }
    let filter = format!("filter=groups.value%20eq%20%22{group}%22&attributes=userName");
    let list = server.get(&format!("/scim/v2/Users?{filter}")).expect(200);
    assert_eq!(list["totalResults"], 1);
    assert_eq!(list["Resources"][0]["id"], ids[0].as_str());
}

#[test]
fn groups_are_sorted_and_searched() {
    let server = Server::sample();
    for name in ["zz b", "zz a", "zz c"] {
        create(&server, name);
    }
    let filter = "filter=displayName%20sw%20%22zz%22&attributes=displayName";
    for (order, expected) in [("ascending", ["zz a", "zz b", "zz c"]), ("descending", ["zz c", "zz b", "zz a"])] {
        let list = server.get(&format!("{GROUPS}?{filter}&sortBy=displayName&sortOrder={order}")).expect(200);
        let names: Vec<&str> =
            list["Resources"].as_array().unwrap().iter().map(|group| group["displayName"].as_str().unwrap()).collect();
        assert_eq!(names, expected);
    }
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName co \"z B\"", "attributes": ["displayName"] });
    let list = server.post(&format!("{GROUPS}/.search"), &search).expect(200);
    assert_eq!(list["totalResults"], 1, "{list}");
    assert_eq!(list["Resources"][0]["displayName"], "zz b");
    // Over all types: users and groups in one list.
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"PattiF@contoso.onmicrosoft.com\" or displayName eq \"zz c\"" });
    let list = server.post("/scim/v2/.search", &search).expect(200);
    assert_eq!(list["totalResults"], 2, "{list}");
}
