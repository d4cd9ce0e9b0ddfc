use scim::{path::Path, projection::Projection};

use super::*;
use crate::{Renderer, SECURITY, Settings, USERS};

fn operations(operations: Value) -> Result<Vec<Operation>> {
    let body = json!({ "schemas": [scim::patch::PATCH_SCHEMA], "Operations": operations });
    scim::patch::parse(&body, USERS.resource_type)
}

/// What is written of the set, beside its type.
fn written(changes: Value, object: &Value) -> Value {
    let mut rest = operations(changes).unwrap();
    let open = take(&USERS, &mut rest);
    assert!(rest.iter().all(|operation| operation.path.attribute.name == "title"));
    let mut body = Write::default();
    write(&USERS, &open, object, &mut body).unwrap();
    let mut sets = body.body.remove("customSecurityAttributes").unwrap_or_default();
    let mut set = sets["Engineering"].take();
    if let Some(set) = set.as_object_mut() {
        assert_eq!(set.remove(TYPE), Some(json!(SET)));
    }
    set
}

#[test]
fn values_are_written_with_their_types() {
    let at = |name: &str| format!("{SECURITY}:Engineering.{name}");
    let expected = json!({ "Project": ["Baker"], "Project@odata.type": "#Collection(String)", "CostCenter": "C",
        "Vendors": 4, "Vendors@odata.type": "#Int32", "Certified": true });
    let changes = json!([
        { "op": "add", "path": at("Project"), "value": ["Baker"] },
        { "op": "replace", "path": at("CostCenter"), "value": "C" },
        { "op": "replace", "path": "title", "value": "T" },
        { "op": "add", "value": { SECURITY: { "Engineering": { "Vendors": 4, "Certified": true } } } },
    ]);
    assert_eq!(written(changes, &Value::Null), expected);
    let whole = json!({ "Engineering": { "Project": ["Baker"], "CostCenter": "C", "Vendors": 4, "Certified": true } });
    assert_eq!(written(json!([{ "op": "replace", "path": SECURITY, "value": whole }]), &Value::Null), expected);
    let set = format!("{SECURITY}:Engineering");
    let changes = json!([{ "op": "replace", "path": set, "value": whole["Engineering"] }]);
    assert_eq!(written(changes, &Value::Null), expected);
    let mut created = Write::default();
    create(&USERS, &json!({ SECURITY: whole }), &mut created).unwrap();
    assert_eq!(created.body["customSecurityAttributes"]["Engineering"]["Vendors@odata.type"], "#Int32");
}

#[test]
fn how_a_value_goes_depends_on_its_type() {
    let object = json!({ "customSecurityAttributes": { "Engineering": { "CostCenter": "C", "Project": ["Baker"],
        "Project@odata.type": "#Collection(String)", "@odata.type": "x" } } });
    let at = |name: &str| format!("{SECURITY}:Engineering.{name}");
    for (change, expected, is_seen) in [
        (json!({ "op": "remove", "path": at("CostCenter") }), json!({ "CostCenter": null }), true),
        (json!({ "op": "remove", "path": at("Project") }), json!({ "Project": [] }), true),
        (json!({ "op": "replace", "path": at("Project"), "value": null }), json!({ "Project": [] }), true),
        (json!({ "op": "replace", "path": at("Project"), "value": [] }), json!({ "Project": [] }), false),
        (
            json!({ "op": "remove", "path": format!("{SECURITY}:Engineering") }),
            json!({ "CostCenter": null, "Project": [] }),
            true,
        ),
        (
            json!({ "op": "replace", "path": SECURITY, "value": { "Engineering": { "Project": null } } }),
            json!({ "Project": [] }),
            true,
        ),
    ] {
        let open = operations(json!([change])).unwrap();
        assert_eq!(seen(&USERS, &open).as_deref(), is_seen.then_some(SECURITY), "{change}");
        assert_eq!(written(json!([change]), &object), expected, "{change}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    let at = format!("{SECURITY}:Engineering");
    for (path, value) in [
        (format!("{at}.Project"), json!({ "a": 1 })),
        (format!("{at}.Project"), json!(["a", 1])),
        (format!("{at}.Project"), json!(1.5)),
        (at.clone(), json!("x")),
        (at.clone(), json!({ "a@odata.type": "#Int32" })),
        (at, json!({ "x".repeat(65): "a" })),
    ] {
        let open = operations(json!([{ "op": "replace", "path": path, "value": value }])).unwrap();
        let error = write(&USERS, &open, &Value::Null, &mut Write::default()).unwrap_err();
        assert_eq!((error.status, error.detail.len() < 200), (400, true), "{path} {value}");
    }
    assert_eq!(operations(json!([{ "op": "remove", "path": SECURITY }])).unwrap_err().status, 400);
    assert!(Path::parse("Engineering.Project", USERS.resource_type).is_err(), "only the extension is open");
}

#[test]
fn sets_are_shown_as_they_are_asked_for() {
    let object = json!({ "id": "7", "customSecurityAttributes": {
        "Engineering": { "@odata.type": "#x", "Project@odata.type": "#y", "Project": ["Baker"], "CostCenter": "C",
            "Gone": null, "Empty": [] },
        "Marketing": { "@odata.type": "#x", "AppCountry": "FR" },
        "Nothing": { "@odata.type": "#x", "Gone": null },
    } });
    let engineering = json!({ "Project": ["Baker"], "CostCenter": "C" });
    for (attributes, expected) in [
        (SECURITY.to_owned(), json!({ "Engineering": engineering, "Marketing": { "AppCountry": "FR" } })),
        (format!("{SECURITY}:Engineering"), json!({ "Engineering": engineering })),
        (format!("title,{SECURITY}:Engineering.CostCenter"), json!({ "Engineering": { "CostCenter": "C" } })),
        (format!("{SECURITY}:Nothing"), Value::Null),
        ("title".to_owned(), Value::Null),
    ] {
        let projection = Projection::parse(Some(&attributes), None, USERS.resource_type).unwrap();
        let renderer = Renderer::new(&USERS, &Settings::default(), &projection, "http://h");
        let resource = renderer.value(&object.to_string(), &[]).unwrap();
        assert_eq!(resource[SECURITY], expected, "{attributes}");
        let selected = crate::selection(&USERS, &Settings::default(), &projection, crate::Reading::Page).select;
        assert_eq!(selected.contains("customSecurityAttributes"), attributes.contains(SECURITY), "{selected}");
    }
    let all = Projection::all(USERS.resource_type);
    let renderer = Renderer::new(&USERS, &Settings::default(), &all, "http://h");
    assert!(renderer.value(&object.to_string(), &[]).unwrap().get(SECURITY).is_none());
}
