//! The tenant itself: `/Organizations` and Graph's `/organization`, of which there is one.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/organization>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    mapping::{AT_ONCE, Deed, Listing, Mapping, Refused},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// The tenant.
pub static MAPPINGS: &[&Mapping] = &[&ORGANIZATION];

static ORGANIZATION: Mapping = Mapping {
    component: "scim-organization",
    refused: &[
        Refused { deed: Deed::Create, status: 501, reason: SET_ELSEWHERE },
        Refused { deed: Deed::Update, status: 501, reason: SET_ELSEWHERE },
        Refused { deed: Deed::Delete, status: 501, reason: SET_ELSEWHERE },
    ],
    created: Some(&CREATED),
    // By its id it would take another permission.
    listing: Listing { one_of_list: true, ..AT_ONCE },
    reading: "Organization.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "organization", "/organization", ROWS)
};

const SET_ELSEWHERE: &str = "the tenant is only read here: what it says of itself is set in the Entra admin centre";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "Organization",
    endpoint: "/Organizations",
    description: "What the tenant says of itself, its plans and its domains",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:Organization",
        name: "Organization",
        description: "A tenant of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name of the tenant"),
    Attribute::string("tenantType").read_only().describe("AAD, or AAD B2C"),
    Attribute::string("countryLetterCode").read_only().describe("The country, in two letters"),
    Attribute::string("preferredLanguage").read_only().describe("The language of what Microsoft sends"),
    Attribute::string("street").read_only().describe("The street of the address"),
    Attribute::string("city").read_only().describe("The city of the address"),
    Attribute::string("state").read_only().describe("The state of the address"),
    Attribute::string("postalCode").read_only().describe("The postal code of the address"),
    Attribute::string("businessPhones").many().read_only().describe("The telephone number"),
    Attribute::string("technicalNotificationMails").many().read_only().describe("Who is told of technical matters"),
    Attribute::string("securityComplianceNotificationMails")
        .many()
        .read_only()
        .describe("Who is told of matters of security"),
    Attribute::boolean("onPremisesSyncEnabled").read_only().describe("Whether the directory comes from on premises"),
    Attribute::date_time("onPremisesLastSyncDateTime").read_only().describe("When it was last synchronised from there"),
    Attribute::complex("verifiedDomains", DOMAIN).many().read_only().describe("The domains of the tenant"),
    Attribute::complex("assignedPlans", PLAN).many().read_only().describe("The service plans of the tenant"),
];

const DOMAIN: &[Attribute] = &[
    Attribute::string("name").read_only().describe("The name"),
    Attribute::string("type").read_only().describe("Managed or Federated"),
    Attribute::string("capabilities").read_only().describe("For what it is used"),
    Attribute::boolean("isDefault").read_only().describe("Whether new users are given it"),
    Attribute::boolean("isInitial").read_only().describe("Whether the tenant began with it"),
];

const PLAN: &[Attribute] = &[
    Attribute::string("servicePlanId").read_only().case_exact().describe("The id of the service plan"),
    Attribute::string("service").read_only().describe("The service, such as exchange"),
    Attribute::string("capabilityStatus").read_only().describe("Enabled, Warning, Suspended, Deleted or LockedOut"),
    Attribute::date_time("assignedDateTime").read_only().describe("Since when"),
];

static CREATED: Property = read(unfiltered("createdDateTime"));

const fn only_read(name: &'static str) -> Row {
    row(name, read(unfiltered(name)))
}

static ROWS: &[Row] = &[
    only_read("displayName"),
    only_read("tenantType"),
    only_read("countryLetterCode"),
    only_read("preferredLanguage"),
    only_read("street"),
    only_read("city"),
    only_read("state"),
    only_read("postalCode"),
    row("businessPhones", read(unfiltered("businessPhones")).shape(Shape::Many(""))),
    row("technicalNotificationMails", read(unfiltered("technicalNotificationMails")).shape(Shape::Many(""))),
    row(
        "securityComplianceNotificationMails",
        read(unfiltered("securityComplianceNotificationMails")).shape(Shape::Many("")),
    ),
    only_read("onPremisesSyncEnabled"),
    only_read("onPremisesLastSyncDateTime"),
    row("verifiedDomains", read(unfiltered("verifiedDomains")).shape(Shape::Complex)),
    row("assignedPlans", read(unfiltered("assignedPlans")).shape(Shape::Complex)),
];
