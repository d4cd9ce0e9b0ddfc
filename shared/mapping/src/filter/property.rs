//! What Graph finds and the residual keeps is what the filter means, whatever the filter and whatever the user.

use std::collections::BTreeSet;

use proptest::{prelude::*, sample::select};
use scim::{filter::evaluate, projection::Projection};
use serde_json::{Value, json};

use super::{oracle::Oracle, *};
use crate::{ENTERPRISE, ENTRA, Renderer, USER, USERS};

const IDS: [&str; 2] = ["f6ede700-27d0-4c42-bfb9-4dffff43c74a", "0a6f5d7e-0001-4c42-bfb9-4dffff43c74a"];
const TEXTS: [&str; 7] = ["a", "A", "aB", "ab'", "b", "é", "É"];
const TIMES: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-06-01T00:00:00Z"];
const ADDRESSES: [&str; 5] = ["smtp:a", "SMTP:a", "smtp:aB", "SMTP:b", "x500:b"];

fn text() -> impl Strategy<Value = Value> {
    select(&TEXTS[..]).prop_map(Value::from)
}

fn maybe(strategy: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), strategy].boxed()
}

fn several(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    proptest::collection::vec(select(values), 0..3).prop_map(|items| json!(items)).boxed()
}

fn user() -> impl Strategy<Value = Value> {
    let texts = proptest::collection::vec(maybe(text()), 12);
    let times = proptest::collection::vec(maybe(select(&TIMES[..]).prop_map(Value::from)), 2);
    let arrays = (several(&TEXTS), several(&ADDRESSES), several(&TEXTS), maybe(text()), several(&IDS));
    let flags = (any::<bool>(), maybe(any::<bool>().prop_map(Value::from)));
    let ids = (select(&IDS[..]), maybe(select(&IDS[..]).prop_map(|id| json!({ "id": id }))));
    (texts, times, arrays, flags, ids, text(), text()).prop_map(|(texts, times, arrays, flags, ids, name, shown)| {
        let name = Value::from(format!("{}@x", name.as_str().unwrap()));
        // Now and then the name is made up.
        let shown = if shown == "a" { name.clone() } else { shown };
        let phones: Vec<_> = [arrays.3].into_iter().filter(|phone| !phone.is_null()).collect();
        let groups: Vec<_> = arrays.4.as_array().into_iter().flatten().collect();
        let groups: Vec<_> =
            groups.iter().map(|id| json!({ "@odata.type": "#microsoft.graph.group", "id": id })).collect();
        json!({
            "id": ids.0, "userPrincipalName": name, "displayName": shown, "accountEnabled": flags.0,
            "jobTitle": texts[0], "city": texts[1], "givenName": texts[2], "surname": texts[3], "mail": texts[4],
            "mobilePhone": texts[5], "employeeType": texts[6], "onPremisesImmutableId": texts[7],
            "extension_x_externalId": texts[8], "employeeOrgData": { "costCenter": texts[9] },
            "onPremisesExtensionAttributes": { "extensionAttribute1": texts[10] }, "postalCode": texts[11],
            "createdDateTime": times[0], "employeeHireDate": times[1], "onPremisesSyncEnabled": flags.1,
            "otherMails": arrays.0, "proxyAddresses": arrays.1, "imAddresses": arrays.2, "businessPhones": phones,
            "manager": ids.1, "memberOf": groups,
        })
    })
}

fn comparison(values: Vec<String>, operators: &'static [&'static str]) -> impl Strategy<Value = String> {
    let values = values.into_iter().chain(["null".to_owned()]).collect::<Vec<_>>();
    prop_oneof![
        1 => Just("pr".to_owned()),
        8 => (select(operators), select(values)).prop_map(|(operator, value)| match (operator, value.as_str()) {
            ("eq" | "ne", _) => format!("{operator} {value}"),
            (_, "null") => format!("eq {value}"),
            _ => format!("{operator} {value}"),
        }),
    ]
}

fn of_text() -> impl Strategy<Value = String> {
    let values = TEXTS.into_iter().chain(["", "b\n", "a@x"]).map(|text| Value::from(text).to_string());
    comparison(values.collect(), &["eq", "eq", "ne", "co", "sw", "ew", "gt", "le"])
}

fn of_time() -> impl Strategy<Value = String> {
    let values = TIMES.into_iter().chain(["2026-01-01T01:00:00.25+01:00", "2026-01-01T00:00:01"]);
    comparison(values.map(|text| Value::from(text).to_string()).collect(), &["eq", "ne", "gt", "ge", "lt", "le", "sw"])
}

fn of_id() -> impl Strategy<Value = String> {
    let values = IDS.into_iter().chain(["bob"]).map(|id| Value::from(id).to_string());
    comparison(values.collect(), &["eq", "eq", "ne", "sw"])
}

fn with(paths: Vec<String>, comparison: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (select(paths), comparison).prop_map(|(path, comparison)| format!("{path} {comparison}"))
}

/// Conditions joined by `and`, `or` and `not`.
fn joined(leaf: BoxedStrategy<String>) -> BoxedStrategy<String> {
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| format!("not ({filter})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) and ({right})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("({left}) or ({right})")),
        ]
    })
    .boxed()
}

