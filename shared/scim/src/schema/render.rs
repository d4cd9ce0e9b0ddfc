//! How schemas and resource types are shown at `/Schemas` and `/ResourceTypes`.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{Attribute, Kind, Mutability, ResourceType, Returned, Schema, Uniqueness};

/// The schema of a schema.
pub const SCHEMA_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// The schema of a resource type.
pub const RESOURCE_TYPE_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

impl Schema {
    /// The resource at `/Schemas/{id}`; `location` is its absolute URL.
    pub fn to_value(&self, location: &str) -> Value {
        json!({
            "schemas": [SCHEMA_SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": kept(self.attributes),
            "meta": { "resourceType": "Schema", "location": location },
        })
    }
}

impl ResourceType {
    /// The resource at `/ResourceTypes/{name}`; `location` is its absolute URL.
    pub fn to_value(&self, location: &str) -> Value {
        let extensions = self
            .extensions
            .iter()
            .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
            .collect::<Vec<_>>();
        json!({
            "schemas": [RESOURCE_TYPE_SCHEMA],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema.id,
            "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": location },
        })
    }
}

impl Attribute {
    /// The attribute as an element of a schema's `attributes`.
    pub fn to_value(&self) -> Value {
        let mut members = Map::from_iter([
            ("name".to_owned(), self.name.into()),
            ("type".to_owned(), self.kind.keyword().into()),
            ("multiValued".to_owned(), self.multi_valued.into()),
            ("description".to_owned(), self.description.into()),
            ("required".to_owned(), self.required.into()),
            ("caseExact".to_owned(), self.case_exact.into()),
            ("mutability".to_owned(), self.mutability.keyword().into()),
            ("returned".to_owned(), self.returned.keyword().into()),
            ("uniqueness".to_owned(), self.uniqueness.keyword().into()),
        ]);
        if !self.canonical_values.is_empty() {
            members.insert("canonicalValues".to_owned(), self.canonical_values.into());
        }
        if !self.reference_types.is_empty() {
            members.insert("referenceTypes".to_owned(), self.reference_types.into());
        }
        if !self.sub_attributes.is_empty() {
            members.insert("subAttributes".to_owned(), kept(self.sub_attributes));
        }
        Value::Object(members)
    }
}

fn kept(attributes: &[Attribute]) -> Value {
    attributes.iter().filter(|attribute| !attribute.unkept && !attribute.open).map(Attribute::to_value).collect()
}

impl Kind {
    /// The word of RFC 7643 section 7.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Complex => "complex",
            Self::Binary => "binary",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.keyword())
    }
}

impl Mutability {
    /// The word of RFC 7643 section 7.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

impl Returned {
    /// The word of RFC 7643 section 7.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Default => "default",
            Self::Request => "request",
            Self::Never => "never",
        }
    }
}

impl Uniqueness {
    /// The word of RFC 7643 section 7.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}
