use std::path::Path;

use serde_json::Value;

use super::*;
use crate::{
    GROUPS, Mapping, USERS,
    table::{Property, Shape},
};

/// What is published of Graph.
fn contract() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/data/graph-v1.0.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The row of the table of operators for a property.
fn row<'a>(published: &'a Value, path: &str) -> Option<&'a Value> {
    let numbered = path.trim_end_matches(|last: char| last.is_ascii_digit());
    [path.to_owned(), format!("{path}/any(p:p)"), format!("{numbered}1-15")]
        .iter()
        .find_map(|name| published["filterTable"].get(name))
}

/// The supports that agree with what is published.
fn allowed(published: &Value, path: &str, comparison: Comparison) -> Vec<Support> {
    let root = path.split('/').next().unwrap();
    let named = |name: &str| {
        let names = published["properties"][root]["filter"].as_array();
        names.is_some_and(|names| names.iter().any(|known| known == name))
    };
    let (name, column) = match comparison {
        Comparison::Equal => ("eq", "eq"),
        Comparison::In => ("in", "eq"),
        Comparison::Order => ("ge", "ge"),
        Comparison::StartsWith => ("startsWith", "startsWith"),
        Comparison::Null => ("eqNull", "null"),
        // These need an advanced query wherever they are.
        Comparison::EndsWith => ("endsWith", ""),
        Comparison::NotEqual => ("ne", ""),
        Comparison::Not => ("not", ""),
        Comparison::Count => ("/$count ne 0", ""),
    };
    if column.is_empty() {
        return vec![if named(name) { Support::Advanced } else { Support::No }];
    }
    let state = row(published, path).and_then(|row| row[column].as_str());
    match (state, named(name)) {
        (Some("default"), true) => vec![Support::Plain],
        (Some("advanced"), true) => vec![Support::Advanced],
        (Some("default"), false) if comparison != Comparison::In => vec![Support::Plain],
        (Some("advanced"), false) if comparison != Comparison::In => vec![Support::Advanced],
        // Only the text of the property knows it, which does not tell whether the query must be an advanced one; of a part of
        // an object, it tells of some parts only.
        (None, true) if path.contains('/') => vec![Support::Plain, Support::Advanced, Support::No],
        (None, true) => vec![Support::Plain, Support::Advanced],
        // The same, of parts that the page names where the machine-readable text is silent.
        (None, false) if ON_PAGES.contains(&(path, name)) => vec![Support::Plain],
        _ => vec![Support::No],
    }
}

/// What only the page of the type says: <https://learn.microsoft.com/graph/api/resources/directoryaudit#properties>.
const ON_PAGES: [(&str, &str); 6] = [
    ("initiatedBy/user/id", "eq"),
    ("initiatedBy/user/displayName", "eq"),
    ("initiatedBy/user/userPrincipalName", "eq"),
    ("initiatedBy/user/userPrincipalName", "startsWith"),
    ("initiatedBy/app/appId", "eq"),
    ("initiatedBy/app/displayName", "eq"),
];

fn check(mapping: &'static Mapping, type_name: &str) {
    let contract = contract();
    let published = &contract["types"][type_name];
    let operations = contract["operations"].as_array().unwrap();
    let create = operations.iter().find(|known| known["method"] == "POST" && known["path"] == mapping.collection);
    let rows = mapping
        .rows
        .iter()
        .map(|row| &row.property)
        .filter(|property| property.facet.is_none() && property.shape != Shape::Open)
        .filter(|property| !property.path.starts_with('{'));
    let mut wrong = Vec::new();
    for property in rows.chain(mapping.created) {
        let Property { path, filter, shape, .. } = property;
        for comparison in Comparison::ALL {
            let (actual, allowed) = (filter.support(comparison), allowed(published, path, comparison));
            // What SCIM shows otherwise is held against the resource.
            if !allowed.contains(&actual) && !shape.is_converted() {
                wrong.push(format!("{path} {comparison:?}: {actual:?}, published {allowed:?}"));
            }
        }
        let facts = &published["properties"][path.split('/').next().unwrap()];
        if filter.sorted != facts["orderby"].as_bool().unwrap_or_default() {
            wrong.push(format!("{path} $orderby"));
        }
        if filter.assigned
            && !create
                .is_some_and(|create| create["requiredOnCreate"].as_array().unwrap().contains(&Value::from(*path)))
        {
            wrong.push(format!("{path} may be null"));
        }
        if *shape != Shape::Single && !shape.is_converted() && !is_collection(&contract, published, path) {
            wrong.push(format!("{path} is no collection"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether what is at a path is an array.
fn is_collection(contract: &Value, published: &Value, path: &str) -> bool {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let facts = &published["properties"][name];
    if facts.is_null() {
        return is_collection(contract, &contract["types"][published["base"].as_str().unwrap()], path);
    }
    match rest {
        "" => facts["collection"] == true,
        rest => is_collection(contract, &contract["types"][facts["type"].as_str().unwrap()], rest),
    }
}

#[test]
fn what_is_said_of_users_is_published() {
    check(&USERS, "microsoft.graph.user");
}

#[test]
fn what_is_said_of_groups_is_published() {
    check(&GROUPS, "microsoft.graph.group");
}

#[test]
fn what_is_said_of_the_others_is_published() {
    for mapping in crate::resources::ALL.iter().copied().flatten() {
        check(mapping, &format!("microsoft.graph.{}", mapping.graph_type));
    }
}

#[test]
fn the_manager_is_found_by_id() {
    let table = &contract()["types"]["microsoft.graph.user"]["filterTable"];
    assert_eq!(table["manager/id"]["eq"], "default");
    assert_eq!(REFERENCE.support(Comparison::Equal), Support::Plain);
}
