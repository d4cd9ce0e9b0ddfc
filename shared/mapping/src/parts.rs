//! The parts of attributes that several resource types have.

use scim::schema::{Attribute, Returned};

/// The types of what can be in a group, or own something.
const TYPES: &[&str] = &["User", "Group", "ServicePrincipal", "Contact", "Device"];

/// Those of a relationship that clients change.
pub(crate) static LINKED: &[Attribute] = &[
    Attribute::string("value").case_exact().immutable().describe("The id"),
    Attribute::reference("$ref", TYPES).immutable().describe("The address of the resource"),
    Attribute::string("type").canonical(TYPES).immutable().describe("The type of the resource; Entra knows it itself"),
    Attribute::string("display").read_only().returned(Returned::Request).describe("The display name"),
];

/// Those of a relationship that is only shown.
pub(crate) static SHOWN: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id"),
    Attribute::reference("$ref", TYPES).read_only().describe("The address of the resource"),
    Attribute::string("type").canonical(TYPES).read_only().describe("The type of the resource"),
    Attribute::string("display").read_only().describe("The display name"),
];

/// Those of a relationship with groups that is only shown.
pub(crate) static GROUP_LINK: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id of the group"),
    Attribute::reference("$ref", &["Group"]).read_only().describe("The address of the group's resource"),
    Attribute::string("display").read_only().describe("The group's display name"),
];

/// Those of a relationship with one object that is only shown.
pub(crate) static REFERENCE: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id"),
    Attribute::reference("$ref", TYPES).read_only().describe("The address of the resource"),
    Attribute::string("displayName").read_only().describe("The display name"),
];

/// Those of a role that an application has.
pub(crate) static APP_ROLE: &[Attribute] = &[
    Attribute::string("id").case_exact().describe("The id; made up where it is missing"),
    Attribute::string("value").case_exact().describe("What tokens call it"),
    Attribute::string("displayName").describe("The name"),
    Attribute::string("description").describe("What it allows"),
    Attribute::string("allowedMemberTypes")
        .many()
        .canonical(&["User", "Application"])
        .describe("Who can be assigned to it: users and groups, clients, or both"),
    Attribute::boolean("isEnabled").describe("Whether it can be assigned; what goes is disabled first"),
    Attribute::string("origin").read_only().describe("Whether the application or its service principal has it"),
];

/// Those of a delegated permission that an API offers.
pub(crate) static PERMISSION_SCOPE: &[Attribute] = &[
    Attribute::string("id").case_exact().describe("The id; made up where it is missing"),
    Attribute::string("value").case_exact().describe("What tokens call it"),
    Attribute::string("type").canonical(&["User", "Admin"]).describe("Who may consent to it"),
    Attribute::string("adminConsentDisplayName").describe("The name, as administrators see it"),
    Attribute::string("adminConsentDescription").describe("What it allows, as administrators see it"),
    Attribute::string("userConsentDisplayName").describe("The name, as users see it"),
    Attribute::string("userConsentDescription").describe("What it allows, as users see it"),
    Attribute::boolean("isEnabled").describe("Whether it can be asked for; what goes is disabled first"),
];

/// Those of a publisher that Microsoft has verified.
pub(crate) static VERIFIED_PUBLISHER: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name"),
    Attribute::string("verifiedPublisherId").read_only().case_exact().describe("The id"),
    Attribute::date_time("addedDateTime").read_only().describe("Since when"),
];

/// Those of an assignment to a role of an application.
pub(crate) static APP_ROLE_ASSIGNMENT: &[Attribute] = &[
    Attribute::string("id").case_exact().immutable().describe("The id; Entra gives it"),
    Attribute::string("principalId").case_exact().immutable().describe("The id of who is assigned"),
    Attribute::string("principalType").read_only().describe("User, Group or ServicePrincipal"),
    Attribute::string("principalDisplayName").read_only().describe("The name of who is assigned"),
    Attribute::string("appRoleId")
        .case_exact()
        .immutable()
        .describe("The id of the role; where it is missing, the one of a resource without roles"),
    Attribute::string("resourceId")
        .case_exact()
        .immutable()
        .describe("The id of the service principal that has the role"),
    Attribute::string("resourceDisplayName").read_only().describe("Its name"),
    Attribute::date_time("createdDateTime").read_only().describe("Since when"),
];
