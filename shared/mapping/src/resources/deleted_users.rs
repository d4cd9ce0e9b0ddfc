//! Deleted users: `/DeletedUsers` and Graph's `/directory/deletedItems/microsoft.graph.user`.
//!
//! Source: <https://learn.microsoft.com/graph/api/directory-deleteditems-list>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    capability::{CODE, ENDS, NULL, TEXT, VALUE},
    deleted::{DELETED, DELETED_AT, DELETED_AT_ROW, DELETED_ROW, MADE_BY_DELETING, deleted},
    mapping::{Deed, Mapping, Refused},
    table::{Property, Row, read, row},
};

/// Deleted users.
pub static MAPPINGS: &[&Mapping] = &[&DELETED_USERS];

static DELETED_USERS: Mapping = Mapping {
    component: "scim-deleted-users",
    refused: &[MADE_BY_DELETING, Refused { deed: Deed::Delete, status: 403, reason: ONLY_PEOPLE }],
    created: Some(&CREATED),
    reading: "User.Read.All",
    writing: "User.DeleteRestore.All",
    ..deleted(&RESOURCE_TYPE, "user", "/directory/deletedItems/microsoft.graph.user", ROWS)
};

const ONLY_PEOPLE: &str = "Microsoft Graph lets no application delete users for good: an administrator can, in the Entra admin centre; \
     otherwise they are gone thirty days after they were deleted";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "DeletedUser",
    endpoint: "/DeletedUsers",
    description: "Users that were deleted and can be restored",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedUser",
        name: "DeletedUser",
        description: "A deleted user of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name for people"),
    Attribute::string("userPrincipalName")
        .read_only()
        .describe("The user name, which Entra may have put the id before so that another can have it"),
    Attribute::string("mail").read_only().describe("The e-mail address"),
    Attribute::string("userType").read_only().describe("Member or Guest"),
    Attribute::string("jobTitle").read_only().describe("The job title"),
    Attribute::string("department").read_only().describe("The department"),
    DELETED,
    DELETED_AT,
];

static CREATED: Property = read(Property::with("createdDateTime", VALUE.advanced(NULL)));

static ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("userPrincipalName", read(Property::with("userPrincipalName", TEXT.without(NULL).advanced(ENDS).sorted()))),
    row("mail", read(Property::with("mail", TEXT.advanced(ENDS)))),
    row("userType", read(Property::with("userType", CODE.advanced(NULL)))),
    row("jobTitle", read(Property::with("jobTitle", TEXT))),
    row("department", read(Property::with("department", TEXT))),
    DELETED_ROW,
    DELETED_AT_ROW,
];
