use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{Broken, Change, Hash, Link, MASK, Outcome, Record, chain, is_secret, masked, verify};
use crate::Proof;

const TENANT: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";

fn links(count: u64) -> Vec<Link> {
    let mut head = Hash::start(TENANT);
    (1..=count)
        .map(|sequence| {
            let record =
                Record { object: format!("user {sequence}"), operation: "update".to_owned(), ..Record::default() };
            let link = chain(&head, sequence, &record);
            head = link.hash;
            link
        })
        .collect()
}

#[test]
fn ok_a_whole_chain_holds() {
    let links = links(20);
    let verified = verify(TENANT, &links, None).unwrap();
    assert_eq!((verified.count, verified.head), (20, links[19].hash));
    assert_eq!(verify(&TENANT.to_uppercase(), &links, Some(&verified.head)), Ok(verified));
    // It went on since the head was noted.
    assert!(verify(TENANT, &links, Some(&links[7].hash)).is_ok());
    assert_eq!(verify(TENANT, [], None).unwrap().head, Hash::start(TENANT));
    assert!(verify(TENANT, [], Some(&Hash::start(TENANT))).is_ok());
    assert_eq!(verified.head.to_string().parse(), Ok(verified.head));
    assert!("x".parse::<Hash>().is_err());
}

#[test]
fn err_a_chain_that_was_tampered_with_does_not_hold() {
    let good = links(20);
    let head = good[19].hash;
    let broken = |change: &dyn Fn(&mut Vec<Link>)| {
        let mut links = good.clone();
        change(&mut links);
        verify(TENANT, &links, Some(&head)).unwrap_err()
    };
    assert_eq!(broken(&|links| _ = links.remove(4)), Broken::Missing { expected: 5, found: 6 });
    assert_eq!(broken(&|links| _ = links.remove(0)), Broken::Missing { expected: 1, found: 2 });
    assert_eq!(broken(&|links| links.swap(4, 9)), Broken::Missing { expected: 5, found: 10 });
    assert_eq!(broken(&|links| links.truncate(19)), Broken::Truncated(19));
    assert_eq!(broken(&|links| links.clear()), Broken::Truncated(0));
    assert_eq!(broken(&|links| links.push(good[19].clone())), Broken::Missing { expected: 21, found: 20 });
    assert_eq!(broken(&|links| links[4].text = links[4].text.replace("user 5", "user 6")), Broken::Changed(5));
    assert_eq!(broken(&|links| links[4].sequence = 6), Broken::Missing { expected: 5, found: 6 });
    assert_eq!(broken(&|links| links[4].hash = links[5].hash), Broken::Changed(5));
    // Renumbered after one was removed.
    let renumbered = broken(&|links| {
        links.remove(4);
        links.iter_mut().zip(1..).for_each(|(link, sequence)| link.sequence = sequence);
    });
    assert_eq!(renumbered, Broken::Unlinked(5));
    // Changed and hashed again, as somebody does who knows how: the one behind it does not follow.
    let again = |links: &mut Vec<Link>| {
        links[4] = chain(&links[3].hash, 5, &Record { object: "user 99".to_owned(), ..Record::default() });
    };
    assert_eq!(broken(&again), Broken::Unlinked(6));
    // All that follows hashed again too: only the head that is known tells.
    let all_again = broken(&|links| {
        again(links);
        for at in 5..links.len() {
            let record: Record = serde_json::from_str(&links[at].text).unwrap();
            links[at] = chain(&links[at - 1].hash, links[at].sequence, &record);
        }
    });
    assert_eq!(all_again, Broken::Truncated(20));
    assert_eq!(verify("other", &good, None), Err(Broken::Unlinked(1)));
}

#[test]
fn ok_a_record_is_canonical_and_comes_back() {
    let record = Record {
        at: "2026-11-23T12:00:00Z".to_owned(),
        caller: "hr".to_owned(),
        proof: Proof::Secret { name: "2026".to_owned() }.to_string(),
        operation: "update".to_owned(),
        resource: "Users".to_owned(),
        outcome: Outcome::Refused,
        status: 403,
        changes: vec![Change {
            attribute: "name".to_owned(),
            old: None,
            new: Some(json!({"b": 1, "a": {"d": [], "c": 0}})),
        }],
        ..Record::default()
    };
    let text = chain(&Hash::start(TENANT), 1, &record).text;
    let expected = concat!(
        r#"{"at":"2026-11-23T12:00:00Z","caller":"hr","changes":[{"attribute":"name","new":{"a":{"c":0,"d":[]},"b":1}}],"#,
        r#""operation":"update","outcome":"refused","proof":"secret 2026","resource":"Users","status":403}"#
    );
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
}

#[test]
fn err_no_secret_gets_into_a_record() {
    let of = |attribute: &str, value: Value| Change {
        attribute: attribute.to_owned(),
        old: Some(value.clone()),
        new: Some(value),
    };
    let secret = "hunter2";
    let changes = vec![
        of("password", json!(secret)),
        of("Password", json!(secret)),
        of("passwordProfile", json!({"password": secret})),
        of("urn:ietf:params:scim:schemas:core:2.0:User:password", json!(secret)),
        of("x.password", json!([secret])),
        of("passwordProfile.password", json!(secret)),
        of("urn:x:User", json!({"a": [{"PassWord": {"b": secret}}]})),
        of(
            "credentials",
            json!([{"secretText": secret, "key": secret, "client_secret": secret, "private-key": secret}]),
        ),
        of("passwordCredentials", json!([secret])),
        of("emails[type eq \"x\"].password", json!(secret)),
    ];
    let text = chain(&Hash::start(TENANT), 1, &Record { changes, ..Record::default() }).text;
    assert!(!text.contains(secret) && text.matches(MASK).count() >= 20, "{text}");
    assert!(!is_secret("displayName") && !is_secret("keyboard") && is_secret("key"));
    assert_eq!(masked(&json!([{"a": 1}, null, "b"])), json!([{"a": 1}, null, "b"]));
}

#[test]
fn ok_a_record_is_bounded() {
    let record = Record {
        detail: "é".repeat(100_000),
        object: "x".repeat(100_000),
        graph_request_ids: vec!["x".repeat(9_000); 5_000],
        changes: vec![Change { attribute: "photo".to_owned(), old: None, new: Some("x".repeat(9_000).into()) }; 5_000],
        ..Record::default()
    };
    let text = chain(&Hash::start(TENANT), 1, &record).text;
    assert!(text.len() < 5_000_000 && text.contains(r#""new":{"bytes":9002,"sha256":""#), "{}", text.len());
}

proptest! {
    #[test]
    fn prop_a_changed_text_is_found(at in 0_usize..10, place in 0_usize..1_000, with in "[a-z0-9]") {
        let (mut links, good) = (links(10), links(10));
        let text = &mut links[at].text;
        let place = place % text.len();
        text.replace_range(place..=place, &with);
        prop_assert_eq!(verify(TENANT, &links, None).is_ok(), links == good);
    }

    #[test]
    fn prop_no_order_but_the_right_one_holds(left in 0_usize..10, right in 0_usize..10) {
        let mut links = links(10);
        links.swap(left, right);
        prop_assert!(verify(TENANT, &links, None).is_ok() == (left == right));
    }

    #[test]
    fn prop_any_attribute_in_a_path_keeps_a_secret(before in "[a-zA-Z:]{0,20}", after in "[a-zA-Z]{0,20}") {
        let path = format!("{before}.password.{after}");
        prop_assert!(is_secret(&path));
    }
}
