//! Members and owners of groups, and the way back from users.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenant::{Groups, Options, Population, Settings};

use crate::client::{ADELE, Box, EVENTUAL};

const MIRIAM: &str = "ba76f586-9604-57a3-b94e-02d749c65171";
const MEGAN: &str = "d25e900e-a020-5c82-a8b1-a87a758f9050";
const NESTOR: &str = "83c61e50-43ab-52e7-bf29-92b31dbf65ff";
const FINANCE: &str = "69f435f6-b8b7-5ffd-8d18-0fea14f38358";
const RETAIL: &str = "3a9386be-e4ba-5129-b69c-8ad8f824d4ca";
const OFFICES: &str = "43674bdc-c4f2-5a59-a622-72e98f7e002d";
const DUBLIN: &str = "a1de8fc4-2d10-55c1-8cbf-a4b47b822a55";
const BUILDING: &str = "1d3bda19-9b5a-541d-8b8b-871d2579ae80";
const GUESTS: &str = "33215022-02f4-5cb8-bde4-5be8dfe8e289";
const HELPDESK: &str = "485ae6e4-45f9-5efb-a172-5d059944931e";
const SYNCHRONISED: &str = "402557e5-9beb-5c79-9757-793f8f82ad9f";
const PRESS: &str = "e4955c26-0449-58e2-9ffa-2d9d9dd3b854";
const BACKUP: &str = "572aec58-7950-5f22-ae81-c715200782c4";
const IDEAS: &str = "0888b818-ba80-517a-9b8a-4b4d13272177";
const PROGRAM: &str = "bc789f0d-1dcb-519c-80ca-56422a81d118";
const CONTACT: &str = "b858ead4-29dc-57cf-b2cb-6b173d003d12";

fn reference(tenant: &Box, id: &str) -> Value {
    json!({"@odata.id": format!("{}/v1.0/directoryObjects/{id}", tenant.server.origin())})
}

fn delete(tenant: &Box, path: &str) -> crate::client::Answer {
    tenant.call("DELETE", path, &[], &Value::Null)
}

#[test]
fn members_of_every_type() {
    let tenant = Box::sample();
    let backup = tenant.get(&format!("/groups/{BACKUP}/members"));
    assert!(backup.body["@odata.context"].as_str().unwrap().ends_with("$metadata#directoryObjects"));
    let types: Vec<&Value> = backup.items().iter().map(|item| &item["@odata.type"]).collect();
    assert_eq!(types, ["#microsoft.graph.user", "#microsoft.graph.servicePrincipal"]);
    assert_eq!(backup.items()[1]["displayName"], "Nightly backup");
    let press = tenant.get(&format!("/groups/{PRESS}/members?$select=id,displayName,userPrincipalName,mail&$top=2"));
    assert_eq!(press.names(), ["Miriam Graham", "Katri Niemi"]);
    assert!(
        press.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("directoryObjects(id,displayName,userPrincipalName,mail)")
    );
    let contact = json!({"@odata.type": "#microsoft.graph.orgContact", "id": CONTACT, "displayName": "Katri Niemi",
        "mail": "katri.niemi@fabrikam.com"});
    assert_eq!(press.items()[1], contact);
    let rest = tenant.get(press.body["@odata.nextLink"].as_str().unwrap());
    assert_eq!(rest.names(), ["Tomás Herrera"]);
    let owners = tenant.get(&format!("/groups/{OFFICES}/owners?$select=displayName"));
    assert_eq!(owners.names(), ["Patti Fernandez", "Nestor Wilke"]);
    let references = tenant.get(&format!("/groups/{OFFICES}/members/$ref"));
    assert!(
        references.items()[1]["@odata.id"].as_str().unwrap().ends_with(&format!("/v1.0/directoryObjects/{DUBLIN}"))
    );
    for (path, name) in [
        (format!("/servicePrincipals/{PROGRAM}"), "Nightly backup"),
        (format!("/contacts/{CONTACT}"), "Katri Niemi"),
        (format!("/directoryObjects/{PROGRAM}"), "Nightly backup"),
        (format!("/directoryObjects/{DUBLIN}"), "Dublin office"),
    ] {
        assert_eq!(tenant.get(&path).body["displayName"], name, "{path}");
    }
    for path in [format!("/servicePrincipals/{CONTACT}"), format!("/groups/{ADELE}/members")] {
        assert_eq!(tenant.get(&path).code(), "Request_ResourceNotFound", "{path}");
    }
}

