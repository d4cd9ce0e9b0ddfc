//! Exchanges as they should be, and what is found when one thing in them is changed.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Contract, EXCEPTIONS, Exchange, Severity, read_traffic};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A change of an accepted exchange.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    /// The name of the exchange.
    of: String,
    /// What is set, by JSON pointer.
    #[serde(default)]
    set: Map<String, Value>,
    /// What is taken away, by JSON pointer.
    #[serde(default)]
    remove: Vec<String>,
    /// What is found: the severity, the rule and the place of each finding.
    finds: Vec<String>,
}

/// The accepted exchanges by name.
fn accepted() -> BTreeMap<String, Value> {
    let lines = include_str!("accepted.ndjson").lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| (line["name"].as_str().unwrap().to_owned(), line)).collect()
}

/// The findings, without their messages.
fn findings(line: &Value) -> Vec<String> {
    let exchange: Exchange = serde_json::from_value(line.clone()).unwrap();
    let findings = Contract::load().check(&exchange);
    findings.iter().map(|one| format!("{} {} at {}", one.severity, one.rule, one.place)).collect()
}

/// Sets or takes away what is at a JSON pointer; what it is in has to be there.
fn change(line: &mut Value, pointer: &str, value: Option<&Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match line.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}")) {
        Value::Object(object) => match value {
            Some(value) => drop(object.insert(name.to_owned(), value.clone())),
            None => drop(object.remove(name).unwrap_or_else(|| panic!("there is no {pointer}"))),
        },
        Value::Array(array) => match value {
            Some(value) => array[name.parse::<usize>().unwrap()] = value.clone(),
            None => drop(array.remove(name.parse().unwrap())),
        },
        other => panic!("nothing is inside of {other}"),
    }
}

#[test]
fn what_is_as_it_should_be_is_accepted() {
    let accepted = accepted();
    assert!(accepted.len() > 20);
    for (name, line) in &accepted {
        assert_eq!(findings(line), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_wrong_is_found_where_it_is() {
    let accepted = accepted();
    let mut wrong = Vec::new();
    for case in include_str!("refused.ndjson").lines() {
        let refused: Refused = serde_json::from_str(case).unwrap();
        let mut line = accepted[&refused.of].clone();
        for (pointer, value) in &refused.set {
            change(&mut line, pointer, Some(value));
        }
        for pointer in &refused.remove {
            change(&mut line, pointer, None);
        }
        let found = findings(&line);
        if found != refused.finds {
            wrong.push(format!("{case}\n  finds {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_host_and_every_letter_case_of_a_header_is_taken() {
    for base in ["https://graph.microsoft.us/v1.0", "http://127.0.0.1:3000/v1.0", "https://proxy.example/graph/v1.0"] {
        for header in ["consistencylevel", "ConsistencyLevel"] {
            let line = json!({ "method": "get", "url": format!("{base}/users/$count"), "requestHeaders": { header: "Eventual" } });
            assert_eq!(findings(&line), Vec::<String>::new(), "{line}");
        }
    }
}

#[test]
fn a_request_needs_a_permission_that_is_granted() {
    let line = json!({ "method": "GET", "url": "https://graph.microsoft.com/v1.0/users?$top=1" });
    let exchange: Exchange = serde_json::from_value(line).unwrap();
    let rules = |granted: &[&str]| {
        let granted: BTreeSet<_> = granted.iter().map(|&name| name.to_owned()).collect();
        Contract::load().check_granted(&exchange, &granted).into_iter().map(|one| one.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&["User.Read.All"]), Vec::<&str>::new());
    assert_eq!(rules(&["Group.Read.All"]), ["permission"]);
    assert_eq!(rules(&[]), ["permission"]);
}

#[test]
fn more_ids_than_one_request_takes_are_found() {
    let line = |count: usize| {
        json!({
            "method": "POST",
            "url": "https://graph.microsoft.com/v1.0/directoryObjects/getByIds",
            "requestBody": { "ids": vec!["f6ede700-27d0-4c42-bfb9-4dffff43c74a"; count] },
        })
    };
    assert_eq!(findings(&line(1000)), Vec::<String>::new());
    assert_eq!(findings(&line(1001)), ["violation ids-limit at /requestBody/ids"]);
}

#[test]
fn exceptions_name_what_they_are_about() {
    for exception in EXCEPTIONS {
        assert!(exception.source.starts_with("https://learn.microsoft.com/"), "{exception:?}");
        let pair = (exception.type_name, exception.rule);
        assert_eq!(
            pair,
            ("microsoft.graph.user", "read-only-property"),
            "{exception:?}: the lines below are about users"
        );
        let url = "https://graph.microsoft.com/v1.0/users/x";
        let line = json!({ "method": "PATCH", "url": url, "requestBody": { exception.property: {} } });
        let findings = Contract::load().check(&serde_json::from_value(line).unwrap());
        assert_eq!((findings.len(), findings[0].severity, findings[0].rule), (1, Severity::Warning, "exception"));
        assert!(findings[0].message.contains(exception.source), "{}", findings[0]);
    }
}

#[test]
fn the_file_of_accepted_exchanges_is_traffic() {
    let lines: Vec<_> = read_traffic(include_str!("accepted.ndjson")).map(Result::unwrap).collect();
    assert_eq!(lines.len(), accepted().len());
}
