use super::*;
use crate::{ENTERPRISE, GROUPS, USERS};

#[test]
fn a_resource_becomes_a_body() {
    let resource = json!({
        "userName": "a@b.c", "active": true, "password": "pw", "name": { "givenName": "A" },
        "emails": [{ "value": "a@b.c" }, { "type": "other", "value": "o@b.c" }],
        "phoneNumbers": [{ "type": "work", "value": "1" }],
        "addresses": [{ "type": "work", "locality": "Rome" }], "city": "Paris",
        ENTERPRISE: { "costCenter": "7", "manager": { "value": "m" } },
    });
    let write = create(&USERS, &Settings::default(), &resource).unwrap();
    assert_eq!(
        Value::Object(write.body),
        json!({
            "userPrincipalName": "a@b.c", "accountEnabled": true, "givenName": "A", "mail": "a@b.c",
            "otherMails": ["o@b.c"], "businessPhones": ["1"], "city": "Rome",
            "employeeOrgData": { "costCenter": "7" }, "passwordProfile": { "password": "pw" },
        })
    );
    assert_eq!(write.links[0].change, Change::Set("m".to_owned()));
}

#[test]
fn replace_clears_what_is_missing() {
    let resource = json!({ "userName": "a@b.c", ENTERPRISE: { "department": "D" } });
    let write = replace(&USERS, &Settings::default(), &resource, &resource).unwrap();
    assert_eq!(write.body["jobTitle"], Value::Null);
    assert_eq!(write.body["businessPhones"], json!([]));
    assert_eq!(write.body["otherMails"], json!([]));
    assert_eq!(write.body["department"], "D");
    assert_eq!(write.links[0].change, Change::Clear);
    for kept in ["displayName", "accountEnabled", "usageLocation", "mySite", "onPremisesExtensionAttributes"] {
        assert!(!write.body.contains_key(kept), "{kept}");
    }
}

#[test]
fn members_are_not_lost_by_leaving_them_out() {
    let check = |body: Value, expected: Option<Change>| {
        let write = replace(&GROUPS, &Settings::default(), &json!({ "displayName": "G" }), &body).unwrap();
        assert_eq!(write.links.first().map(|link| link.change.clone()), expected, "{body}");
    };
    check(json!({ "displayName": "G" }), None);
    check(json!({ "Members": [] }), Some(Change::Members(Members::All(Vec::new()))));
    check(json!({ "members": null }), Some(Change::Members(Members::All(Vec::new()))));
}

#[test]
fn update_writes_only_what_differs() {
    let before = json!({ "title": "a", "city": "x", "emails": [{ "type": "other", "value": "1" }] });
    let after = json!({ "title": "b", "city": "x", "emails": [] });
    let write = update(&USERS, &Settings::default(), &before, &after).unwrap();
    assert_eq!(Value::Object(write.body), json!({ "jobTitle": "b", "otherMails": [] }));
    let before = json!({ "members": [{ "value": "a" }, { "value": "b" }] });
    let after = json!({ "members": [{ "value": "b" }, { "value": "c" }] });
    let write = update(&GROUPS, &Settings::default(), &before, &after).unwrap();
    let difference = Members::Difference { add: vec!["c".to_owned()], remove: vec!["a".to_owned()] };
    assert_eq!(write.links[0].change, Change::Members(difference));
}
