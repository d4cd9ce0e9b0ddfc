mod keys;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::executor::block_on;
use http::header;
use proptest::{prop_assert, proptest};
use rsa::pkcs8::EncodePublicKey;
use serde_json::{Value, json};

use crate::{
    KeyStore, Operation, Proof,
    testing::{
        APPLICATION, AUDIENCE, NOW, OBJECT, OTHER_TENANT, TENANT, World, claims, configuration, configuration_behind,
        encode, json_web_key, key, of_tokens, other_key, sign, sign_text, token,
    },
};

/// The caller's name, or the status and the reason, for a token shown to a tenant.
fn show(world: &World, keys: &KeyStore, tenant: Option<&str>, token: &str) -> Result<String, (u16, &'static str)> {
    let configuration = configuration(&of_tokens(&json!("roles")));
    let shown = block_on(world.admit(&configuration, tenant, &[("authorization", &format!("Bearer {token}"))], keys));
    shown.map(|caller| caller.name).map_err(|denied| (denied.error.status, denied.reason))
}

fn show_once(token: &str) -> Result<String, (u16, &'static str)> {
    show(&World::new(), &KeyStore::new(), None, token)
}

const REFUSED: Result<String, (u16, &str)> = Err((401, "token"));

/// What makes version 2.0 of it.
fn second() -> Value {
    json!({"ver": "2.0", "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "azp": APPLICATION,
        "appid": null})
}

#[test]
fn ok_both_versions_of_a_good_token() {
    assert_eq!(show_once(&token(&json!({}))).as_deref(), Ok("app"));
    assert_eq!(show_once(&token(&second())).as_deref(), Ok("app"));
    // Without idtyp an application's token is known by its subject.
    assert_eq!(show_once(&token(&json!({"idtyp": null}))).as_deref(), Ok("app"));
    // Ids may be written in capitals.
    assert_eq!(show_once(&token(&json!({"appid": APPLICATION.to_uppercase()}))).as_deref(), Ok("app"));
    // Within the skew of clocks.
    assert_eq!(show_once(&token(&json!({"nbf": NOW + 290}))).as_deref(), Ok("app"));
    assert_eq!(show_once(&token(&json!({"nbf": NOW - 3_600, "exp": NOW - 290}))).as_deref(), Ok("app"));
}

#[test]
fn ok_the_roles_of_the_token_are_the_rights() {
    let (world, keys) = (World::new(), KeyStore::new());
    let configuration = configuration(&of_tokens(&json!("roles")));
    for (roles, may_write) in [
        (json!(["Scim.Read"]), false),
        (json!(["Scim.Write"]), true),
        (json!(["scim.write"]), false),
        (json!(null), false),
    ] {
        let bearer = format!("bearer {}", token(&json!({ "roles": roles })));
        let caller = block_on(world.admit(&configuration, None, &[("authorization", &bearer)], &keys)).unwrap();
        assert_eq!(caller.rights.may("Users", Operation::Create).is_ok(), may_write, "{roles}");
        assert_eq!(caller.rights.may("Users", Operation::Delete).is_ok(), may_write);
        let expected = Proof::Token { application: APPLICATION.to_owned(), object: OBJECT.to_owned() };
        assert_eq!(caller.proof, expected);
    }
    assert_eq!(world.fetches(), 1);
}

