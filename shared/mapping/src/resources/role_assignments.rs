//! Who has which role, and where: `/RoleAssignments`; who could have one, or has one for a time: `/RoleEligibilitySchedules`,
//! `/RoleAssignmentSchedules`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/unifiedroleassignment>.

use scim::schema::{Attribute, ResourceType, Schema};
use serde_json::{Map, Value, json};

use super::role_definitions::LISTING;
use crate::{
    capability::{Capability, DIFFER, EQUAL, IN, NOT},
    mapping::{Deed, Mapping, Refused},
    table::{Property, Row, once, read, row, unfiltered},
};

/// Assignments of roles, and both kinds of schedules.
pub static MAPPINGS: &[&Mapping] = &[&ASSIGNMENTS, &ELIGIBILITY, &ACTIVITY];

static ASSIGNMENTS: Mapping = Mapping {
    component: "scim-role-assignments",
    listing: LISTING,
    refused: &[Refused { deed: Deed::Update, status: 501, reason: FIXED }],
    complete: everywhere,
    reading: "RoleManagement.Read.Directory",
    writing: "RoleManagement.ReadWrite.Directory",
    creating: "RoleManagement.ReadWrite.Directory",
    ..Mapping::new(&ASSIGNMENT, "unifiedRoleAssignment", "/roleManagement/directory/roleAssignments", ROWS)
};

static ELIGIBILITY: Mapping = Mapping {
    reading: "RoleEligibilitySchedule.Read.Directory",
    ..schedules(
        &ELIGIBILITY_SCHEDULE,
        "unifiedRoleEligibilitySchedule",
        "/roleManagement/directory/roleEligibilitySchedules",
        SCHEDULE_ROWS,
    )
};

static ACTIVITY: Mapping = Mapping {
    reading: "RoleAssignmentSchedule.Read.Directory",
    ..schedules(
        &ASSIGNMENT_SCHEDULE,
        "unifiedRoleAssignmentSchedule",
        "/roleManagement/directory/roleAssignmentSchedules",
        ACTIVE_ROWS,
    )
};

const fn schedules(
    resource_type: &'static ResourceType,
    graph_type: &'static str,
    collection: &'static str,
    rows: &'static [Row],
) -> Mapping {
    Mapping {
        component: "scim-role-assignments",
        listing: LISTING,
        refused: &[
            Refused { deed: Deed::Create, status: 501, reason: REQUESTED },
            Refused { deed: Deed::Update, status: 501, reason: REQUESTED },
            Refused { deed: Deed::Delete, status: 501, reason: REQUESTED },
        ],
        created: Some(&CREATED),
        ..Mapping::new(resource_type, graph_type, collection, rows)
    }
}

const FIXED: &str = "Microsoft Graph changes no role assignment: delete it and make another";
const REQUESTED: &str = "schedules come of requests to Privileged Identity Management and are only read here: assign the role at /RoleAssignments, or there";

/// Where a role is given that is given without a scope: in the whole directory.
fn everywhere(body: &mut Map<String, Value>, _password: &str) {
    if !body.contains_key("appScopeId") {
        body.entry("directoryScopeId").or_insert(json!("/"));
    }
}

const PRINCIPAL: Attribute = Attribute::string("principalId")
    .immutable()
    .describe("The id of the user, service principal or role-assignable group");
const ROLE: Attribute = Attribute::string("roleDefinitionId").immutable().describe("The id of the role definition");
const SCOPE: Attribute = Attribute::string("directoryScopeId").immutable().describe(
    "Where: / in the whole directory, /administrativeUnits/{id} in an administrative unit, /{id} for an application or service principal",
);
const APP_SCOPE: Attribute =
    Attribute::string("appScopeId").immutable().describe("Where, if it is a scope that only one application knows");

static ASSIGNMENT: ResourceType = ResourceType {
    name: "RoleAssignment",
    endpoint: "/RoleAssignments",
    description: "Who has which role, in the directory, in an administrative unit or for an application",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleAssignment",
        name: "RoleAssignment",
        description: "An assignment of a role of Microsoft Entra ID",
        attributes: &[PRINCIPAL.required(), ROLE.required(), SCOPE, APP_SCOPE],
    },
    extensions: &[],
};

static ELIGIBILITY_SCHEDULE: ResourceType = ResourceType {
    name: "RoleEligibilitySchedule",
    endpoint: "/RoleEligibilitySchedules",
    description: "Who could activate which role, where and when",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleEligibilitySchedule",
        name: "RoleEligibilitySchedule",
        description: "An eligibility for a role of Microsoft Entra ID",
        attributes: SCHEDULE,
    },
    extensions: &[],
};

static ASSIGNMENT_SCHEDULE: ResourceType = ResourceType {
    name: "RoleAssignmentSchedule",
    endpoint: "/RoleAssignmentSchedules",
    description: "Who has which role, where and when",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:RoleAssignmentSchedule",
        name: "RoleAssignmentSchedule",
        description: "An assignment of a role of Microsoft Entra ID with its time",
        attributes: &[
            PRINCIPAL.read_only(),
            ROLE.read_only(),
            SCOPE.read_only(),
            APP_SCOPE.read_only(),
            STATUS,
            MEMBER_TYPE,
            Attribute::string("assignmentType").read_only().describe("Assigned, or Activated out of an eligibility"),
            SCHEDULE_INFO,
            CREATED_AT,
            MODIFIED_AT,
            CREATED_USING,
        ],
    },
    extensions: &[],
};

