//! The SCIM schema of groups: core and Microsoft's Entra extension.

use scim::schema::{Extension, ResourceType, Schema};

use super::attributes::{CORE_ATTRIBUTES, ENTRA_ATTRIBUTES};

/// The extension of Microsoft's own SCIM API.
pub const ENTRA_GROUP: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:Group";

/// The core schema as this service speaks it.
pub static GROUP_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A group of Microsoft Entra ID",
    attributes: CORE_ATTRIBUTES,
};

static ENTRA_SCHEMA: Schema = Schema {
    id: ENTRA_GROUP,
    name: "EntraGroup",
    description: "Properties that only Microsoft Entra ID has",
    attributes: ENTRA_ATTRIBUTES,
};

/// The resource type behind `/Groups`.
pub static GROUP: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "Security groups, Microsoft 365 groups and the others of Microsoft Entra ID",
    schema: &GROUP_SCHEMA,
    extensions: &[Extension { schema: &ENTRA_SCHEMA, required: false }],
};
