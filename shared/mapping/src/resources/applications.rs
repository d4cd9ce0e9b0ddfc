//! Applications: `/Applications` and Graph's `/applications`, and the templates of the gallery that they can be made of.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/application>.

mod attributes;
mod claims;
mod creation;
mod federated;
mod permissions;
mod rows;
mod templates;

use scim::schema::{ResourceType, Schema};

use self::{attributes::ATTRIBUTES, creation::creation, federated::FEDERATED, rows::ROWS, templates::TEMPLATES};
use crate::{
    capability::{NULL, VALUE},
    link::Link,
    mapping::Mapping,
    rule::{Form, Rule},
    table::{Property, read},
};

/// Applications and their templates.
pub static MAPPINGS: &[&Mapping] = &[&APPLICATIONS, &TEMPLATES];

/// Reads an application.
const READING: &str = "Application.Read.All";
/// Makes and changes applications that the connector owns.
const WRITING: &str = "Application.ReadWrite.OwnedBy";

static APPLICATIONS: Mapping = Mapping {
    component: "scim-applications",
    links: LINKS,
    rules: RULES,
    creation,
    created: Some(&CREATED),
    reading: READING,
    writing: WRITING,
    creating: WRITING,
    kept: &["identifierUris", "tags", "web", "spa", "publicClient", "api"],
    ..Mapping::new(&RESOURCE_TYPE, "application", "/applications", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "Application",
    endpoint: "/Applications",
    description: "Applications that are registered in the tenant",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:Application",
        name: "Application",
        description: "An application of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

/// When the application was registered.
static CREATED: Property = read(Property::with("createdDateTime", VALUE.advanced(NULL).sorted()));

static LINKS: &[Link] = &[
    Link::many("owners", "owners").written("/directoryObjects", WRITING).reading(READING),
    Link::objects("federatedIdentityCredentials", "federatedIdentityCredentials").keyed(&FEDERATED).reading(READING),
];

static RULES: &[Rule] = &[
    Rule::at_most("displayName", 256),
    Rule::at_most("description", 1024),
    Rule::of(
        "signInAudience",
        Form::OneOf(&[
            "AzureADMyOrg",
            "AzureADMultipleOrgs",
            "AzureADandPersonalMicrosoftAccount",
            "PersonalMicrosoftAccount",
        ]),
    ),
    Rule::of(
        "groupMembershipClaims",
        Form::OneOf(&["None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"]),
    ),
];
