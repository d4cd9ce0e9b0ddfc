//! The SCIM schema of users: core, enterprise, Microsoft's Entra extension and the on-premises extension attributes.

use scim::schema::{Extension, ResourceType, Schema};

use super::attributes::{
    CORE_ATTRIBUTES, ENTERPRISE_ATTRIBUTES, ENTRA_ATTRIBUTES, ON_PREMISES_ATTRIBUTES, SECURITY_ATTRIBUTES,
};

/// The enterprise extension (RFC 7643 section 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The extension of Microsoft's own SCIM API.
pub const ENTRA: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";
/// The extension that carries the fifteen extension attributes.
pub const ON_PREMISES: &str = "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User";
/// The extension of what a tenant defines itself.
pub const SECURITY: &str = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:CustomSecurityAttributes";

/// The core schema as this service speaks it.
pub static USER_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "User Account of Microsoft Entra ID",
    attributes: CORE_ATTRIBUTES,
};

static ENTERPRISE_SCHEMA: Schema = Schema {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    description: "What the company knows about the user",
    attributes: ENTERPRISE_ATTRIBUTES,
};

static ENTRA_SCHEMA: Schema = Schema {
    id: ENTRA,
    name: "EntraUser",
    description: "Properties that only Microsoft Entra ID has",
    attributes: ENTRA_ATTRIBUTES,
};

static ON_PREMISES_SCHEMA: Schema = Schema {
    id: ON_PREMISES,
    name: "AzureOnPremDataUser",
    description: "The fifteen extension attributes",
    attributes: ON_PREMISES_ATTRIBUTES,
};

static SECURITY_SCHEMA: Schema = Schema {
    id: SECURITY,
    name: "CustomSecurityAttributes",
    description: "Custom security attributes, as the tenant defines them: an attribute for each set, with a part for each \
                  attribute of the set; returned on request",
    attributes: SECURITY_ATTRIBUTES,
};

/// The resource type behind `/Users`.
pub static USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "User accounts of Microsoft Entra ID",
    schema: &USER_SCHEMA,
    extensions: &[
        Extension { schema: &ENTERPRISE_SCHEMA, required: false },
        Extension { schema: &ENTRA_SCHEMA, required: false },
        Extension { schema: &ON_PREMISES_SCHEMA, required: false },
        Extension { schema: &SECURITY_SCHEMA, required: false },
    ],
};
