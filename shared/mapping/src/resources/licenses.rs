//! Licences: `/Licenses`, what the tenant bought and how much of it is left, and `/DirectorySubscriptions`, how it was bought.
//! They are given to users as `entitlements`, and to groups as `licenses`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/subscribedsku>, `companysubscription`.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    mapping::{AT_ONCE, Deed, Mapping, Refused},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// Licences and subscriptions.
pub static MAPPINGS: &[&Mapping] = &[&LICENSES, &SUBSCRIPTIONS];

static LICENSES: Mapping = Mapping {
    component: "scim-licenses",
    listing: AT_ONCE,
    refused: REFUSED,
    reading: "LicenseAssignment.Read.All",
    ..Mapping::new(&LICENSE, "subscribedSku", "/subscribedSkus", LICENSE_ROWS)
};

static SUBSCRIPTIONS: Mapping = Mapping {
    component: "scim-licenses",
    listing: AT_ONCE,
    refused: REFUSED,
    reading: "Organization.Read.All",
    created: Some(&CREATED),
    ..Mapping::new(&SUBSCRIPTION, "companySubscription", "/directory/subscriptions", SUBSCRIPTION_ROWS)
};

const REFUSED: &[Refused] = &[
    Refused { deed: Deed::Create, status: 501, reason: BOUGHT },
    Refused { deed: Deed::Update, status: 501, reason: BOUGHT },
    Refused { deed: Deed::Delete, status: 501, reason: BOUGHT },
];

const BOUGHT: &str = "licences are bought from Microsoft, not made through Microsoft Graph; give them to users by their \
                      entitlements, to groups by their licenses";

static CREATED: Property = read(unfiltered("createdDateTime"));

static LICENSE: ResourceType = ResourceType {
    name: "License",
    endpoint: "/Licenses",
    description: "Licences of the tenant, with what is left of them",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:License",
        name: "License",
        description: "A licence that the tenant bought: its service plans, and how many are in use",
        attributes: LICENSE_ATTRIBUTES,
    },
    extensions: &[],
};

static SUBSCRIPTION: ResourceType = ResourceType {
    name: "DirectorySubscription",
    endpoint: "/DirectorySubscriptions",
    description: "Commercial subscriptions of the tenant",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:DirectorySubscription",
        name: "DirectorySubscription",
        description: "A commercial subscription by which the tenant has licences",
        attributes: SUBSCRIPTION_ATTRIBUTES,
    },
    extensions: &[],
};

const LICENSE_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("skuId").read_only().describe("The id by which it is given to users and groups"),
    Attribute::string("skuPartNumber").read_only().describe("Its name, such as ENTERPRISEPACK"),
    Attribute::string("appliesTo").read_only().canonical(&["User", "Company"]).describe("Who it is for"),
    Attribute::string("capabilityStatus")
        .read_only()
        .canonical(&["Enabled", "Warning", "Suspended", "Deleted", "LockedOut"])
        .describe("Whether it is in force"),
    Attribute::integer("consumedUnits").read_only().describe("How many are in use"),
    Attribute::integer("availableUnits").read_only().describe("How many are left: those enabled less those in use"),
    Attribute::complex("prepaidUnits", UNITS).read_only().describe("How many were bought"),
    Attribute::complex("servicePlans", PLAN).many().read_only().describe("The services that it is made of"),
    Attribute::string("subscriptionIds").many().read_only().describe("The subscriptions by which the tenant has it"),
    Attribute::string("accountName").read_only().describe("The account that it was bought for"),
];

const UNITS: &[Attribute] = &[
    Attribute::integer("enabled").read_only().describe("In force"),
    Attribute::integer("warning").read_only().describe("Expired, and still in force for a while"),
    Attribute::integer("suspended").read_only().describe("Suspended, because the subscription was cancelled"),
    Attribute::integer("lockedOut").read_only().describe("Locked out, because the subscription was cancelled"),
];

const PLAN: &[Attribute] = &[
    Attribute::string("servicePlanId").read_only().describe("The id by which it is switched off"),
    Attribute::string("servicePlanName").read_only().describe("Its name"),
    Attribute::string("provisioningStatus").read_only().describe("Whether it is set up"),
    Attribute::string("appliesTo").read_only().canonical(&["User", "Company"]).describe("Who it is for"),
];

const SUBSCRIPTION_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("commerceSubscriptionId").read_only().describe("The id in the commerce system"),
    Attribute::string("skuId").read_only().describe("The licence"),
    Attribute::string("skuPartNumber").read_only().describe("The name of the licence"),
    Attribute::string("status")
        .read_only()
        .canonical(&["Enabled", "Deleted", "Suspended", "Warning", "LockedOut"])
        .describe("Whether it is in force"),
    Attribute::integer("totalLicenses").read_only().describe("How many licences were bought"),
    Attribute::boolean("isTrial").read_only().describe("Whether it is a trial"),
    Attribute::date_time("nextLifecycleDateTime").read_only().describe("When it changes to its next state"),
    Attribute::string("ownerId").read_only().describe("The account or the partner that bought it"),
    Attribute::string("ownerType").read_only().describe("What the owner is"),
    Attribute::complex("serviceStatus", PLAN).many().read_only().describe("The services that it is made of"),
];

static LICENSE_ROWS: &[Row] = &[
    row("skuId", read(unfiltered("skuId"))),
    row("skuPartNumber", read(unfiltered("skuPartNumber"))),
    row("appliesTo", read(unfiltered("appliesTo"))),
    row("capabilityStatus", read(unfiltered("capabilityStatus"))),
    row("consumedUnits", read(unfiltered("consumedUnits"))),
    row("availableUnits", read(unfiltered("prepaidUnits/enabled").stand_in("consumedUnits")).shape(Shape::Less)),
    row("prepaidUnits", read(unfiltered("prepaidUnits/enabled"))).sub("enabled"),
    row("prepaidUnits", read(unfiltered("prepaidUnits/warning"))).sub("warning"),
    row("prepaidUnits", read(unfiltered("prepaidUnits/suspended"))).sub("suspended"),
    row("prepaidUnits", read(unfiltered("prepaidUnits/lockedOut"))).sub("lockedOut"),
    row("servicePlans", read(unfiltered("servicePlans")).shape(Shape::Complex)),
    row("subscriptionIds", read(unfiltered("subscriptionIds")).shape(Shape::Many(""))),
    row("accountName", read(unfiltered("accountName"))),
];

static SUBSCRIPTION_ROWS: &[Row] = &[
    row("commerceSubscriptionId", read(unfiltered("commerceSubscriptionId"))),
    row("skuId", read(unfiltered("skuId"))),
    row("skuPartNumber", read(unfiltered("skuPartNumber"))),
    row("status", read(unfiltered("status"))),
    row("totalLicenses", read(unfiltered("totalLicenses"))),
    row("isTrial", read(unfiltered("isTrial"))),
    row("nextLifecycleDateTime", read(unfiltered("nextLifecycleDateTime"))),
    row("ownerId", read(unfiltered("ownerId"))),
    row("ownerType", read(unfiltered("ownerType"))),
    row("serviceStatus", read(unfiltered("serviceStatus")).shape(Shape::Complex)),
];
