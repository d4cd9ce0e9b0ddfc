use futures::executor::block_on;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use super::{REFUSED, show};
use crate::{
    KeyStore,
    testing::{
        NOW, OBJECT, TENANT, World, claims, configuration, encode, json_web_key, key, of_tokens, other_key, sign, token,
    },
};

#[test]
fn ok_keys_are_asked_for_once_and_again_for_a_new_one() {
    let (world, keys) = (World::new(), KeyStore::new());
    assert!((0..10).all(|_| show(&world, &keys, None, &token(&json!({}))).is_ok()));
    assert_eq!(world.fetches(), 1);
    let header = |name: &str| json!({"alg": "RS256", "kid": name});
    let new = |at: i64| claims(&json!({"iat": at}));
    // Names that nobody has: once a minute.
    for at in 0..100 {
        let unknown = sign(&header("unknown"), &new(at), &other_key());
        assert_eq!(show(&world, &keys, None, &unknown), REFUSED);
    }
    assert_eq!(world.fetches(), 1);
    world.now.set(NOW + 61);
    world.tells(TENANT, &json!({"keys": [json_web_key("one", &key()), json_web_key("two", &other_key())]}));
    assert!(show(&world, &keys, None, &sign(&header("two"), &new(0), &other_key())).is_ok());
    assert_eq!(world.fetches(), 2);
    // Who is not a caller makes nobody ask.
    world.now.set(NOW + 300);
    let stranger = sign(&header("three"), &claims(&json!({"appid": OBJECT})), &other_key());
    assert_eq!(show(&world, &keys, None, &stranger), REFUSED);
    assert_eq!(world.fetches(), 2);
    // The old key is withdrawn: what was verified with it counts no more.
    world.now.set(NOW + 400);
    world.tells(TENANT, &json!({"keys": [json_web_key("two", &other_key())]}));
    assert_eq!(show(&world, &keys, None, &sign(&header("three"), &new(0), &other_key())), REFUSED);
    assert_eq!(show(&world, &keys, None, &token(&json!({}))), REFUSED);
}

#[test]
fn ok_many_wait_for_one_answer() {
    let (world, keys) = (World::new(), KeyStore::new());
    world.latency.set(20);
    let configuration = configuration(&of_tokens(&json!("roles")));
    let bearers: Vec<String> = (0..50).map(|at| format!("Bearer {}", token(&json!({"iat": at})))).collect();
    let all = bearers
        .iter()
        .map(async |bearer| world.admit(&configuration, None, &[("authorization", bearer)], &keys).await.is_ok());
    assert!(block_on(futures::future::join_all(all)).into_iter().all(|is_in| is_in));
    assert_eq!(world.fetches(), 1);
}

#[test]
fn err_without_keys_the_caller_is_asked_to_try_again() {
    let (world, keys) = (World::new(), KeyStore::new());
    let bad: [(u16, Vec<u8>); 6] = [
        (500, Vec::new()),
        (200, b"{}".to_vec()),
        (200, b"{\"keys\": []}".to_vec()),
        (200, vec![b' '; 300_000]),
        (200, json!({"keys": vec![json_web_key("one", &key()); 65]}).to_string().into_bytes()),
        (302, Vec::new()),
    ];
    for (at, (status, body)) in (0_i64..).zip(bad) {
        world.now.set(NOW + at * 6);
        world.answers_with(TENANT, status, body);
        assert_eq!(show(&world, &keys, None, &token(&json!({}))), Err((503, "no keys")));
        assert_eq!(show(&world, &keys, None, &token(&json!({}))), Err((503, "no keys")));
    }
    assert_eq!(world.fetches(), 6);
    world.now.set(NOW + 60);
    world.tells(TENANT, &json!({"keys": [json_web_key("one", &key())]}));
    assert!(show(&world, &keys, None, &token(&json!({}))).is_ok());
    // Old keys do for a day when no new ones can be had.
    world.answers_with(TENANT, 500, Vec::new());
    let at = |days: i64| token(&json!({"nbf": NOW + days * 86_400 + 60, "exp": NOW + days * 86_400 + 3_600}));
    world.now.set(NOW + 86_400 + 100);
    assert!(show(&world, &keys, None, &at(1)).is_ok());
    world.now.set(NOW + 2 * 86_400 + 100);
    assert_eq!(show(&world, &keys, None, &at(2)), Err((503, "no keys")));
}

#[test]
fn err_a_remembered_token_ends_with_its_time() {
    let (world, keys) = (World::new(), KeyStore::new());
    let good = token(&json!({}));
    assert!(show(&world, &keys, None, &good).is_ok());
    world.now.set(NOW + 3_600 + 299);
    assert!(show(&world, &keys, None, &good).is_ok());
    world.now.set(NOW + 3_600 + 300);
    assert_eq!(show(&world, &keys, None, &good), REFUSED);
    // More than are remembered: the rest is verified again.
    world.now.set(NOW);
    for at in 0..300 {
        assert!(show(&world, &keys, None, &token(&json!({"iat": at, "exp": NOW + 3_600 + at}))).is_ok());
    }
    assert!(show(&world, &keys, None, &good).is_ok());
}

#[test]
fn err_keys_that_are_no_keys_for_signatures() {
    let good = json_web_key("one", &key());
    let with = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    for wrong in [
        with("kty", "oct".into()),
        with("use", "enc".into()),
        with("alg", "RS512".into()),
        with("e", "".into()),
        with("e", encode([1]).into()),
        with("e", encode([2]).into()),
        with("n", encode([255; 128]).into()),
        with("n", encode([255; 1_024]).into()),
        with("n", "!".into()),
        with("n", 7.into()),
        with("kid", 1.into()),
        with("e", encode([255; 512]).into()),
        with("n", encode(other_key().n().to_bytes_be()).into()),
    ] {
        let (world, keys) = (World::new(), KeyStore::new());
        world.tells(TENANT, &json!({ "keys": [wrong] }));
        assert!(show(&world, &keys, None, &token(&json!({}))).is_err(), "{wrong}");
    }
}
