use super::*;
use crate::{ENTERPRISE, GROUPS, USERS};

const A: &str = "11111111-1111-1111-1111-111111111111";
const B: &str = "22222222-2222-2222-2222-222222222222";
const C: &str = "33333333-3333-3333-3333-333333333333";

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
    let before = json!({ "title": "a", "city": "x", "emails": [{ "type": "other", "value": "o@b.c" }] });
    let after = json!({ "title": "b", "city": "x", "emails": [] });
    let write = update(&USERS, &Settings::default(), &before, &after).unwrap();
    assert_eq!(Value::Object(write.body), json!({ "jobTitle": "b", "otherMails": [] }));
    let before = json!({ "members": [{ "value": A }, { "value": B }] });
    let after = json!({ "members": [{ "value": B }, { "value": C }] });
    let write = update(&GROUPS, &Settings::default(), &before, &after).unwrap();
    let difference = Members::Difference { add: vec![C.to_owned()], remove: vec![A.to_owned()] };
    assert_eq!(write.links[0].change, Change::Members(difference));
}

/// What of a user is written, and what is left out.
fn write_user(resource: &Value, expected: &Value, left_out: &[&str]) {
    let write = create(&USERS, &Settings::default(), resource).unwrap();
    assert_eq!(&Value::Object(write.body), expected, "{resource}");
    assert_eq!(write.left_out, left_out, "{resource}");
}

#[test]
fn surplus_addresses_become_other_ones() {
    write_user(
        &json!({ "emails": [
            { "value": "a@b.c" }, { "type": "work", "value": "w@b.c", "primary": true }, { "type": "home", "value": "h@b.c" },
            { "type": "other", "value": "o@b.c" }, { "type": "work", "value": "H@b.c" }, { "type": "home", "value": "" },
        ] }),
        &json!({ "mail": "w@b.c", "otherMails": ["a@b.c", "h@b.c", "o@b.c"] }),
        &[],
    );
    write_user(
        &json!({ "emails": [{ "type": "home", "value": "h@b.c", "primary": true }] }),
        &json!({ "otherMails": ["h@b.c"] }),
        &[],
    );
}

#[test]
fn what_entra_cannot_keep_is_left_out_and_told() {
    write_user(
        &json!({
            "phoneNumbers": [{ "value": "1" }, { "type": "work", "value": "2" }, { "type": "ho\"me", "value": "3" }],
            "addresses": [{ "locality": "Rome", "formatted": "x" }, { "type": "home", "locality": "Oslo" }],
            ENTRA: { "userType": "Chief" },
        }),
        &json!({ "businessPhones": ["1"], "city": "Rome" }),
        &[
            "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User:userType: can only be Member, Guest",
            "phoneNumbers[type eq \"work\"]: Entra keeps one",
            "phoneNumbers[type eq \"home\"]: Entra keeps fax, mobile, work",
            "addresses[type eq \"work\"].formatted: not kept",
            "addresses[type eq \"home\"]: Entra keeps other, work",
        ],
    );
    let members = json!({ "members": [{ "value": "fake-member-id" }, { "value": A }] });
    let write = create(&GROUPS, &Settings::default(), &members).unwrap();
    assert_eq!(write.left_out, ["members: 'fake-member-id' is not an id of Entra"]);
    assert_eq!(write.links[0].change, Change::Members(Members::All(vec![A.to_owned()])));
    let write = create(&GROUPS, &Settings::default(), &json!({ "members": [{ "value": "fake" }] })).unwrap();
    assert!(write.is_empty() && write.left_out.len() == 1);
}

#[test]
fn what_is_left_out_is_told_within_bounds() {
    let members: Vec<Value> = (0..1_000).map(|number| json!({ "value": format!("\r\n{number}") })).collect();
    let write = create(&GROUPS, &Settings::default(), &json!({ "members": members })).unwrap();
    assert_eq!(write.left_out.len(), 32);
    assert_eq!(write.left_out[0], "members: '0' is not an id of Entra");
}

#[test]
fn the_first_row_of_a_property_counts() {
    write_user(
        &json!({ "displayName": "A", "name": { "formatted": "B" }, "city": "Oslo", "addresses": [{ "locality": "Rome" }] }),
        &json!({ "displayName": "A", "city": "Rome" }),
        &[],
    );
    write_user(&json!({ "name": { "formatted": "B" } }), &json!({ "displayName": "B" }), &[]);
}

#[test]
fn update_gives_a_made_up_name() {
    let check = |before: Value, after: Value, expected: Value| {
        let write = update(&USERS, &Settings::default(), &before, &after).unwrap();
        assert_eq!(Value::Object(write.body), expected, "{after}");
    };
    let named = json!({ "userName": "a@b.c", "displayName": "A", "name": { "formatted": "A", "givenName": "A" } });
    let unnamed = json!({ "userName": "a@b.c" });
    let all = json!({ "displayName": "a@b.c", "givenName": null });
    check(named.clone(), unnamed.clone(), all);
    let half = json!({ "userName": "a@b.c", "name": { "formatted": "A", "givenName": "A" } });
    check(named.clone(), half, json!({ "displayName": "a@b.c" }));
    let other = json!({ "userName": "a@b.c", "name": { "formatted": "B", "givenName": "A" } });
    check(named, other, json!({ "displayName": "B" }));
    // A name that was made up follows the user name.
    let renamed = json!({ "userName": "n@b.c" });
    check(unnamed, renamed, json!({ "userPrincipalName": "n@b.c", "displayName": "n@b.c" }));
    let group = json!({ "displayName": "G" });
    let error = update(&GROUPS, &Settings::default(), &group, &json!({})).unwrap_err();
    assert_eq!(error.scim_type, Some(scim::ScimType::Mutability));
}

#[test]
fn what_graph_would_refuse_is_refused() {
    for (resource, detail) in [
        (json!({ "displayName": "x".repeat(257) }), "'displayName' can have 256 characters at most"),
        (json!({ "externalId": "x".repeat(257) }), "'externalId' can have 256 characters at most"),
        (
            json!({ "emails": [{ "type": "other", "value": "x" }] }),
            "'emails.value' must be an e-mail address such as ana@contoso.com",
        ),
    ] {
        let settings = Settings::new("7", "", "");
        assert_eq!(create(&USERS, &settings, &resource).unwrap_err().detail, detail);
    }
}

#[test]
fn what_was_changed_counts_under_whichever_name() {
    let present = json!({ "displayName": "A", "name": { "formatted": "A" }, "city": "Rome",
        "addresses": [{ "type": "work", "locality": "Rome", "country": "Italy" }] });
    let check = |mut given: Value, expected: Value| {
        assert!(is_ambiguous(&USERS, &given), "{given}");
        settle(&USERS, &mut given, &present);
        let write = create(&USERS, &Settings::default(), &given).unwrap();
        assert_eq!(Value::Object(write.body), expected);
    };
    let address = json!([{ "type": "work", "locality": "Rome", "country": "Italy" }]);
    check(json!({ "city": "Paris", "addresses": address }), json!({ "city": "Paris", "country": "Italy" }));
    let moved = json!([{ "type": "work", "locality": "Paris", "country": "Italy" }]);
    check(json!({ "city": "Rome", "addresses": moved }), json!({ "city": "Paris", "country": "Italy" }));
    check(json!({ "displayName": "A", "name": { "formatted": "B" } }), json!({ "displayName": "B" }));
    assert!(!is_ambiguous(&USERS, &present));
}
