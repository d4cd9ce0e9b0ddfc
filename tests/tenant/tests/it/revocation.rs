//! What is taken away while the tenant runs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_SECRET, TENANT_ID, federated_token};

use crate::assertion::{assertion, number};
use crate::client::{Answer, Box, send};
use crate::identity::{APP_SERVICE, IMDS, ask};
use crate::login::{SCOPE, login};

fn control(tenant: &Box, method: &str, body: &Value) -> Answer {
    send(tenant.server.address(), method, "/_tenant/revoke", &[], body.to_string()).unwrap()
}

/// What the login and the endpoints of the managed identity say to each credential: the number of Entra's error, or
/// the status.
fn outcomes(tenant: &Box) -> [u64; 5] {
    let form =
        format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope={SCOPE}");
    let secret = login(tenant, TENANT_ID, &form).body["error_codes"][0].as_u64().unwrap_or(0);
    let [machine, app_service] = [IMDS, APP_SERVICE].map(|path| u64::from(ask(tenant, path).0));
    [secret, number(tenant, &assertion()), number(tenant, &federated_token(60)), machine, app_service]
}

#[test]
fn a_credential_goes_and_comes_back() {
    let tenant = Box::sample();
    let good = [0, 0, 0, 200, 200];
    assert_eq!(outcomes(&tenant), good);
    let cases = [
        ("secret", [7_000_215, 0, 0, 200, 200]),
        ("certificate", [0, 700_027, 0, 200, 200]),
        ("federation", [0, 0, 700_211, 200, 200]),
        ("identity", [0, 0, 0, 400, 400]),
    ];
    for (credential, expected) in cases {
        assert_eq!(control(&tenant, "POST", &json!({ "credential": credential })).status, 204);
        assert_eq!(outcomes(&tenant), expected, "{credential}");
        assert_eq!(tenant.get("/users?$top=1").status, 200, "a token that was issued before is still good");
        assert_eq!(control(&tenant, "DELETE", &Value::Null).status, 204);
        assert_eq!(outcomes(&tenant), good);
    }
}

#[test]
fn tokens_go_and_come_back() {
    let mut tenant = Box::sample();
    assert_eq!(control(&tenant, "POST", &json!({"tokens": true})).status, 204);
    let answer = tenant.get("/users?$top=1");
    assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
    assert!(answer.message().ends_with("code: TokenIssuedBeforeRevocationTimestamp"), "{}", answer.message());
    let challenge = &answer.headers["www-authenticate"];
    assert!(challenge.starts_with("Bearer ") && challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let claims = challenge.split_once("claims=\"").unwrap().1.trim_end_matches('"');
    let claims: Value = serde_json::from_slice(&STANDARD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["access_token"]["nbf"]["essential"], json!(true));

    let fresh = ask(&tenant, IMDS).1["access_token"].as_str().unwrap().to_owned();
    let revoked = std::mem::replace(&mut tenant.token, fresh);
    assert_eq!(tenant.get("/users?$top=1").status, 200, "a token issued afterwards is good");
    control(&tenant, "DELETE", &Value::Null);
    tenant.token = revoked;
    assert_eq!(tenant.get("/users?$top=1").status, 200);
}

#[test]
fn an_order_for_nothing_is_refused() {
    let tenant = Box::sample();
    let cases = [
        (json!({}), "nothing to revoke: give \"credential\", or \"tokens\": true"),
        (json!({"tokens": false}), "nothing to revoke: give \"credential\""),
        (json!({"credential": "password"}), "nothing to revoke: unknown variant `password`, expected one of `secret`"),
        (json!({"token": true}), "nothing to revoke: unknown field `token`"),
        (json!("secret"), "nothing to revoke: invalid type"),
    ];
    for (order, expected) in cases {
        let answer = control(&tenant, "POST", &order);
        assert_eq!(answer.status, 400);
        assert!(answer.body["error"].as_str().unwrap().starts_with(expected), "{:?}", answer.body);
    }
}
