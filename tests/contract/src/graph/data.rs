//! `data/graph-v1.0.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    /// By entity set, the properties that may stand in place of the id.
    pub(super) alternate_keys: BTreeMap<String, Vec<String>>,
    pub(super) operations: Vec<Operation>,
    /// By full name.
    pub(super) types: BTreeMap<String, TypeDefinition>,
}

/// One method of one path.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) documented: Documented,
    /// The page of the documentation.
    #[serde(default)]
    pub(super) doc: String,
    /// The query options of the metadata.
    #[serde(default)]
    pub(super) query: Vec<String>,
    /// The query options that the page names.
    #[serde(default)]
    pub(super) doc_query: Vec<String>,
    /// Whether it reads objects of the directory, where some queries need an index of their own.
    #[serde(default)]
    pub(super) advanced_query: bool,
    #[serde(default)]
    pub(super) requires_consistency_level: bool,
    /// A type, or `odata.reference`.
    #[serde(default)]
    pub(super) request_body: Option<String>,
    /// The parameters of an action.
    #[serde(default)]
    pub(super) request_params: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) required_on_create: Vec<String>,
    pub(super) success: Vec<u16>,
    /// A type, `Collection(...)` of one, or `odata.propertyValue` or `odata.reference`.
    #[serde(default)]
    pub(super) response: Option<String>,
    /// The application permissions of which one is enough; `None` where nothing is published.
    #[serde(default)]
    pub(super) permissions: Option<Vec<String>>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Action,
    Batch,
    Count,
    Create,
    Delete,
    Delta,
    Function,
    Get,
    List,
    Ref,
    Stream,
    Update,
}

/// Where an operation is described.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Documented {
    /// On a page, or by its permissions.
    Yes,
    /// It follows from one that is.
    Derived,
    /// Nowhere but in the metadata.
    MetadataOnly,
}

/// A parameter of an action.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameter {
    #[serde(rename = "type")]
    pub(super) type_name: String,
    #[serde(default)]
    pub(super) collection: bool,
    #[serde(default = "yes")]
    pub(super) nullable: bool,
    #[serde(default)]
    pub(super) optional: bool,
}

/// A type of the metadata, with what the documentation says about its properties.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeDefinition {
    pub(super) kind: TypeKind,
    #[serde(default)]
    pub(super) base: Option<String>,
    /// Whether it may have properties that are not declared.
    #[serde(default)]
    pub(super) open: bool,
    /// Whether several members of the enumeration may be given, with commas between them.
    #[serde(default)]
    pub(super) flags: bool,
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Property>,
    /// By property path and operator, whether `$filter` supports it.
    #[serde(default)]
    pub(super) filter_table: BTreeMap<String, BTreeMap<String, Support>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum TypeKind {
    Complex,
    Entity,
    Enum,
}

/// How `$filter` supports an operator: at once, as an advanced query only, or not at all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Support {
    Default,
    Advanced,
    Unsupported,
}

/// A property. `readOnly` is left out of the data where a documented request sets the property all the same; it says
/// `docWritable` there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Property {
    /// The type, or that of the elements.
    #[serde(rename = "type")]
    pub(super) type_name: String,
    #[serde(default)]
    pub(super) collection: bool,
    #[serde(default = "yes")]
    pub(super) nullable: bool,
    /// Whether the documentation refuses null.
    #[serde(default)]
    pub(super) doc_not_nullable: bool,
    #[serde(default)]
    pub(super) read_only: bool,
    #[serde(default)]
    pub(super) computed: bool,
    /// Whether it can be set only when the object is made.
    #[serde(default)]
    pub(super) immutable: bool,
    /// Whether it is returned only with `$select`.
    #[serde(default)]
    pub(super) select_only: bool,
    /// Whether it leads to other objects.
    #[serde(default)]
    pub(super) nav: bool,
    /// Whether these objects are part of this one.
    #[serde(default)]
    pub(super) contained: bool,
    #[serde(default)]
    pub(super) max_length: Option<usize>,
    /// The operators of `$filter` that are documented; `*` is all.
    #[serde(default)]
    pub(super) filter: Option<Vec<String>>,
    /// Whether `$orderby` is documented.
    #[serde(default, rename = "orderby")]
    pub(super) order_by: bool,
}

fn yes() -> bool {
    true
}