#[test]
fn advanced_queries_on_members() {
    let tenant = Box::sample();
    let members = format!("/groups/{BUILDING}/transitiveMembers");
    let count = |path: &str| tenant.get_eventual(&format!("{path}/$count")).body;
    assert_eq!(count(&members), 16);
    assert_eq!(tenant.get(&format!("{members}/$count")).code(), "Request_BadRequest");
    assert_eq!(count(&format!("{members}/microsoft.graph.user")), 13);
    assert_eq!(count(&format!("{members}/microsoft.graph.group")), 3);
    assert_eq!(count(&format!("{members}/microsoft.graph.device")), 0);
    let filtered = tenant.get_eventual(&format!("{members}/$count?$filter=startswith(displayName,'a')"));
    assert_eq!(filtered.body, 2);
    // What follows the relationship, whether only an advanced query may ask it, and the names.
    let cases = [
        ("/microsoft.graph.group?$select=displayName", true, vec!["Redmond office", "Dublin office", "Offices"]),
        ("/microsoft.graph.device?$top=5", true, vec![]),
        ("/microsoft.graph.user?$filter=department eq 'Retail'&$select=displayName", true, vec!["Adele Vance"]),
        ("?$filter=startswith(displayName,'a')&$select=displayName", true, vec!["Adele Vance", "Alex Wilber"]),
        ("?$filter=id eq '83c61e50-43ab-52e7-bf29-92b31dbf65ff'&$select=displayName", true, vec!["Nestor Wilke"]),
        ("?$filter=id eq 'd25e900e-a020-5c82-a8b1-a87a758f9051'&$select=displayName", true, vec![]),
        ("?$orderby=displayName desc&$top=2&$select=displayName", true, vec!["Sinéad O'Brien", "Redmond office"]),
        ("?$top=2&$select=displayName", false, vec!["Patti Fernandez", "Miriam Graham"]),
    ];
    for (tail, advanced, names) in cases {
        let plain = tenant.get(&format!("{members}{tail}"));
        assert_eq!(plain.status, if advanced { 400 } else { 200 }, "{tail}: {:?}", plain.body);
        let answer = tenant.get_eventual(&format!("{members}{tail}&$count=true"));
        assert_eq!(answer.names(), names, "{tail}");
        assert!(answer.body["@odata.count"].as_u64().unwrap() >= names.len() as u64, "{tail}");
    }
    let found = tenant.get_eventual(&format!("{members}?$search=\"displayName:office\"&$select=displayName"));
    assert_eq!(found.names(), ["Redmond office", "Dublin office", "Offices"]);
    let cast = tenant.get_eventual(&format!("/groups/{OFFICES}/members/microsoft.graph.group?$count=true"));
    assert!(cast.body["@odata.context"].as_str().unwrap().ends_with("$metadata#groups"));
    assert_eq!(cast.items()[0].get("@odata.type"), None);
    for bad in ["$filter=nothing eq 'a'", "$select=nothing", "$filter=description gt 'a'", "$expand=manager"] {
        let answer = tenant.get_eventual(&format!("{members}?{bad}&$count=true"));
        assert_eq!(answer.status, 400, "{bad}");
    }
}

#[test]
fn the_way_back() {
    let tenant = Box::sample();
    let groups = tenant.get(&format!("/users/{NESTOR}/memberOf?$select=id,displayName"));
    assert_eq!(groups.names(), ["All Company", "Operations", "Dublin office"]);
    assert_eq!(groups.items()[0]["@odata.type"], "#microsoft.graph.group");
    let all = tenant.get(&format!("/users/{NESTOR}/transitiveMemberOf?$select=displayName"));
    assert_eq!(all.names(), ["All Company", "Operations", "Dublin office", "Offices", "Building access"]);
    let cast = tenant.get_eventual(&format!(
        "/users/{NESTOR}/transitiveMemberOf/microsoft.graph.group?$count=true&$filter=startswith(displayName,'o')\
         &$orderby=displayName&$select=displayName"
    ));
    assert_eq!((cast.names(), &cast.body["@odata.count"]), (vec!["Offices", "Operations"], &json!(2)));
    let owned = tenant.get(&format!("/users/{NESTOR}/ownedObjects?$select=displayName"));
    assert_eq!(owned.names(), ["Operations", "Dublin office", "Offices"]);
    let nested = tenant.get(&format!("/groups/{DUBLIN}/transitiveMemberOf?$select=displayName"));
    assert_eq!(nested.names(), ["Offices", "Building access"]);
    assert_eq!(tenant.get(&format!("/contacts/{CONTACT}/memberOf")).names(), ["Press", "Partners"]);
    assert_eq!(tenant.get(&format!("/servicePrincipals/{PROGRAM}/memberOf")).names(), ["Backup operators"]);
    assert_eq!(tenant.get_eventual(&format!("/users/{NESTOR}/memberOf/$count")).body, 3);
    assert_eq!(tenant.get_eventual(&format!("/users/{NESTOR}/memberOf/microsoft.graph.directoryRole/$count")).body, 0);
}

