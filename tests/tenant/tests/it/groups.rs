//! Groups: what of them can be read, made, changed and deleted.

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Answer, Box, EVENTUAL};

const EXTERNAL_ID: &str = "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId";
const MEGAN: &str = "d25e900e-a020-5c82-a8b1-a87a758f9050";

/// A tenant whose application may also have to do with groups for roles.
fn with_roles() -> Box {
    let mut settings = Settings::default();
    settings.permissions.push("RoleManagement.ReadWrite.Directory".to_owned());
    Box::start(Options { settings, ..Options::default() })
}

fn user(tenant: &Box, id: &str) -> String {
    format!("{}/v1.0/users/{id}", tenant.server.origin())
}

fn security(name: &str) -> Value {
    json!({"displayName": name, "mailEnabled": false, "mailNickname": name.replace(' ', "-"), "securityEnabled": true})
}

fn with(mut body: Value, further: Value) -> Value {
    body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    body
}

fn create(tenant: &Box, body: &Value) -> String {
    let answer = tenant.post("/groups", body);
    assert_eq!(answer.status, 201, "{body}: {:?}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

fn refused(answer: &Answer, status: u16, message: &str, about: &str) {
    assert_eq!(answer.status, status, "{about}: {:?}", answer.body);
    assert!(answer.message().contains(message), "{about}: {}", answer.message());
}

#[test]
fn a_group_lives() {
    let tenant = Box::sample();
    let body = with(
        security("Night shift"),
        json!({"description": "Nights", EXTERNAL_ID: "g-1", "members@odata.bind": [user(&tenant, ADELE)],
            "owners@odata.bind": [user(&tenant, MEGAN)]}),
    );
    let made = tenant.post("/groups", &body);
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert!(made.headers["location"].ends_with("/Microsoft.DirectoryServices.Group"));
    assert!(made.body["@odata.context"].as_str().unwrap().ends_with("$metadata#groups/$entity"));
    let id = made.body["id"].as_str().unwrap();
    for (name, expected) in [
        ("displayName", json!("Night shift")),
        ("groupTypes", json!([])),
        ("mail", Value::Null),
        ("visibility", Value::Null),
        ("proxyAddresses", json!([])),
        ("deletedDateTime", Value::Null),
    ] {
        assert_eq!(made.body[name], expected, "{name}");
    }
    assert!(made.body["securityIdentifier"].as_str().unwrap().starts_with("S-1-12-1-"));
    assert_eq!(made.body["createdDateTime"], made.body["renewedDateTime"]);

    let known = tenant.server.tenant().group(id).unwrap();
    assert_eq!((&known["members"], &known["owners"]), (&json!([ADELE]), &json!([MEGAN])));
    assert_eq!(known[EXTERNAL_ID], "g-1");
    let path = format!("/groups/{id}");
    assert_eq!(tenant.patch(&path, &json!({"description": null, "displayName": "Nights"})).status, 204);
    let read = tenant.get(&format!("{path}?$select=displayName,description,{EXTERNAL_ID}"));
    assert_eq!(read.body["displayName"], "Nights");
    assert_eq!((&read.body["description"], &read.body[EXTERNAL_ID]), (&Value::Null, &json!("g-1")));
    assert_eq!(tenant.get(&format!("/groups?$filter={EXTERNAL_ID} eq 'G-1'")).names(), ["Nights"]);
    assert_eq!(tenant.get(&format!("/groups?$filter=startswith({EXTERNAL_ID},'g-')")).names(), ["Nights"]);

    assert_eq!(tenant.call("DELETE", &path, &[], &Value::Null).status, 204);
    assert_eq!(tenant.get(&path).code(), "Request_ResourceNotFound");
    let deleted = tenant.get("/directory/deletedItems/microsoft.graph.group?$select=id,displayName");
    assert_eq!(deleted.names().last(), Some(&"Nights"));
    let item = format!("/directory/deletedItems/{id}");
    assert_eq!(tenant.get(&item).body["@odata.type"], "#microsoft.graph.group");
    assert_eq!(tenant.post(&format!("{item}/restore"), &Value::Null).status, 200);
    assert_eq!(tenant.server.tenant().group(id).unwrap()["members"], json!([ADELE]));
}

#[test]
fn microsoft_365_groups() {
    let tenant = Box::sample();
    let body = json!({"displayName": "Golf", "mailEnabled": true, "mailNickname": "golf", "securityEnabled": false,
        "groupTypes": ["Unified"]});
    let made = tenant.post("/groups", &body);
    assert_eq!(made.body["mail"], "golf@contoso.onmicrosoft.com");
    assert_eq!(made.body["proxyAddresses"], json!(["SMTP:golf@contoso.onmicrosoft.com"]));
    assert_eq!(made.body["visibility"], "Public");
    refused(&tenant.post("/groups", &body), 400, "same value for property mailNickname", "the alias is taken");
    // The alias of a security group is nobody else's business, and names are free for all.
    create(&tenant, &with(security("Golf"), json!({"mailNickname": "golf"})));
    refused(
        &tenant.post("/groups", &with(body.clone(), json!({"mailNickname": "AdeleV"}))),
        400,
        "same value for property proxyAddresses",
        "the address is a user's",
    );
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    let allowed = [
        json!({"groupTypes": ["Unified"], "mailEnabled": true, "visibility": "Private"}),
        json!({"securityEnabled": true}),
        json!({"groupTypes": ["Unified", "DynamicMembership"], "membershipRule": "user.city -eq \"Oslo\""}),
        json!({"groupTypes": ["Unified"]}),
    ];
    for changes in allowed {
        let answer = tenant.patch(&path, &changes);
        assert_eq!(answer.status, 204, "{changes}: {:?}", answer.body);
    }
    assert_eq!(tenant.patch(&path, &json!({"hideFromAddressLists": true})).status, 200);
    let hidden = tenant.get(&format!("{path}?$select=hideFromAddressLists"));
    assert_eq!(hidden.body["hideFromAddressLists"], true);
    assert_eq!(tenant.get("/groups?$select=hideFromAddressLists").status, 501);
}

#[test]
fn groups_that_cannot_be() {
    let tenant = with_roles();
    let not_supported = "does not currently support writes of mail-enabled groups";
    let unified = json!({"mailEnabled": true, "groupTypes": ["Unified"]});
    let gone = "a0a0a0a0-0000-4000-8000-000000000000";
    let many: Vec<String> = tenant.server.tenant().ids()[..21].iter().map(|id| user(&tenant, id)).collect();
    let twice = [user(&tenant, ADELE), user(&tenant, ADELE)];
    let cases = [
        (json!({"displayName": null}), 400, "displayName"),
        (json!({"securityEnabled": null}), 400, "securityEnabled"),
        (json!({"mailEnabled": true}), 400, not_supported),
        (json!({"securityEnabled": false}), 400, not_supported),
        (json!({"groupTypes": ["Unified"]}), 400, "mailEnabled"),
        (json!({"groupTypes": ["Security"]}), 400, "groupTypes"),
        (json!({"groupTypes": ["DynamicMembership"]}), 400, "membershipRule"),
        (json!({"membershipRule": "user.city -eq \"Oslo\""}), 400, "membershipRule"),
        (json!({"mailNickname": "a b"}), 400, "mailNickname"),
        (json!({"mailNickname": "é"}), 400, "mailNickname"),
        (json!({"mailNickname": "a".repeat(65)}), 400, "mailNickname"),
        (json!({"displayName": "a".repeat(257)}), 400, "displayName"),
        (json!({"description": ""}), 400, "description"),
        (json!({"visibility": "HiddenMembership"}), 400, "visibility"),
        (json!({"mail": "a@contoso.com"}), 400, "read-only"),
        (json!({"nothing": 1}), 400, "does not exist"),
        (json!({"isAssignableToRole": true, "visibility": "Public"}), 400, "isAssignableToRole"),
        (json!({"members@odata.bind": [user(&tenant, gone)]}), 404, gone),
        (json!({"members@odata.bind": ["nonsense"]}), 400, "Invalid URL"),
        (json!({"members@odata.bind": many}), 400, "more than 20"),
        (json!({"members@odata.bind": twice}), 400, "can only be present once as an add/remove change"),
        (
            json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -eq \"Oslo\"",
                "members@odata.bind": [user(&tenant, ADELE)]}),
            403,
            "Insufficient privileges",
        ),
    ];
    let before = tenant.server.tenant().group_ids().len();
    for (further, status, message) in cases {
        let answer = tenant.post("/groups", &with(security("One"), further.clone()));
        refused(&answer, status, message, &further.to_string());
    }
    let nested = create(&tenant, &security("Nested"));
    let bound = json!({"members@odata.bind": [format!("{}/v1.0/groups/{nested}", tenant.server.origin())]});
    for kind in [unified, json!({"isAssignableToRole": true})] {
        let body = with(with(security("Two"), kind.clone()), bound.clone());
        refused(&tenant.post("/groups", &body), 400, "cannot be a member", &kind.to_string());
    }
    assert_eq!(tenant.server.tenant().group_ids().len(), before + 1);
}

