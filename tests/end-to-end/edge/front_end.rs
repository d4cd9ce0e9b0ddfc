//! Who may say who is calling.

use serde_json::json;

use super::seen;
use crate::harness::Request;
use crate::host::probe::Probe;

const IDENTITIES: [&str; 6] = [
    "X-ARR-ClientCert",
    "x-forwarded-client-cert",
    "X-MS-CLIENT-PRINCIPAL",
    "X-MS-CLIENT-PRINCIPAL-ID",
    "X-MS-TOKEN-AAD-ACCESS-TOKEN",
    "X-Entra-Scim-Client-Certificate",
];

/// Which identity headers reach a component behind a front end.
fn passed(front_end: Option<serde_json::Value>) -> Vec<String> {
    let document = front_end.map(|front_end| super::document::of_two(&json!({ "front_end": front_end })).to_string());
    let variables = document.as_ref().map(|document| ("tenants", document.as_str()));
    let probe = Probe::start(&[], variables.as_slice(), &[]);
    let request = Request::new("GET", "/probe/headers").header("x-forwarded-proto", "https");
    let request = IDENTITIES.iter().fold(request, |request, name| request.header(name, "forged"));
    let answer = request.send(probe.address);
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(seen(&text, "x-forwarded-proto"), Some("https"), "{text}");
    let names = IDENTITIES.iter().map(|name| name.to_lowercase());
    let mut passed = names.filter(|name| seen(&text, name).is_some()).collect::<Vec<_>>();
    if seen(&text, "uri").unwrap().starts_with("https:") {
        assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
        passed.push("scheme".to_owned());
    }
    passed
}

#[test]
fn identity_headers_pass_from_the_front_end_only() {
    let here = json!(["127.0.0.0/8"]);
    for (front_end, expected) in [
        (None, vec![]),
        (Some(json!({ "kind": "host" })), vec![]),
        (Some(json!({ "kind": "app-service", "networks": ["10.0.0.0/8"], "easy_auth": true })), vec![]),
        (Some(json!({ "kind": "app-service", "networks": here })), vec!["x-arr-clientcert", "scheme"]),
        (
            Some(json!({ "kind": "app-service", "networks": here, "easy_auth": true })),
            vec!["x-arr-clientcert", "x-ms-client-principal", "x-ms-client-principal-id", "scheme"],
        ),
        (Some(json!({ "kind": "envoy", "networks": here })), vec!["x-forwarded-client-cert", "scheme"]),
    ] {
        assert_eq!(passed(front_end.clone()), expected, "{front_end:?}");
    }
}
