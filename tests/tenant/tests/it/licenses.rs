//! Licences of users and of groups.

use serde_json::{Value, json};

use crate::client::{ADELE, Box};
use crate::judged::judge;

const PERMISSIONS: [&str; 4] =
    ["LicenseAssignment.ReadWrite.All", "Directory.Read.All", "User.ReadWrite.All", "Group.ReadWrite.All"];
const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const EMS: &str = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e";
const EXCHANGE: &str = "4b9405b0-7788-4568-add1-99614e613b69";
const INTUNE: &str = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5";
const POWER_BI: &str = "f8a1db68-be16-40ed-86d5-cb42ce701560";
const VISIO: &str = "c5928f49-12ba-48f7-ada3-0d743a3601d5";

fn order(add: Value, remove: Value) -> Value {
    json!({"addLicenses": add, "removeLicenses": remove})
}

fn consumed(tenant: &Box, sku: &str) -> i64 {
    let skus = tenant.get("/subscribedSkus");
    skus.items().iter().find(|one| one["skuId"] == sku).unwrap()["consumedUnits"].as_i64().unwrap()
}

/// How a user comes to a licence: the group, and the error.
fn states(tenant: &Box, user: &str, sku: &str) -> Vec<(Value, String)> {
    let user = tenant.get(&format!("/users/{user}?$select=licenseAssignmentStates")).body;
    let states = user["licenseAssignmentStates"].as_array().unwrap().iter().filter(|state| state["skuId"] == sku);
    states.map(|state| (state["assignedByGroup"].clone(), state["error"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn a_user_gets_licences_and_loses_them() {
    let tenant = Box::with(&PERMISSIONS);
    let assign = format!("/users/{ADELE}/assignLicense");
    let before = consumed(&tenant, EMS);
    let given = tenant.post(&assign, &order(json!([{"skuId": EMS, "disabledPlans": [INTUNE]}]), json!([])));
    assert_eq!((given.status, given.body["id"].as_str()), (200, Some(ADELE)));
    assert_eq!(
        (consumed(&tenant, EMS), states(&tenant, ADELE, EMS)),
        (before + 1, vec![(Value::Null, "None".to_owned())])
    );
    let details = tenant.get(&format!("/users/{ADELE}/licenseDetails"));
    let ems = details.items().iter().find(|one| one["skuId"] == EMS).unwrap();
    let intune = ems["servicePlans"].as_array().unwrap().iter().find(|plan| plan["servicePlanId"] == INTUNE).unwrap();
    assert_eq!((&ems["skuPartNumber"], &intune["provisioningStatus"]), (&json!("EMS"), &json!("Disabled")));
    assert_eq!(tenant.post(&assign, &order(json!([{"skuId": EMS}]), json!([]))).status, 200, "other plans");
    assert_eq!(consumed(&tenant, EMS), before + 1);
    assert_eq!(tenant.post(&assign, &order(json!([]), json!([EMS]))).status, 200);
    assert_eq!((consumed(&tenant, EMS), states(&tenant, ADELE, EMS)), (before, vec![]));
    judge(&tenant);
}

#[test]
fn refusals() {
    let tenant = Box::with(&PERMISSIONS);
    let desk = tenant.id_of("/users", "Front Desk (Dublin)");
    let cases = [
        (ADELE, order(json!([{"skuId": ADELE}]), json!([])), "does not correspond to a valid company License"),
        (ADELE, order(json!([{"skuId": EMS, "disabledPlans": [ADELE]}]), json!([])), "is not part of SKU"),
        (ADELE, order(json!([{"skuId": EXCHANGE}]), json!([])), "mutually exclusive"),
        (ADELE, order(json!([]), json!([EMS])), "User does not have a corresponding license."),
        (ADELE, order(json!([]), json!([POWER_BI])), "inherited from a group membership"),
        (ADELE, order(json!([{"sku": EMS}]), json!([])), "Invalid value specified for parameter 'addLicenses'."),
        (ADELE, json!({"addLicenses": []}), "The parameter 'removeLicenses' is required."),
        (&desk, order(json!([{"skuId": EMS}]), json!([])), "invalid usage location"),
    ];
    for (user, body, message) in cases {
        let answer = tenant.post(&format!("/users/{user}/assignLicense"), &body);
        assert!(answer.status == 400 && answer.message().contains(message), "{body}: {:?}", answer.body);
    }
    // The group has the last units of Power BI.
    let diego = tenant.id_of("/users", "Diego Siciliani");
    let answer = tenant.post(&format!("/users/{diego}/assignLicense"), &order(json!([{"skuId": POWER_BI}]), json!([])));
    let expected = format!("Subscription with SKU {POWER_BI} does not have any available licenses.");
    assert_eq!((answer.status, answer.message()), (400, expected.as_str()));
}

#[test]
fn members_inherit_what_their_group_has() {
    let tenant = Box::with(&PERMISSIONS);
    let retail = format!("/groups/{}/assignLicense", tenant.id_of("/groups", "Retail"));
    assert_eq!(tenant.post(&retail, &order(json!([{"skuId": VISIO}]), json!([]))).status, 400, "no security group");
    let reference = |id: &str| json!(format!("{}/v1.0/directoryObjects/{id}", tenant.server.origin()));
    let miriam = tenant.id_of("/users", "Miriam Graham");
    let body = json!({"displayName": "Designers", "mailEnabled": false, "mailNickname": "designers",
        "securityEnabled": true, "members@odata.bind": [reference(ADELE), reference(&miriam)]});
    let group = tenant.post("/groups", &body).body["id"].as_str().unwrap().to_owned();
    let assign = format!("/groups/{group}/assignLicense");
    let given = tenant.post(&assign, &order(json!([{"skuId": VISIO}]), json!([])));
    assert_eq!((given.status, given.body["id"].as_str()), (202, Some(group.as_str())));
    let shown = tenant.get(&format!("/groups/{group}?$select=assignedLicenses,licenseProcessingState")).body;
    assert_eq!(shown["assignedLicenses"][0]["skuId"], VISIO);
    assert_eq!(shown["licenseProcessingState"]["state"], "ProcessingComplete");
    assert_eq!(states(&tenant, ADELE, VISIO), [(json!(group), "None".to_owned())]);
    let plans = tenant.get(&format!("/users/{ADELE}?$select=assignedLicenses,assignedPlans")).body;
    assert!(plans["assignedPlans"].as_array().unwrap().len() > 10);
    // There are four units: two for Finance, two for the new group, and none for who comes next.
    let diego = tenant.id_of("/users", "Diego Siciliani");
    let member = json!({"@odata.id": reference(&diego)});
    assert_eq!(tenant.post(&format!("/groups/{group}/members/$ref"), &member).status, 204);
    assert_eq!(states(&tenant, &diego, VISIO), [(json!(group), "CountViolation".to_owned())]);
    assert_eq!(consumed(&tenant, VISIO), 4);
    // Who leaves the group leaves a unit to the next.
    assert_eq!(tenant.delete(&format!("/groups/{group}/members/{ADELE}/$ref")).status, 204);
    assert_eq!(states(&tenant, ADELE, VISIO), []);
    assert_eq!(states(&tenant, &diego, VISIO), [(json!(group), "None".to_owned())]);
    assert_eq!(tenant.post(&assign, &order(json!([]), json!([VISIO]))).status, 202);
    assert_eq!((states(&tenant, &diego, VISIO), consumed(&tenant, VISIO)), (vec![], 2));
    assert_eq!(tenant.post(&assign, &order(json!([]), json!([VISIO]))).status, 400);
    judge(&tenant);
}

#[test]
fn the_sample_has_errors_of_each_kind() {
    let tenant = Box::with(&PERMISSIONS);
    let users = tenant.get("/users?$select=id,assignedLicenses,licenseAssignmentStates&$top=999");
    let count = |error: &str| {
        let states = users.items().iter().flat_map(|user| user["licenseAssignmentStates"].as_array().unwrap());
        states.filter(|state| state["error"] == error).count()
    };
    assert_eq!((count("CountViolation"), count("MutuallyExclusiveViolation"), count("None")), (2, 2, 20 + 8 + 2));
    assert_eq!((consumed(&tenant, E3), consumed(&tenant, POWER_BI), consumed(&tenant, EXCHANGE)), (20, 8, 0));
    judge(&tenant);
}