#[test]
fn groups_for_roles_need_a_permission_of_their_own() {
    let tenant = with_roles();
    let body = with(security("Helpdesk"), json!({"isAssignableToRole": true}));
    let made = tenant.post("/groups", &body);
    assert_eq!((made.status, &made.body["visibility"]), (201, &json!("Private")));
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(tenant.patch(&path, &json!({"isAssignableToRole": false})).status, 400);
    assert_eq!(tenant.patch(&path, &json!({"description": "new"})).status, 204);
    let without = Box::sample();
    assert_eq!(without.post("/groups", &body).code(), "Authorization_RequestDenied");
}

#[test]
fn changes_that_cannot_be() {
    let tenant = Box::sample();
    let id = create(&tenant, &with(security("One"), json!({"members@odata.bind": [user(&tenant, ADELE)]})));
    let path = format!("/groups/{id}");
    let present = "One or more added object references already exist for the following modified properties: 'members'.";
    let cases = [
        (json!({"mailEnabled": true}), 400, "mailEnabled"),
        (json!({"groupTypes": ["Unified"]}), 400, "groupTypes"),
        (json!({"securityEnabled": false}), 400, "does not currently support"),
        (json!({"displayName": null}), 400, "displayName"),
        (json!({"id": id}), 400, "read-only"),
        (json!({"description": "new", "hideFromAddressLists": true}), 400, "not supported"),
        (json!({"owners@odata.bind": [user(&tenant, MEGAN)]}), 400, "owners@odata.bind"),
        (json!({"members@odata.bind": [user(&tenant, MEGAN), user(&tenant, ADELE)]}), 400, present),
        (json!({"displayName": "Other", "members@odata.bind": [user(&tenant, "nobody@contoso.com")]}), 404, "nobody"),
    ];
    for (changes, status, message) in cases {
        refused(&tenant.patch(&path, &changes), status, message, &changes.to_string());
    }
    let known = tenant.server.tenant().group(&id).unwrap();
    assert_eq!((&known["displayName"], &known["members"]), (&json!("One"), &json!([ADELE])));
    assert_eq!(tenant.patch(&path, &json!({"members@odata.bind": [user(&tenant, MEGAN)]})).status, 204);
    assert_eq!(tenant.server.tenant().group(&id).unwrap()["members"].as_array().unwrap().len(), 2);
    assert_eq!(tenant.patch("/groups/nothing", &json!({"description": "x"})).status, 404);
    assert_eq!(tenant.patch(&format!("/groups/{ADELE}"), &json!({"description": "x"})).status, 404);
    assert_eq!(tenant.patch(&format!("/users/{id}"), &json!({"city": "x"})).status, 404);
}

