//! Each operation that reads is served, and as published.

use std::collections::BTreeSet;

use serde_json::Value;
use tenant::{APPLICATION_ID, TENANT_ID};

use crate::client::{ADELE, Box, EVENTUAL};
use crate::judged::judge;

const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// The first object that a list tells.
fn first(tenant: &Box, list: &str) -> String {
    let answer = tenant.get(list);
    answer.items()[0]["id"].as_str().unwrap().to_owned()
}

/// An object for each collection in the paths of operations.
fn keys(tenant: &Box) -> Vec<(&'static str, String)> {
    let deleted = tenant.id_of("/groups", "Ideas 山");
    assert_eq!(tenant.delete(&format!("/groups/{deleted}")).status, 204);
    let federated =
        format!("/applications/{}/federatedIdentityCredentials", tenant.id_of("/applications", "Release Pipeline"));
    let unit = tenant.id_of("/directory/administrativeUnits", "Brazil");
    let mut keys = vec![
        ("/users/{id}", ADELE.to_owned()),
        ("/groups/{id}", tenant.id_of("/groups", "Finance")),
        ("/contacts/{id}", tenant.id_of("/contacts", "Katri Niemi")),
        ("/applications/{id}", APPLICATION_ID.to_owned()),
        ("/organization/{id}", TENANT_ID.to_owned()),
        ("/domains/{id}", "contoso.com".to_owned()),
        ("/directory/deletedItems/{id}", deleted),
        ("/directoryObjects/{id}", ADELE.to_owned()),
        ("/directory/administrativeUnits/{id}", unit),
        ("/directoryRoleTemplates/{id}", GLOBAL_READER.to_owned()),
    ];
    let sample = tenant.id_of("/servicePrincipals", "Expense Desk");
    keys.push(("/servicePrincipals/{id}", sample));
    for list in [
        "/directoryRoles",
        "/subscribedSkus",
        "/directory/subscriptions",
        "/auditLogs/signIns",
        "/auditLogs/directoryAudits",
        "/oauth2PermissionGrants",
        "/applicationTemplates",
        "/policies/claimsMappingPolicies",
        "/roleManagement/directory/roleDefinitions",
        "/roleManagement/directory/roleAssignments",
        "/roleManagement/directory/roleEligibilitySchedules",
        "/roleManagement/directory/roleAssignmentSchedules",
        "/directory/attributeSets",
        "/directory/customSecurityAttributeDefinitions",
    ] {
        keys.push((list, first(tenant, list)));
    }
    let scoped = first(tenant, &federated);
    keys.push(("/applications/{id}/federatedIdentityCredentials", scoped));
    keys
}

#[test]
fn each_operation_that_reads_is_served() {
    let operations: Value = serde_json::from_str(include_str!("../../data/operations.json")).unwrap();
    let operations = operations.as_array().unwrap();
    let permissions: BTreeSet<&str> =
        operations.iter().flat_map(|one| one["permissions"].as_array().unwrap()).filter_map(Value::as_str).collect();
    let tenant = Box::with(&permissions.into_iter().collect::<Vec<_>>());
    let keys = keys(&tenant);
    let mut served = 0;
    for operation in operations.iter().filter(|one| one["method"] == "GET") {
        let path = operation["path"].as_str().unwrap();
        let list = path.trim_end_matches("/{id}");
        let key =
            keys.iter().find(|(known, _)| *known == list || path == *known || path.starts_with(&format!("{known}/")));
        let filled = match key {
            Some((_, key)) => path.replacen("{id}", key, 1),
            None => path.to_owned(),
        };
        // One object of a contained collection, and a picture, are read by tests of their own.
        if filled.contains("{id}") || filled.ends_with("$value") {
            continue;
        }
        let is_cast = path.contains("microsoft.graph.") && !path.contains("deletedItems") && !path.ends_with("$count");
        let filled = if is_cast { format!("{filled}?$count=true") } else { filled };
        let answer = tenant.call("GET", &filled, &[EVENTUAL], &Value::Null);
        let may_be_none = ["/photo", "/manager"].iter().any(|part| path.contains(part));
        assert!(
            answer.status == 200 || may_be_none && answer.status == 404,
            "{filled}: {} {:?}",
            answer.status,
            answer.body
        );
        served += 1;
    }
    assert!(served > 150, "{served}");
    judge(&tenant);
}
