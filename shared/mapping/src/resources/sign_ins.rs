//! Sign-ins: `/SignIns` and Graph's `/auditLogs/signIns`. They need a premium licence, and Graph answers five requests in ten seconds.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/signin>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    capability::{Capability, EQUAL, NONE, ORDER, STARTS},
    mapping::{Deed, LARGEST_PAGE, Listing, Mapping, Refused},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// Sign-ins.
pub static MAPPINGS: &[&Mapping] = &[&SIGN_INS];

/// How logs are listed: in large pages, because requests are few, and uncounted. What Graph cannot do is not done over more than
/// a page of them: a log has millions of records.
pub(super) const LISTING: Listing =
    Listing { largest: Some(1_000), counted: false, finds_ids: true, one_of_list: false, scanned: LARGEST_PAGE };

/// What cannot be done with a log.
pub(super) const REFUSED: &[Refused] = &[
    Refused { deed: Deed::Create, status: 501, reason: WRITTEN_BY_ENTRA },
    Refused { deed: Deed::Update, status: 501, reason: WRITTEN_BY_ENTRA },
    Refused { deed: Deed::Delete, status: 501, reason: WRITTEN_BY_ENTRA },
];

const WRITTEN_BY_ENTRA: &str = "Entra alone writes its logs: they can only be read";

static SIGN_INS: Mapping = Mapping {
    component: "scim-sign-ins",
    listing: LISTING,
    refused: REFUSED,
    created: Some(&CREATED),
    reading: "AuditLog.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "signIn", "/auditLogs/signIns", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "SignIn",
    endpoint: "/SignIns",
    description: "Who signed in to what, when, from where, and whether it succeeded",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:SignIn",
        name: "SignIn",
        description: "A sign-in to Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::date_time("createdDateTime").read_only().describe("When"),
    Attribute::string("userId").read_only().describe("The id of the user"),
    Attribute::string("userPrincipalName").read_only().describe("The user name"),
    Attribute::string("userDisplayName").read_only().describe("The name of the user"),
    Attribute::string("appId").read_only().describe("The client id of the application"),
    Attribute::string("appDisplayName").read_only().describe("The name of the application"),
    Attribute::string("resourceId").read_only().describe("The client id of what the application wanted to call"),
    Attribute::string("resourceDisplayName").read_only().describe("The name of what it wanted to call"),
    Attribute::string("clientAppUsed").read_only().describe("With what kind of client, such as Browser"),
    Attribute::string("ipAddress").read_only().describe("From which address"),
    Attribute::complex("location", LOCATION).read_only().describe("From where, as the address tells"),
    Attribute::complex("deviceDetail", DEVICE).read_only().describe("With which device"),
    Attribute::complex("status", STATUS).read_only().describe("How it ended"),
    Attribute::boolean("isInteractive").read_only().describe("Whether a person was there"),
    Attribute::string("correlationId").read_only().describe("What the client calls the request"),
    Attribute::string("conditionalAccessStatus")
        .read_only()
        .describe("What the policies of conditional access came to: success, failure or notApplied"),
    Attribute::complex("appliedConditionalAccessPolicies", POLICY).many().read_only().describe("Those policies"),
    Attribute::string("riskState").read_only().describe("Whether the sign-in is at risk"),
    Attribute::string("riskDetail").read_only().describe("Why the risk is taken to be so"),
    Attribute::string("riskLevelAggregated").read_only().describe("How much at risk the user is"),
    Attribute::string("riskLevelDuringSignIn").read_only().describe("How much at risk the sign-in was"),
];

const LOCATION: &[Attribute] = &[
    Attribute::string("city").read_only().describe("The city"),
    Attribute::string("state").read_only().describe("The state"),
    Attribute::string("countryOrRegion").read_only().describe("The country, in two letters"),
];

const DEVICE: &[Attribute] = &[
    Attribute::string("deviceId").read_only().describe("The id of the device, where it is registered"),
    Attribute::string("displayName").read_only().describe("Its name"),
    Attribute::string("operatingSystem").read_only().describe("The operating system"),
    Attribute::string("browser").read_only().describe("The browser"),
    Attribute::boolean("isCompliant").read_only().describe("Whether it complies with the policies"),
    Attribute::boolean("isManaged").read_only().describe("Whether it is managed"),
    Attribute::string("trustType").read_only().describe("How it is joined to the directory"),
];

const STATUS: &[Attribute] = &[
    Attribute::integer("errorCode").read_only().describe("0 for success, otherwise the number of an AADSTS error"),
    Attribute::string("failureReason").read_only().describe("What the error means"),
    Attribute::string("additionalDetails").read_only().describe("What else is known of it"),
];

const POLICY: &[Attribute] = &[
    Attribute::string("id").read_only().describe("The id of the policy"),
    Attribute::string("displayName").read_only().describe("Its name"),
    Attribute::string("result").read_only().describe("What it came to"),
    Attribute::string("enforcedGrantControls").many().read_only().describe("What it asked for"),
    Attribute::string("enforcedSessionControls").many().read_only().describe("What it limited"),
];

const FOUND: Capability = Capability::of(EQUAL, 0);
const BEGUN: Capability = Capability::of(EQUAL | STARTS, 0);

static CREATED: Property = read(Property::with("createdDateTime", Capability::of(EQUAL | ORDER, 0).sorted()));

const fn found(name: &'static str, filter: Capability) -> Row {
    row(name, read(Property::with(name, filter)))
}

const fn part(name: &'static str, sub_attribute: &'static str, path: &'static str, filter: Capability) -> Row {
    row(name, read(Property::with(path, filter))).sub(sub_attribute)
}

static ROWS: &[Row] = &[
    found("createdDateTime", Capability::of(EQUAL | ORDER, 0).sorted()),
    found("userId", FOUND),
    found("userPrincipalName", BEGUN),
    found("userDisplayName", BEGUN),
    found("appId", FOUND),
    found("appDisplayName", BEGUN),
    found("resourceId", FOUND),
    found("resourceDisplayName", FOUND),
    found("clientAppUsed", FOUND),
    found("ipAddress", BEGUN),
    part("location", "city", "location/city", BEGUN),
    part("location", "state", "location/state", BEGUN),
    part("location", "countryOrRegion", "location/countryOrRegion", BEGUN),
    part("deviceDetail", "deviceId", "deviceDetail/deviceId", NONE),
    part("deviceDetail", "displayName", "deviceDetail/displayName", NONE),
    part("deviceDetail", "operatingSystem", "deviceDetail/operatingSystem", BEGUN),
    part("deviceDetail", "browser", "deviceDetail/browser", BEGUN),
    part("deviceDetail", "isCompliant", "deviceDetail/isCompliant", NONE),
    part("deviceDetail", "isManaged", "deviceDetail/isManaged", NONE),
    part("deviceDetail", "trustType", "deviceDetail/trustType", NONE),
    part("status", "errorCode", "status/errorCode", FOUND),
    part("status", "failureReason", "status/failureReason", NONE),
    part("status", "additionalDetails", "status/additionalDetails", NONE),
    row("isInteractive", read(unfiltered("isInteractive"))),
    found("correlationId", FOUND),
    found("conditionalAccessStatus", FOUND),
    row("appliedConditionalAccessPolicies", read(unfiltered("appliedConditionalAccessPolicies")).shape(Shape::Complex)),
    found("riskState", FOUND),
    found("riskDetail", FOUND),
    found("riskLevelAggregated", FOUND),
    found("riskLevelDuringSignIn", FOUND),
];