#[test]
fn err_claims_that_are_not_those_of_a_caller() {
    let other_issuer = format!("https://sts.windows.net/{OTHER_TENANT}/");
    for changes in [
        json!({"aud": "api://other"}),
        json!({"aud": null}),
        json!({"aud": [AUDIENCE]}),
        json!({"aud": ""}),
        json!({"aud": AUDIENCE.to_uppercase()}),
        json!({"aud": format!("{AUDIENCE}/")}),
        json!({"aud": {"a": AUDIENCE}}),
        json!({"iss": other_issuer}),
        json!({"iss": null}),
        json!({"iss": [format!("https://sts.windows.net/{TENANT}/")]}),
        json!({"iss": format!("https://sts.windows.net/{TENANT}")}),
        json!({"iss": format!("http://sts.windows.net/{TENANT}/")}),
        json!({"iss": format!("https://sts.windows.net.example.com/{TENANT}/")}),
        json!({"iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0")}),
        json!({"tid": OTHER_TENANT}),
        json!({"tid": null}),
        json!({"tid": "common"}),
        json!({"tid": OTHER_TENANT, "iss": other_issuer}),
        json!({"exp": NOW - 300}),
        json!({"exp": null}),
        json!({"exp": (NOW + 3_600).to_string()}),
        json!({"exp": NOW as f64 + 0.5}),
        json!({"exp": i64::MAX}),
        json!({"exp": u64::MAX}),
        json!({"exp": -1}),
        json!({"nbf": NOW + 301}),
        json!({"nbf": null}),
        json!({"nbf": i64::MIN}),
        json!({"nbf": NOW - 200_000}),
        json!({"nbf": NOW + 100, "exp": NOW + 50}),
        json!({"appid": OBJECT}),
        json!({"appid": null}),
        json!({"appid": [APPLICATION]}),
        json!({"azp": APPLICATION}),
        json!({"appid": null, "azp": APPLICATION}),
        json!({"appid": format!(" {APPLICATION}")}),
        json!({"ver": "2.0"}),
        json!({"ver": "3.0"}),
        json!({"ver": null}),
        json!({"ver": 1.0}),
        json!({"idtyp": "user"}),
        json!({"idtyp": "App"}),
        json!({"idtyp": true}),
        json!({"scp": "Scim.Write"}),
        json!({"scp": ""}),
        json!({"upn": "a@contoso.com"}),
        json!({"idtyp": null, "sub": "pairwise"}),
        json!({"idtyp": null, "sub": null, "oid": null}),
        json!({"idtyp": null, "preferred_username": "a@contoso.com"}),
        json!({"roles": "Admin"}),
        json!({"roles": [1]}),
        json!({"roles": {"a": "Admin"}}),
        json!({"oid": 1}),
        json!({"roles": vec!["Scim.Read"; 101]}),
    ] {
        assert_eq!(show_once(&token(&changes)), REFUSED, "{changes}");
    }
}

