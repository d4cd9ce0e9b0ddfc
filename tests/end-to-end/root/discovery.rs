//! What the service says that it can do. RFC 7643 sections 5 to 7, RFC 7644 section 4, RFC 9865 section 4.

use crate::harness::{Request, Server};

#[test]
fn what_is_said_is_what_is_done() {
    let server = Server::sample();
    let config = server.get("/scim/v2/ServiceProviderConfig").expect(200);
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["bulk"]["maxOperations"], 1000);
    assert_eq!(config["pagination"]["cursor"], true);
    assert_eq!(config["pagination"]["index"], true);
    let types = server.get("/scim/v2/ResourceTypes").expect(200);
    let tables: usize = mapping::resources::ALL.iter().map(|mappings| mappings.len()).sum();
    assert_eq!(types["totalResults"], 2 + tables, "{types}");
    for resource_type in types["Resources"].as_array().unwrap() {
        let name = resource_type["id"].as_str().unwrap();
        assert_eq!(&server.get(&format!("/scim/v2/ResourceTypes/{name}")).expect(200), resource_type);
        let schema = resource_type["schema"].as_str().unwrap();
        let schema = server.get(&format!("/scim/v2/Schemas/{}", schema.to_lowercase())).expect(200);
        assert_eq!(schema["id"], resource_type["schema"]);
        let endpoint = resource_type["endpoint"].as_str().unwrap();
        server.get(&format!("/scim/v2{endpoint}?count=1")).expect(200);
    }
    assert!(server.get("/scim/v2/Schemas").expect(200)["totalResults"].as_u64().unwrap() >= 6);
}

#[test]
fn what_is_not_there_is_told_in_scim() {
    let server = Server::sample();
    for (method, path, status) in [
        ("GET", "/scim/v2/Me", 501),
        ("GET", "/scim/v2/Schemas/urn:x", 404),
        ("GET", "/scim/v2/ResourceTypes/Nothing", 404),
        ("POST", "/scim/v2/Schemas", 405),
        ("DELETE", "/scim/v2/ServiceProviderConfig", 405),
        ("GET", "/scim/v2/Bulk", 405),
        ("GET", "/scim/v2/Nothing", 404),
        ("PUT", "/scim/v2/Users", 405),
    ] {
        let detail = server.send(Request::new(method, path)).expect_error(status, None);
        assert!(!detail.is_empty(), "{method} {path}");
    }
}
