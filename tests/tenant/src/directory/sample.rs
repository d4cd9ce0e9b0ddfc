//! The sample tenant: the people of `data/sample.json`, the groups and the rest of `data/sample-groups.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::contract::ObjectType;
use crate::directory::change_log::ChangeLog;
use crate::directory::relations::Relation;
use crate::directory::{Directory, Object};
use crate::graph::{applications, licenses, security_attributes, service_principals};
use crate::resources::{Resources, logs, text};

/// What is in each tenant, as far as the objects that it refers to are there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    directory_roles: Vec<Object>,
    administrative_units: Vec<Object>,
    applications: Vec<Object>,
    service_principals: Vec<Object>,
    licensed_groups: BTreeMap<String, Vec<String>>,
}

/// What was deleted and can be restored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    users: Vec<Object>,
    groups: Vec<Object>,
    applications: Vec<Object>,
    service_principals: Vec<Object>,
}

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
        for mut object in others.contacts {
            let manager = object.remove("manager");
            let manager = manager.as_ref().and_then(Value::as_str).and_then(|id| self.row_of_id(id));
            self.insert(ObjectType::OrgContact, object, manager);
        }
        self.insert_linked(ObjectType::Group, others.groups);
        self.add_deleted();
        // What was there from the start is no change.
        self.log = ChangeLog::of("sample");
    }

    /// Adds the roles, the administrative units and the licences of groups of `data/sample-directory.json`.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    pub(crate) fn add_standing(&mut self, resources: &mut Resources) {
        let log = self.log.clone();
        let standing: Standing =
            serde_json::from_str(include_str!("../../data/sample-directory.json")).expect("data/sample-directory.json");
        let registered = standing.applications.into_iter().map(applications::complete).collect();
        self.insert_linked(ObjectType::Application, registered);
        self.add_service_principals(standing.service_principals);
        self.insert_linked(ObjectType::DirectoryRole, standing.directory_roles);
        self.insert_linked(ObjectType::AdministrativeUnit, standing.administrative_units);
        for (group, skus) in standing.licensed_groups {
            let Some(row) = self.find_of(ObjectType::Group, &group) else { continue };
            let licenses: Vec<Value> = skus.iter().map(|sku| json!({"disabledPlans": [], "skuId": sku})).collect();
            self.update(row, [("assignedLicenses".to_owned(), json!(licenses))].into_iter().collect());
            licenses::note_licensed(resources, &group);
        }
        resources.provide(self.generated);
        licenses::tell(self, resources);
        licenses::settle(self, resources);
        logs::add(self, resources);
        self.log = log;
    }

    /// Adds service principals, which show what their applications say where these are in the tenant.
    fn add_service_principals(&mut self, objects: Vec<Object>) {
        let complete = |object: Object| {
            let application = applications::find(self, text(&object, "appId"));
            let shown = application.map(|row| service_principals::complete(&applications::object(self, row)));
            shown.unwrap_or_default().into_iter().chain(object).collect()
        };
        let objects: Vec<Object> = objects.into_iter().map(complete).collect();
        let (known, new): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(|object| self.row_of_id(text(object, "id")).is_some());
        for object in known {
            if let Some(row) = self.row_of_id(text(&object, "id")) {
                self.update(row, object);
            }
        }
        self.insert_linked(ObjectType::ServicePrincipal, new);
    }

    /// Adds what was deleted, as `data/sample-deleted.json` says.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn add_deleted(&mut self) {
        let deleted: Deleted =
            serde_json::from_str(include_str!("../../data/sample-deleted.json")).expect("data/sample-deleted.json");
        let kinds = [
            (ObjectType::User, deleted.users),
            (ObjectType::Group, deleted.groups),
            (ObjectType::Application, deleted.applications),
            (ObjectType::ServicePrincipal, deleted.service_principals),
        ];
        for (object_type, objects) in kinds {
            for object in objects {
                let row = self.insert(object_type, object, None);
                self.delete(row);
            }
        }
    }

    /// Adds objects with their members and owners, as far as these are there; each can be a member of one before it.
    fn insert_linked(&mut self, object_type: ObjectType, objects: Vec<Object>) {
        let mut linked = Vec::new();
        for mut object in objects {
            let links =
                [Relation::Members, Relation::Owners].map(|relation| (relation, object.remove(relation.name())));
            linked.push((self.insert(object_type, object, None), links));
        }
        for (row, links) in linked {
            for (relation, ids) in links {
                let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                let rows: Vec<u32> = ids.filter_map(|id| self.find_any(id)).collect();
                self.link(row, relation, &rows);
            }
        }
    }
}
