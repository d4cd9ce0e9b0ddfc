//! What Microsoft publishes about Graph v1.0, reduced to what this tenant serves, read from `data/*.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

mod object_type;
mod schema;

pub(crate) use object_type::ObjectType;
pub(crate) use schema::{Property, Schema, Support};

/// The one contract of this process.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// Operations, the types of objects, and the complex types of their properties.
pub(crate) struct Contract {
    pub(crate) operations: Vec<Operation>,
    schemas: Vec<Schema>,
    types: BTreeMap<String, BTreeMap<String, Property>>,
    entities: BTreeMap<String, BTreeMap<String, Property>>,
}

/// One method of one path, with who may call it and with which query options.
#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<String>,
    pub(crate) permissions: Vec<String>,
    /// The path, taken apart.
    #[serde(skip)]
    pub(crate) segments: Vec<String>,
}

/// `microsoft.graph.`, the namespace of all types.
pub(crate) const NAMESPACE: &str = "microsoft.graph.";

impl Contract {
    /// The operation of a method and a path as the contract writes it.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method == method && operation.path == path)
    }

    /// The properties of a complex type, for example `microsoft.graph.employeeOrgData`.
    pub(crate) fn complex(&self, type_name: &str) -> Option<&BTreeMap<String, Property>> {
        self.types.get(type_name.strip_prefix(NAMESPACE)?)
    }

    /// The properties of an entity type that is no directory object, for example `unifiedRoleDefinition`.
    pub(crate) fn entity(&self, name: &str) -> Option<&BTreeMap<String, Property>> {
        self.entities.get(name)
    }

    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn read() -> Self {
        let mut types: BTreeMap<String, BTreeMap<String, Property>> =
            serde_json::from_str(include_str!("../data/types.json")).expect("data/types.json");
        let mut entities: BTreeMap<String, BTreeMap<String, Property>> =
            serde_json::from_str(include_str!("../data/entities.json")).expect("data/entities.json");
        types.values_mut().chain(entities.values_mut()).for_each(schema::name_all);
        let mut operations: Vec<Operation> =
            serde_json::from_str(include_str!("../data/operations.json")).expect("data/operations.json");
        for operation in &mut operations {
            let segments = operation.path.split('/').filter(|segment| !segment.is_empty());
            operation.segments = segments.map(str::to_owned).collect();
        }
        let schemas = ObjectType::ALL.map(|object_type| Schema::read(object_type, object_type.data())).into();
        Self { operations, schemas, types, entities }
    }

    /// The schema of a type.
    #[expect(clippy::expect_used, reason = "there is one for each type")]
    fn schema(&self, object_type: ObjectType) -> &Schema {
        self.schemas.iter().find(|schema| schema.object_type == object_type).expect("the schema of a type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_data_is_read() {
        let user = ObjectType::User.schema();
        let id = user.property("id").unwrap();
        assert!(id.read_only && id.is_sent_by_default());
        let defaults: Vec<_> = user.properties().filter(|p| p.is_sent_by_default()).map(|p| &p.name).collect();
        assert_eq!(defaults.len(), 11);
        assert_eq!(user.filter_row("otherMails/*").unwrap()["eq"], Support::Default);
        assert_eq!(
            user.filter_row("onPremisesExtensionAttributes/extensionAttribute15").unwrap()["eq"],
            Support::Advanced
        );
        assert_eq!(user.filter_row("assignedLicenses/*/skuId").unwrap()["eq"], Support::Default);
        assert!(CONTRACT.operation("PATCH", "/users/{id}").is_some());
        for object_type in ObjectType::ALL.into_iter().filter(|one| *one != ObjectType::DirectoryRole) {
            assert!(object_type.schema().property("displayName").unwrap().order_by, "{object_type:?}");
        }
    }
}
