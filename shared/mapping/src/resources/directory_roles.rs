//! Directory roles that are in use, and the templates of all: `/DirectoryRoles`, `/DirectoryRoleTemplates`.
//!
//! A role is made of its template ("activated") and stays; what changes is who is in it.
//! Source: <https://learn.microsoft.com/graph/api/resources/directoryrole>.

use scim::schema::{Attribute, ResourceType, Returned, Schema};

use crate::{
    capability::{Capability, EQUAL},
    link::Link,
    mapping::{AT_ONCE, Deed, Mapping, Refused},
    parts::LINKED,
    table::{Property, Row, once, read, row, unfiltered},
};

/// Directory roles, and their templates.
pub static MAPPINGS: &[&Mapping] = &[&ROLES, &TEMPLATES];

static ROLES: Mapping = Mapping {
    component: "scim-directory-roles",
    listing: AT_ONCE,
    links: LINKS,
    refused: &[Refused { deed: Deed::Delete, status: 501, reason: STAYS }],
    reading: "RoleManagement.Read.Directory",
    writing: "RoleManagement.ReadWrite.Directory",
    creating: "RoleManagement.ReadWrite.Directory",
    ..Mapping::new(&ROLE, "directoryRole", "/directoryRoles", ROLE_ROWS)
};

static TEMPLATES: Mapping = Mapping {
    component: "scim-directory-roles",
    listing: AT_ONCE,
    refused: &[
        Refused { deed: Deed::Create, status: 501, reason: GIVEN },
        Refused { deed: Deed::Update, status: 501, reason: GIVEN },
        Refused { deed: Deed::Delete, status: 501, reason: GIVEN },
    ],
    reading: "RoleManagement.Read.Directory",
    ..Mapping::new(&TEMPLATE, "directoryRoleTemplate", "/directoryRoleTemplates", TEMPLATE_ROWS)
};

const STAYS: &str = "a directory role that was activated stays so: remove its members instead";
const GIVEN: &str =
    "Entra alone defines the templates of directory roles: define a role of your own at /RoleDefinitions";

static ROLE: ResourceType = ResourceType {
    name: "DirectoryRole",
    endpoint: "/DirectoryRoles",
    description: "The administrators' roles that are in use in the tenant, and who has them for the whole directory",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectoryRole",
        name: "DirectoryRole",
        description: "A directory role of Microsoft Entra ID",
        attributes: &[
            Attribute::string("displayName").read_only().describe("The name of the role"),
            Attribute::string("description").read_only().describe("What the role may do"),
            Attribute::string("roleTemplateId")
                .required()
                .immutable()
                .case_exact()
                .describe("The id of the template, which is the id of the role definition too"),
            Attribute::complex("members", LINKED).many().returned(Returned::Request).describe(
                "Users, service principals and role-assignable groups that have the role for the whole directory",
            ),
        ],
    },
    extensions: &[],
};

static TEMPLATE: ResourceType = ResourceType {
    name: "DirectoryRoleTemplate",
    endpoint: "/DirectoryRoleTemplates",
    description: "Of which templates directory roles can be made",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectoryRoleTemplate",
        name: "DirectoryRoleTemplate",
        description: "A template of a directory role of Microsoft Entra ID",
        attributes: &[
            Attribute::string("displayName").read_only().describe("The name of the role"),
            Attribute::string("description").read_only().describe("What the role may do"),
        ],
    },
    extensions: &[],
};

const FOUND: Capability = Capability::of(EQUAL, 0);

static ROLE_ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", FOUND))),
    row("description", read(Property::with("description", FOUND))),
    row("roleTemplateId", once(Property::with("roleTemplateId", FOUND))),
];

static TEMPLATE_ROWS: &[Row] =
    &[row("displayName", read(unfiltered("displayName"))), row("description", read(unfiltered("description")))];

static LINKS: &[Link] = &[Link::many("members", "members")
    .written("/directoryObjects", "RoleManagement.ReadWrite.Directory")
    .at_once()
    .reading("RoleManagement.Read.Directory")];
