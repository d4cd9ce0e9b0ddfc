use graph::{Cloud, CredentialSettings};
use runtime::Secret;

use super::*;

fn settings() -> CredentialSettings {
    CredentialSettings {
        tenant_id: "t".to_owned(),
        client_id: "app".to_owned(),
        client_certificate: Secret::default(),
        client_certificate_password: Secret::default(),
        federated_token_file: String::new(),
        client_secret: Secret::new("s".to_owned()),
        identity_url: String::new(),
        endpoints: Cloud::Global.endpoints(),
    }
}

fn answered(body: &'static str) -> Probe {
    Probe::Answered(Bytes::from_static(body.as_bytes()))
}

/// The survey with these roles, and with the probes named here refused with a code.
fn survey(roles: &[&str], refused: &[(&str, &str)]) -> Value {
    let probes = needs::PROBES
        .iter()
        .map(|(name, ..)| match refused.iter().find(|(probe, _)| probe == name) {
            Some((_, code)) => (*name, Probe::Refused((*code).to_owned())),
            None => (*name, answered(r#"{"value":[{"displayName":"Contoso"}]}"#)),
        })
        .collect();
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let claims = Claims { oid: "sp".to_owned(), appid: "app".to_owned(), roles };
    Survey { settings: &settings(), claims, probes, undefined: Vec::new(), problems: Vec::new() }.render()
}

#[test]
fn every_probe_that_is_named_exists() {
    let named = FUNCTIONS.iter().flat_map(|function| function.needs).filter_map(|need| need.probe);
    for name in named {
        assert!(needs::PROBES.iter().any(|(probe, ..)| *probe == name), "{name}");
    }
}

#[test]
fn what_is_granted_works() {
    let all = survey(&["User.ReadWrite.All", "Group.ReadWrite.All", "AuditLog.Read.All"], &[]);
    assert_eq!(all["functions"][0]["status"], "works", "{all}");
    assert_eq!(all["tenant"]["displayName"], "Contoso");
    assert_eq!(all["grant"]["commands"], json!([]));
}

#[test]
fn what_is_missing_is_told_with_the_command_that_grants_it() {
    let denied = "Authorization_RequestDenied";
    let read_only = survey(&["User.Read.All", "Group.ReadWrite.All"], &[("sign-ins", denied), ("leaving", denied)]);
    let users = &read_only["functions"][0];
    assert_eq!(users["status"], "degraded");
    let missing: Vec<&str> =
        users["missing"].as_array().unwrap().iter().map(|missing| missing["permission"].as_str().unwrap()).collect();
    assert_eq!(
        missing,
        ["User.ReadWrite.All", "User.ReadWrite.All", "AuditLog.Read.All", "User-LifeCycleInfo.Read.All"]
    );
    assert_eq!(read_only["functions"][1]["status"], "works");
    assert_eq!(read_only["functions"][2]["status"], "works");
    assert_eq!(
        read_only["grant"]["permissions"],
        json!(["User.ReadWrite.All", "AuditLog.Read.All", "User-LifeCycleInfo.Read.All"])
    );
    let command = read_only["grant"]["commands"][1].as_str().unwrap();
    assert!(command.contains("/servicePrincipals/sp/appRoleAssignments") && command.contains("'AuditLog.Read.All'"));

    let nothing = survey(&[], &["users", "groups", "delta", "sign-ins", "leaving"].map(|probe| (probe, denied)));
    for function in nothing["functions"].as_array().unwrap() {
        let is_known = FUNCTIONS.iter().any(|known| function["name"] == known.name);
        assert_eq!(function["status"], if is_known { "cannot" } else { "off" }, "{function}");
    }
}

#[test]
fn what_nobody_asked_for_is_off() {
    let status = |roles: &[&str], name: &str| {
        let survey = survey(roles, &[]);
        let functions = survey["functions"].as_array().unwrap();
        functions.iter().find(|function| function["name"] == name).unwrap()["status"].clone()
    };
    assert_eq!(status(&["User.ReadWrite.All"], "scim-contacts"), "off");
    assert_eq!(status(&["Directory.Read.All"], "scim-contacts"), "works");
    assert_eq!(status(&["Directory.Read.All"], "scim-role-assignments"), "degraded");
    assert_eq!(status(&["RoleManagement.ReadWrite.Directory"], "scim-role-assignments"), "works");
}

#[test]
fn a_licence_is_told_from_a_permission() {
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    let survey = survey(&["User.ReadWrite.All", "AuditLog.Read.All"], &[("sign-ins", code)]);
    let users = &survey["functions"][0];
    assert_eq!((users["status"].as_str(), users["missing"].as_array().map(Vec::len)), (Some("degraded"), Some(0)));
    assert!(users["notes"][0].as_str().unwrap().contains("P1 or P2"));
}

#[test]
fn a_token_tells_its_roles() {
    let payload = URL_SAFE_NO_PAD.encode(r#"{"oid":"o","appid":"a","roles":["User.Read.All"],"aud":"x"}"#);
    let claims = claims(&format!("h.{payload}.s")).unwrap();
    assert_eq!((claims.oid.as_str(), claims.roles.as_slice()), ("o", &["User.Read.All".to_owned()][..]));
    assert!(super::claims("opaque").is_none());
}
