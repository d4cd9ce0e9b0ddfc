//! The attributes of groups, as `/Schemas` describes them.

use scim::schema::{Attribute, Returned};

use crate::licenses::GROUP_LICENSE;
use crate::parts::{APP_ROLE_ASSIGNMENT, GROUP_LINK, LINKED, SHOWN};

pub(super) static CORE_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").required().describe("The name of the group; Entra does not keep it unique"),
    Attribute::complex("members", LINKED)
        .many()
        .describe("Users, groups, service principals and contacts that are members; all of them"),
];

pub(super) static ENTRA_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("description").describe("What the group is for"),
    Attribute::string("groupTypes")
        .many()
        .immutable()
        .canonical(&["Unified", "DynamicMembership"])
        .describe("Unified for a Microsoft 365 group, DynamicMembership where a rule makes the members"),
    Attribute::boolean("mailEnabled")
        .immutable()
        .canonical(&["false"])
        .describe("Whether the group has a mailbox; true makes it a Microsoft 365 group"),
    Attribute::string("mailNickname")
        .lasting()
        .describe("The mail alias; made from the display name where it is missing"),
    Attribute::boolean("securityEnabled")
        .immutable()
        .canonical(&["true"])
        .describe("Whether the group can be given rights"),
    Attribute::string("membershipRule").describe("The rule of a dynamic group"),
    Attribute::string("membershipRuleProcessingState")
        .lasting()
        .canonical(&["On", "Paused"])
        .describe("Whether the rule of a dynamic group is at work"),
    Attribute::string("visibility")
        .lasting()
        .canonical(&["Private", "Public", "HiddenMembership"])
        .describe("Who may join a Microsoft 365 group and see its members"),
    Attribute::boolean("isAssignableToRole")
        .immutable()
        .returned(Returned::Request)
        .describe("Whether directory roles can be given to the group"),
    Attribute::string("classification").describe("How sensitive the group is"),
    // Not lost with the rest of the extension.
    Attribute::complex("licenses", GROUP_LICENSE)
        .many()
        .lasting()
        .returned(Returned::Request)
        .describe("The licences that the members have by the group"),
    Attribute::string("licenseProcessingState")
        .read_only()
        .returned(Returned::Request)
        .canonical(&["QueuedForProcessing", "ProcessingInProgress", "ProcessingComplete"])
        .describe("How far the members have got them"),
    Attribute::string("mail").read_only().describe("The e-mail address"),
    Attribute::string("proxyAddresses").many().read_only().describe("All e-mail addresses"),
    Attribute::date_time("expirationDateTime").read_only().describe("When the group expires"),
    Attribute::date_time("renewedDateTime")
        .read_only()
        .returned(Returned::Request)
        .describe("When the group was last renewed"),
    Attribute::string("securityIdentifier").read_only().returned(Returned::Request).describe("The security identifier"),
    Attribute::boolean("onPremisesSyncEnabled").read_only().describe("Whether the group comes from on premises"),
    Attribute::string("onPremisesSAMAccountName").read_only().describe("The account name on premises"),
    Attribute::string("onPremisesSecurityIdentifier").read_only().describe("The security identifier on premises"),
    Attribute::complex("owners", LINKED)
        .many()
        .returned(Returned::Request)
        .describe("Users and service principals that own the group"),
    Attribute::complex("transitiveMembers", SHOWN)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The members, and those of the groups among them"),
    Attribute::complex("memberOf", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that this group is a member of"),
    Attribute::complex("transitiveMemberOf", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that this group is a member of, directly or through others"),
    Attribute::complex("appRoleAssignments", APP_ROLE_ASSIGNMENT)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The roles of applications that the group is assigned to"),
];
