mod operators;
mod oracle;
mod properties;

use serde_json::{Value, json};

use super::{Filter, Operator, evaluate};
use crate::fixtures::{ENTERPRISE, USERS, user};
use crate::path::Path;

fn printed(text: &str) -> String {
    Filter::parse(text).map_or_else(|error| error.detail, |filter| filter.to_string())
}

fn resolved(text: &str) -> String {
    let filter = Filter::parse(text).and_then(|filter| filter.resolve(&USERS));
    filter.map_or_else(|error| error.detail, |filter| filter.to_string())
}

#[test]
fn ok_parse() {
    for (text, expected) in [
        (r#"userName Eq "bjensen""#, r#"userName eq "bjensen""#),
        (r#"a pr or b pr and c pr"#, "a pr or b pr and c pr"),
        (r#"(a pr or b pr) and c pr"#, "(a pr or b pr) and c pr"),
        (r#"((a pr)) and (b pr and c pr)"#, "a pr and b pr and c pr"),
        (r#"NOT(a pr) AND not (b pr or c pr)"#, "not (a pr) and not (b pr or c pr)"),
        (r#"name.familyName co "O'Malley""#, r#"name.familyName co "O'Malley""#),
        (r#"a eq "q\"\\\u00fc""#, r#"a eq "q\"\\ü""#),
        (r#"members[value eq"x"]"#, r#"members[value eq "x"]"#),
        (r#"a eq -1.5e3 and b eq NULL and c eq True"#, "a eq -1500.0 and b eq null and c eq true"),
        ("a eq 222222222223222.22222222222 and b eq 1e2", "a eq 222222222223222.22 and b eq 100.0"),
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        (r#"emails[type eq "work"] eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        (r#"emails[type pr or primary pr].value pr and a pr"#, "emails[(type pr or primary pr) and value pr] and a pr"),
        (r#"emails[type pr] and a pr"#, "emails[type pr] and a pr"),
        (r#"not eq "an attribute named not""#, r#"not eq "an attribute named not""#),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1""#,
        ),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn err_parse() {
    for (text, expected) in [
        ("", "filter, character 1: expected an attribute name, not, or '(', found the end"),
        ("userName", "filter, character 9: expected an operator: eq ne co sw ew pr gt ge lt le, found the end"),
        (r#"ü eq "x""#, "filter, character 1: 'ü' is not an attribute name such as name.givenName"),
        (r#"a regex "x""#, "filter, character 3: expected an operator: eq ne co sw ew pr gt ge lt le, found 'regex'"),
        (
            "a eq bob",
            "filter, character 6: expected a value: \"text\" in quotation marks, a number, true, false or null, found 'bob'",
        ),
        (r#"a eq "x"#, "filter, character 6: the string has no closing quotation mark"),
        (r#"a eq "\x""#, "filter, character 6: the string is not a JSON string; check its escapes"),
        ("(a pr", "filter, character 6: expected and, or, or ')', found the end"),
        ("a pr)", "filter, character 5: expected and, or, or the end of the filter, found ')'"),
        ("a[b[c pr]]", "filter, character 4: brackets cannot stand inside brackets"),
        ("a.b[c pr]", "filter, character 4: 'a.b' is a sub-attribute and cannot be followed by '['"),
        ("a pr and", "filter, character 9: expected an attribute name, not, or '(', found the end"),
        ("a.b.c pr", "filter, character 1: 'a.b.c' is not an attribute name such as name.givenName"),
        ("not a pr", "filter, character 5: expected an operator: eq ne co sw ew pr gt ge lt le, found 'a'"),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn err_bounds() {
    let long = format!("a eq \"{}\"", "x".repeat(9000));
    assert_eq!(printed(&long), "the filter is longer than 8192 bytes");
    let deep = format!("{}a pr{}", "(".repeat(33), ")".repeat(33));
    assert_eq!(printed(&deep), "filter, character 33: nested deeper than 32 parentheses and brackets");
    let wide = vec!["a pr"; 129].join(" or ");
    assert!(printed(&wide).ends_with("more than 128 comparisons; split the query"), "{}", printed(&wide));
    assert!(Filter::parse(&vec!["a pr"; 128].join(" or ")).is_ok());
    assert!(Filter::parse(&"(".repeat(8192)).is_err());
    for open in ["(", "not (", "not(", "a[", "a["] {
        assert!(Filter::parse(&open.repeat(100_000)).is_err());
        assert!(Filter::parse(&open.repeat(8000 / open.len())).is_err());
    }
    let nested = format!("{}a pr{}", "not (".repeat(32), ")".repeat(32));
    assert_eq!(printed(&nested), nested);
}

#[test]
fn ok_resolve() {
    for (text, expected) in [
        (r#"USERNAME eq "x""#, r#"userName eq "x""#),
        (r#"urn:ietf:params:scim:schemas:core:2.0:user:username eq "x""#, r#"userName eq "x""#),
        (
            &format!(r#"{}:DEPARTMENT eq "x""#, ENTERPRISE.to_uppercase().replace("URN", "urn")),
            &format!(r#"{ENTERPRISE}:department eq "x""#),
        ),
        (r#"active eq "True""#, "active eq true"),
        (r#"roles[primary eq "True"].value eq "a""#, r#"roles[primary eq true and value eq "a"]"#),
        (r#"emails co "x""#, r#"emails.value co "x""#),
        (&format!(r#"{ENTERPRISE}:manager eq "x""#), &format!(r#"{ENTERPRISE}:manager.value eq "x""#)),
        (r#"id eq "X" and manager eq "Y""#, &format!(r#"id eq "X" and {ENTERPRISE}:manager.value eq "Y""#)),
        ("DEPARTMENT pr", &format!("{ENTERPRISE}:department pr")),
        (r#"META.lastmodified gt "2011-05-13T04:42:34Z""#, r#"meta.lastModified gt "2011-05-13T04:42:34Z""#),
        ("externalid eq null", "externalId eq null"),
    ] {
        assert_eq!(resolved(text), expected, "{text}");
    }
}

#[test]
fn err_resolve() {
    for (text, expected) in [
        (r#"shoeSize eq 1"#, "'shoeSize' is not an attribute of User"),
        (r#"emails[size eq 1]"#, "'size' is not an attribute of emails"),
        (r#"name eq "x""#, "'name' is complex: compare one of its parts, such as name.formatted"),
        ("active gt true", "'active gt': a boolean value has no order; use eq or ne"),
        (r#"picture le "x""#, "'picture le': a binary value has no order; use eq or ne"),
        (r#"active co "t""#, "'active co': a boolean value has no substrings; use eq or ne"),
        (r#"active eq "yes""#, "'active eq': the attribute is boolean: compare with true or false"),
        ("userName eq 1", "'userName eq': the attribute is a string: compare with \"text\" in quotation marks"),
        ("logins eq 1.5", "'logins eq': the attribute is an integer: compare with a whole number"),
        (
            r#"meta.created gt "yesterday""#,
            "'meta.created gt': the attribute is a dateTime: compare with \"2026-01-31T08:00:00Z\"",
        ),
        ("title gt null", "'title gt': null can only be compared by eq and ne"),
        (r#"password eq "x""#, "'password' cannot be filtered by"),
        ("password pr", "'password' cannot be filtered by"),
        (r#"urn:x:y:title eq "x""#, "'urn:x:y:title' is not an attribute of User"),
    ] {
        assert_eq!(resolved(text), expected, "{text}");
    }
}

#[test]
fn ok_evaluate() {
    let user = user();
    for (text, expected) in [
        (r#"userName eq "BJENSEN@example.com""#, true),
        (r#"externalId eq "ext-1""#, false),
        (r#"externalId eq "Ext-1""#, true),
        (r#"name.familyName eq "MÜLLER""#, true),
        (r#"title sw "gu" and title ew "DE" and title co "uid""#, true),
        ("title pr and not (nickName pr)", true),
        (r#"nickName ne "x""#, true),
        (r#"nickName eq null and title ne null"#, true),
        (r#"not (nickName eq "x")"#, true),
        (r#"nickName co "x" or nickName gt "a""#, false),
        ("active eq true", true),
        (r#"active eq "False""#, false),
        ("logins gt 11 and logins le 12 and score lt 2 and score ge 1.5", true),
        (r#"meta.lastModified gt "2026-05-13T06:00:00+02:00""#, true),
        (r#"meta.lastModified lt "2026-05-13T06:00:00+02:00""#, false),
        (r#"meta.created eq "2026-01-01T01:00:00.000+01:00""#, true),
        (r#"emails[type eq "work" and value co "home"]"#, false),
        (r#"emails.type eq "work" and emails.value co "home""#, true),
        (r#"emails co "HOME.org""#, true),
        (r#"emails[not (primary eq true) and type pr]"#, true),
        (r#"emails[type eq "other"]"#, false),
        (r#"addresses[type ne "work"]"#, false),
        (r#"tags eq "BLUE""#, true),
        (r#"tags ne "blue""#, true),
        (r#"groups.value eq "g1" and groups eq "g1""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user""#, true),
        (&format!(r#"{ENTERPRISE}:department eq "sales" and {ENTERPRISE}:manager eq "m1""#), true),
        (&format!("{ENTERPRISE}:employeeNumber pr"), false),
        (r#"userName gt "a" and userName lt "c""#, true),
        (r#"id eq "u1" and (title eq "x" or active eq true)"#, true),
    ] {
        let filter =
            Filter::parse(text).and_then(|filter| filter.resolve(&USERS)).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(evaluate(&filter, &user, &USERS), expected, "{text}");
    }
}

#[test]
fn ok_no_value_is_not_present() {
    for value in [json!(null), json!(""), json!([]), json!([{}]), json!({ "formatted": "" })] {
        let filter = Filter::parse("title pr").unwrap();
        assert!(!evaluate(&filter, &json!({ "title": value }), &USERS), "{value}");
    }
}

#[test]
fn ok_and_err_paths() {
    for (text, expected) in [
        ("Members", "'Members' is not an attribute of User"),
        ("NAME.familyname", "name.familyName"),
        (r#"emails[TYPE eq "work"].VALUE"#, r#"emails[type eq "work"].value"#),
        (r#"roles[primary eq "True"].value"#, "roles[primary eq true].value"),
        (
            "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User:onPremisesExtensionAttributes.extensionattribute1",
            "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User:onPremisesExtensionAttributes.extensionAttribute1",
        ),
        (r#"title[value eq "x"]"#, "'title' has a single value: leave the [...] away"),
        ("emails[0]", "filter, character 8: '0' is not an attribute name such as name.givenName"),
        (r#"emails[type eq "a"] value"#, "'value' after ']' is not a sub-attribute such as .value"),
        (r#"emails[type eq "a"].value.x"#, "'.value.x' after ']' is not a sub-attribute such as .value"),
        (r#"[type eq "a"]"#, "the path must begin with an attribute name"),
        ("name..x", "'name..x' is not an attribute name such as name.givenName"),
    ] {
        let printed = Path::parse(text, &USERS).map_or_else(|error| error.detail, |path| path.to_string());
        assert_eq!(printed, expected, "{text}");
    }
}

/// The filter as another implementation understands it, in our words.
fn read_by_another(text: &str) -> Option<Filter> {
    let other = text.parse::<scim_v2::filter::Filter>().ok()?;
    Some(Filter::parse(&other.to_string()).unwrap_or_else(|error| panic!("{other}: {error}")))
}

/// The examples of RFC 7644 figure 2.
#[test]
fn ok_the_examples_of_the_rfc_mean_the_same_to_another_implementation() {
    for text in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or roles[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read_by_another(text), Some(filter.clone()), "{text}");
        assert!(filter.resolve(&USERS).is_ok(), "{text}");
    }
}
