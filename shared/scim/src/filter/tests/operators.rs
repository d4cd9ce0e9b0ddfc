//! Every operator on every type: RFC 7644 table 3.

use super::*;
use crate::fixtures::CORE;

/// What the operators say of an attribute with one value and an operand: `eq ne co sw ew gt ge lt le`, `1` for a match,
/// `0` for none, `-` for an error.
fn say(resource: &Value, attribute: &str, operand: &str) -> String {
    let one = |operator: Operator| {
        let filter =
            Filter::parse(&format!("{attribute} {operator} {operand}")).and_then(|filter| filter.resolve(&USERS));
        match filter {
            Ok(filter) if evaluate(&filter, resource, &USERS) => '1',
            Ok(_) => '0',
            Err(error) => {
                assert_eq!(error.scim_type.map(|scim_type| scim_type.keyword()), Some("invalidFilter"));
                '-'
            }
        }
    };
    Operator::ALL.into_iter().map(one).collect()
}

#[test]
fn ok_every_operator_on_every_type() {
    let user = user();
    for (attribute, operand, expected) in [
        // A string that is not caseExact, then one that is.
        ("title", r#""GUIDE""#, "101110101"),
        ("title", r#""guid""#, "011101100"),
        ("title", r#""z""#, "010000011"),
        ("title", r#""""#, "011111100"),
        ("externalId", r#""Ext-1""#, "101110101"),
        ("externalId", r#""ext-1""#, "010000011"),
        ("id", r#""u""#, "011101100"),
        ("active", "true", "10-------"),
        ("active", r#""False""#, "01-------"),
        ("active", "1", "---------"),
        ("logins", "12", "10---0101"),
        ("logins", "7", "01---1100"),
        ("logins", r#""12""#, "---------"),
        ("score", "1.5", "10---0101"),
        ("score", "2", "01---0011"),
        ("meta.created", r#""2026-01-01T01:00:00+01:00""#, "100000101"),
        ("meta.created", r#""2025-01-01T00:00:00Z""#, "010001100"),
        ("meta.created", r#""2026-01""#, "--110----"),
        ("meta.location", r#""x""#, "010000000"),
        ("picture", r#""eA==""#, "01000----"),
        ("schemas", &format!(r#""{CORE}""#), "111111101"),
        ("emails", r#""B@example.com""#, "111111101"),
        ("emails.primary", r#""True""#, "10-------"),
        ("name", r#""x""#, "---------"),
        ("tags", r#""blue""#, "111111101"),
        // Without a value: not equal to anything.
        ("nickName", r#""x""#, "010000000"),
        ("nickName", "null", "10-------"),
        ("title", "null", "01-------"),
        ("addresses", r#""x""#, "---------"),
        ("addresses.locality", r#""x""#, "010000000"),
    ] {
        assert_eq!(say(&user, attribute, operand), expected, "{attribute} {operand}");
    }
}

#[test]
fn ok_present() {
    let user = user();
    for (text, expected) in [
        ("title pr", true),
        ("nickName pr", false),
        ("active pr", true),
        ("name pr", true),
        ("name.formatted pr", false),
        ("emails pr", true),
        ("emails.type pr", true),
        ("emails.display pr", false),
        ("addresses pr", false),
        ("emails[display pr]", false),
        ("meta pr and schemas pr and id pr", true),
        ("manager pr", true),
        ("not (manager.displayName pr)", false),
    ] {
        let filter = Filter::parse(text).unwrap().resolve(&USERS).unwrap();
        assert_eq!(evaluate(&filter, &user, &USERS), expected, "{text}");
    }
    let inactive = json!({ "active": false, "logins": 0 });
    assert!(evaluate(&Filter::parse("active pr and logins pr").unwrap(), &inactive, &USERS));
}

#[test]
fn ok_not_is_the_opposite_for_every_comparison() {
    let user = user();
    for attribute in ["title", "nickName", "emails", "emails.type", "tags", "externalId", "manager"] {
        for operator in Operator::ALL {
            let text = format!(r#"{attribute} {operator} "blue""#);
            let filter = Filter::parse(&text).unwrap().resolve(&USERS).unwrap();
            let not = Filter::Not(Box::new(filter.clone()));
            assert_ne!(evaluate(&filter, &user, &USERS), evaluate(&not, &user, &USERS), "{text}");
        }
    }
}

#[test]
fn ok_precedence() {
    // `not` before `and` before `or`, and parentheses before all.
    for (text, expected) in [
        ("title pr or title pr and nickName pr", true),
        ("(title pr or title pr) and nickName pr", false),
        ("nickName pr and title pr or title pr", true),
        ("not (nickName pr) and title pr", true),
        ("not (nickName pr and title pr)", true),
        ("not (title pr) or nickName pr", false),
        ("emails[type eq \"home\" or type eq \"work\" and primary eq false]", true),
        ("emails[(type eq \"home\" or type eq \"work\") and primary eq false]", false),
    ] {
        let filter = Filter::parse(text).unwrap().resolve(&USERS).unwrap();
        assert_eq!(evaluate(&filter, &user(), &USERS), expected, "{text}");
    }
}
