//! What the tenant answers, judged by the rules that the connector's traffic is judged by.

use contract::{Contract, Severity, read_traffic};
use serde_json::{Value, json};
use tenant::{APPLICATION_ID, CLIENT_ID, Options, Settings};

use crate::client::{ADELE, Box, EVENTUAL};

const ALL_COMPANY: &str = "2349030d-002d-5b2c-b4bc-d0773cca328f";
const BACKUP: &str = "572aec58-7950-5f22-ae81-c715200782c4";
const PRESS: &str = "e4955c26-0449-58e2-9ffa-2d9d9dd3b854";
const PROGRAM: &str = "bc789f0d-1dcb-519c-80ca-56422a81d118";
const CONTACT: &str = "b858ead4-29dc-57cf-b2cb-6b173d003d12";
const HENRIETTA: &str = "4b53c157-3bf7-5ae8-8136-6262c2ce3d0c";
const EXTERNAL_ID: &str = "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId";

/// Judges all that was recorded of a tenant, and returns it.
pub(crate) fn judge(tenant: &Box) -> String {
    let lines = tenant.server.requests().into_iter().map(|exchange| serde_json::to_string(&exchange).unwrap());
    let traffic = lines.collect::<Vec<_>>().join("\n");
    assert!(!traffic.is_empty(), "nothing was recorded");
    for line in read_traffic(&traffic) {
        let (_, exchange) = line.unwrap();
        for finding in Contract::load().check(&exchange) {
            // What was refused may well be wrong.
            let is_refused = exchange.status.is_some_and(|status| status >= 400);
            if is_refused && ["/request", "/url"].iter().any(|part| finding.place.starts_with(part)) {
                continue;
            }
            assert_ne!(finding.severity, Severity::Violation, "{} {}: {finding}", exchange.method, exchange.url);
        }
    }
    traffic
}

/// What only reads; `~` is an advanced query.
fn reads() -> Vec<String> {
    let mut reads: Vec<String> = [
        "/groups",
        "/groups?$top=3",
        "/groups?$select=id,displayName,membershipRule,onPremisesSyncEnabled&$expand=members($select=id,displayName)",
        "/groups?$filter=displayName eq 'Finance'&$expand=owners",
        "/groups?$orderby=displayName desc&$select=displayName",
        "~/groups?$filter=description eq 'x' or owners/$count eq 0&$count=true&$orderby=displayName",
        "~/groups?$search=\"displayName:office\" AND \"description:one\"",
        "~/groups/$count?$filter=startswith(displayName,'o')",
        "/directory/deletedItems/microsoft.graph.group",
    ]
    .map(str::to_owned)
    .into();
    reads.push(format!("/groups?$filter=startswith({EXTERNAL_ID},'hr')&$select=id,{EXTERNAL_ID}"));
    for group in [ALL_COMPANY, BACKUP, PRESS] {
        reads.push(format!("/groups/{group}"));
        reads.push(format!("/groups/{group}?$select=id,hideFromAddressLists,unseenCount"));
        for relationship in ["members", "owners", "transitiveMembers"] {
            reads.push(format!("/groups/{group}/{relationship}"));
            reads.push(format!("/groups/{group}/{relationship}?$select=id,displayName,userPrincipalName&$top=2"));
            reads.push(format!("~/groups/{group}/{relationship}/$count"));
            for cast in ["user", "group", "servicePrincipal", "orgContact", "device"] {
                reads.push(format!("~/groups/{group}/{relationship}/microsoft.graph.{cast}?$count=true"));
                reads.push(format!("~/groups/{group}/{relationship}/microsoft.graph.{cast}/$count"));
            }
        }
        reads.push(format!("/groups/{group}/members/$ref"));
        reads.push(format!("/groups/{group}/owners/$ref"));
        reads.push(format!("/groups/{group}/memberOf"));
        reads.push(format!("~/groups/{group}/transitiveMemberOf/microsoft.graph.group?$count=true"));
        reads.push(format!("/directoryObjects/{group}"));
    }
    for (collection, id) in [("users", ADELE), ("servicePrincipals", PROGRAM), ("contacts", CONTACT)] {
        reads.push(format!("/{collection}"));
        reads.push(format!("/{collection}/{id}"));
        reads.push(format!("/{collection}/{id}/memberOf?$select=id,displayName"));
        reads.push(format!("~/{collection}/{id}/transitiveMemberOf/microsoft.graph.group?$count=true"));
        reads.push(format!("/directoryObjects/{id}"));
    }
    reads.push(format!("/applications?$filter=appId eq '{CLIENT_ID}'&$select=id,appId"));
    reads.push(format!("/applications(appId='{CLIENT_ID}')"));
    reads.push(format!("/applications/{APPLICATION_ID}/extensionProperties"));
    reads.push("/groups/delta".to_owned());
    reads.push("/groups/delta?$select=displayName,members,owners".to_owned());
    reads.push(format!("/users/{ADELE}/photo"));
    reads.push(format!("/users/{ADELE}/mailboxSettings"));
    reads.push(format!("/users/{HENRIETTA}?$select=id,customSecurityAttributes"));
    reads.push("~/users?$count=true&$filter=customSecurityAttributes/Engineering/Project eq 'Baker'".to_owned());
    reads.push("/directory/attributeSets".to_owned());
    reads.push("/directory/customSecurityAttributeDefinitions/Engineering_Project".to_owned());
    reads.push("/directory/customSecurityAttributeDefinitions?$filter=name eq 'Project'".to_owned());
    reads.push(format!("/users/{ADELE}/ownedObjects"));
    reads.push(format!("/users/{ADELE}?$expand=memberOf"));
    reads
}

