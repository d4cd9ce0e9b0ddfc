//! Deleted groups: `/DeletedGroups` and Graph's `/directory/deletedItems/microsoft.graph.group`. They are Microsoft 365 groups;
//! others are gone at once.
//!
//! Source: <https://learn.microsoft.com/graph/api/directory-deleteditems-list>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    capability::{ADVANCED_TEXT, Capability, EQUAL, IN, NOT, NULL, TEXT},
    deleted::{DELETED, DELETED_AT, DELETED_AT_ROW, DELETED_ROW, MADE_BY_DELETING, deleted},
    mapping::{Deed, Mapping, Refused},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// Deleted groups.
pub static MAPPINGS: &[&Mapping] = &[&DELETED_GROUPS];

static DELETED_GROUPS: Mapping = Mapping {
    component: "scim-deleted-groups",
    refused: &[MADE_BY_DELETING, Refused { deed: Deed::Delete, status: 403, reason: ONLY_PEOPLE }],
    created: Some(&CREATED),
    reading: "Group.Read.All",
    writing: "Group.ReadWrite.All",
    ..deleted(&RESOURCE_TYPE, "group", "/directory/deletedItems/microsoft.graph.group", ROWS)
};

const ONLY_PEOPLE: &str = "Microsoft Graph lets no application delete groups for good: an administrator can, in the Entra admin centre; \
     otherwise they are gone thirty days after they were deleted";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "DeletedGroup",
    endpoint: "/DeletedGroups",
    description: "Microsoft 365 groups that were deleted and can be restored",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DeletedGroup",
        name: "DeletedGroup",
        description: "A deleted group of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name of the group"),
    Attribute::string("description").read_only().describe("What the group was for"),
    Attribute::string("mail").read_only().describe("The e-mail address"),
    Attribute::string("mailNickname").read_only().describe("The mail alias"),
    Attribute::string("groupTypes").many().read_only().describe("Of which kinds the group is"),
    DELETED,
    DELETED_AT,
];

static CREATED: Property = read(unfiltered("createdDateTime"));

static ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("description", read(Property::with("description", ADVANCED_TEXT.without(IN | NULL)))),
    row("mail", read(Property::with("mail", TEXT))),
    row("mailNickname", read(Property::with("mailNickname", TEXT))),
    row("groupTypes", read(Property::with("groupTypes", Capability::of(EQUAL, NOT))).shape(Shape::Many(""))),
    DELETED_ROW,
    DELETED_AT_ROW,
];
