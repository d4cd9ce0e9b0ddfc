//! The tables and keys of `spin.toml`, as they stand in the file.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::{Spanned, Table, Value};

use super::Place;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) spin_manifest_version: Spanned<u32>,
    pub(super) application: Application,
    #[serde(default)]
    pub(super) variables: BTreeMap<Spanned<String>, Variable>,
    #[serde(default)]
    pub(super) trigger: Triggers,
    #[serde(default)]
    pub(super) component: BTreeMap<Spanned<String>, Spanned<Component>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
pub(super) struct Application {
    pub(super) name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    authors: Vec<String>,
    #[serde(default)]
    trigger: Table,
    #[serde(default)]
    tool: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
pub(super) struct Variable {
    #[serde(default)]
    pub(super) required: bool,
    pub(super) default: Option<String>,
    #[serde(default)]
    secret: bool,
    description: Option<String>,
}

/// Triggers of other kinds need a host of their own.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Triggers {
    #[serde(default)]
    pub(super) http: Vec<Spanned<HttpTrigger>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
pub(super) struct HttpTrigger {
    pub(super) id: Option<String>,
    pub(super) route: Spanned<StringOr<PrivateRoute>>,
    pub(super) component: Spanned<StringOr<Component>>,
    executor: Option<Executor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivateRoute {
    pub(super) private: bool,
}

/// The only kind of executor that this host has is Spin's default one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
struct Executor {
    r#type: ExecutorKind,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExecutorKind {
    Http,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
pub(super) struct Component {
    pub(super) source: Spanned<StringOr<RemoteSource>>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) allowed_outbound_hosts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) key_value_stores: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) sqlite_databases: Vec<Spanned<String>>,
    files: Option<Spanned<Vec<Value>>>,
    exclude_files: Option<Vec<String>>,
    allowed_http_hosts: Option<Spanned<Vec<String>>>,
    ai_models: Option<Spanned<Vec<String>>>,
    dependencies: Option<Spanned<Table>>,
    dependencies_inherit_configuration: Option<bool>,
    targets: Option<Vec<Value>>,
    pub(super) build: Option<Spanned<Build>>,
    #[serde(default)]
    pub(super) tool: Tools,
}

/// `{ url = "…", digest = "…" }`, or a package of a registry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the keys that Spin knows, so that others are refused")]
pub(super) struct RemoteSource {
    url: Option<String>,
    digest: Option<String>,
    registry: Option<String>,
    package: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Build {
    pub(super) command: Commands,
    pub(super) workdir: Option<String>,
    #[serde(default)]
    pub(super) watch: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Commands {
    One(String),
    Several(Vec<String>),
}

/// Each tool has a table of its own; the others are none of this host's business.
#[derive(Default, Deserialize)]
pub(super) struct Tools {
    #[serde(rename = "entra-scim")]
    pub(super) entra_scim: Option<Spanned<Tool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tool {
    pub(super) job: Option<Spanned<String>>,
    pub(super) schedule: Option<Spanned<String>>,
    pub(super) check: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) files: Vec<Spanned<String>>,
}

impl Component {
    /// The keys that this host knows of but cannot serve: whether they are used, and where.
    pub(super) fn unsupported(&self) -> [(&'static str, bool, Place); 4] {
        fn used<T>(
            key: &'static str,
            value: Option<&Spanned<T>>,
            is_empty: impl Fn(&T) -> bool,
        ) -> (&'static str, bool, Place) {
            value.map_or((key, false, 0), |value| (key, !is_empty(value.get_ref()), value.span().start))
        }
        [
            used("files", self.files.as_ref(), Vec::is_empty),
            used("allowed_http_hosts (write allowed_outbound_hosts)", self.allowed_http_hosts.as_ref(), Vec::is_empty),
            used("ai_models", self.ai_models.as_ref(), Vec::is_empty),
            used("dependencies", self.dependencies.as_ref(), Table::is_empty),
        ]
    }
}

/// A value that is either a text or a table.
///
/// An untagged enum would do, but loses the places of what is inside.
pub(super) enum StringOr<T> {
    String(String),
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for StringOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = StringOr<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or a table")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(StringOr::String(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(StringOr::Table)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// Words of lower-case letters and digits, joined by underscores.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Words of letters and digits, joined by hyphens.
pub(super) fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A label is part of a file's name.
pub(super) fn is_label(label: &str) -> bool {
    (1..=64).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("tenant_id", true),
            ("a1", true),
            ("", false),
            ("a__b", false),
            ("a_", false),
            ("A", false),
            ("1a", false),
        ] {
            assert_eq!(is_variable_name(name), expected, "{name}");
        }
        for (label, expected) in [("default", true), ("a-b_c", true), ("", false), ("..", false), ("a/b", false)] {
            assert_eq!(is_label(label), expected, "{label}");
        }
        for (id, expected) in [("scim-users", true), ("a", true), ("", false), ("1a", false), ("a_b", false)] {
            assert_eq!(is_id(id), expected, "{id}");
        }
    }
}
