//! The sample tenant: the people of `data/sample.json`, the groups and the rest of `data/sample-groups.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::contract::ObjectType;
use crate::directory::change_log::ChangeLog;
use crate::directory::relations::Relation;
use crate::directory::{Directory, Object};
use crate::graph::security_attributes;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Others {
    service_principals: Vec<Object>,
    contacts: Vec<Object>,
    groups: Vec<Object>,
}

impl Directory {
    /// The directory of the sample tenant.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    pub(crate) fn sample() -> Self {
        let mut people: Vec<Object> =
            serde_json::from_str(include_str!("../../data/sample.json")).expect("data/sample.json");
        let row_of: BTreeMap<String, u32> = (0..)
            .zip(&people)
            .filter_map(|(row, person)| Some((person.get("id")?.as_str()?.to_owned(), row)))
            .collect();
        let mut directory = Self::generated(0);
        directory.log = ChangeLog::of("sample");
        for person in &mut people {
            let manager = person.remove("manager");
            let id = person.get("id").and_then(Value::as_str);
            if let Some(assigned) = id.and_then(security_attributes::of_sample) {
                person.insert(security_attributes::PROPERTY.to_owned(), assigned.clone());
            }
            let manager = manager.as_ref().and_then(Value::as_str).and_then(|id| row_of.get(id)).copied();
            directory.insert(ObjectType::User, std::mem::take(person), manager);
        }
        directory.add_sample_groups();
        directory
    }

    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn add_sample_groups(&mut self) {
        let others: Others =
            serde_json::from_str(include_str!("../../data/sample-groups.json")).expect("data/sample-groups.json");
        for object in others.service_principals {
            self.insert(ObjectType::ServicePrincipal, object, None);
        }
        for object in others.contacts {
            self.insert(ObjectType::OrgContact, object, None);
        }
        let mut linked = Vec::new();
        for mut group in others.groups {
            let links = [Relation::Members, Relation::Owners].map(|relation| (relation, group.remove(relation.name())));
            linked.push((self.insert(ObjectType::Group, group, None), links));
        }
        // A group can be a member of one before it.
        for (group, links) in linked {
            for (relation, ids) in links {
                let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                let rows: Vec<u32> = ids.filter_map(|id| self.row_of_id(id)).collect();
                self.link(group, relation, &rows);
            }
        }
        // What was there from the start is no change.
        self.log = ChangeLog::of("sample");
    }
}
