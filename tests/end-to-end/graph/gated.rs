//! Attributes that a licence or a permission forbids are left out and reported; the rest is served.

use serde_json::json;

use super::{at, calls, connected, ids};
use crate::harness::Tenant;

const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";

/// A tenant that has not granted the permission for leave dates.
fn without_life_cycle() -> Tenant {
    let tenant = Tenant::start(50);
    tenant.set(&json!({ "permissions": ["User.ReadWrite.All", "Directory.Read.All", "AuditLog.Read.All"] }));
    tenant
}

#[test]
fn what_a_licence_forbids_is_left_out_and_reported() {
    let tenant = without_life_cycle();
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    let asked = format!("?attributes=userName,{ENTRA}:signInActivity");
    tenant.set(&json!({ "premium": false }));
    let first = server.get(&format!("{}{asked}", at(id)));
    assert!(first.expect(200)["userName"].is_string());
    assert_eq!(calls(&first), 2);
    let left_out = &first.headers["x-left-out"];
    assert!(left_out.contains("signInActivity") && left_out.contains("P1 or P2"), "{left_out}");
    // A write that asks for it back is a write all the same.
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Gated" }] });
    let written = server.patch(&format!("{}?attributes=title,endDateTime", at(id)), &patch);
    assert_eq!(written.expect(200)["title"], "Gated");
    assert!(written.headers["x-left-out"].contains("User-LifeCycleInfo"));
    // It is remembered for a while.
    let list = server.get(&format!("/scim/v2/Users{asked}&count=5"));
    assert_eq!(list.expect(200)["Resources"].as_array().unwrap().len(), 5);
    assert_eq!(calls(&list), 1);
    assert!(list.headers["x-left-out"].contains("signInActivity"));
    // A later page follows a link that no longer names it, and says so too.
    let next = server.get(&format!("/scim/v2/Users{asked}&count=5&startIndex=6"));
    assert_eq!(next.expect(200)["Resources"].as_array().unwrap().len(), 5);
    assert!(next.headers["x-left-out"].contains("signInActivity"));
}

#[test]
fn what_a_permission_forbids_is_left_out_and_reported() {
    let tenant = without_life_cycle();
    let server = connected(&tenant);
    let id = &ids(&server, 1)[0];
    let answer = server.get(&format!("{}?attributes=userName,endDateTime", at(id)));
    assert!(answer.expect(200)["userName"].is_string());
    assert!(answer.headers["x-left-out"].contains("User-LifeCycleInfo.Read.All"));
    // Without permission to read users at all nothing is left to serve.
    tenant.set(&json!({ "permissions": ["Organization.Read.All"], "revokeTokens": true }));
    let detail = server.get(&at(id)).expect_error(403, None);
    assert!(detail.contains("Authorization_RequestDenied"), "{detail}");
}
