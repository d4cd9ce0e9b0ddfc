//! The sign-ins and audit records of the tenant: always the same ones, of the month before 23 November 2026, and what is
//! written while it runs.

use serde_json::{Value, json};

use crate::clock;
use crate::contract::ObjectType;
use crate::directory::{Directory, Object, identifier};
use crate::graph::error;
use crate::resources::Resources;
use crate::{APPLICATION_NAME, CLIENT_ID, TENANT_ID};

/// Under which names they are kept.
pub(crate) const SIGN_INS: &str = "signIns";
pub(crate) const AUDITS: &str = "directoryAudits";

/// How many there are of each.
const RECORDS: u64 = 200;
/// How many people they are of.
const PEOPLE: usize = 25;
/// 2026-11-23T08:00:00Z, after which nothing was recorded.
const END: i64 = 1_795_420_800;
/// The seconds between two records.
const STEP: i64 = 12_960;

/// Where people sign in to: the id and the name of the application.
const APPLICATIONS: [(&str, &str); 4] = [
    ("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome"),
    ("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"),
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal"),
    ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
];
/// How it ends: the code of the error and what it means. Most succeed.
const OUTCOMES: [(i64, &str); 6] = [
    (0, "Other."),
    (0, "Other."),
    (0, "Other."),
    (0, "Other."),
    (50_126, "Error validating credentials due to invalid username or password."),
    (50_076, "Due to a configuration change made by your administrator, you must use multi-factor authentication."),
];
/// From where: the address, the city, the state and the country.
const PLACES: [(&str, &str, &str, &str); 4] = [
    ("203.0.113.17", "Redmond", "Washington", "US"),
    ("198.51.100.42", "Dublin", "Dublin", "IE"),
    ("192.0.2.88", "Munich", "Bayern", "DE"),
    ("2001:db8:4::21", "Rio de Janeiro", "Rio de Janeiro", "BR"),
];
/// What was done: the activity, its category, the type of operation, and the type of what it was done to.
const ACTIVITIES: [(&str, &str, &str, &str); 6] = [
    ("Add user", "UserManagement", "Add", "User"),
    ("Update user", "UserManagement", "Update", "User"),
    ("Add member to group", "GroupManagement", "Assign", "Group"),
    ("Remove member from group", "GroupManagement", "Unassign", "Group"),
    ("Change user license", "UserManagement", "Update", "User"),
    ("Add member to role", "RoleManagement", "Assign", "Role"),
];

/// What is told of writes: the method and the path, and what was done.
const WRITES: [(&str, &str, &str); 14] = [
    ("POST", "/users", "Add user"),
    ("PATCH", "/users/{id}", "Update user"),
    ("DELETE", "/users/{id}", "Delete user"),
    ("POST", "/users/{id}/assignLicense", "Change user license"),
    ("POST", "/groups", "Add group"),
    ("PATCH", "/groups/{id}", "Update group"),
    ("DELETE", "/groups/{id}", "Delete group"),
    ("POST", "/groups/{id}/members/$ref", "Add member to group"),
    ("DELETE", "/groups/{id}/members/{id}/$ref", "Remove member from group"),
    ("POST", "/directoryRoles/{id}/members/$ref", "Add member to role"),
    ("DELETE", "/directoryRoles/{id}/members/{id}/$ref", "Remove member from role"),
    ("POST", "/applications", "Add application"),
    ("PATCH", "/applications/{id}", "Update application"),
    ("DELETE", "/applications/{id}", "Delete application"),
];
/// How many audit records are kept.
const MAX_AUDITS: usize = 1_000;

/// Records a write that the connector's application made.
pub(crate) fn note(resources: &mut Resources, method: &str, path: &str, id: &str) {
    let known = WRITES.iter().find(|(known, template, _)| *known == method && *template == path);
    let Some((_, _, activity)) = known else { return };
    let (category, kind) = match path.split('/').nth(1) {
        Some("users") => ("UserManagement", "User"),
        Some("groups") => ("GroupManagement", "Group"),
        Some("directoryRoles") => ("RoleManagement", "Role"),
        _ => ("ApplicationManagement", "Application"),
    };
    let operation = match method {
        "POST" => "Add",
        "PATCH" => "Update",
        _ => "Delete",
    };
    let record = json!({
        "id": format!("Directory_{}", error::new_id()), "activityDateTime": clock::now_text(),
        "activityDisplayName": activity, "category": category, "correlationId": error::new_id(),
        "initiatedBy": by_connector(), "loggedByService": "Core Directory", "operationType": operation,
        "result": "success", "resultReason": "", "additionalDetails": [],
        "targetResources": [{"id": id, "displayName": null, "type": kind, "userPrincipalName": null, "groupType": null,
            "modifiedProperties": []}],
    });
    resources.push_front(AUDITS, object(record), MAX_AUDITS);
}

fn by_connector() -> Value {
    json!({"user": null, "app": {"appId": CLIENT_ID, "displayName": APPLICATION_NAME, "servicePrincipalId": null,
        "servicePrincipalName": null}})
}

