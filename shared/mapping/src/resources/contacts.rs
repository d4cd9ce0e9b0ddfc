//! Organisational contacts: `/Contacts` and Graph's `/contacts`. They come from Exchange or from on premises, so they are read only.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/orgcontact>.

use scim::schema::{Attribute, ResourceType, Returned, Schema};

use crate::{
    capability::{ADVANCED_TEXT, CODE, COUNT, ENDS, ITEMS, NULL, TEXT, VALUE},
    link::Link,
    mapping::{Deed, Mapping, Refused},
    parts::{GROUP_LINK, REFERENCE},
    table::{Property, Row, Shape, read, row, unfiltered},
};

/// Organisational contacts.
pub static MAPPINGS: &[&Mapping] = &[&CONTACTS];

static CONTACTS: Mapping = Mapping {
    component: "scim-contacts",
    links: LINKS,
    refused: &[
        Refused { deed: Deed::Create, status: 501, reason: MADE_ELSEWHERE },
        Refused { deed: Deed::Update, status: 501, reason: MADE_ELSEWHERE },
        Refused { deed: Deed::Delete, status: 501, reason: MADE_ELSEWHERE },
    ],
    reading: "OrgContact.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "orgContact", "/contacts", ROWS)
};

const MADE_ELSEWHERE: &str = "Microsoft Graph only reads contacts: change them in Exchange, or on premises where they are synchronised from there";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "Contact",
    endpoint: "/Contacts",
    description: "Organisational contacts: people outside of the tenant in its address book",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:Contact",
        name: "Contact",
        description: "An organisational contact of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name in the address book"),
    Attribute::string("givenName").read_only().describe("The first name"),
    Attribute::string("surname").read_only().describe("The last name"),
    Attribute::string("jobTitle").read_only().describe("The job title"),
    Attribute::string("department").read_only().describe("The department"),
    Attribute::string("companyName").read_only().describe("The company"),
    Attribute::string("mail").read_only().describe("The e-mail address"),
    Attribute::string("mailNickname").read_only().describe("The mail alias"),
    Attribute::string("proxyAddresses").many().read_only().describe("All e-mail addresses, each with its protocol"),
    Attribute::complex("addresses", ADDRESS).many().read_only().describe("Postal addresses"),
    Attribute::complex("phones", PHONE).many().read_only().describe("Telephone numbers"),
    Attribute::boolean("onPremisesSyncEnabled").read_only().describe("Whether the contact comes from on premises"),
    Attribute::date_time("onPremisesLastSyncDateTime").read_only().describe("When it was last synchronised from there"),
    Attribute::complex("manager", REFERENCE).read_only().returned(Returned::Request).describe("The manager"),
    Attribute::complex("groups", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that the contact is a member of"),
];

const ADDRESS: &[Attribute] = &[
    Attribute::string("street").read_only(),
    Attribute::string("city").read_only(),
    Attribute::string("state").read_only(),
    Attribute::string("postalCode").read_only(),
    Attribute::string("countryOrRegion").read_only(),
    Attribute::string("officeLocation").read_only(),
];

const PHONE: &[Attribute] = &[Attribute::string("type").read_only(), Attribute::string("number").read_only()];

static ROWS: &[Row] = &[
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("givenName", read(Property::with("givenName", TEXT))),
    row("surname", read(Property::with("surname", TEXT))),
    row("jobTitle", read(Property::with("jobTitle", TEXT))),
    row("department", read(Property::with("department", TEXT))),
    row("companyName", read(Property::with("companyName", ADVANCED_TEXT))),
    row("mail", read(Property::with("mail", TEXT))),
    row("mailNickname", read(Property::with("mailNickname", TEXT))),
    row("proxyAddresses", read(Property::with("proxyAddresses", ITEMS.advanced(COUNT))).shape(Shape::Many(""))),
    row("addresses", read(unfiltered("addresses")).shape(Shape::Complex)),
    row("phones", read(unfiltered("phones")).shape(Shape::Complex)),
    row("onPremisesSyncEnabled", read(Property::with("onPremisesSyncEnabled", CODE.advanced(NULL)))),
    row("onPremisesLastSyncDateTime", read(Property::with("onPremisesLastSyncDateTime", VALUE.without(ENDS)))),
];

static LINKS: &[Link] = &[
    Link::one("manager", "manager").reading("OrgContact.Read.All"),
    Link::many("groups", "memberOf").only("Group").reading("OrgContact.Read.All"),
];
