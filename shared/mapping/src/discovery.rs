//! What `/Schemas`, `/ResourceTypes` and `/ServiceProviderConfig` say: the schemas, as far as the tables let them be true.
//!
//! A client that knows nothing of Entra goes by these. So an attribute that Graph refuses to clear is shown as required,
//! though a request may leave it out; and what only a client that knows Entra can write is shown as readOnly, though a
//! write of it is taken.

use scim::{
    discovery::{AuthenticationScheme, Bulk, Filtering, Pagination, ServiceProviderConfig},
    schema::{Attribute, Mutability, Returned, Schema},
};
use serde_json::{Value, json};

use crate::{mapping::Mapping, table::Access};

/// What the service can do.
static CONFIG: ServiceProviderConfig = ServiceProviderConfig {
    documentation_uri: None,
    patch: true,
    bulk: Some(Bulk { max_operations: 1_000, max_payload_size: 1_048_576 }),
    filter: Some(Filtering { max_results: 999 }),
    change_password: true,
    sort: true,
    etag: true,
    pagination: Some(Pagination {
        cursor: true,
        index: true,
        default_method: "index",
        default_page_size: 100,
        max_page_size: 999,
        cursor_timeout: None,
    }),
    authentication_schemes: &[AuthenticationScheme {
        kind: "oauthbearertoken",
        name: "Bearer token",
        description: "A token in the header Authorization: Bearer",
        spec_uri: "https://www.rfc-editor.org/info/rfc6750",
        primary: true,
    }],
};

/// The resource at `/ServiceProviderConfig`; `base` is the address of the service, such as `https://host/scim/v2`.
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    CONFIG.to_value(&format!("{base}/ServiceProviderConfig"))
}

/// The resources at `/Schemas`.
#[must_use]
pub fn schemas(mappings: &[&'static Mapping], base: &str) -> Vec<Value> {
    let mut shown: Vec<Value> = Vec::new();
    for mapping in mappings {
        let resource_type = mapping.resource_type;
        let extensions = resource_type.extensions.iter().map(|extension| (Some(extension.schema.id), extension.schema));
        for (urn, schema) in std::iter::once((None, resource_type.schema)).chain(extensions) {
            if schema.attributes.iter().any(is_shown)
                && !shown.iter().any(|known| known.get("id").is_some_and(|id| id == schema.id))
            {
                shown.push(self::schema(mapping, urn, schema, base));
            }
        }
    }
    shown
}

/// The resources at `/ResourceTypes`.
#[must_use]
pub fn resource_types(mappings: &[&'static Mapping], base: &str) -> Vec<Value> {
    mappings.iter().map(|mapping| resource_type(mapping, base)).collect()
}

fn resource_type(mapping: &Mapping, base: &str) -> Value {
    let resource_type = mapping.resource_type;
    let mut value = resource_type.to_value(&format!("{base}/ResourceTypes/{}", resource_type.name));
    let extensions: Vec<Value> = resource_type
        .extensions
        .iter()
        .filter(|extension| extension.schema.attributes.iter().any(is_shown))
        .map(|extension| {
            let schema = extension.schema;
            let mut attributes = schema.attributes.iter().map(|attribute| shown(mapping, Some(schema.id), attribute));
            // Such an attribute is always there, and so is the extension.
            let required = extension.required || attributes.any(|attribute| attribute.required);
            json!({ "schema": schema.id, "required": required })
        })
        .collect();
    if let Some(members) = value.as_object_mut() {
        members.insert("schemaExtensions".to_owned(), Value::Array(extensions));
    }
    value
}

fn schema(mapping: &Mapping, urn: Option<&str>, schema: &Schema, base: &str) -> Value {
    let mut value = schema.to_value(&format!("{base}/Schemas/{}", schema.id));
    let attributes = schema.attributes.iter().filter(|attribute| is_shown(attribute));
    let attributes: Vec<Value> = attributes.map(|attribute| attribute_value(mapping, urn, attribute)).collect();
    if let Some(members) = value.as_object_mut() {
        members.insert("attributes".to_owned(), Value::Array(attributes));
    }
    value
}

/// Microsoft's validator refuses to test a service that shows a password, and testers look for whatever they wrote; what is
/// only written is taken nevertheless. What is open has no attributes that could be shown.
fn is_shown(attribute: &Attribute) -> bool {
    !attribute.unkept && !attribute.open && attribute.mutability != Mutability::WriteOnly
}

fn attribute_value(mapping: &Mapping, urn: Option<&str>, attribute: &Attribute) -> Value {
    let whole = shown(mapping, urn, attribute);
    let mut value = whole.to_value();
    let parts: Vec<Value> = attribute
        .sub_attributes
        .iter()
        .filter(|part| !part.unkept)
        .map(|part| {
            let mut part = *part;
            let is_fixed = is_shown_read_only(mapping, urn, &format!("{}.{}", attribute.name, part.name));
            if whole.mutability == Mutability::ReadOnly || is_fixed {
                part.mutability = Mutability::ReadOnly;
            }
            part.to_value()
        })
        .collect();
    if let Some(members) = value.as_object_mut().filter(|_| !parts.is_empty()) {
        members.insert("subAttributes".to_owned(), Value::Array(parts));
    }
    value
}

/// The attribute as it is shown.
fn shown(mapping: &Mapping, urn: Option<&str>, attribute: &Attribute) -> Attribute {
    let mut shown = *attribute;
    // What can be written is looked for in the answer, so what comes only on request cannot be shown as writable.
    let on_request = shown.mutability == Mutability::ReadWrite && shown.returned == Returned::Request;
    if on_request || is_shown_read_only(mapping, urn, attribute.name) {
        shown.mutability = Mutability::ReadOnly;
    }
    let cannot_go = mapping.rows.iter().any(|row| {
        row.schema == urn
            && row.attribute == attribute.name
            && row.sub_attribute.is_none()
            && row.property.access == Access::Keep
    });
    shown.required |= cannot_go && shown.mutability != Mutability::ReadOnly;
    shown
}

fn is_shown_read_only(mapping: &Mapping, urn: Option<&str>, name: &str) -> bool {
    mapping.shown_read_only.contains(&(urn, name))
}

#[cfg(test)]
mod tests;
