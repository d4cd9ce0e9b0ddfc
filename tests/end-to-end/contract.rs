//! Every function and every job, once through, held against what Microsoft publishes about Graph.
//!
//! The other tests' exchanges are judged too, at the end of each; here the run is wide, and warnings count as well. It
//! leaves its traffic in `target/tmp/contract.ndjson`.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use contract::{Contract, Severity, read_traffic};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::harness::{Process, Request, Server, State};

const USERS: &str = "/scim/v2/Users";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";
const ON_PREMISES: &str = "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User";

/// What the README asks an operator to grant.
const GRANTED: [&str; 1] = ["User.ReadWrite.All"];

/// Warnings that are known, by rule and the end of the place, each with why nothing is wrong.
const KNOWN: [(&str, &str, &str); 1] =
    [("query-option-not-documented", "/url?$expand", "the page on managers has GET /users/{id}?$expand=manager")];

/// Values to filter by, in each comparison that the attribute's property takes.
const FILTERS: [(&str, &str); 33] = [
    ("userName", "\"AdeleV@contoso.onmicrosoft.com\""),
    ("id", "\"544c73d4-cabb-5d98-b175-9654f016e7e7\""),
    ("externalId", "\"7\""),
    ("displayName", "\"Sinéad O'Brien\""),
    ("name.givenName", "\"Adele\""),
    ("name.familyName", "\"Vance\""),
    ("title", "\"Director\""),
    ("preferredLanguage", "\"en-US\""),
    ("userType", "\"Employee\""),
    ("active", "true"),
    ("emails[type eq \"work\"].value", "\"AdeleV@contoso.onmicrosoft.com\""),
    ("emails[type eq \"other\"].value", "\"a@example.com\""),
    ("emails[type eq \"proxyAddress\"].value", "\"a@example.com\""),
    ("phoneNumbers[type eq \"work\"].value", "\"+1\""),
    ("phoneNumbers[type eq \"mobile\"].value", "\"+1\""),
    ("phoneNumbers[type eq \"fax\"].value", "\"+1\""),
    ("addresses[type eq \"work\"].locality", "\"London\""),
    ("addresses[type eq \"work\"].postalCode", "\"EC1\""),
    ("addresses[type eq \"other\"].formatted", "\"18/2111\""),
    ("city", "\"London\""),
    ("companyName", "\"Contoso\""),
    ("usageLocation", "\"GB\""),
    ("employeeOrgData.costCenter", "\"7\""),
    ("startDateTime", "\"2026-01-31T18:30:15Z\""),
    ("{enterprise}employeeNumber", "\"7\""),
    ("{enterprise}division", "\"North\""),
    ("{enterprise}department", "\"Sales\""),
    ("{enterprise}manager.value", "\"544c73d4-cabb-5d98-b175-9654f016e7e7\""),
    ("{entra}mailNickname", "\"AdeleV\""),
    ("{entra}onPremisesImmutableId", "\"7\""),
    ("{entra}onPremisesSyncEnabled", "true"),
    ("{entra}userType", "\"Guest\""),
    ("{onPremises}onPremisesExtensionAttributes.extensionAttribute7", "\"x\""),
];

fn at(id: &str) -> String {
    format!("{USERS}/{id}")
}

fn id(user: &Value) -> &str {
    user["id"].as_str().unwrap()
}

fn list(server: &Server, parameters: &[(&str, &str)]) -> Value {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    let parameters = parameters.iter().map(pair).collect::<Vec<_>>().join("&");
    server.get(&format!("{USERS}?{parameters}")).expect(200)
}

/// A user with each attribute that can be written; extension attributes have a test of their own.
fn person(user_name: &str, manager: &str) -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE, ENTRA],
        "userName": user_name,
        "externalId": "7",
        "active": true,
        "displayName": "Ada Lovelace",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "title": "Analyst",
        "preferredLanguage": "en-GB",
        "userType": "Employee",
        "password": "Xk9-not-to-be-told!",
        "emails": [{ "type": "other", "value": "ada@example.com" }],
        "phoneNumbers": [
            { "type": "work", "value": "+44 20 5550 0100" },
            { "type": "mobile", "value": "+44 7700 900100" },
            { "type": "fax", "value": "+44 20 5550 0101" },
        ],
        "addresses": [
            { "type": "work", "streetAddress": "12 St James's Square", "locality": "London", "region": "Greater London",
              "postalCode": "SW1Y 4JH", "country": "United Kingdom" },
            { "type": "other", "formatted": "18/2111" },
        ],
        "usageLocation": "GB",
        "startDateTime": "2026-01-31T00:00:00Z",
        ENTERPRISE: {
            "employeeNumber": "7", "costCenter": "71", "organization": "Contoso", "division": "North",
            "department": "Research", "manager": { "value": manager },
        },
        ENTRA: { "mailNickname": "ada", "userType": "Member", "passwordForceChangeOnNextSignIn": true },
    })
}

