//! `scim-domains` and `scim-organization`: what the tenant is.

use serde_json::json;

use super::{at, find, listed};
use crate::harness::Server;

/// Row G4; `Get Domain`.
#[test]
fn domains_are_read() {
    let server = Server::sample();
    let (exchanges, domain) = server.exchanges_of(|| find(&server, "/Domains", |domain| domain["isDefault"] == true));
    assert_eq!((exchanges.len(), &domain["id"]), (1, &json!("contoso.onmicrosoft.com")));
    assert_eq!(domain["supportedServices"], json!(["Email", "OfficeCommunicationsOnline"]));
    assert_eq!(server.get(&at("/Domains", &domain)).expect(200), domain);
    let verified = listed(&server, "/Domains?filter=isVerified%20eq%20true%20and%20isInitial%20eq%20false");
    assert!(verified.iter().all(|domain| domain["isVerified"] == true && domain["isInitial"] == false));
    server.get("/scim/v2/Domains/fabrikam.example").expect_error(404, None);
    let body = json!({ "schemas": domain["schemas"] });
    let detail = server.post("/scim/v2/Domains", &body).expect_error(501, None);
    assert!(detail.contains("add and verify them in the Entra admin centre"), "{detail}");
}

/// Row G5.
#[test]
fn the_organization_is_read() {
    let server = Server::sample();
    let all = listed(&server, "/Organizations");
    assert_eq!(all.len(), 1);
    let tenant = &all[0];
    assert!(tenant["displayName"].is_string(), "{tenant}");
    let domains = tenant["verifiedDomains"].as_array().unwrap();
    assert!(domains.iter().any(|domain| domain["isDefault"] == true), "{tenant}");
    assert_eq!(server.get(&at("/Organizations", tenant)).expect(200), *tenant);
    let detail = server.delete(&at("/Organizations", tenant)).expect_error(501, None);
    assert!(detail.contains("only read here"), "{detail}");
}
