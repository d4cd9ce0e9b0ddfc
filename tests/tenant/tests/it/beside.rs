//! Domains, the tenant, subscriptions, and what was deleted.

use serde_json::{Value, json};
use tenant::TENANT_ID;

use crate::client::{ADELE, Box};
use crate::judged::judge;

const READING: [&str; 3] = ["Directory.Read.All", "Domain.Read.All", "User.Read.All"];

#[test]
fn the_tenant_and_what_it_has() {
    let tenant = Box::with(&READING);
    // A path, and how many objects there are.
    let cases = [
        ("/domains", 3),
        ("/organization", 1),
        ("/directory/subscriptions", 8),
        ("/directory/subscriptions?$filter=skuPartNumber eq 'EMS'", 1),
        ("/subscribedSkus", 8),
        ("/subscribedSkus?$select=skuPartNumber,consumedUnits", 8),
        ("/contacts?$top=1", 1),
        ("/contacts?$filter=startswith(displayName,'Kat')", 1),
    ];
    for (path, expected) in cases {
        assert_eq!(tenant.get(path).items().len(), expected, "{path}");
    }
    let domain = tenant.get("/domains/contoso.com").body;
    assert_eq!(
        (&domain["id"], &domain["isVerified"], &domain["isDefault"]),
        (&json!("contoso.com"), &json!(true), &json!(false))
    );
    assert_eq!(tenant.get(&format!("/organization/{TENANT_ID}")).body["displayName"], "Contoso");
    let contact = tenant.id_of("/contacts", "Katri Niemi");
    assert_eq!(tenant.get(&format!("/contacts/{contact}/manager")).body["displayName"], "Miriam Graham");
    let sku = tenant.get("/subscribedSkus").items()[0].clone();
    let one = tenant.get(&format!("/subscribedSkus/{}", sku["id"].as_str().unwrap()));
    assert_eq!((one.status, &one.body["skuPartNumber"]), (200, &sku["skuPartNumber"]));
    judge(&tenant);
}

#[test]
fn what_graph_does_not_take_is_refused() {
    let tenant = Box::with(&READING);
    let cases = [
        ("/subscribedSkus?$filter=skuPartNumber eq 'EMS'", 400),
        ("/domains?$filter=id eq 'contoso.com'", 400),
        ("/directory/subscriptions?$filter=status eq 'Enabled'", 400),
        ("/directory/subscriptions?$filter=shoeSize eq 'x'", 400),
        ("/domains?$select=shoeSize", 400),
        ("/domains/fabrikam.com", 404),
        ("/contacts/04615ddb-06a7-5f5d-a429-f90ea417e7ac/manager", 404),
        ("/auditLogs/signIns", 403),
    ];
    for (path, status) in cases {
        assert_eq!(tenant.get(path).status, status, "{path}");
    }
    assert_eq!(tenant.post("/domains", &json!({"id": "fabrikam.com"})).status, 405);
}

#[test]
fn deleted_users_and_groups_come_back_or_not() {
    let tenant = Box::with(&["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"]);
    let group = tenant.id_of("/groups", "Finance");
    assert_eq!(
        (tenant.delete(&format!("/users/{ADELE}")).status, tenant.delete(&format!("/groups/{group}")).status),
        (204, 204)
    );
    let users = "/directory/deletedItems/microsoft.graph.user";
    assert_eq!(tenant.get(&format!("{users}?$filter=startswith(displayName,'Adele')&$top=5")).items().len(), 1);
    let counted = tenant.get_eventual(&format!("{users}?$count=true&$select=id,displayName"));
    assert_eq!((&counted.body["@odata.count"], counted.items().len()), (&json!(4), 4), "with those of the sample");
    for cast in ["application", "servicePrincipal"] {
        assert_eq!(tenant.get(&format!("/directory/deletedItems/microsoft.graph.{cast}")).items().len(), 2, "{cast}");
    }
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{ADELE}")).body["@odata.type"], "#microsoft.graph.user");
    for id in [ADELE, &group] {
        let restored = tenant.call("POST", &format!("/directory/deletedItems/{id}/restore"), &[], &Value::Null);
        assert_eq!((restored.status, restored.body["id"].as_str()), (200, Some(id)));
    }
    assert_eq!(tenant.get(users).items().len(), 3, "those of the sample");
    judge(&tenant);
}