fn patch(server: &Server, id: &str, operations: Value) {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    server.patch(&at(id), &json!({ "schemas": [schema], "Operations": operations })).expect(200);
}

/// Lists by index, by cursor, with each projection and each filter.
fn lists(server: &Server) {
    for start in ["1", "5", "9", "13"] {
        list(server, &[("startIndex", start), ("count", "4")]);
    }
    list(server, &[("startIndex", "20"), ("count", "3")]);
    let mut cursor = String::new();
    loop {
        let page = list(server, &[("cursor", &cursor), ("count", "9")]);
        let Some(next) = page["nextCursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    list(server, &[("count", "0")]);
    list(server, &[("count", "100"), ("attributes", "userName,emails.value")]);
    list(server, &[("count", "5"), ("excludedAttributes", &format!("{ENTERPRISE}:manager"))]);
    list(server, &[("count", "5"), ("attributes", &format!("{ENTERPRISE}:manager,{ENTRA}:creationType"))]);
    for (attribute, value) in FILTERS {
        let attribute = attribute.replace("{enterprise}", &format!("{ENTERPRISE}:"));
        let attribute = attribute.replace("{entra}", &format!("{ENTRA}:"));
        let attribute = attribute.replace("{onPremises}", &format!("{ON_PREMISES}:"));
        list(server, &[("filter", &format!("{attribute} eq {value}"))]);
        list(server, &[("filter", &format!("{attribute} eq {value} and active eq true")), ("count", "3")]);
    }
}

/// Creates, reads, changes, replaces and deletes a user.
fn one_user(server: &Server, managers: [&str; 2]) {
    let user = server.post(USERS, &person("ada@contoso.onmicrosoft.com", managers[0])).expect(201);
    let ada = id(&user).to_owned();
    server.post(USERS, &person("ada@contoso.onmicrosoft.com", managers[0])).expect(409);
    let lone = json!({ "schemas": [CORE], "userName": "lone@contoso.onmicrosoft.com", "displayName": "Lone" });
    let lone = server.post(USERS, &lone).expect(201);

    server.get(&at(&ada)).expect(200);
    server.get(&format!("{}?attributes=userName,profileUrl,endDateTime", at(&ada))).expect(200);
    server.get(&format!("{}?attributes={ENTERPRISE}:manager,{ENTRA}:signInActivity", at(&ada))).expect(200);

    let manager = format!("{ENTERPRISE}:manager");
    for operations in [
        json!([{ "op": "replace", "path": "active", "value": false }]),
        json!([{ "op": "replace", "value": { "title": "Countess", "externalId": "8" } }, { "op": "remove", "path": "city" }]),
        json!([{ "op": "add", "path": "emails", "value": [{ "type": "other", "value": "ada@example.org" }] }]),
        json!([{ "op": "remove", "path": "phoneNumbers[type eq \"fax\"]" }]),
        json!([{ "op": "replace", "path": "password", "value": "Xk9-not-to-be-told?" }]),
        json!([{ "op": "replace", "path": manager, "value": { "value": managers[1] } }]),
        json!([{ "op": "remove", "path": manager }]),
        json!([{ "op": "add", "path": manager, "value": managers[0] }, { "op": "replace", "path": "title", "value": "Dr" }]),
    ] {
        patch(server, &ada, operations);
    }
    server.put(&at(&ada), &person("ada.king@contoso.onmicrosoft.com", managers[1])).expect(200);
    let bare = json!({ "schemas": [CORE, ENTERPRISE], "userName": "ada@contoso.onmicrosoft.com", "displayName": "Ada", ENTERPRISE: {} });
    server.put(&at(&ada), &bare).expect(200);

    for one in [ada.as_str(), id(&lone)] {
        server.delete(&at(one)).expect(204);
        server.get(&at(one)).expect(404);
        server.delete(&at(one)).expect(404);
    }
}

/// Reads the inventory in full, and then what has changed.
fn inventory(server: &Server, anybody: &str) {
    let tick = || {
        let run = server.send(Request::new("POST", "/inventory/users/run")).expect(200);
        assert_eq!(run["status"], "complete", "{run}");
    };
    tick();
    patch(server, anybody, json!([{ "op": "replace", "path": "title", "value": "Chief" }]));
    tick();
    tick();
    server.get("/inventory/users").expect(200);
}

#[test]
fn every_function_and_every_job_keeps_to_it() {
    let server = Server::sample();
    let people = list(&server, &[("count", "3"), ("attributes", "id")]);
    let managers = [0, 1].map(|index| id(&people["Resources"][index]));
    lists(&server);
    inventory(&server, managers[0]);
    one_user(&server, managers);
    inventory(&server, managers[1]);
    // It asks for what may be refused: that is how it finds out. So the permissions are enough for what comes before.
    let before = server.state.exchanges().len();
    server.get("/scim/v2/$capabilities").expect(200);

    fs::copy(server.state.traffic(), Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract.ndjson")).unwrap();
    let traffic = fs::read_to_string(server.state.traffic()).unwrap();
    let granted: BTreeSet<_> = GRANTED.map(ToOwned::to_owned).into();
    let (mut exchanges, mut wrong, mut met) = (0, Vec::new(), BTreeSet::new());
    for line in read_traffic(&traffic) {
        let (_, exchange) = line.unwrap();
        let contract = Contract::load();
        let is_probe = exchanges >= before;
        exchanges += 1;
        for finding in if is_probe { contract.check(&exchange) } else { contract.check_granted(&exchange, &granted) } {
            let is_known = |(rule, end, _): &&(&str, &str, &str)| finding.rule == *rule && finding.place.ends_with(end);
            match KNOWN.iter().find(is_known).filter(|_| finding.severity == Severity::Warning) {
                Some((rule, ..)) => drop(met.insert(*rule)),
                None => wrong.push(format!("{} {}\n  {finding}", exchange.method, exchange.url)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(met, KNOWN.iter().map(|(rule, ..)| *rule).collect(), "a warning is known that does not come any more");
    assert!(exchanges > 100, "only {exchanges} exchanges");
}

#[test]
fn extension_attributes_are_an_exception_that_is_told() {
    let server = Server::sample();
    let attributes =
        json!({ "onPremisesExtensionAttributes": { "extensionAttribute1": "x", "extensionAttribute15": "y" } });
    let mut user =
        json!({ "schemas": [CORE, ON_PREMISES], "userName": "ada@contoso.onmicrosoft.com", "displayName": "Ada" });
    user[ON_PREMISES] = attributes.clone();
    let user = server.post(USERS, &user).expect(201);
    assert_eq!(user[ON_PREMISES], attributes, "{user}");
    let path = format!("{ON_PREMISES}:onPremisesExtensionAttributes.extensionAttribute15");
    patch(&server, id(&user), json!([{ "op": "remove", "path": path }]));

    let traffic = fs::read_to_string(server.state.traffic()).unwrap();
    let findings = read_traffic(&traffic).flat_map(|line| Contract::load().check(&line.unwrap().1));
    assert_eq!(findings.filter(|finding| finding.rule == "exception").count(), 2);
}

#[test]
fn a_violation_fails_the_test() {
    let state = State::empty();
    let line = json!({ "method": "GET", "url": "https://graph.microsoft.com/v1.0/users?$select=shoeSize" });
    fs::write(state.traffic(), format!("{line}\n")).unwrap();
    let failure = catch_unwind(AssertUnwindSafe(|| drop(state))).unwrap_err();
    let message = failure.downcast_ref::<String>().unwrap();
    let expected =
        "GET https://graph.microsoft.com/v1.0/users?$select=shoeSize\n  violation unknown-property at /url?$select";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn the_half_line_of_a_killed_process_is_no_exchange() {
    let state = State::empty();
    let mut command = Command::new("sleep");
    command.arg("600");
    let process = Process::spawn(command, &state);
    fs::write(state.traffic(), "{\"method\":\"GET\",\"url\":\"https://graph.microsoft.com/v1.0/users\"}\n{\"meth")
        .unwrap();
    process.kill();
    assert_eq!(state.exchanges().len(), 1);
}
