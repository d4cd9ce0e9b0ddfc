//! What the tables of resource types ask of the one interpreter.

use mapping::{Mapping, resources};
use serde_json::{Value, json};

use super::{ask, names, value};

/// The mapping of a table whose endpoint a path is at.
pub(super) fn at(target: &str) -> Option<&'static Mapping> {
    let endpoint = target.split(['?', '/']).nth(1).unwrap_or_default();
    let mut all = resources::ALL.iter().copied().flatten().copied();
    all.find(|mapping| mapping.resource_type.endpoint.strip_prefix('/') == Some(endpoint))
}

fn deleted(operation: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}

#[test]
fn what_was_deleted_is_restored_once_its_type_is_known() {
    let body = deleted(json!({ "op": "replace", "path": "deleted", "value": false }));
    let look = "GET /directory/deletedItems/7";
    let item = |name: &str| json!({ "@odata.type": format!("#microsoft.graph.{name}"), "id": "7" });
    for (endpoint, answer, status, calls) in [
        ("/DeletedUsers/7", (look, 200, "", item("user")), 204, 2),
        ("/DeletedUsers/7", (look, 200, "", json!({ "id": "7" })), 204, 2),
        ("/DeletedGroups/7", (look, 200, "", item("user")), 404, 1),
        ("/DeletedUsers/7", (look, 404, "Request_ResourceNotFound", Value::Null), 404, 1),
    ] {
        let (response, made) = ask(&[answer], "PATCH", endpoint, &body);
        let expected = &[look, "POST /directory/deletedItems/7/restore"][..calls];
        assert_eq!((response.status().as_u16(), names(&made).as_slice()), (status, expected), "{endpoint}");
    }
    let (response, made) = ask(&[(look, 200, "", item("user"))], "DELETE", "/DeletedUsers/7", &Value::Null);
    assert_eq!((response.status().as_u16(), made.len()), (403, 0));
    let true_already = deleted(json!({ "op": "add", "path": "deleted", "value": true }));
    let (response, made) = ask(&[(look, 200, "", item("user"))], "PATCH", "/DeletedUsers/7", &true_already);
    assert!(response.status().is_success() && !names(&made).iter().any(|call| call.starts_with("POST")));
}

/// A log is not read as a whole for what Graph cannot do.
#[test]
fn a_log_is_scanned_a_page_far() {
    let call = "GET /auditLogs/signIns";
    let records: Vec<Value> =
        (0..999).map(|number| json!({ "id": number.to_string(), "isInteractive": true })).collect();
    let next = "https://graph.microsoft.com/v1.0/auditLogs/signIns?$skiptoken=x";
    let target = "/SignIns?filter=isInteractive%20eq%20true&count=1";
    let more = json!({ "value": records, "@odata.nextLink": next });
    let (response, calls) = ask(&[(call, 200, "", more)], "GET", target, &Value::Null);
    assert_eq!((response.status().as_u16(), names(&calls)), (400, vec![call]));
    assert_eq!(value(&response)["scimType"], "tooMany");
    let (response, calls) = ask(&[(call, 200, "", json!({ "value": records }))], "GET", target, &Value::Null);
    assert_eq!((value(&response)["totalResults"].clone(), calls.len()), (json!(999), 1));
}

#[test]
fn what_is_given_once_is_compared_and_not_written() {
    let role = json!({ "id": "7", "displayName": "Readers", "roleTemplateId": "t" });
    let urn = "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectoryRole";
    let body = |template: &str| json!({ "schemas": [urn], "roleTemplateId": template });
    let answers = [("GET /directoryRoles/7", 200, "", role)];
    let (response, calls) = ask(&answers, "PUT", "/DirectoryRoles/7", &body("t"));
    assert_eq!((response.status().as_u16(), names(&calls)), (200, vec!["GET /directoryRoles/7"; 2]));
    let (response, _) = ask(&answers, "PUT", "/DirectoryRoles/7", &body("u"));
    assert_eq!((response.status().as_u16(), value(&response)["scimType"].clone()), (400, json!("mutability")));
}

/// Graph counts deleted objects with a page of them, and not apart.
#[test]
fn a_part_that_is_cast_is_counted_with_a_page() {
    let call = "GET /directory/deletedItems/microsoft.graph.user";
    let answer = (call, 200, "", json!({ "@odata.count": 4, "value": [{ "id": "7" }] }));
    let (response, calls) = ask(&[answer], "GET", "/DeletedUsers?count=0", &Value::Null);
    assert_eq!((value(&response)["totalResults"].clone(), names(&calls)), (json!(4), vec![call]));
}
