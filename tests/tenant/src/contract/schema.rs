//! What is published of one type of objects in the directory: its properties, and how they can be filtered.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::contract::{NAMESPACE, ObjectType};
use crate::directory::generated::{self, Writer};

/// The properties and relationships of a type, and its table of which `$filter` needs an advanced query.
pub(crate) struct Schema {
    pub(crate) object_type: ObjectType,
    properties: BTreeMap<String, Property>,
    navigations: BTreeMap<String, Property>,
    filter_table: BTreeMap<String, BTreeMap<String, Support>>,
}

/// How Graph supports an operator on a property: at once, as an advanced query only, or not at all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Support {
    Default,
    Advanced,
    Unsupported,
}

/// The published facts of one property, or of one relationship.
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
    /// Whether it can be set when an object is made, and never again.
    #[serde(default)]
    pub(crate) immutable: bool,
    #[serde(default)]
    pub(crate) required_on_create: bool,
    #[serde(default)]
    pub(crate) filter: Option<Vec<String>>,
    #[serde(default, rename = "orderby")]
    pub(crate) order_by: bool,
    #[serde(default)]
    pub(crate) max_length: Option<usize>,
    /// Whether `$expand` takes this relationship.
    #[serde(default)]
    pub(crate) expand: bool,
    /// How a generated user writes this property; `None` where it has no value.
    #[serde(skip)]
    pub(crate) generate: Option<Writer>,
    /// Whether it lives outside the directory, so that no collection and no delta has it.
    #[serde(skip)]
    pub(crate) is_outside_directory: bool,
}

/// Properties of users that live outside the directory: only a single user can be asked for them.
/// Source: "Properties stored outside the main data store", Graph's page of the user resource.
const USER_OUTSIDE_DIRECTORY: [&str; 11] = [
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

/// The same of groups. Source: "Returned only on $select. Supported only on the Get group API", Graph's page of the
/// group resource.
const GROUP_OUTSIDE_DIRECTORY: [&str; 11] = [
    "accessType",
    "allowExternalSenders",
    "autoSubscribeNewMembers",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isArchived",
    "isFavorite",
    "isSubscribedByMail",
    "unseenConversationsCount",
    "unseenCount",
    "unseenMessagesCount",
];

/// The text of this property of users says that it is sent without `$select`; no example shows it, and the service does
/// not send it.
const NOT_SENT_BY_DEFAULT: &str = "securityIdentifier";

/// Properties that the text calls read-only although the service lets a cloud-only user be written.
const WRITABLE_IN_THE_CLOUD: &str = "onPremisesExtensionAttributes";

impl Schema {
    /// Reads a file of `data`.
    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    pub(super) fn read(object_type: ObjectType, text: &str) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct File {
            properties: BTreeMap<String, Property>,
            navigations: BTreeMap<String, Property>,
            filter_table: BTreeMap<String, BTreeMap<String, Support>>,
        }
        let mut file: File = serde_json::from_str(text).expect("a schema in data");
        let outside: &[&str] = match object_type {
            ObjectType::User => &USER_OUTSIDE_DIRECTORY,
            ObjectType::Group => &GROUP_OUTSIDE_DIRECTORY,
            _ => &[],
        };
        name_all(&mut file.properties);
        name_all(&mut file.navigations);
        for property in file.properties.values_mut() {
            property.is_outside_directory = outside.contains(&property.name.as_str());
            if object_type == ObjectType::User {
                property.generate = generated::writer(&property.name);
                property.default_returned &= property.name != NOT_SENT_BY_DEFAULT;
            }
        }
        Self {
            object_type,
            properties: file.properties,
            navigations: file.navigations,
            filter_table: filter_rows(file.filter_table),
        }
    }

    /// The property with exactly this name.
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// All properties, by name.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &Property> {
        self.properties.values()
    }

    /// The relationship with exactly this name.
    pub(crate) fn navigation(&self, name: &str) -> Option<&Property> {
        self.navigations.get(name)
    }

    /// The documented row of filter support for a path in the form `proxyAddresses/*` or `employeeOrgData/division`.
    pub(crate) fn filter_row(&self, path: &str) -> Option<&BTreeMap<String, Support>> {
        self.filter_table.get(path)
    }
}

impl Property {
    /// Whether an answer without `$select` has it.
    pub(crate) fn is_sent_by_default(&self) -> bool {
        self.default_returned || self.name == "id"
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

/// Tells each property its name.
pub(super) fn name_all(properties: &mut BTreeMap<String, Property>) {
    for (name, property) in properties {
        property.name.clone_from(name);
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
