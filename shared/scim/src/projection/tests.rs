use proptest::prelude::*;
use serde_json::{Value, json};

use super::Projection;
use crate::fixtures::{CORE, ENTERPRISE, USERS, user};

fn projected(attributes: Option<&str>, excluded: Option<&str>) -> Value {
    let mut resource = user();
    resource["password"] = json!("secret");
    Projection::parse(attributes, excluded, &USERS).unwrap().apply(&mut resource);
    resource
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn ok_by_default_all_but_request_and_never() {
    let resource = projected(None, None);
    let mut expected = user();
    expected.as_object_mut().unwrap().remove("secretHint");
    assert_eq!(resource, expected);
    assert_eq!(projected(Some(" "), Some("")), expected);
}

#[test]
fn ok_attributes() {
    for (attributes, expected) in [
        ("USERNAME", json!({ "userName": "bjensen@Example.com" })),
        (
            "name.givenname, emails.value",
            json!({ "name": { "givenName": "Barbara" }, "emails": [{ "value": "b@example.com" }, { "value": "babs@home.org" }] }),
        ),
        (&format!("{CORE}:title"), json!({ "title": "Guide" })),
        (&format!("{ENTERPRISE}:department"), json!({ ENTERPRISE: { "department": "Sales" } })),
        (&format!("{ENTERPRISE}:manager.value"), json!({ ENTERPRISE: { "manager": { "value": "m1" } } })),
        (ENTERPRISE, json!({ ENTERPRISE: user()[ENTERPRISE] })),
        ("department, manager.value", json!({ ENTERPRISE: { "department": "Sales", "manager": { "value": "m1" } } })),
        // None of the elements has the part, so nothing is left to return.
        ("emails.display", json!({})),
        ("secretHint", json!({ "secretHint": "blue" })),
        ("password,shoeSize", json!({})),
        ("id", json!({})),
    ] {
        let mut expected = expected;
        expected["id"] = json!("u1");
        expected["schemas"] = user()["schemas"].clone();
        assert_eq!(projected(Some(attributes), None), expected, "{attributes}");
    }
}

#[test]
fn ok_excluded_attributes() {
    let all = projected(None, None);
    for (excluded, pointer) in
        [("EMAILS", "/emails"), ("name.givenName", "/name/givenName"), (ENTERPRISE, &format!("/{ENTERPRISE}"))]
    {
        let resource = projected(None, Some(excluded));
        assert_eq!((all.pointer(pointer).is_some(), resource.pointer(pointer)), (true, None), "{excluded}");
    }
    let resource = projected(None, Some("id,schemas,meta,name.givenName"));
    assert_eq!((&resource["id"], &resource["schemas"]), (&all["id"], &all["schemas"]));
    assert_eq!(names(&resource["name"]), ["familyName"]);
    assert_eq!(resource.get("meta"), None);
    assert_eq!(names(&projected(None, Some(CORE))), ["id", "schemas", ENTERPRISE]);
}

#[test]
fn ok_includes_says_what_apply_does() {
    let paths = [
        ("id", "/id"),
        ("userName", "/userName"),
        ("name", "/name"),
        ("name.givenName", "/name/givenName"),
        ("name.familyName", "/name/familyName"),
        (r#"emails[type eq "work"].value"#, "/emails/0/value"),
        ("emails.type", "/emails/0/type"),
        ("secretHint", "/secretHint"),
        ("password", "/password"),
        ("groups", "/groups"),
        ("meta.created", "/meta/created"),
    ];
    let manager = (format!("{ENTERPRISE}:manager.value"), format!("/{ENTERPRISE}/manager/value"));
    let extension = (ENTERPRISE.to_owned(), format!("/{ENTERPRISE}"));
    let paths = paths.map(|(path, pointer)| (path.to_owned(), pointer.to_owned()));
    for list in [
        "",
        "userName",
        "name",
        "name.givenName",
        "emails",
        "emails.value,meta",
        ENTERPRISE,
        CORE,
        "secretHint",
        "id",
        &manager.0,
    ] {
        for (attributes, excluded) in [(Some(list), None), (None, Some(list))] {
            let projection = Projection::parse(attributes, excluded, &USERS).unwrap();
            let resource = projected(attributes, excluded);
            for (path, pointer) in paths.iter().chain([&manager, &extension]) {
                assert_eq!(
                    projection.includes(path),
                    resource.pointer(pointer).is_some(),
                    "{attributes:?} {excluded:?} {path}"
                );
            }
        }
    }
    assert!(!Projection::all(&USERS).includes("shoeSize") && !Projection::all(&USERS).is_explicit());
}

#[test]
fn err_parse() {
    let error = Projection::parse(Some("a"), Some("b"), &USERS).unwrap_err();
    assert_eq!(
        (error.status, error.detail.as_str()),
        (400, "'attributes' and 'excludedAttributes' exclude each other; give one")
    );
    let error = Projection::parse(Some(&"a,".repeat(257)), None, &USERS).unwrap_err();
    assert_eq!(error.detail, "more than 256 attribute names");
}

proptest! {
    #[test]
    fn property_a_cut_resource_is_cut_already_and_part_of_the_whole(
        names in proptest::collection::vec(proptest::sample::select(vec![
            "userName", "NAME", "name.givenName", "emails", "emails.value", "meta", "id", "password", "secretHint",
            "shoeSize", "manager", ENTERPRISE, CORE,
        ]), 0..4),
        excluded: bool,
    ) {
        let list = names.join(",");
        let (attributes, excluded) = if excluded { (None, Some(list.as_str())) } else { (Some(list.as_str()), None) };
        let once = projected(attributes, excluded);
        let mut twice = once.clone();
        Projection::parse(attributes, excluded, &USERS).unwrap().apply(&mut twice);
        prop_assert_eq!(&twice, &once);
        prop_assert!(once["id"] == "u1" && once["schemas"].is_array() && once.get("password").is_none());
        for (name, value) in once.as_object().unwrap() {
            prop_assert!(value.is_array() || value.is_object() || user()[name] == *value, "{}", name);
        }
    }
}