#[test]
fn lists_of_groups() {
    let tenant = Box::sample();
    for number in 0..25 {
        let owners = if number == 3 { json!([user(&tenant, MEGAN)]) } else { json!([]) };
        let further = json!({"description": format!("Team number {number}"), "owners@odata.bind": owners});
        create(&tenant, &with(security(&format!("Team {number:02}")), further));
    }
    let teams = "startswith(displayName,'Team ')";
    let (all, _) = tenant.follow(&format!("/groups?$filter={teams}&$top=4&$select=id"), &[]);
    assert_eq!(all.len(), 25);
    let sorted = tenant.get_eventual(&format!("/groups?$filter={teams}&$orderby=displayName desc&$count=true&$top=3"));
    assert_eq!(sorted.names(), ["Team 24", "Team 23", "Team 22"]);
    assert_eq!(sorted.body["@odata.count"], 25);
    let search = tenant.get_eventual("/groups?$search=\"description:number 7\"&$select=displayName");
    assert_eq!(search.names(), ["Team 07"]);
    // The filter, whether it is an advanced query, and how many of the groups fit.
    let cases = [
        ("displayName eq 'team 03'", false, 1),
        ("displayName in ('Team 01','Team 02')", false, 2),
        ("mailNickname eq 'Team-04'", false, 1),
        ("startswith(displayName,'Team 1') and securityEnabled eq true", false, 10),
        ("startswith(displayName,'Team ') and mailEnabled eq true", false, 0),
        ("description eq 'Team number 5'", true, 1),
        ("displayName ne 'Team 05' and startswith(displayName,'Team ')", true, 24),
        ("not(displayName eq 'Team 05') and startswith(displayName,'Team ')", true, 24),
        ("owners/$count eq 1 and startswith(displayName,'Team ')", true, 1),
        ("owners/$count eq 0 and startswith(displayName,'Team ')", true, 24),
    ];
    for (filter, advanced, expected) in cases {
        let plain = tenant.get(&format!("/groups?$filter={filter}&$select=displayName"));
        if advanced {
            assert_eq!((plain.status, plain.code()), (400, "Request_UnsupportedQuery"), "{filter}");
        } else {
            assert_eq!(plain.items().len(), expected, "{filter}");
        }
        let answer = tenant.get_eventual(&format!("/groups?$filter={filter}&$count=true"));
        assert_eq!((answer.items().len(), &answer.body["@odata.count"]), (expected, &json!(expected)), "{filter}");
        let count = tenant.get_eventual(&format!("/groups/$count?$filter={filter}"));
        assert_eq!(count.body, expected, "{filter}");
    }
    for (query, code) in [
        ("$filter=userPrincipalName eq 'a'", "BadRequest"),
        ("$filter=createdDateTime ge 2020-01-01T00:00:00Z", "Request_UnsupportedQuery"),
        ("$filter=members/any(m:m/id eq 'a')", "BadRequest"),
        ("$select=userPrincipalName", "BadRequest"),
        ("$orderby=description", "Request_UnsupportedQuery"),
        ("$expand=manager", "ExpandNotSupported"),
        ("$skip=3", "BadRequest"),
        ("$top=1000", "Request_BadRequest"),
    ] {
        let answer = tenant.get(&format!("/groups?{query}"));
        assert_eq!((answer.status, answer.code()), (400, code), "{query}: {}", answer.message());
    }
}