fn element() -> impl Strategy<Value = String> {
    let kinds = ["work", "Other", "proxyAddress", "mobile"].map(|kind| format!("\"{kind}\"")).to_vec();
    let flags = vec!["true".to_owned(), "false".to_owned()];
    let leaf = prop_oneof![
        3 => with(vec!["value".to_owned()], of_text()),
        2 => with(vec!["type".to_owned()], comparison(kinds, &["eq", "eq", "ne", "sw"])),
        1 => with(vec!["primary".to_owned()], comparison(flags, &["eq", "ne"])),
    ];
    (select(vec!["emails", "phoneNumbers", "ims"]), joined(leaf.boxed()))
        .prop_map(|(attribute, filter)| format!("{attribute}[{filter}]"))
}

fn filter() -> impl Strategy<Value = String> {
    let texts = [
        "userName",
        "displayName",
        "title",
        "city",
        "name.givenName",
        "name.familyName",
        "externalId",
        "userType",
        "emails",
        "emails.value",
        "phoneNumbers.value",
        "ims.value",
        "addresses.locality",
        "addresses.type",
        "emails.type",
        "meta.resourceType",
        "schemas",
        &format!("{ENTERPRISE}:costCenter"),
        &format!("{ENTRA}:onPremisesImmutableId"),
        &format!("{}:onPremisesExtensionAttributes.extensionAttribute1", crate::ON_PREMISES),
    ]
    .map(str::to_owned);
    let times = ["meta.created", "startDateTime"].map(str::to_owned);
    let ids = ["id", "groups", "groups.value", &format!("{ENTERPRISE}:manager")].map(str::to_owned);
    let flags = ["active".to_owned(), format!("{ENTRA}:onPremisesSyncEnabled")];
    let whole = ["emails", "name", "phoneNumbers", "addresses", "meta", "schemas"].map(|name| format!("{name} pr"));
    let urns = vec![format!("\"{}\"", USER.schema.id), format!("\"{ENTERPRISE}\"")];
    let leaf = prop_oneof![
        8 => with(texts.to_vec(), of_text()),
        2 => with(times.to_vec(), of_time()),
        2 => with(ids.to_vec(), of_id()),
        2 => with(flags.to_vec(), comparison(vec!["true".to_owned(), "false".to_owned()], &["eq", "ne"])),
        1 => select(whole.to_vec()),
        1 => with(vec!["schemas".to_owned()], comparison(urns, &["eq", "ne"])),
        4 => element(),
    ];
    joined(leaf.boxed())
}

/// The user as a resource of these attributes.
fn rendered(user: &Value, names: &str) -> Value {
    let settings = Settings { external_id: Some("extension_x_externalId".to_owned()), ..Settings::default() };
    let projection = Projection::parse(Some(names), None, &USER).unwrap();
    Renderer::new(&USERS, &settings, &projection, "http://h").value(&user.to_string(), &[]).unwrap()
}

/// Every attribute, whole.
fn everything() -> String {
    let rows = USERS.rows.iter().map(|row| (row.schema, row.attribute));
    let links = USERS.links.iter().map(|link| (link.schema, link.attribute));
    let names: BTreeSet<_> = rows.chain(links).chain([(None, "meta")]).collect();
    let paths = names.into_iter().map(|(schema, name)| match schema {
        Some(schema) => format!("{schema}:{name}"),
        None => name.to_owned(),
    });
    paths.collect::<Vec<_>>().join(",")
}

/// Whether what comes of the translation matches the user.
fn found(query: &Query, user: &Value, oracle: Oracle) -> bool {
    let related = match &query.source {
        Source::Collection => true,
        Source::Relation { id, relation } => {
            assert_eq!(*relation, "members");
            user["memberOf"].as_array().unwrap().iter().any(|group| group["id"] == id.as_str())
        }
    };
    let passes = query.text.as_deref().is_none_or(|text| oracle.passes(text, user));
    let resource = || rendered(user, &query.paths.join(","));
    related && passes && query.residual.as_ref().is_none_or(|residual| evaluate(residual, &resource(), &USER))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn property_a_translation_means_what_the_filter_means(filter in filter(), users in proptest::collection::vec(user(), 1..4)) {
        let resolved = Filter::parse(&filter).and_then(|filter| filter.resolve(&USER));
        prop_assume!(resolved.is_ok());
        let resolved = resolved.unwrap();
        let settings = Settings { external_id: Some("extension_x_externalId".to_owned()), ..Settings::default() };
        let translation = translate(&USERS, &settings, &resolved).unwrap();
        let everything = everything();
        for user in &users {
            let expected = evaluate(&resolved, &rendered(user, &everything), &USER);
            let Translation::Query(query) = &translation else {
                prop_assert!(!expected, "nothing");
                continue;
            };
            for oracle in [Oracle::Denying, Oracle::Unknowing] {
                prop_assert_eq!(found(query, user, oracle), expected, "{:?} {:?}", query, oracle);
            }
            let text = query.text.as_deref().unwrap_or_default();
            let needs = [" ne ", "not(", "endsWith(", "null", "$count"].iter().any(|word| text.contains(word));
            prop_assert!(query.advanced || !needs, "{}", text);
        }
    }
}
