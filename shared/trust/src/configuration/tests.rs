use proptest::{prop_assert, proptest};
use serde_json::{Value, json};

use super::{Configuration, FrontEndKind, Limits, RightsRule};
use crate::{
    Mistakes, Operation, Version,
    testing::{APPLICATION, TENANT, sha256},
};

fn parse(document: &Value) -> Result<Configuration, Mistakes> {
    parse_text(&document.to_string())
}

fn parse_text(document: &str) -> Result<Configuration, Mistakes> {
    Configuration::parse(document, &|path| match path {
        "/run/secrets/x" => Ok("from-the-file\n".to_owned()),
        "/run/secrets/large" => Ok("x".repeat(100_000)),
        other => Err(format!("there is no {other}")),
    })
}

/// The pointers of all mistakes.
fn pointers(document: &Value) -> Vec<String> {
    let mistakes = parse(document).unwrap_err();
    let all = mistakes.to_string();
    assert!(!all.contains("hunter2"), "{all}");
    assert!(mistakes.list().iter().all(|mistake| mistake.problem.len() > 10));
    mistakes.list().iter().map(|mistake| mistake.pointer.clone()).collect()
}

fn secrets() -> Value {
    json!([{"name": "a", "sha256": sha256("a")}])
}

/// A good document, in which one tenant has these members too.
fn with(members: &Value) -> Value {
    let mut document = json!({"tenants": {"contoso": {"tenant_id": TENANT}}});
    document["tenants"]["contoso"].as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    document
}

fn with_caller(caller: &Value) -> Value {
    with(&json!({"callers": {"hr": caller}}))
}

/// The document of the documentation, with everything in it.
fn full() -> Value {
    json!({
        "default": "contoso",
        "front_end": {"kind": "app-service", "networks": ["10.0.0.0/8", "2001:db8::1"], "easy_auth": true},
        "tenants": {
            "contoso": {
                "tenant_id": TENANT, "cloud": "global", "login_url": "http://127.0.0.1:4711/", "graph_url": "",
                "arm_url": null, "identity_url": "http://169.254.169.254",
                "credential": {"client_id": APPLICATION, "client_secret": {"file": "/run/secrets/x"},
                    "client_certificate": "", "client_certificate_password": "hunter2", "federated_token_file": "/x"},
                "mapping": {"external_id_property": "employeeId", "group_external_id_property": "mailNickname"},
                "callers": {
                    "sailpoint": {"certificates": [{"sha256": "0".repeat(64)}, {"sha1": "A".repeat(40), "until": "2027-01-01"}],
                        "rights": ["Scim.Write"]},
                    "provisioning": {"tokens": {"audiences": ["api://x"], "applications": [APPLICATION],
                        "versions": ["1.0", "2.0"], "users": false}, "rights": "roles"},
                    "midpoint": {"secrets": [{"name": "2026", "sha256": format!("salt:{}", sha256("salta")),
                            "until": "2026-12-31T00:00:00Z", "networks": ["192.0.2.0/24"]}],
                        "rights": {"roles": ["Scim.Write"], "resources": ["Users"], "operations": ["read", "create", "update"],
                            "attributes": {"Users": {"only": ["active", "userName"]}}, "deletions_per_hour": 50}},
                },
                "protected": {"objects": [TENANT.to_uppercase()], "role_assignable_groups": true,
                    "roles": ["Global Administrator", "00000000-0000-0000-0000-000000000001"]},
                "limits": {"requests_per_second": 50, "burst": 0},
                "audit": {"old_values": false},
            },
            "fabrikam-2": {"tenant_id": TENANT, "cloud": "china"},
        },
    })
}

#[test]
fn ok_everything_is_read() {
    let configuration = parse(&full()).unwrap();
    assert_eq!((configuration.front_end.kind, configuration.front_end.networks.len()), (FrontEndKind::AppService, 2));
    assert!(configuration.front_end.easy_auth && configuration.front_end.is_from("::ffff:10.9.9.9".parse().ok()));
    let tenant = configuration.tenant(None).unwrap();
    assert_eq!((tenant.name.as_str(), tenant.login()), ("contoso", "http://127.0.0.1:4711"));
    assert_eq!(tenant.credential.client_secret.expose(), "from-the-file");
    assert_eq!((tenant.external_id.as_str(), tenant.group_external_id.as_str()), ("employeeId", "mailNickname"));
    let protected = &tenant.protected;
    assert!(protected.is_protected(TENANT) && protected.role_assignable_groups && protected.roles.len() == 2);
    assert_eq!(tenant.limits, Limits { requests_per_second: 50, burst: 0, ..Limits::USUAL });
    assert!(!tenant.audit.old_values);
    let caller = |name: &str| tenant.callers.iter().find(|caller| caller.name == name).unwrap();
    assert_eq!(caller("sailpoint").certificates.len(), 2);
    assert_eq!(caller("provisioning").tokens.as_ref().unwrap().versions, [Version::V1, Version::V2].into());
    assert!(matches!(caller("provisioning").rights, RightsRule::Roles(_)));
    let RightsRule::Fixed(rights) = &caller("midpoint").rights else { panic!("rights") };
    assert!(rights.may("Users", Operation::Update).is_ok() && rights.may("Users", Operation::Delete).is_err());
    assert!(rights.may_write("Users", "active").is_ok() && rights.may_write("Users", "password").is_err());
    assert_eq!(rights.deletions_per_hour(), Some(50));

    let other = configuration.tenant(Some("fabrikam-2")).unwrap();
    assert_eq!((other.login(), other.limits), ("https://login.partner.microsoftonline.cn", Limits::USUAL));
    assert!(other.audit.old_values && other.callers.is_empty());
    assert_ne!(tenant.key(), other.key());
    assert!(configuration.tenant(Some("Contoso")).is_none());
}