/// Adds them: of each user's last sign-in, as far as it is told, and more up to the number; the latest ones first.
pub(crate) fn add(directory: &Directory, resources: &mut Resources) {
    let people: Vec<Person> = directory
        .rows_of_type(ObjectType::User, 0)
        .filter_map(|row| directory.user(row))
        .take(PEOPLE)
        .map(|user| Person {
            id: user.id(),
            name: user.value("displayName"),
            principal_name: user.value("userPrincipalName"),
            last: user.value("signInActivity").get("lastSignInDateTime").and_then(Value::as_str).map(str::to_owned),
        })
        .collect();
    let lasts = people.iter().filter_map(|person| person.last.clone().map(|last| (person, last)));
    let regular = (0..RECORDS).filter_map(|number| Some((pick(&people, number, 1)?, time(number))));
    let mut times: Vec<(&Person, String)> = lasts.chain(regular).take(RECORDS as usize).collect();
    times.sort_by(|(_, left), (_, right)| right.cmp(left));
    for (number, (person, time)) in (0..).zip(&times) {
        resources.add(SIGN_INS, sign_in(number, person, time));
    }
    for number in 0..RECORDS {
        if let (Some(actor), Some(target)) = (pick(&people, number, 2), pick(&people, number, 3)) {
            resources.add(AUDITS, audit(number, actor, target));
        }
    }
}

struct Person {
    id: String,
    name: Value,
    principal_name: Value,
    last: Option<String>,
}

fn sign_in(number: u64, person: &Person, time: &str) -> Object {
    let (application, name) = pick(&APPLICATIONS, number, 4).copied().unwrap_or_default();
    let (code, reason) = pick(&OUTCOMES, number, 5).copied().unwrap_or_default();
    let (address, city, state, country) = pick(&PLACES, number, 6).copied().unwrap_or_default();
    object(json!({
        "id": id(number, 7), "createdDateTime": time, "userDisplayName": person.name,
        "userPrincipalName": person.principal_name, "userId": person.id, "appId": application, "appDisplayName": name,
        "ipAddress": address, "clientAppUsed": "Browser", "correlationId": id(number, 8),
        "conditionalAccessStatus": "notApplied", "isInteractive": true, "riskDetail": "none",
        "riskLevelAggregated": "none", "riskLevelDuringSignIn": "none", "riskState": "none", "riskEventTypes": [],
        "riskEventTypes_v2": [], "resourceDisplayName": "Microsoft Graph",
        "resourceId": "00000003-0000-0000-c000-000000000000", "homeTenantId": TENANT_ID, "resourceTenantId": TENANT_ID,
        "status": {"errorCode": code, "failureReason": reason, "additionalDetails": null},
        "deviceDetail": {"deviceId": "", "displayName": "", "operatingSystem": "Windows 11", "browser": "Edge 131.0.0",
            "isCompliant": false, "isManaged": false, "trustType": ""},
        "location": {"city": city, "state": state, "countryOrRegion": country, "geoCoordinates": null},
        "appliedConditionalAccessPolicies": [],
    }))
}

fn audit(number: u64, actor: &Person, target: &Person) -> Object {
    let (activity, category, operation, kind) = pick(&ACTIVITIES, number, 9).copied().unwrap_or_default();
    let initiated_by = if number.is_multiple_of(3) {
        by_connector()
    } else {
        json!({"user": {"id": actor.id, "displayName": actor.name, "userPrincipalName": actor.principal_name,
            "ipAddress": "203.0.113.17"}, "app": null})
    };
    let (target_name, target_id) =
        if kind == "User" { (&target.principal_name, target.id.clone()) } else { (&Value::Null, id(number, 10)) };
    object(json!({
        "id": format!("Directory_{}", id(number, 11)), "activityDateTime": time(number), "activityDisplayName": activity,
        "category": category, "correlationId": id(number, 12), "initiatedBy": initiated_by,
        "loggedByService": "Core Directory", "operationType": operation,
        "result": if number % 20 == 19 { "failure" } else { "success" }, "resultReason": "",
        "targetResources": [{"id": target_id, "displayName": null, "type": kind, "userPrincipalName": target_name,
            "groupType": null, "modifiedProperties": []}],
        "additionalDetails": [],
    }))
}

/// The time of a record, counted from the last one.
fn time(number: u64) -> String {
    let jitter = (identifier::mix(number) % 3_600) as i64;
    clock::text(END - number as i64 * STEP - jitter)
}

fn pick<T>(of: &[T], number: u64, salt: u64) -> Option<&T> {
    let place = identifier::mix(number << 8 | salt).checked_rem(of.len() as u64)?;
    of.get(place as usize)
}

fn id(number: u64, salt: u64) -> String {
    let high = u128::from(identifier::mix(number << 8 | salt));
    let bits = (high << 64 | u128::from(identifier::mix(high as u64))) & !(0xf << 76) & !(3 << 62) | 4 << 76 | 2 << 62;
    String::from_utf8_lossy(&identifier::format(bits)).into_owned()
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