#[test]
fn members_come_and_go() {
    let tenant = Box::sample();
    let path = format!("/groups/{IDEAS}/members");
    let add = |id: &str| tenant.post(&format!("{path}/$ref"), &reference(&tenant, id));
    for id in [ADELE, DUBLIN, PROGRAM, CONTACT] {
        assert_eq!(add(id).status, 204, "{id}");
    }
    let again = add(ADELE);
    assert_eq!((again.status, again.code()), (400, "Request_BadRequest"));
    assert_eq!(
        again.message(),
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    let unknown = add("a0a0a0a0-0000-4000-8000-000000000000");
    assert_eq!((unknown.status, unknown.code()), (404, "Request_ResourceNotFound"));
    for body in [json!({}), json!({"@odata.id": 5}), json!({"@odata.id": "x"}), json!({"id": ADELE})] {
        assert_eq!(tenant.post(&format!("{path}/$ref"), &body).status, 400, "{body}");
    }
    let by_users =
        json!({"@odata.id": format!("{}/v1.0/users/MeganB@contoso.onmicrosoft.com", tenant.server.origin())});
    assert_eq!(tenant.post(&format!("{path}/$ref"), &by_users).status, 204);
    assert_eq!(tenant.get(&path).items().len(), 5);
    assert_eq!(delete(&tenant, &format!("{path}/{ADELE}/$ref")).status, 204);
    let gone = delete(&tenant, &format!("{path}/{ADELE}/$ref"));
    assert_eq!((gone.status, gone.code()), (404, "Request_ResourceNotFound"));
    // Groups can be members of each other in a circle, as the service lets them.
    let circle = format!("/groups/{DUBLIN}/members");
    assert_eq!(tenant.post(&format!("{circle}/$ref"), &reference(&tenant, IDEAS)).status, 204);
    assert_eq!(tenant.get(&format!("/groups/{IDEAS}/transitiveMembers")).items().len(), 6);
}

#[test]
fn who_is_deleted_is_no_member() {
    let tenant = Box::sample();
    let members = format!("/groups/{FINANCE}/members");
    let lynne = tenant.get(&members).items()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(delete(&tenant, &format!("/users/{lynne}")).status, 204);
    assert_eq!(tenant.get(&members).names(), ["Sinéad O'Brien"]);
    assert_eq!(tenant.get(&format!("/groups/{FINANCE}/owners")).items().len(), 0);
    assert_eq!(delete(&tenant, &format!("{members}/{lynne}/$ref")).status, 404);
    tenant.post(&format!("/directory/deletedItems/{lynne}/restore"), &Value::Null);
    assert_eq!(tenant.get(&members).items().len(), 2);
    tenant.server.tenant().delete(&lynne).unwrap();
    tenant.server.tenant().purge(&lynne).unwrap();
    assert_eq!(tenant.get(&members).items().len(), 1);
    let groups = |tenant: &Box| tenant.get(&format!("/users/{NESTOR}/memberOf")).items().len();
    assert_eq!(groups(&tenant), 3);
    assert_eq!(delete(&tenant, &format!("/groups/{DUBLIN}")).status, 204);
    assert_eq!(groups(&tenant), 2);
    assert_eq!(tenant.get(&format!("/groups/{OFFICES}/members")).names(), ["Redmond office"]);
}

#[test]
fn owners() {
    let tenant = Box::sample();
    let path = format!("/groups/{RETAIL}/owners");
    let add = |id: &str| tenant.post(&format!("{path}/$ref"), &reference(&tenant, id));
    let last = delete(&tenant, &format!("{path}/{ADELE}/$ref"));
    assert_eq!(
        (last.status, last.message()),
        (400, "The group must have at least one owner, hence this owner cannot be removed.")
    );
    // A program is no owner that counts.
    assert_eq!(add(PROGRAM).status, 204);
    assert_eq!(delete(&tenant, &format!("{path}/{ADELE}/$ref")).status, 400);
    assert_eq!(add(MIRIAM).status, 204);
    assert!(add(MIRIAM).message().ends_with("modified properties: 'owners'."));
    assert_eq!(delete(&tenant, &format!("{path}/{ADELE}/$ref")).status, 204);
    assert_eq!(add(DUBLIN).status, 400, "a group owns nothing");
    let crowd = Box::start(Options { users: Population::Generated(110), ..Options::default() });
    let body = json!({"displayName": "x", "mailEnabled": false, "mailNickname": "x", "securityEnabled": true});
    let group = crowd.server.tenant().create_group(body).unwrap();
    let statuses: Vec<u16> = crowd.server.tenant().ids()[..101]
        .iter()
        .map(|id| crowd.post(&format!("/groups/{group}/owners/$ref"), &reference(&crowd, id)).status)
        .collect();
    assert!(statuses[..100].iter().all(|status| *status == 204) && statuses[100] == 400, "{statuses:?}");
    assert_eq!(delete(&tenant, &format!("{path}/{PROGRAM}/$ref")).status, 204);
}

#[test]
fn groups_whose_members_others_decide() {
    let tenant = Box::sample();
    let megan = reference(&tenant, MEGAN);
    // The group, the status, and what the refusal says.
    let cases = [
        (GUESTS, 403, "Insufficient privileges"),
        (HELPDESK, 403, "Insufficient privileges"),
        (SYNCHRONISED, 400, "on-premises mastered"),
        (PRESS, 400, "Cannot Update a mail-enabled security groups and or distribution list"),
    ];
    for (group, status, message) in cases {
        let member = tenant.get(&format!("/groups/{group}/members")).items()[0]["id"].as_str().unwrap().to_owned();
        let bound = json!({"members@odata.bind": [megan["@odata.id"]]});
        for answer in [
            tenant.post(&format!("/groups/{group}/members/$ref"), &megan),
            tenant.patch(&format!("/groups/{group}"), &bound),
            delete(&tenant, &format!("/groups/{group}/members/{member}/$ref")),
        ] {
            assert_eq!(answer.status, status, "{group}: {:?}", answer.body);
            assert!(answer.message().contains(message), "{group}: {}", answer.message());
        }
    }
    let contact = tenant.post(&format!("/groups/{RETAIL}/members/$ref"), &reference(&tenant, CONTACT));
    assert!(contact.message().contains("cannot be a member"), "{:?}", contact.body);
    for group in [SYNCHRONISED, PRESS] {
        assert_eq!(delete(&tenant, &format!("/groups/{group}")).status, 400);
        assert_eq!(tenant.patch(&format!("/groups/{group}"), &json!({"displayName": "x"})).status, 400);
    }
}

#[test]
fn generated_groups() {
    let groups = Groups { count: 150, members: 10, largest: 2_500, busiest: 101 };
    let tenant = Box::start(Options { users: Population::Generated(5_000), groups, ..Options::default() });
    assert_eq!(tenant.get_eventual("/users/$count").body, 5_000);
    assert_eq!(tenant.get_eventual("/groups/$count").body, 150);
    let first = tenant.get("/groups?$filter=displayName eq 'Team 0000000'&$select=id").items()[0]["id"].clone();
    let first = first.as_str().unwrap();
    let (members, _) = tenant.follow(&format!("/groups/{first}/members?$select=id&$top=999"), &[]);
    let ids: BTreeSet<&str> = members.iter().map(|member| member["id"].as_str().unwrap()).collect();
    assert_eq!((members.len(), ids.len()), (2_500, 2_500));
    let busy = &tenant.server.tenant().ids()[0];
    let (groups, _) = tenant.follow(&format!("/users/{busy}/memberOf?$select=id"), &[]);
    assert_eq!(groups.len(), 101);
    let few = format!("/users/{busy}/memberOf/microsoft.graph.group?$count=true&$top=7&$select=displayName");
    let (page, _) = tenant.follow(&few, &[EVENTUAL]);
    assert_eq!(page.len(), 101);
    // Who can read the members but not users learns who they are, and nothing else of them.
    let settings = Settings { permissions: vec!["GroupMember.Read.All".to_owned()], ..Settings::default() };
    let limited = Box::start(Options { settings, ..Options::default() });
    let backup = limited.get(&format!("/groups/{BACKUP}/members?$select=id,displayName"));
    assert_eq!(
        backup.items()[1],
        json!({"@odata.type": "#microsoft.graph.servicePrincipal", "id": PROGRAM, "displayName": null})
    );
    assert_eq!(limited.get(&format!("/groups/{OFFICES}/members?$select=displayName")).names().len(), 2);
}