#[test]
fn ok_no_secret_is_printed() {
    let configuration = parse(&full()).unwrap();
    let printed = format!("{configuration:?}");
    for secret in ["from-the-file", "hunter2", &sha256("salta"), "salt:"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[test]
fn err_every_mistake_is_listed() {
    let document = json!({
        "defualt": "contoso", "default": "nobody", "front_end": {"kind": "nginx", "networks": ["10.0.0.0/40", 7], "easy_auth": "yes"},
        "tenants": {
            "Contoso": {"tenant_id": "contoso.com", "cloud": "mars", "graph_url": "graph", "credential": {"client_secret": {"file": "/x"}}},
            "scim": {"callers": {"": {}, "timer": {"rights": ["Scim.Writ"], "secrets": [{"name": "hunter2/", "sha256": "hunter2"}]}}},
            "a~/b": [],
        },
    });
    assert_eq!(
        pointers(&document),
        [
            "/defualt",
            "/front_end/kind",
            "/front_end/networks/1",
            "/front_end/networks/0",
            "/front_end/easy_auth",
            "/tenants/Contoso",
            "/tenants/Contoso/tenant_id",
            "/tenants/Contoso/cloud",
            "/tenants/Contoso/graph_url",
            "/tenants/Contoso/credential/client_secret/file",
            "/tenants/a~0~1b",
            "/tenants/a~0~1b",
            "/tenants/scim",
            "/tenants/scim/tenant_id",
            "/tenants/scim/callers/",
            "/tenants/scim/callers/",
            "/tenants/scim/callers//rights",
            "/tenants/scim/callers/timer",
            "/tenants/scim/callers/timer/secrets/0/name",
            "/tenants/scim/callers/timer/secrets/0/sha256",
            "/tenants/scim/callers/timer/rights/0",
            "/default",
        ]
    );
    let text = parse(&document).unwrap_err().to_string();
    assert!(text.starts_with("the tenants document has 2") && text.lines().count() > 20, "{text}");
}

#[test]
fn err_callers_that_make_no_sense() {
    let rights = json!(["Scim.Read"]);
    let under = |pointer: &str| vec![format!("/tenants/contoso/callers/hr{pointer}")];
    let tokens = |changes: Value| {
        let mut tokens = json!({"audiences": ["api://x"], "applications": [APPLICATION]});
        tokens.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({"tokens": tokens, "rights": ["Scim.Read"]})
    };
    let certificate = |rule: Value| json!({"certificates": [rule], "rights": ["Scim.Read"]});
    for (caller, expected) in [
        (json!({"rights": rights}), under("")),
        (json!({"secrets": secrets()}), under("/rights")),
        (json!({"secrets": secrets(), "rights": "roles"}), under("/rights")),
        (json!({"secrets": secrets(), "rights": {"roles": "token"}}), under("/rights")),
        (json!({"secrets": secrets(), "rights": {}}), [under("/rights/roles"), under("/rights")].concat()),
        (json!({"secrets": secrets(), "rights": "all"}), under("/rights")),
        (json!({"secrets": [secrets()[0], secrets()[0]], "rights": rights}), under("/secrets")),
        (json!({"secrets": secrets(), "rights": {"roles": [], "operations": ["run"]}}), under("/rights/operations/0")),
        (
            json!({"secrets": secrets(), "rights": {"roles": [], "attributes": {"Users": {}}}}),
            under("/rights/attributes/Users"),
        ),
        (
            json!({"secrets": secrets(), "rights": {"roles": [], "attributes": {"Users": {"only": [""]}}}}),
            under("/rights/attributes/Users/only/0"),
        ),
        (
            json!({"secrets": secrets(), "rights": {"roles": [], "deletions_per_hour": -1}}),
            under("/rights/deletions_per_hour"),
        ),
        (
            json!({"secrets": [{"name": "a", "sha256": sha256("a"), "until": "tomorrow"}], "rights": rights}),
            under("/secrets/0/until"),
        ),
        (
            json!({"secrets": [{"name": "a", "sha256": format!("{}:{}", "s".repeat(200), sha256("a"))}], "rights": rights}),
            under("/secrets/0/sha256"),
        ),
        (json!({"secrets": vec![json!({}); 17], "rights": rights}), Vec::new()),
        (tokens(json!({"audiences": []})), under("/tokens/audiences")),
        (tokens(json!({"applications": []})), under("/tokens/applications")),
        (tokens(json!({"applications": ["x"]})), under("/tokens/applications/0")),
        (tokens(json!({"versions": ["3.0"]})), under("/tokens/versions/0")),
        (certificate(json!({})), under("/certificates/0")),
        (certificate(json!({"sha1": "0".repeat(40), "sha256": "0".repeat(64)})), under("/certificates/0")),
        (certificate(json!({"sha1": "0".repeat(64)})), under("/certificates/0/sha1")),
        (certificate(json!({"sha256": "z".repeat(64)})), under("/certificates/0/sha256")),
        (
            certificate(json!({"subject": "CN=a"})),
            [under("/certificates/0/issuer"), under("/certificates/0/authority")].concat(),
        ),
        (
            certificate(json!({"subject": "CN=a", "issuer": "CN=b", "authority": "x"})),
            under("/certificates/0/authority"),
        ),
    ] {
        let found = pointers(&with_caller(&caller));
        assert!(found == expected || expected.is_empty() && found.len() > 10, "{caller}\n{found:?}\n{expected:?}");
    }
    assert!(parse(&with_caller(&json!({"tokens": {"audiences": ["api://x"]}, "rights": "roles"}))).is_ok());
}

#[test]
fn err_what_may_not_be() {
    for (document, expected) in [
        (json!([]), ""),
        (json!({}), "/tenants"),
        (json!({"tenants": {}}), "/tenants"),
        (with(&json!({"protected": {"objects": ["x"]}})), "/tenants/contoso/protected/objects/0"),
        (with(&json!({"protected": {"roles": ["Boss"]}})), "/tenants/contoso/protected/roles/0"),
        (with(&json!({"limits": {"burst": 1.5}})), "/tenants/contoso/limits/burst"),
        (with(&json!({"audit": {"old_values": "no"}})), "/tenants/contoso/audit/old_values"),
        (with(&json!({"credential": {"client_secret": "hunter2"}})), "/tenants/contoso/credential/client_id"),
        (with(&json!({"credential": {"client_id": "x"}})), "/tenants/contoso/credential/client_id"),
        (with(&json!({"credential": {"client_secret": 7}})), "/tenants/contoso/credential/client_secret"),
        (
            with(&json!({"credential": {"client_secret": {"file": "/run/secrets/large"}}})),
            "/tenants/contoso/credential/client_secret/file",
        ),
        (with(&json!({"hunter": "hunter2"})), "/tenants/contoso/hunter"),
        (with(&json!({"callers": []})), "/tenants/contoso/callers"),
        (json!({"front_end": {"kind": "envoy"}, "tenants": {"a": {"tenant_id": TENANT}}}), "/front_end/networks"),
        (json!({"front_end": {"easy_auth": true}, "tenants": {"a": {"tenant_id": TENANT}}}), "/front_end/easy_auth"),
        (json!({"tenants": {"audit": {"tenant_id": TENANT}}}), "/tenants/audit"),
        (json!({"tenants": {"-a": {"tenant_id": TENANT}}}), "/tenants/-a"),
    ] {
        assert_eq!(pointers(&document), [expected], "{document}");
    }
    for text in ["", "{", "hunter2", r#"{"tenants": {}, "tenants": {}}"#] {
        let mistakes = parse_text(text).unwrap_err();
        assert!(mistakes.list().len() == 1 && !mistakes.to_string().contains("hunter2"), "{mistakes}");
    }
    assert!(parse_text(&" ".repeat(5 * 1024 * 1024)).unwrap_err().to_string().contains("larger"));
    let many: serde_json::Map<String, Value> = (0..1_000).map(|at| (format!("x{at}"), json!({"y": 1}))).collect();
    assert_eq!(parse(&json!({ "tenants": many })).unwrap_err().list().len(), 200);
}

#[test]
fn ok_a_timer_is_a_caller_of_each_tenant() {
    let configuration = parse(&full()).unwrap().with_timer(&sha256("tick")).unwrap();
    assert!(configuration.tenants.values().all(|tenant| tenant.callers.iter().any(|caller| caller.name == "timer")));
    assert!(configuration.default.unwrap().callers.iter().any(|caller| caller.is_timer));
}

proptest! {
    #[test]
    fn prop_no_document_makes_it_panic(at in 0_usize..5_000, with in "[ -~]{0,3}", cut in 0_usize..4) {
        let mut text = full().to_string();
        let at = at % text.len();
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &with);
        if let Err(mistakes) = parse_text(&text) {
            prop_assert!(!mistakes.is_empty() && !mistakes.to_string().contains("hunter2"));
        }
    }
}