const SCHEDULE: &[Attribute] = &[
    PRINCIPAL.read_only(),
    ROLE.read_only(),
    SCOPE.read_only(),
    APP_SCOPE.read_only(),
    STATUS,
    MEMBER_TYPE,
    SCHEDULE_INFO,
    CREATED_AT,
    MODIFIED_AT,
    CREATED_USING,
];

const STATUS: Attribute = Attribute::string("status").read_only().describe("How far it is, such as Provisioned");
const MEMBER_TYPE: Attribute =
    Attribute::string("memberType").read_only().describe("Direct, Group or Inherited: how the principal comes to it");
const SCHEDULE_INFO: Attribute = Attribute::complex(
    "scheduleInfo",
    &[
        Attribute::date_time("startDateTime").read_only().describe("When it begins"),
        Attribute::string("expirationType").read_only().describe("noExpiration, afterDateTime or afterDuration"),
        Attribute::date_time("endDateTime").read_only().describe("When it ends"),
        Attribute::string("duration").read_only().describe("How long it lasts, such as PT8H"),
    ],
)
.read_only()
.describe("When it holds");
const CREATED_AT: Attribute = Attribute::date_time("createdDateTime").read_only().describe("When it was made");
const MODIFIED_AT: Attribute =
    Attribute::date_time("modifiedDateTime").read_only().describe("When it was last changed");
const CREATED_USING: Attribute =
    Attribute::string("createdUsing").read_only().describe("The id of the request that it comes of");

const FOUND: Capability = Capability::of(EQUAL | IN, 0);

static ROWS: &[Row] = &[
    row("principalId", once(Property::with("principalId", FOUND.assigned()))),
    row("roleDefinitionId", once(Property::with("roleDefinitionId", FOUND.assigned()))),
    row("directoryScopeId", once(Property::with("directoryScopeId", FOUND))),
    row("appScopeId", once(Property::with("appScopeId", FOUND))),
];

static CREATED: Property = read(unfiltered("createdDateTime"));

/// What Graph compares, though it says of `ne` only that it can.
const MEMBERSHIP: Capability = Capability::of(EQUAL, DIFFER).without(NOT);

const fn schedule(sub_attribute: &'static str, path: &'static str) -> Row {
    row("scheduleInfo", read(unfiltered(path))).sub(sub_attribute)
}

const PRINCIPAL_ROW: Row = row("principalId", read(unfiltered("principalId")));
const ROLE_ROW: Row = row("roleDefinitionId", read(unfiltered("roleDefinitionId")));
const SCOPE_ROW: Row = row("directoryScopeId", read(unfiltered("directoryScopeId")));
const APP_SCOPE_ROW: Row = row("appScopeId", read(unfiltered("appScopeId")));
const STATUS_ROW: Row = row("status", read(unfiltered("status")));
const MEMBER_TYPE_ROW: Row = row("memberType", read(Property::with("memberType", MEMBERSHIP)));
const BEGIN: Row = schedule("startDateTime", "scheduleInfo/startDateTime");
const EXPIRATION: Row = schedule("expirationType", "scheduleInfo/expiration/type");
const END: Row = schedule("endDateTime", "scheduleInfo/expiration/endDateTime");
const DURATION: Row = schedule("duration", "scheduleInfo/expiration/duration");
const CREATED_ROW: Row = row("createdDateTime", read(unfiltered("createdDateTime")));
const MODIFIED_ROW: Row = row("modifiedDateTime", read(unfiltered("modifiedDateTime")));
const CREATED_USING_ROW: Row = row("createdUsing", read(unfiltered("createdUsing")));

static SCHEDULE_ROWS: &[Row] = &[
    PRINCIPAL_ROW,
    ROLE_ROW,
    SCOPE_ROW,
    APP_SCOPE_ROW,
    STATUS_ROW,
    MEMBER_TYPE_ROW,
    BEGIN,
    EXPIRATION,
    END,
    DURATION,
    CREATED_ROW,
    MODIFIED_ROW,
    CREATED_USING_ROW,
];

static ACTIVE_ROWS: &[Row] = &[
    PRINCIPAL_ROW,
    ROLE_ROW,
    SCOPE_ROW,
    APP_SCOPE_ROW,
    STATUS_ROW,
    MEMBER_TYPE_ROW,
    row("assignmentType", read(Property::with("assignmentType", MEMBERSHIP))),
    BEGIN,
    EXPIRATION,
    END,
    DURATION,
    CREATED_ROW,
    MODIFIED_ROW,
    CREATED_USING_ROW,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_without_a_scope_is_for_the_directory() {
        let scope = |mut body: Value| {
            everywhere(body.as_object_mut().unwrap(), "");
            body.get("directoryScopeId").cloned()
        };
        assert_eq!(scope(json!({})), Some(json!("/")));
        assert_eq!(scope(json!({ "directoryScopeId": "/1" })), Some(json!("/1")));
        assert_eq!(scope(json!({ "appScopeId": "/2" })), None);
    }
}
