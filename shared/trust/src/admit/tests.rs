use futures::executor::block_on;
use proptest::{prop_assert, proptest};
use serde_json::{Value, json};

use crate::{
    Configuration, Evidence, FrontEnd, FrontEndKind, KeyStore, ONLY_TENANT, Operation, Plain, Proof,
    testing::{World, configuration, configuration_behind, header_map, of_tokens, sha256, token},
};

/// Two secrets of one caller, one with a salt.
fn callers() -> Value {
    json!({
        "hr": {"rights": ["Scim.Write"], "secrets": [
            {"name": "2025", "sha256": sha256("old"), "until": "2026-12-31T00:00:00Z"},
            {"name": "2026", "sha256": format!("NaCl:{}", sha256("NaClnew"))}]},
        "office": {"rights": ["Scim.Read"], "secrets": [
            {"name": "lan", "sha256": sha256("lan"), "networks": ["10.1.0.0/16", "2001:db8::/32"]},
            {"name": "elsewhere", "sha256": sha256("elsewhere"), "networks": ["192.0.2.7"]}]},
    })
}

/// The caller and its secret, or the status, challenge and detail that it sees.
fn show(tenant: Option<&str>, authorization: &[&str]) -> Result<(String, Proof), (u16, Option<&'static str>, String)> {
    let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", *value)).collect();
    let admitted = block_on(World::new().admit(&configuration(&callers()), tenant, &headers, &KeyStore::new()));
    admitted
        .map(|caller| (caller.name, caller.proof))
        .map_err(|denied| (denied.error.status, denied.challenge, denied.error.detail))
}

fn secret(name: &str) -> Proof {
    Proof::Secret { name: name.to_owned() }
}

#[test]
fn ok_two_secrets_count_at_once() {
    for (shown, caller, name) in
        [("Bearer old", "hr", "2025"), ("bearer  new ", "hr", "2026"), ("BEARER lan", "office", "lan")]
    {
        assert_eq!(show(None, &[shown]), Ok((caller.to_owned(), secret(name))));
        assert_eq!(show(Some("contoso"), &[shown]), Ok((caller.to_owned(), secret(name))));
    }
    let world = World::new();
    let at = |now: i64| {
        world.now.set(now);
        block_on(world.admit(&configuration(&callers()), None, &[("authorization", "Bearer old")], &KeyStore::new()))
    };
    // 2026-12-31 00:00:00 UTC.
    assert!(at(1_798_675_199).is_ok() && at(1_798_675_200).is_err());
}

