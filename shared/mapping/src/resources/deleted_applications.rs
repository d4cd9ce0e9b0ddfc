//! Deleted applications and service principals: `/DeletedApplications` and `/DeletedServicePrincipals`. Other than users and groups an
//! application may delete these for good.
//!
//! Source: <https://learn.microsoft.com/graph/api/directory-deleteditems-delete>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    capability::{CODE, Capability, DIFFER, EQUAL, IN, NULL, STARTS, TEXT, VALUE},
    deleted::{DELETED, DELETED_AT, DELETED_AT_ROW, DELETED_ROW, deleted},
    mapping::Mapping,
    table::{Property, Row, read, row, unfiltered},
};

/// Deleted applications, and deleted service principals.
pub static MAPPINGS: &[&Mapping] = &[&DELETED_APPLICATIONS, &DELETED_SERVICE_PRINCIPALS];

static DELETED_APPLICATIONS: Mapping = Mapping {
    component: "scim-deleted-applications",
    created: Some(&CREATED),
    reading: "Application.Read.All",
    writing: "Application.ReadWrite.OwnedBy",
    ..deleted(&APPLICATION, "application", "/directory/deletedItems/microsoft.graph.application", APPLICATION_ROWS)
};

static DELETED_SERVICE_PRINCIPALS: Mapping = Mapping {
    component: "scim-deleted-applications",
    reading: "Application.Read.All",
    writing: "Application.ReadWrite.OwnedBy",
    ..deleted(
        &SERVICE_PRINCIPAL,
        "servicePrincipal",
        "/directory/deletedItems/microsoft.graph.servicePrincipal",
        SERVICE_PRINCIPAL_ROWS,
    )
};

static APPLICATION: ResourceType = ResourceType {
    name: "DeletedApplication",
    endpoint: "/DeletedApplications",
    description: "Applications that were deleted and can be restored, or deleted for good",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedApplication",
        name: "DeletedApplication",
        description: "A deleted application of Microsoft Entra ID",
        attributes: &[
            Attribute::string("displayName").read_only().describe("The name for people"),
            Attribute::string("appId").read_only().case_exact().describe("The client id"),
            Attribute::string("signInAudience").read_only().describe("Whose accounts can sign in to it"),
            DELETED,
            DELETED_AT,
        ],
    },
    extensions: &[],
};

static SERVICE_PRINCIPAL: ResourceType = ResourceType {
    name: "DeletedServicePrincipal",
    endpoint: "/DeletedServicePrincipals",
    description: "Service principals that were deleted and can be restored, or deleted for good",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedServicePrincipal",
        name: "DeletedServicePrincipal",
        description: "A deleted service principal of Microsoft Entra ID",
        attributes: &[
            Attribute::string("displayName").read_only().describe("The name for people"),
            Attribute::string("appId").read_only().case_exact().describe("The client id of its application"),
            Attribute::string("servicePrincipalType")
                .read_only()
                .describe("Of which kind it is: Application, ManagedIdentity"),
            Attribute::boolean("accountEnabled").read_only().describe("Whether it could sign in"),
            DELETED,
            DELETED_AT,
        ],
    },
    extensions: &[],
};

static CREATED: Property = read(Property::with("createdDateTime", VALUE.advanced(NULL).sorted()));

static APPLICATION_ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("appId", read(Property::with("appId", Capability::of(EQUAL, 0)))),
    row("signInAudience", read(Property::with("signInAudience", Capability::of(EQUAL, DIFFER)))),
    DELETED_ROW,
    DELETED_AT_ROW,
];

static SERVICE_PRINCIPAL_ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("appId", read(Property::with("appId", Capability::of(EQUAL | IN | STARTS, DIFFER)))),
    row("servicePrincipalType", read(unfiltered("servicePrincipalType"))),
    row("accountEnabled", read(Property::with("accountEnabled", CODE))),
    DELETED_ROW,
    DELETED_AT_ROW,
];
