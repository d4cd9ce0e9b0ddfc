//! What was changed in the directory, and by whom: `/DirectoryAudits` and Graph's `/auditLogs/directoryAudits`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/directoryaudit>.

use scim::schema::{Attribute, ResourceType, Schema};

use super::sign_ins::{LISTING, REFUSED};
use crate::{
    capability::{Capability, EQUAL, NONE, ORDER, STARTS},
    mapping::{Listing, Mapping},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// Records of the directory's audit.
pub static MAPPINGS: &[&Mapping] = &[&AUDITS];

static AUDITS: Mapping = Mapping {
    component: "scim-directory-audits",
    // The ids are no GUIDs, which are all that ids are compared with.
    listing: Listing { finds_ids: false, ..LISTING },
    refused: REFUSED,
    created: Some(&CREATED),
    reading: "AuditLog.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "directoryAudit", "/auditLogs/directoryAudits", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "DirectoryAudit",
    endpoint: "/DirectoryAudits",
    description: "What was changed in the directory, when and by whom",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectoryAudit",
        name: "DirectoryAudit",
        description: "A record of the audit of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::date_time("activityDateTime").read_only().describe("When"),
    Attribute::string("activityDisplayName").read_only().describe("What was done, such as Add member to group"),
    Attribute::string("category").read_only().describe("Of which kind it was, such as GroupManagement"),
    Attribute::string("operationType").read_only().describe("Add, Assign, Update, Unassign or Delete"),
    Attribute::string("loggedByService").read_only().describe("Which service recorded it, such as Core Directory"),
    Attribute::string("result").read_only().describe("success, failure or timeout"),
    Attribute::string("resultReason").read_only().describe("Why it failed"),
    Attribute::string("correlationId").read_only().describe("What ties records of several services together"),
    Attribute::complex("initiatedBy", INITIATOR).read_only().describe("Which user or application did it"),
    Attribute::complex("targetResources", TARGET).many().read_only().describe("To what it was done"),
    Attribute::complex("additionalDetails", DETAIL).many().read_only().describe("What else is known of it"),
];

const INITIATOR: &[Attribute] = &[
    Attribute::string("userId").read_only().describe("The id of the user"),
    Attribute::string("userPrincipalName").read_only().describe("The user name"),
    Attribute::string("userDisplayName").read_only().describe("The name of the user"),
    Attribute::string("ipAddress").read_only().describe("From which address the user did it"),
    Attribute::string("appId").read_only().describe("The client id of the application"),
    Attribute::string("appDisplayName").read_only().describe("The name of the application"),
    Attribute::string("servicePrincipalId").read_only().describe("The id of its service principal"),
];

const TARGET: &[Attribute] = &[
    Attribute::string("id").read_only().describe("The id of the object"),
    Attribute::string("type").read_only().describe("Of which type it is"),
    Attribute::string("displayName").read_only().describe("Its name"),
    Attribute::string("userPrincipalName").read_only().describe("The user name, where it is a user"),
    Attribute::string("groupType").read_only().describe("Of which kind it is, where it is a group"),
];

const DETAIL: &[Attribute] = &[
    Attribute::string("key").read_only().describe("What is told"),
    Attribute::string("value").read_only().describe("What it is"),
];

const FOUND: Capability = Capability::of(EQUAL, 0);
const BEGUN: Capability = Capability::of(EQUAL | STARTS, 0);
const TIME: Capability = Capability::of(EQUAL | ORDER, 0).sorted();

static CREATED: Property = read(Property::with("activityDateTime", TIME));

const fn found(name: &'static str, filter: Capability) -> Row {
    row(name, read(Property::with(name, filter)))
}

const fn initiator(sub_attribute: &'static str, path: &'static str, filter: Capability) -> Row {
    row("initiatedBy", read(Property::with(path, filter))).sub(sub_attribute)
}

static ROWS: &[Row] = &[
    found("activityDateTime", TIME),
    found("activityDisplayName", BEGUN),
    found("category", NONE),
    found("operationType", NONE),
    found("loggedByService", FOUND),
    found("result", NONE),
    found("resultReason", NONE),
    found("correlationId", FOUND),
    initiator("userId", "initiatedBy/user/id", FOUND),
    initiator("userPrincipalName", "initiatedBy/user/userPrincipalName", BEGUN),
    initiator("userDisplayName", "initiatedBy/user/displayName", FOUND),
    initiator("ipAddress", "initiatedBy/user/ipAddress", NONE),
    initiator("appId", "initiatedBy/app/appId", FOUND),
    initiator("appDisplayName", "initiatedBy/app/displayName", FOUND),
    initiator("servicePrincipalId", "initiatedBy/app/servicePrincipalId", NONE),
    row("targetResources", read(Property::with("targetResources", FOUND)).shape(Shape::Complex)),
    row("additionalDetails", read(unfiltered("additionalDetails")).shape(Shape::Complex)),
];