/// What changes something.
fn changes(tenant: &Box) {
    let origin = tenant.server.origin();
    let adele = json!(format!("{origin}/v1.0/directoryObjects/{ADELE}"));
    let made = tenant.post(
        "/groups",
        &json!({"displayName": "New", "mailEnabled": true, "mailNickname": "new", "securityEnabled": true,
            "groupTypes": ["Unified"], EXTERNAL_ID: "n", "members@odata.bind": [adele]}),
    );
    let group = format!("/groups/{}", made.body["id"].as_str().unwrap());
    let program = json!(format!("{origin}/v1.0/directoryObjects/{PROGRAM}"));
    let definition = json!({"name": "badge", "dataType": "String", "targetObjects": ["User"]});
    let assigned = json!({"customSecurityAttributes": {"Engineering": {
        "@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", "CostCenter": "CC-1",
        "NumVendors@odata.type": "#Int32", "NumVendors": 4}}});
    let replies = json!({"automaticRepliesSetting": {"status": "alwaysEnabled", "internalReplyMessage": "Away"}});
    let calls = [
        ("PATCH", format!("/users/{ADELE}"), assigned),
        ("PATCH", format!("/users/{ADELE}/mailboxSettings"), replies),
        ("DELETE", format!("/users/{ADELE}/photo"), Value::Null),
        ("POST", format!("/applications/{APPLICATION_ID}/extensionProperties"), definition),
        ("PATCH", group.clone(), json!({"displayName": "Newer", "description": null})),
        ("PATCH", group.clone(), json!({"hideFromAddressLists": true})),
        ("POST", format!("{group}/owners/$ref"), json!({"@odata.id": adele})),
        ("POST", format!("{group}/owners/$ref"), json!({"@odata.id": program})),
        ("DELETE", format!("{group}/owners/{PROGRAM}/$ref"), Value::Null),
        ("DELETE", format!("{group}/members/{ADELE}/$ref"), Value::Null),
        ("PATCH", group.clone(), json!({"members@odata.bind": [adele]})),
        ("DELETE", group, Value::Null),
    ];
    for (method, path, body) in calls {
        let answer = tenant.call(method, &path, &[], &body);
        assert!(answer.status < 300, "{method} {path}: {:?}", answer.body);
    }
}

#[test]
fn answers_are_as_published() {
    let mut settings = Settings::default();
    let further = [
        "Application.ReadWrite.OwnedBy",
        "CustomSecAttributeAssignment.ReadWrite.All",
        "CustomSecAttributeDefinition.Read.All",
        "MailboxSettings.ReadWrite",
        "ProfilePhoto.ReadWrite.All",
    ];
    settings.permissions.extend(further.map(str::to_owned));
    let tenant = Box::start(Options { settings, record: 10_000, ..Options::default() });
    for path in reads() {
        let headers: &[(&str, &str)] = if path.starts_with('~') { &[EVENTUAL] } else { &[] };
        let answer = tenant.call("GET", path.trim_start_matches('~'), headers, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    }
    changes(&tenant);
    // Kept for other judges.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/judged.ndjson"), judge(&tenant)).unwrap();
}
