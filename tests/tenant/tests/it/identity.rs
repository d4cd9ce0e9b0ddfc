//! Managed identity.

use serde_json::{Value, json};
use tenant::{CLIENT_ID, IDENTITY_HEADER};

use crate::client::{Box, send};

const METADATA: (&str, &str) = ("Metadata", "true");
const HEADER: (&str, &str) = ("X-IDENTITY-HEADER", IDENTITY_HEADER);
pub(crate) const IMDS: &str =
    "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com";
pub(crate) const APP_SERVICE: &str = "/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com/";
const STRANGER: &str = "00000000-0000-0000-0000-000000000001";

/// Asks for a token as a machine, or as an App Service, does.
pub(crate) fn ask(tenant: &Box, path: &str) -> (u16, Value) {
    let header = if path.starts_with("/msi/") { HEADER } else { METADATA };
    let answer = send(tenant.server.address(), "GET", path, &[header], "").unwrap();
    (answer.status, answer.body)
}

#[test]
fn both_endpoints_give_tokens() {
    let tenant = Box::sample();
    let expires = |body: &Value| body["expires_on"].as_str().unwrap().parse::<u64>().unwrap();
    let soon = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 3_000;
    for path in [IMDS, APP_SERVICE] {
        for path in [path.to_owned(), format!("{path}&client_id={CLIENT_ID}")] {
            let (status, body) = ask(&tenant, &path);
            assert_eq!((status, body["token_type"].as_str()), (200, Some("Bearer")), "{path}");
            assert_eq!(body["client_id"], CLIENT_ID);
            assert_eq!(body["expires_in"].is_string(), path.starts_with("/metadata/"));
            assert!(expires(&body) > soon && body["resource"].is_string());
            let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
            let address = tenant.server.address();
            let users = send(address, "GET", "/v1.0/users?$top=1", &[("authorization", &bearer)], "").unwrap();
            assert_eq!(users.status, 200);
        }
    }
}

#[test]
fn refusals_are_in_the_words_of_each_endpoint() {
    let tenant = Box::sample();
    let cases = [
        (IMDS.to_owned(), vec![], 400, "Required metadata header not specified"),
        (IMDS.to_owned(), vec![HEADER], 400, "Required metadata header not specified"),
        (IMDS.to_owned(), vec![METADATA, ("X-Forwarded-For", "10.0.0.1")], 400, "Required metadata header"),
        (IMDS.replace("2018-02-01", "2017-01-01"), vec![METADATA], 400, "Required query variable 'api-version'"),
        (IMDS.replace("resource=", "r="), vec![METADATA], 400, "Required query variable 'resource' is missing"),
        (format!("{IMDS}&client_id={STRANGER}"), vec![METADATA], 400, "Identity not found"),
        (
            IMDS.replace("graph.microsoft.com", "nothing.example"),
            vec![METADATA],
            400,
            "AADSTS500011: The resource principal named https://nothing.example was not found",
        ),
        (APP_SERVICE.to_owned(), vec![], 401, "The header X-IDENTITY-HEADER is missing or wrong."),
        (APP_SERVICE.to_owned(), vec![("X-IDENTITY-HEADER", "guess")], 401, "The header X-IDENTITY-HEADER"),
        (APP_SERVICE.replace("2019-08-01", "2017-09-01"), vec![HEADER], 400, "The api-version is missing"),
        (APP_SERVICE.replace("resource=", "r="), vec![HEADER], 400, "The resource is missing."),
        (
            format!("{APP_SERVICE}&client_id={STRANGER}"),
            vec![HEADER],
            400,
            "No User Assigned or Delegated Managed Identity found for specified",
        ),
        (
            APP_SERVICE.replace("graph.microsoft.com", "nothing.example"),
            vec![HEADER],
            500,
            "An unexpected error occured while fetching the AAD Token.",
        ),
    ];
    for (path, headers, status, text) in cases {
        let answer = send(tenant.server.address(), "GET", &path, &headers, "").unwrap();
        let member = if path.starts_with("/msi/") { "message" } else { "error_description" };
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body[member].as_str().unwrap().starts_with(text), "{path}: {:?}", answer.body);
    }
    let address = tenant.server.address();
    assert_eq!(send(address, "POST", IMDS, &[METADATA], "").unwrap().status, 405);
    assert_eq!(send(address, "GET", "/msi/other", &[HEADER], "").unwrap().status, 404);
}

#[test]
fn every_cloud_has_its_graph_and_its_resource_manager() {
    let tenant = Box::sample();
    let resources = [
        ("https://graph.microsoft.com", true),
        ("https://graph.microsoft.us", true),
        ("https://dod-graph.microsoft.us/", true),
        ("https://microsoftgraph.chinacloudapi.cn", true),
        ("https://management.azure.com/", false),
        ("https://management.usgovcloudapi.net", false),
        ("https://management.chinacloudapi.cn/", false),
    ];
    for (resource, is_graph) in resources {
        let (status, body) = ask(&tenant, &IMDS.replace("https://graph.microsoft.com", resource));
        assert_eq!((status, &body["resource"]), (200, &json!(resource)));
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        let address = tenant.server.address();
        let users = send(address, "GET", "/v1.0/users?$top=1", &[("authorization", &bearer)], "").unwrap();
        assert_eq!(users.status, if is_graph { 200 } else { 401 }, "{resource}");
    }
}
