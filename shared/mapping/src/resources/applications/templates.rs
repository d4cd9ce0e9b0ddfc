//! The templates of the gallery: `/ApplicationTemplates` and Graph's `/applicationTemplates`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/applicationtemplate>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    mapping::{AT_ONCE, Deed, Listing, Mapping, Refused},
    table::{Row, Shape, read, row, unfiltered},
};

pub(super) static TEMPLATES: Mapping = Mapping {
    component: "scim-applications",
    // Graph tells neither how many there are nor how large a page may be, and gives a hundred.
    listing: Listing { largest: Some(100), ..AT_ONCE },
    refused: &[
        Refused { deed: Deed::Create, status: 501, reason: MADE_BY_MICROSOFT },
        Refused { deed: Deed::Update, status: 501, reason: MADE_BY_MICROSOFT },
        Refused { deed: Deed::Delete, status: 501, reason: MADE_BY_MICROSOFT },
    ],
    reading: "Application.Read.All",
    ..Mapping::new(&RESOURCE_TYPE, "applicationTemplate", "/applicationTemplates", ROWS)
};

const MADE_BY_MICROSOFT: &str = "Microsoft keeps the gallery: to make an application of a template, create an Application with its id as applicationTemplateId";

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "ApplicationTemplate",
    endpoint: "/ApplicationTemplates",
    description: "What applications can be made of: the gallery, and the template of those that are not in it",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:ApplicationTemplate",
        name: "ApplicationTemplate",
        description: "A template of the application gallery of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").read_only().describe("The name of the application"),
    Attribute::string("publisher").read_only().describe("Who publishes it"),
    Attribute::string("description").read_only().describe("What it is for"),
    Attribute::string("categories").many().read_only().describe("What kind of application it is"),
    Attribute::string("homePageUrl").read_only().case_exact().describe("Its home page"),
    Attribute::string("logoUrl").read_only().case_exact().describe("Its logo"),
    Attribute::string("supportedSingleSignOnModes").many().read_only().describe("How people can sign in"),
    Attribute::string("supportedProvisioningTypes").many().read_only().describe("How it can be told of users"),
];

const fn words(property: &'static str) -> Row {
    row(property, read(unfiltered(property)).shape(Shape::Many("")))
}

// Graph finds only what a name contains, which is looked for here instead.
static ROWS: &[Row] = &[
    row("displayName", read(unfiltered("displayName"))),
    row("publisher", read(unfiltered("publisher"))),
    row("description", read(unfiltered("description"))),
    words("categories"),
    row("homePageUrl", read(unfiltered("homePageUrl"))),
    row("logoUrl", read(unfiltered("logoUrl"))),
    words("supportedSingleSignOnModes"),
    words("supportedProvisioningTypes"),
];