#[test]
fn members_are_expanded_up_to_twenty() {
    let tenant = Box::sample();
    let everyone = tenant.server.tenant().ids();
    let id = create(&tenant, &with(security("All"), json!({"owners@odata.bind": [user(&tenant, MEGAN)]})));
    everyone.iter().for_each(|one| tenant.server.tenant().add_member(&id, one).unwrap());
    let answer = tenant.get(&format!("/groups/{id}?$select=id&$expand=members($select=id,displayName)"));
    let members = answer.body["members"].as_array().unwrap();
    assert_eq!(members.len(), 20);
    assert_eq!(
        members[0],
        json!({"@odata.type": "#microsoft.graph.user", "id": everyone[0], "displayName": "Patti Fernandez"})
    );
    assert_eq!(answer.body.get("members@odata.nextLink"), None);
    let listed = tenant.get("/groups?$filter=displayName eq 'All'&$expand=owners&$select=displayName");
    assert_eq!(listed.items()[0]["owners"][0]["userPrincipalName"], "MeganB@contoso.onmicrosoft.com");
    let advanced = tenant.call(
        "GET",
        "/groups?$filter=displayName eq 'All'&$expand=owners&$count=true",
        &[EVENTUAL],
        &Value::Null,
    );
    assert_eq!((advanced.status, advanced.code()), (400, "Request_UnsupportedQuery"));
    let groups = tenant.get(&format!("/users/{ADELE}?$select=id&$expand=memberOf($select=displayName)"));
    let names: Vec<&Value> =
        groups.body["memberOf"].as_array().unwrap().iter().map(|group| &group["displayName"]).collect();
    assert!(names.contains(&&json!("All")), "{names:?}");
    for bad in ["members($top=3)", "members,owners", "transitiveMembers", "displayName"] {
        assert_eq!(tenant.get(&format!("/groups/{id}?$expand={bad}")).status, 400, "{bad}");
    }
}
