//! The tenant's own answers, held against the published facts it was made from.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tenant::{Options, Population};

use crate::client::{ADELE, Box};

/// The published facts, read anew.
struct Facts {
    properties: Map<String, Value>,
    types: Map<String, Value>,
}

impl Facts {
    fn read() -> Self {
        let user: Value = serde_json::from_str(include_str!("../../data/user.json")).unwrap();
        let types: Value = serde_json::from_str(include_str!("../../data/types.json")).unwrap();
        Self { properties: user["properties"].as_object().unwrap().clone(), types: types.as_object().unwrap().clone() }
    }

    /// What is wrong with a user that was asked for with this `$select`.
    fn problems(&self, user: &Value, select: Option<&str>) -> Vec<String> {
        let mut problems = Vec::new();
        let selected: BTreeSet<&str> = select.unwrap_or_default().split(',').chain(["id", "manager"]).collect();
        for (name, value) in user.as_object().unwrap() {
            if name.contains('@') || name == "manager" {
                continue;
            }
            if name.starts_with("extension_") {
                if !value.is_string() {
                    problems.push(format!("{name} is no text"));
                }
                continue;
            }
            let Some(facts) = self.properties.get(name) else {
                problems.push(format!("{name} is no property"));
                continue;
            };
            if select.is_some() && !selected.contains(name.as_str()) {
                problems.push(format!("{name} was not selected"));
            }
            if select.is_none() && facts["selectOnly"] == true {
                problems.push(format!("{name} is sent only when selected"));
            }
            self.value(facts, value, name, &mut problems);
        }
        problems
    }

    fn value(&self, facts: &Value, value: &Value, path: &str, problems: &mut Vec<String>) {
        match value {
            Value::Null if facts["nullable"] == false => problems.push(format!("{path} is null")),
            Value::Null => {}
            Value::Array(items) if facts["collection"] == true => {
                items.iter().for_each(|item| self.single(facts, item, path, problems));
            }
            value if facts["collection"] != true => self.single(facts, value, path, problems),
            _ => problems.push(format!("{path} is no list")),
        }
    }

    fn single(&self, facts: &Value, value: &Value, path: &str, problems: &mut Vec<String>) {
        let type_name = facts["type"].as_str().unwrap();
        let fits = match type_name {
            "Edm.String" => value.is_string(),
            "Edm.Boolean" => value.is_boolean(),
            "Edm.Int32" => value.is_i64(),
            "Edm.Guid" => value.as_str().is_some_and(|text| text.len() == 36),
            "Edm.DateTimeOffset" => {
                value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
            }
            _ => {
                let members = self.types[type_name.strip_prefix("microsoft.graph.").unwrap()].as_object().unwrap();
                let Some(object) = value.as_object() else { return problems.push(format!("{path} is no object")) };
                for (name, value) in object {
                    match members.get(name) {
                        Some(facts) => self.value(facts, value, &format!("{path}/{name}"), problems),
                        None => problems.push(format!("{path}/{name} is no property")),
                    }
                }
                true
            }
        };
        if !fits {
            problems.push(format!("{path} is not {type_name}: {value}"));
        }
        let longest = facts["maxLength"].as_u64().unwrap_or(u64::MAX);
        if value.as_str().is_some_and(|text| text.is_empty() || text.chars().count() as u64 > longest) {
            problems.push(format!("{path} is too long, or empty"));
        }
    }

    /// A `$select` of everything a collection can be asked for.
    fn select_all(&self) -> String {
        let outside = [
            "aboutMe",
            "birthday",
            "deviceEnrollmentLimit",
            "employeeLeaveDateTime",
            "hireDate",
            "interests",
            "mySite",
            "pastProjects",
            "preferredName",
            "responsibilities",
            "schools",
            "skills",
        ];
        let names: Vec<_> = self.properties.keys().map(String::as_str).filter(|name| !outside.contains(name)).collect();
        format!("{},extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId", names.join(","))
    }
}

#[test]
fn every_user_is_as_published() {
    let facts = Facts::read();
    let select = facts.select_all();
    for users in [Population::Sample, Population::Generated(3_000)] {
        let tenant = Box::start(Options { users, ..Options::default() });
        let (everyone, _) = tenant.follow(&format!("/users?$select={select}&$top=500&$expand=manager"), &[]);
        let (by_default, _) = tenant.follow("/users?$top=999", &[]);
        let (changed, _) = tenant.follow(&format!("/users/delta?$select={select}"), &[]);
        assert!(everyone.len() >= 25 && everyone.len() == by_default.len() && everyone.len() == changed.len());
        for (users, select) in [(everyone, Some(select.as_str())), (by_default, None), (changed, Some(select.as_str()))]
        {
            for user in &users {
                assert_eq!(facts.problems(user, select), Vec::<String>::new(), "{user}");
                if let Some(manager) = user.get("manager") {
                    assert_eq!(facts.problems(manager, None), Vec::<String>::new());
                }
            }
        }
        let names: BTreeSet<_> = tenant.server.tenant().ids().into_iter().collect();
        assert_eq!(names.len(), by_default_count(users));
    }
}

fn by_default_count(users: Population) -> usize {
    match users {
        Population::Sample => 25,
        Population::Generated(users) => users as usize,
    }
}

#[test]
fn the_sample_is_varied() {
    let tenant = Box::sample();
    let users: Vec<Value> =
        tenant.server.tenant().ids().iter().map(|id| tenant.server.tenant().user(id).unwrap()).collect();
    let count = |fits: fn(&Value) -> bool| users.iter().filter(|user| fits(user)).count();
    assert_eq!(count(|user| user["accountEnabled"] == false), 3);
    assert_eq!(count(|user| user["userType"] == "Guest"), 2);
    assert_eq!(count(|user| user["onPremisesSyncEnabled"] == true), 4);
    assert_eq!(count(|user| user["mail"].is_null()), 2);
    assert_eq!(count(|user| !user["displayName"].as_str().unwrap().is_ascii()), 7);
    assert!(count(|user| user["manager"].is_string()) >= 20);
    assert!(count(|user| user["otherMails"].as_array().is_some_and(|mails| mails.len() > 1)) >= 2);
    assert!(users.iter().any(|user| user["id"] == ADELE));
}
