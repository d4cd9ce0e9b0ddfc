//! Domains of the tenant: `/Domains` and Graph's `/domains`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/domain>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    mapping::{AT_ONCE, Deed, Mapping, Refused},
    table::{Row, Shape, read, row, unfiltered},
};

/// Domains.
pub static MAPPINGS: &[&Mapping] = &[&DOMAINS];

static DOMAINS: Mapping = Mapping {
    component: "scim-domains",
    listing: AT_ONCE,
    refused: &[
        Refused { deed: Deed::Create, status: 501, reason: VERIFIED_ELSEWHERE },
        Refused { deed: Deed::Update, status: 501, reason: VERIFIED_ELSEWHERE },
        Refused { deed: Deed::Delete, status: 501, reason: VERIFIED_ELSEWHERE },
    ],
    reading: "Domain.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "domain", "/domains", ROWS)
};

const VERIFIED_ELSEWHERE: &str =
    "domains are only read here: add and verify them in the Entra admin centre, where their records of DNS are told";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "Domain",
    endpoint: "/Domains",
    description: "The domains of the tenant; the id of each is its name",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:Domain",
        name: "Domain",
        description: "A domain of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("authenticationType")
        .read_only()
        .describe("Managed where Entra knows the passwords, Federated where another does"),
    Attribute::string("availabilityStatus")
        .read_only()
        .describe("Whether the domain can be had, while it is looked up"),
    Attribute::boolean("isAdminManaged")
        .read_only()
        .describe("Whether Entra leaves the records of DNS to the administrator"),
    Attribute::boolean("isDefault").read_only().describe("Whether new users are given it"),
    Attribute::boolean("isInitial").read_only().describe("Whether the tenant began with it"),
    Attribute::boolean("isRoot").read_only().describe("Whether it is a part of no other domain that is verified"),
    Attribute::boolean("isVerified").read_only().describe("Whether the tenant has shown that the domain is its own"),
    Attribute::string("supportedServices").many().read_only().describe("For what it is used, such as Email"),
    Attribute::integer("passwordValidityPeriodInDays")
        .read_only()
        .describe("After how many days a password must be changed"),
    Attribute::integer("passwordNotificationWindowInDays")
        .read_only()
        .describe("How many days before that users are told"),
];

static ROWS: &[Row] = &[
    row("authenticationType", read(unfiltered("authenticationType"))),
    row("availabilityStatus", read(unfiltered("availabilityStatus"))),
    row("isAdminManaged", read(unfiltered("isAdminManaged"))),
    row("isDefault", read(unfiltered("isDefault"))),
    row("isInitial", read(unfiltered("isInitial"))),
    row("isRoot", read(unfiltered("isRoot"))),
    row("isVerified", read(unfiltered("isVerified"))),
    row("supportedServices", read(unfiltered("supportedServices")).shape(Shape::Many(""))),
    row("passwordValidityPeriodInDays", read(unfiltered("passwordValidityPeriodInDays"))),
    row("passwordNotificationWindowInDays", read(unfiltered("passwordNotificationWindowInDays"))),
];
