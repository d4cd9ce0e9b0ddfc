//! What a token without the permission gets.

use serde_json::{Value, json};
use tenant::{Options, Settings};

use crate::client::{ADELE, Box};

fn with(permissions: &[&str]) -> Box {
    Box::start(Options {
        settings: Settings {
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            ..Settings::default()
        },
        ..Options::default()
    })
}

#[test]
fn operations() {
    let user = format!("/users/{ADELE}");
    let manager = format!("{user}/manager/$ref");
    // The permissions, and what they allow: list, delta, update, delete, manager, organization.
    let cases: [(&[&str], [u16; 6]); 6] = [
        (&[], [403, 403, 403, 403, 403, 403]),
        (&["User.Read.All"], [200, 200, 403, 403, 403, 200]),
        (&["Directory.Read.All"], [200, 200, 403, 403, 403, 200]),
        (&["User.ReadWrite.All"], [200, 200, 204, 204, 404, 403]),
        (&["Directory.ReadWrite.All"], [200, 200, 204, 403, 204, 200]),
        (&["Group.ReadWrite.All"], [403, 403, 403, 403, 403, 403]),
    ];
    for (permissions, expected) in cases {
        let tenant = with(permissions);
        let calls = [
            ("GET", "/users", Value::Null),
            ("GET", "/users/delta", Value::Null),
            ("PATCH", &user, json!({"city": "Oslo"})),
            ("DELETE", &user, Value::Null),
            ("DELETE", &manager, Value::Null),
            ("GET", "/organization", Value::Null),
        ];
        for ((method, path, body), status) in calls.iter().zip(expected) {
            let answer = tenant.call(method, path, &[], body);
            assert_eq!(answer.status, status, "{permissions:?} {method} {path}: {:?}", answer.body);
            if status == 403 {
                assert_eq!(answer.code(), "Authorization_RequestDenied");
                assert_eq!(answer.message(), "Insufficient privileges to complete the operation.");
            }
        }
    }
}

#[test]
fn properties() {
    let cases: [(&[&str], &str, u16); 7] = [
        (&["User.ReadWrite.All"], "employeeLeaveDateTime", 403),
        (&["User.ReadWrite.All", "User-LifeCycleInfo.Read.All"], "employeeLeaveDateTime", 200),
        (&["User.ReadWrite.All"], "signInActivity", 403),
        (&["User.ReadWrite.All", "AuditLog.Read.All"], "signInActivity", 200),
        (&["User.ReadBasic.All"], "displayName,mail", 200),
        (&["User.ReadBasic.All"], "department", 403),
        (&["User.ReadBasic.All", "User.Read.All"], "department", 200),
    ];
    for (permissions, select, status) in cases {
        let tenant = with(permissions);
        for path in ["/users".to_owned(), format!("/users/{ADELE}")] {
            assert_eq!(
                tenant.get(&format!("{path}?$select={select}")).status,
                status,
                "{permissions:?} {path} {select}"
            );
        }
    }
    let leave = json!({"employeeLeaveDateTime": "2027-01-01T00:00:00Z"});
    assert_eq!(with(&["User.ReadWrite.All"]).patch(&format!("/users/{ADELE}"), &leave).status, 403);
    let tenant = with(&["User.ReadWrite.All", "User-LifeCycleInfo.ReadWrite.All"]);
    assert_eq!(tenant.patch(&format!("/users/{ADELE}"), &leave).status, 204);
    let purging = with(&["User.ReadWrite.All", "Application.ReadWrite.All"]);
    purging.server.tenant().delete(ADELE).unwrap();
    assert_eq!(purging.call("DELETE", &format!("/directory/deletedItems/{ADELE}"), &[], &Value::Null).status, 403);
}
