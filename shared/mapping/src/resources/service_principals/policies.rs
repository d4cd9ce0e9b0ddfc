//! Claims mapping policies: `/ClaimsMappingPolicies` and Graph's `/policies/claimsMappingPolicies`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/claimsmappingpolicy>.

use scim::schema::{Attribute, ResourceType, Schema};

use crate::{
    mapping::{Listing, Mapping, PAGED},
    table::{Row, Shape, keep, row, unfiltered},
};

/// The permission to read policies.
pub(super) const READING: &str = "Policy.Read.All";
/// The permission to write them.
const WRITING: &str = "Policy.ReadWrite.ApplicationConfiguration";

pub(super) static POLICIES: Mapping = Mapping {
    component: "scim-service-principals",
    listing: Listing { counted: false, finds_ids: false, ..PAGED },
    reading: READING,
    writing: WRITING,
    creating: WRITING,
    ..Mapping::new(&RESOURCE_TYPE, "claimsMappingPolicy", "/policies/claimsMappingPolicies", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "ClaimsMappingPolicy",
    endpoint: "/ClaimsMappingPolicies",
    description: "Policies that say which claims the tokens for an application carry",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:ClaimsMappingPolicy",
        name: "ClaimsMappingPolicy",
        description: "A claims mapping policy of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").required().describe("The name"),
    Attribute::string("description").describe("What the policy is for"),
    Attribute::string("definition").many().required().case_exact().describe("The rules: one text, which is JSON"),
    Attribute::boolean("isOrganizationDefault")
        .lasting()
        .describe("Whether it holds for all applications; Entra wants false"),
];

static ROWS: &[Row] = &[
    row("displayName", keep(unfiltered("displayName"))),
    row("description", unfiltered("description")),
    row("definition", keep(unfiltered("definition")).shape(Shape::Many(""))),
    row("isOrganizationDefault", keep(unfiltered("isOrganizationDefault"))),
];