#[test]
fn err_refusals_all_look_alike() {
    let wrong = show(None, &["Bearer wrong"]).unwrap_err();
    assert_eq!((wrong.0, wrong.1), (401, Some(r#"Bearer realm="entra-scim", error="invalid_token""#)));
    let long = format!("Bearer {}", "x".repeat(1_025));
    let longer = format!("Bearer {}", "x".repeat(20_000));
    for (tenant, shown) in [
        (None, vec!["Bearer ol"]),
        (None, vec!["Bearer older"]),
        (None, vec!["Bearer Old"]),
        (None, vec!["Bearer NaClnew"]),
        (None, vec!["Bearer 2026"]),
        (None, vec!["Bearer elsewhere"]),
        (Some("fabrikam"), vec!["Bearer old"]),
        (None, vec!["Bearer fabrikam-secret"]),
        (Some("nobody"), vec!["Bearer old"]),
        (Some("nobody"), vec!["Bearer wrong"]),
        (Some("Contoso"), vec!["Bearer old"]),
        (Some(""), vec!["Bearer old"]),
        (None, vec!["Bearer old", "Bearer old"]),
        (None, vec!["Bearer old", "Basic x"]),
        (None, vec![long.as_str()]),
        (None, vec![longer.as_str()]),
        (None, vec!["Bearer é"]),
        (None, vec!["Bearer old, Bearer old"]),
        (None, vec!["Bearer a.b.c"]),
        (Some("nobody"), vec!["Bearer a.b.c"]),
    ] {
        assert_eq!(show(tenant, &shown).unwrap_err(), wrong, "{tenant:?} {shown:.40?}");
    }
    let nothing = show(None, &[]).unwrap_err();
    assert_eq!((nothing.0, nothing.1), (401, Some(r#"Bearer realm="entra-scim""#)));
    for shown in ["", "Bearer", "Bearer ", "old", "Basic b2xk", "Bearerold", "Bearer\told"] {
        assert_eq!(show(None, &[shown]).unwrap_err(), nothing, "{shown}");
        assert_eq!(show(Some("nobody"), &[shown]).unwrap_err(), nothing, "{shown}");
    }
}

#[test]
fn ok_every_tenant_takes_the_same_number_of_hashes() {
    let configuration = configuration(&callers());
    assert_eq!(configuration.most_secrets(), 4);
    assert_eq!(configuration.tenants["fabrikam"].secrets(), 1);
}

#[test]
fn ok_a_token_for_an_unknown_tenant_calls_nobody() {
    let (world, keys) = (World::new(), KeyStore::new());
    let configuration = configuration(&of_tokens(&json!("roles")));
    let bearer = format!("Bearer {}", token(&json!({})));
    for tenant in [Some("nobody"), Some("fabrikam")] {
        let denied = block_on(world.admit(&configuration, tenant, &[("authorization", &bearer)], &keys)).unwrap_err();
        assert_eq!(denied.error.status, 401);
    }
    assert_eq!(world.fetches(), 0);
}

#[test]
fn ok_the_front_end_says_where_the_caller_is() {
    let front_end = |kind, networks: &[&str]| FrontEnd {
        kind,
        networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        easy_auth: false,
    };
    let client = |front_end: &FrontEnd, address: Option<&str>, forwarded: &[&str]| {
        let headers: Vec<(&str, &str)> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let headers = header_map(&headers);
        let address = address.map(|address| address.parse().unwrap());
        let evidence = Evidence { headers: &headers, address, host_key: None };
        evidence.client(front_end).map(|address| address.to_string())
    };
    let envoy = front_end(FrontEndKind::Envoy, &["10.0.0.0/8"]);
    for (address, forwarded, expected) in [
        ("10.0.0.1", vec!["192.0.2.1"], Some("192.0.2.1")),
        ("::ffff:10.0.0.1", vec!["192.0.2.1"], Some("192.0.2.1")),
        ("10.0.0.1", vec!["6.6.6.6, 192.0.2.1"], Some("192.0.2.1")),
        ("10.0.0.1", vec!["6.6.6.6", "192.0.2.1:4711"], Some("192.0.2.1")),
        ("10.0.0.1", vec!["[2001:db8::1]:443"], Some("2001:db8::1")),
        ("10.0.0.1", vec![], None),
        ("10.0.0.1", vec!["unknown"], None),
        ("10.0.0.1", vec!["192.0.2.1,"], None),
        ("192.0.2.9", vec!["10.0.0.1"], Some("192.0.2.9")),
    ] {
        assert_eq!(client(&envoy, Some(address), &forwarded).as_deref(), expected, "{address} {forwarded:?}");
    }
    let host = front_end(FrontEndKind::Host, &["10.0.0.0/8"]);
    assert_eq!(client(&host, Some("10.0.0.1"), &["192.0.2.1"]).as_deref(), Some("10.0.0.1"));
    assert_eq!(client(&host, None, &["192.0.2.1"]), None);
}

#[test]
fn err_a_network_is_that_of_the_caller_and_not_of_the_front_end() {
    let configuration = configuration_behind(&json!({"kind": "envoy", "networks": ["10.0.0.0/8"]}), &callers());
    let show = |secret: &str, forwarded: &str| {
        let headers = [("authorization", secret), ("x-forwarded-for", forwarded)];
        block_on(World::new().admit(&configuration, None, &headers, &KeyStore::new())).is_ok()
    };
    assert!(
        show("Bearer elsewhere", "192.0.2.7") && !show("Bearer lan", "192.0.2.7") && show("Bearer lan", "10.1.9.9")
    );
    assert!(!show("Bearer lan", "") && show("Bearer old", ""));
}

#[test]
fn ok_plain_variables_make_one_tenant() {
    let plain = Plain { tenant_id: "contoso.com".to_owned(), caller_token_sha256: sha256("demo"), ..Plain::default() };
    let configuration =
        Configuration::plain(plain.clone()).unwrap().with_timer(&sha256("tick").to_uppercase()).unwrap();
    let show = |tenant: Option<&str>, token: &str| {
        let bearer = format!("Bearer {token}");
        block_on(World::new().admit(&configuration, tenant, &[("authorization", &bearer)], &KeyStore::new()))
    };
    let caller = show(None, "demo").unwrap();
    assert_eq!((caller.name.as_str(), caller.tenant.name.as_str()), ("caller", ONLY_TENANT));
    assert!(caller.rights.may("Users", Operation::Delete).is_ok() && caller.rights.may("", Operation::Audit).is_ok());
    let timer = show(Some(ONLY_TENANT), "tick").unwrap();
    assert_eq!((timer.name.as_str(), timer.proof), ("timer", Proof::Timer));
    assert!(timer.rights.may("users", Operation::Run).is_ok() && timer.rights.may("Users", Operation::Read).is_err());
    assert!(show(None, "x").is_err());

    let nobody = Configuration::plain(Plain::default()).unwrap().with_timer(" ").unwrap();
    for token in ["", "x", "tick"] {
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert!(block_on(World::new().admit(&nobody, None, &headers, &KeyStore::new())).is_err());
    }
    let wrong = Plain { cloud: "mars".to_owned(), caller_token_sha256: "demo".to_owned(), ..plain };
    let mistakes = Configuration::plain(wrong).unwrap_err();
    assert_eq!(mistakes.list().len(), 2);
    assert!(!mistakes.to_string().contains("demo"));
    assert!(configuration.with_timer("x").is_err());
}

proptest! {
    #[test]
    fn prop_no_header_makes_it_panic(value in "[ -~]{0,200}", tenant in "[a-z]{0,10}") {
        let tenant = Some(tenant.as_str()).filter(|tenant| !tenant.is_empty());
        prop_assert!(show(tenant, &[value.as_str()]).is_err() || ["old", "new", "lan"].iter().any(|it| value.contains(it)));
    }

    #[test]
    fn prop_only_the_secret_itself_is_let_in(shown in "[!-~]{1,12}") {
        let is_in = show(None, &[&format!("Bearer {shown}")]).is_ok();
        prop_assert!(is_in == ["old", "new", "lan"].contains(&shown.as_str()));
    }
}
