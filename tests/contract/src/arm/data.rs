//! `data/arm.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of it.
#[derive(Deserialize)]
pub(crate) struct Data {
    pub(super) operations: Vec<Operation>,
    pub(super) types: BTreeMap<String, Type>,
}

/// One method of one path.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    /// The version that the types are of.
    pub(super) api_version: String,
    /// Every version that there is.
    pub(super) known_api_versions: Vec<String>,
    pub(super) query: Vec<QueryOption>,
    /// The filters that the operation takes, with `{...}` for what a client fills in.
    #[serde(default)]
    pub(super) filter_forms: Vec<String>,
    #[serde(default)]
    pub(super) request_body: Option<String>,
    #[serde(default)]
    pub(super) body_required: bool,
    /// Whether the path is that of any resource.
    #[serde(default)]
    pub(super) wildcard: bool,
    /// The type of the body, by status.
    pub(super) responses: BTreeMap<String, Option<String>>,
    pub(super) success: Vec<u16>,
}

/// A query option.
#[derive(Deserialize)]
pub(super) struct QueryOption {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    #[serde(default)]
    pub(super) constraints: Constraints,
}

/// The bounds of a number.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Constraints {
    #[serde(default)]
    pub(super) inclusive_minimum: Option<u64>,
    #[serde(default)]
    pub(super) inclusive_maximum: Option<u64>,
}

/// A type, or what stands for one where it is used.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Type {
    /// The name of a type that has a name.
    #[serde(default, rename = "ref")]
    pub(super) reference: Option<String>,
    /// `object`, `array`, `string`, `boolean` or `number`; nothing where anything goes.
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) nullable: bool,
    #[serde(default)]
    pub(super) read_only: bool,
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Type>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// The type of properties that are not declared.
    #[serde(default)]
    pub(super) additional: Option<Box<Type>>,
    #[serde(default)]
    pub(super) items: Option<Box<Type>>,
    /// `date-time` or `uuid`.
    #[serde(default)]
    pub(super) format: Option<String>,
    /// The values that there are.
    #[serde(default, rename = "enum")]
    pub(super) members: Vec<String>,
    /// The values that were known when the types were published.
    #[serde(default)]
    pub(super) known_values: Vec<String>,
    /// The property that says which derived type an object has.
    #[serde(default)]
    pub(super) discriminator: Option<String>,
    #[serde(default)]
    pub(super) discriminator_value: Option<String>,
    #[serde(default)]
    pub(super) parent: Option<String>,
}