#[test]
fn err_headers_that_are_not_those_of_entra() {
    let header = |changes: Value| {
        let mut header = json!({"typ": "JWT", "alg": "RS256", "kid": "one"});
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        sign(&header, &claims(&json!({})), &key())
    };
    for changes in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "rs256"}),
        json!({"alg": "RS384"}),
        json!({"alg": "PS256"}),
        json!({"alg": null}),
        json!({"alg": ["RS256"]}),
        json!({"kid": "two"}),
        json!({"kid": null}),
        json!({"kid": ""}),
        json!({"kid": "x".repeat(129)}),
        json!({"kid": "One"}),
        json!({"crit": ["exp"]}),
        json!({"b64": false}),
        json!({"typ": "JWS"}),
        json!({"zip": "DEF"}),
        json!({"jwk": json_web_key("one", &key())}),
        json!({"jku": "https://example.com/keys"}),
        json!({"x5u": "https://example.com/chain"}),
        json!({"filler": "x".repeat(4_000)}),
    ] {
        assert_eq!(show_once(&header(changes.clone())), REFUSED, "{changes}");
    }
    let twice = sign_text(r#"{"alg": "none", "alg": "RS256", "kid": "one"}"#, &claims(&json!({})).to_string(), &key());
    assert_eq!(show_once(&twice), REFUSED);
    let text = claims(&json!({})).to_string();
    let twice = sign_text(r#"{"alg":"RS256","kid":"one"}"#, &text.replacen('{', r#"{"tid":"x","#, 1), &key());
    assert_eq!(show_once(&twice), REFUSED);
}

#[test]
fn err_signatures_that_are_not_the_keys() {
    let good = token(&json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let unsigned = format!("{}.{}", encode(r#"{"alg":"none","typ":"JWT"}"#), encode(claims(&json!({})).to_string()));
    // With the public key as the secret of an HMAC, whatever bytes that gives: the algorithm is refused before.
    let public = key().to_public_key().to_public_key_der().unwrap();
    let hmac = format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256","kid":"one"}"#),
        encode(claims(&json!({})).to_string()),
        encode(crate::hash(&[public.as_bytes(), signed.as_bytes()]))
    );
    let other = sign(&json!({"alg": "RS256", "kid": "one"}), &claims(&json!({})), &other_key());
    let (_, others) = other.rsplit_once('.').unwrap();
    let changed = format!(
        "{}.{}.{signature}",
        signed.split_once('.').unwrap().0,
        encode(claims(&json!({"roles": ["Admin"]})).to_string())
    );
    for wrong in [
        format!("{unsigned}."),
        format!("{signed}."),
        hmac,
        other.clone(),
        format!("{signed}.{others}"),
        changed,
        format!("{good}="),
        format!("{signed}.{}", &signature[1..]),
        format!("{signed}.A{signature}"),
        format!("{signed}.{}", encode([0; 256])),
        format!("{signed}.{}", encode([255; 256])),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!(".{signed}"),
        good.replace('-', "+").replace('_', "/") + "+/",
        format!("{}..{signature}", signed.split_once('.').unwrap().0),
    ] {
        assert!(matches!(show_once(&wrong), Err((401, _))), "{wrong}");
    }
}

#[test]
fn err_a_token_of_one_tenant_is_none_of_another() {
    let (world, keys) = (World::new(), KeyStore::new());
    world.tells(OTHER_TENANT, &json!({"keys": [json_web_key("two", &other_key())]}));
    let good = token(&json!({}));
    assert!(show(&world, &keys, None, &good).is_ok());
    // It is remembered by now, but not for the other tenant.
    assert_eq!(show(&world, &keys, Some("fabrikam"), &good), REFUSED);
    assert_eq!(show(&world, &keys, Some("nobody"), &good), REFUSED);
    let other = json!({"tid": OTHER_TENANT, "iss": format!("https://sts.windows.net/{OTHER_TENANT}/")});
    let theirs = sign(&json!({"alg": "RS256", "kid": "two"}), &claims(&other), &other_key());
    assert_eq!(show(&world, &keys, Some("fabrikam"), &theirs).as_deref(), Ok("other"));
    assert_eq!(show(&world, &keys, None, &theirs), REFUSED);
    // A key of the other tenant, under the name that it has there, signs nothing here.
    let forged = sign(&json!({"alg": "RS256", "kid": "two"}), &claims(&json!({})), &other_key());
    world.now.set(NOW + 120);
    assert_eq!(show(&world, &keys, None, &forged), REFUSED);
    // Nor does one that the keys of this tenant say is another tenant's.
    let mut foreign = json_web_key("two", &other_key());
    foreign["issuer"] = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0").into();
    world.tells(TENANT, &json!({"keys": [json_web_key("one", &key()), foreign]}));
    world.now.set(NOW + 240);
    assert_eq!(show(&world, &keys, None, &forged), REFUSED);
}

#[test]
fn ok_users_are_let_in_where_they_may() {
    let callers = json!({"people": {
        "tokens": {"audiences": [AUDIENCE], "applications": [APPLICATION], "versions": ["2.0"], "users": true},
        "rights": {"roles": "token", "deletions_per_hour": 5}}});
    let configuration = configuration(&callers);
    let (world, keys) = (World::new(), KeyStore::new());
    let mut changes = second();
    changes
        .as_object_mut()
        .unwrap()
        .extend(json!({"scp": "access", "idtyp": "user", "sub": "x"}).as_object().unwrap().clone());
    let bearer = format!("Bearer {}", token(&changes));
    let caller = block_on(world.admit(&configuration, None, &[("authorization", &bearer)], &keys)).unwrap();
    assert_eq!((caller.name.as_str(), caller.rights.deletions_per_hour()), ("people", Some(5)));
    let first = format!("Bearer {}", token(&json!({})));
    assert!(block_on(world.admit(&configuration, None, &[("authorization", &first)], &keys)).is_err());
}

#[test]
fn ok_the_provisioning_service_calls_with_its_own_audience() {
    let callers = json!({"provisioning": {"tokens": {"provisioning_service": true}, "rights": ["Scim.Write"]}});
    let configuration = configuration(&callers);
    let (world, keys) = (World::new(), KeyStore::new());
    let admit = |changes: Value| {
        let bearer = format!("Bearer {}", token(&changes));
        block_on(world.admit(&configuration, None, &[("authorization", &bearer)], &keys))
    };
    let its = json!({"aud": super::PROVISIONING_AUDIENCE, "appid": super::PROVISIONING_SERVICE, "roles": null});
    assert_eq!(admit(its).unwrap().name, "provisioning");
    assert!(admit(json!({"aud": super::PROVISIONING_AUDIENCE})).is_err());
    assert!(admit(json!({"appid": super::PROVISIONING_SERVICE})).is_err());
}

#[test]
fn ok_easy_auth_is_believed_from_the_front_end_alone() {
    let principal = |changes: &Value, twice: Option<&str>| {
        let long = [
            ("tid", "http://schemas.microsoft.com/identity/claims/tenantid"),
            ("oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"),
        ];
        let claims = claims(changes);
        let mut listed = Vec::new();
        for (name, value) in claims.as_object().unwrap() {
            let name = long.iter().find(|(short, _)| short == name).map_or(name.as_str(), |(_, long)| long);
            for value in value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                listed.push(json!({"typ": name, "val": text}));
            }
        }
        listed.extend(twice.map(|name| json!({"typ": name, "val": claims[name]})));
        STANDARD.encode(json!({"auth_typ": "aad", "claims": listed, "name_typ": "n", "role_typ": "r"}).to_string())
    };
    let (world, keys) = (World::new(), KeyStore::new());
    let show = |networks: &str, easy_auth: bool, headers: &[(&str, &str)]| {
        let front_end = json!({"kind": "app-service", "networks": [networks], "easy_auth": easy_auth});
        let configuration = configuration_behind(&front_end, &of_tokens(&json!("roles")));
        block_on(world.admit(&configuration, None, headers, &keys)).map(|caller| caller.rights.roles().count())
    };
    let good = principal(&json!({}), None);
    let header = |value: &'static str| ("x-ms-client-principal", value);
    let good: &'static str = good.leak();
    assert_eq!(show("10.0.0.0/8", true, &[header(good)]), Ok(1));
    assert!(show("10.0.0.0/8", false, &[header(good)]).is_err());
    assert!(show("192.0.2.0/24", true, &[header(good)]).is_err());
    assert!(show("10.0.0.0/8", true, &[header(good), header(good)]).is_err());
    // A token beside it counts alone.
    assert!(show("10.0.0.0/8", true, &[header(good), (header::AUTHORIZATION.as_str(), "Bearer a.b.c")]).is_err());
    for (changes, twice) in [
        (json!({"tid": OTHER_TENANT}), None),
        (json!({"exp": NOW - 300}), None),
        (json!({"appid": OBJECT}), None),
        (json!({"scp": "x"}), None),
        (json!({}), Some("tid")),
        (json!({}), Some("aud")),
        (json!({}), Some("exp")),
    ] {
        let wrong: &'static str = principal(&changes, twice).leak();
        assert!(show("10.0.0.0/8", true, &[header(wrong)]).is_err(), "{changes} {twice:?}");
    }
    for wrong in ["", "!", "e30=", "bnVsbA==", "eyJhdXRoX3R5cCI6ImFhZCIsImNsYWltcyI6W3sidHlwIjoiYSJ9XX0="] {
        assert!(show("10.0.0.0/8", true, &[header(wrong)]).is_err(), "{wrong}");
    }
    assert_eq!(world.fetches(), 0);
}

proptest! {
    #[test]
    fn prop_no_token_with_a_change_is_let_in(at in 0_usize..1_000, with in "[A-Za-z0-9_.-]", cut in 0_usize..3) {
        let good = token(&json!({}));
        let at = at % good.len();
        let mut changed = good.clone();
        match cut {
            0 => changed.replace_range(at..=at, &with),
            1 => changed.insert_str(at, &with),
            _ => changed.truncate(at),
        }
        // The last digit of base64 holds bits that count for nothing, and decoders refuse others than zeros.
        if changed != good {
            prop_assert!(show_once(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn prop_no_text_makes_it_panic(header in ".{0,60}", claims in ".{0,60}", text in ".{0,200}") {
        _ = show_once(&text.replace(|letter: char| letter.is_control(), ""));
        _ = show_once(&sign_text(&header, &claims, &key()));
        let parts = format!("{}.{}.{}", encode(header), encode(claims), encode(text));
        prop_assert!(show_once(&parts).is_err());
    }
}
