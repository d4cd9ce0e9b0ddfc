//! Definitions of roles, Entra's own and the tenant's: `/RoleDefinitions` and Graph's `/roleManagement/directory/roleDefinitions`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/unifiedroledefinition>.

use scim::schema::{Attribute, ResourceType, Schema};
use serde_json::{Map, Value, json};

use crate::{
    capability::{Capability, EQUAL, IN},
    mapping::{Listing, Mapping, SCANNED},
    table::{Property, Row, Shape, keep, read, row, unfiltered},
};

/// Definitions of roles.
pub static MAPPINGS: &[&Mapping] = &[&DEFINITIONS];

/// How role management lists: pages of 100, which it does not count.
pub(super) const LISTING: Listing =
    Listing { largest: Some(100), counted: false, finds_ids: false, one_of_list: false, scanned: SCANNED };

static DEFINITIONS: Mapping = Mapping {
    component: "scim-role-definitions",
    listing: LISTING,
    complete: enable,
    reading: "RoleManagement.Read.Directory",
    writing: "RoleManagement.ReadWrite.Directory",
    creating: "RoleManagement.ReadWrite.Directory",
    ..Mapping::new(&RESOURCE_TYPE, "unifiedRoleDefinition", "/roleManagement/directory/roleDefinitions", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "RoleDefinition",
    endpoint: "/RoleDefinitions",
    description: "What roles there are and what each allows; those of the tenant's own can be changed",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleDefinition",
        name: "RoleDefinition",
        description: "The definition of a role of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").required().describe("The name of the role"),
    Attribute::string("description").describe("What the role is for"),
    Attribute::boolean("isEnabled").lasting().describe("Whether the role can be assigned; true unless it is given"),
    Attribute::boolean("isBuiltIn").read_only().describe("Whether the role is Entra's own, which nobody can change"),
    Attribute::complex("rolePermissions", PERMISSION).many().required().describe("What the role allows"),
    Attribute::string("resourceScopes").many().read_only().describe("Where the role can be assigned"),
    Attribute::string("templateId")
        .read_only()
        .case_exact()
        .describe("The id of the template; that of the role where it is Entra's own"),
    Attribute::string("version").describe("The version of the definition"),
];

const PERMISSION: &[Attribute] = &[
    Attribute::string("allowedResourceActions")
        .many()
        .required()
        .describe("The actions that are allowed, such as microsoft.directory/applications/basic/update"),
    Attribute::string("excludedResourceActions")
        .many()
        .describe("The actions that are excepted; Entra's own roles alone have such"),
    Attribute::string("condition").describe("On which condition, such as $ResourceIsSelf"),
];

static ROWS: &[Row] = &[
    row("displayName", keep(Property::with("displayName", Capability::of(EQUAL | IN, 0).assigned()))),
    row("description", unfiltered("description")),
    row("isEnabled", keep(unfiltered("isEnabled"))),
    row("isBuiltIn", read(Property::with("isBuiltIn", Capability::of(EQUAL | IN, 0)))),
    row("rolePermissions", keep(unfiltered("rolePermissions")).shape(Shape::Complex)),
    row("resourceScopes", read(unfiltered("resourceScopes")).shape(Shape::Many(""))),
    row("templateId", read(unfiltered("templateId"))),
    row("version", unfiltered("version")),
];

/// Graph wants to be told whether a new role can be assigned.
fn enable(body: &mut Map<String, Value>, _password: &str) {
    body.entry("isEnabled").or_insert(json!(true));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_role_can_be_assigned_unless_it_is_said() {
        let completed = |mut body: Value| {
            enable(body.as_object_mut().unwrap(), "");
            body["isEnabled"].clone()
        };
        assert_eq!(completed(json!({ "displayName": "Helpers" })), true);
        assert_eq!(completed(json!({ "isEnabled": false })), false);
    }
}
