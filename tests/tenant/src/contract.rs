//! What Microsoft publishes about Graph v1.0, reduced to what this tenant serves, read from `data/*.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::directory::generated::{self, Writer};

/// The one contract of this process.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// Operations, the properties of a user, and the complex types these have.
pub(crate) struct Contract {
    pub(crate) operations: Vec<Operation>,
    properties: BTreeMap<String, Property>,
    types: BTreeMap<String, BTreeMap<String, Property>>,
    filter_table: BTreeMap<String, BTreeMap<String, Support>>,
}

/// One method of one path, with who may call it and with which query options.
#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<String>,
    pub(crate) permissions: Vec<String>,
}

/// How Graph supports an operator on a property: at once, as an advanced query only, or not at all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Support {
    Default,
    Advanced,
    Unsupported,
}

/// The published facts of one property of a user, or of one of its complex types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Property {
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    #[serde(default)]
    pub(crate) collection: bool,
    #[serde(default)]
    pub(crate) nullable: Option<bool>,
    #[serde(default)]
    pub(crate) doc_not_nullable: bool,
    #[serde(default)]
    pub(crate) default_returned: bool,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(default)]
    pub(crate) required_on_create: bool,
    #[serde(default)]
    pub(crate) filter: Option<Vec<String>>,
    #[serde(default, rename = "orderby")]
    pub(crate) order_by: bool,
    #[serde(default)]
    pub(crate) max_length: Option<usize>,
    /// How a generated user writes this property; `None` where it has no value.
    #[serde(skip)]
    pub(crate) generate: Option<Writer>,
}

/// Properties that live outside the directory: only a single user can be asked for them.
/// Source: "Properties stored outside the main data store", Graph's page of the user resource.
const OUTSIDE_DIRECTORY: [&str; 11] = [
    "aboutMe",
    "birthday",
    "deviceEnrollmentLimit",
    "hireDate",
    "interests",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
];

/// The properties the published examples of an answer without `$select` hold; the text of `securityIdentifier` says
/// that it is one of them too, no example shows it, and the service does not send it.
const NOT_SENT_BY_DEFAULT: &str = "securityIdentifier";

/// Properties that the text calls read-only although the service lets a cloud-only user be written.
const WRITABLE_IN_THE_CLOUD: &str = "onPremisesExtensionAttributes";

/// `microsoft.graph.`, the namespace of all types.
pub(crate) const NAMESPACE: &str = "microsoft.graph.";

impl Contract {
    /// The property of a user with exactly this name.
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// All properties of a user, by name.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &Property> {
        self.properties.values()
    }

    /// The properties of a complex type, for example `microsoft.graph.employeeOrgData`.
    pub(crate) fn complex(&self, type_name: &str) -> Option<&BTreeMap<String, Property>> {
        self.types.get(type_name.strip_prefix(NAMESPACE)?)
    }

    /// The documented row of filter support for a path in the form `proxyAddresses/*` or `employeeOrgData/division`.
    pub(crate) fn filter_row(&self, path: &str) -> Option<&BTreeMap<String, Support>> {
        self.filter_table.get(path)
    }

    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn read() -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct UserType {
            properties: BTreeMap<String, Property>,
            filter_table: BTreeMap<String, BTreeMap<String, Support>>,
        }
        let user: UserType = serde_json::from_str(include_str!("../data/user.json")).expect("data/user.json");
        let mut types: BTreeMap<String, BTreeMap<String, Property>> =
            serde_json::from_str(include_str!("../data/types.json")).expect("data/types.json");
        for members in types.values_mut() {
            name_all(members);
        }
        let mut properties = user.properties;
        name_all(&mut properties);
        Self {
            operations: serde_json::from_str(include_str!("../data/operations.json")).expect("data/operations.json"),
            properties,
            types,
            filter_table: filter_rows(user.filter_table),
        }
    }
}

impl Property {
    /// Whether the property lives outside the directory, so that no collection and no delta has it.
    pub(crate) fn is_outside_directory(&self) -> bool {
        OUTSIDE_DIRECTORY.contains(&self.name.as_str())
    }

    /// Whether an answer without `$select` has it.
    pub(crate) fn is_sent_by_default(&self) -> bool {
        (self.default_returned && self.name != NOT_SENT_BY_DEFAULT) || self.name == "id"
    }

    /// Whether a client may write it.
    pub(crate) fn is_writable(&self) -> bool {
        !self.read_only || self.name == WRITABLE_IN_THE_CLOUD
    }

    /// Whether null may be written.
    pub(crate) fn takes_null(&self) -> bool {
        self.nullable != Some(false) && !self.doc_not_nullable
    }

    /// The type without `Edm.` or the namespace.
    pub(crate) fn short_type(&self) -> &str {
        self.type_name
            .strip_prefix("Edm.")
            .or_else(|| self.type_name.strip_prefix(NAMESPACE))
            .unwrap_or(&self.type_name)
    }
}

fn name_all(properties: &mut BTreeMap<String, Property>) {
    for (name, property) in properties {
        property.name.clone_from(name);
        property.generate = generated::writer(name);
    }
}

/// The published table names lambdas with their variable, `otherMails/any(p:p)`; here they become `otherMails/*`.
fn filter_rows(table: BTreeMap<String, BTreeMap<String, Support>>) -> BTreeMap<String, BTreeMap<String, Support>> {
    let mut rows = BTreeMap::new();
    for (path, row) in table {
        if let Some(prefix) = path.strip_suffix("1-15") {
            rows.extend((1..=15).map(|number| (format!("{prefix}{number}"), row.clone())));
            continue;
        }
        let key = match path.split_once("/any(") {
            Some((collection, lambda)) => {
                let member = lambda.trim_end_matches(')').split_once('/').map(|(_, member)| member);
                member.map_or_else(|| format!("{collection}/*"), |member| format!("{collection}/*/{member}"))
            }
            None => path,
        };
        rows.insert(key, row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_data_is_read() {
        let id = CONTRACT.property("id").unwrap();
        assert!(id.read_only && id.is_sent_by_default());
        let defaults: Vec<_> = CONTRACT.properties().filter(|p| p.is_sent_by_default()).map(|p| &p.name).collect();
        assert_eq!(defaults.len(), 11);
        assert_eq!(CONTRACT.filter_row("otherMails/*").unwrap()["eq"], Support::Default);
        assert_eq!(
            CONTRACT.filter_row("onPremisesExtensionAttributes/extensionAttribute15").unwrap()["eq"],
            Support::Advanced
        );
        assert_eq!(CONTRACT.filter_row("assignedLicenses/*/skuId").unwrap()["eq"], Support::Default);
        assert!(CONTRACT.operations.iter().any(|o| o.method == "PATCH" && o.path == "/users/{id}"));
    }
}
