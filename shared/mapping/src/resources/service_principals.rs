//! Service principals: `/ServicePrincipals` and Graph's `/servicePrincipals`, applications as they are at work in the tenant;
//! what clients were granted; and the policies that say which claims tokens carry.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/serviceprincipal>.

mod assignments;
mod attributes;
mod grants;
mod policies;
mod rows;

use scim::schema::{ResourceType, Schema};

use self::{
    assignments::{ASSIGNED_TO, ASSIGNMENTS},
    attributes::ATTRIBUTES,
    grants::{GRANTED, GRANTS},
    policies::POLICIES,
    rows::ROWS,
};
use crate::{
    link::Link,
    mapping::Mapping,
    rule::{Form, Rule},
};

/// Service principals, grants and policies.
pub static MAPPINGS: &[&Mapping] = &[&SERVICE_PRINCIPALS, &GRANTS, &POLICIES];

/// Reads a service principal.
const READING: &str = "Application.Read.All";
/// Makes and changes service principals of applications that the connector owns.
const WRITING: &str = "Application.ReadWrite.OwnedBy";
/// How people can sign in.
const SIGN_ON_MODES: &[&str] = &["saml", "oidc", "password", "notSupported"];

static SERVICE_PRINCIPALS: Mapping = Mapping {
    component: "scim-service-principals",
    links: LINKS,
    rules: RULES,
    reading: READING,
    writing: WRITING,
    creating: WRITING,
    kept: &["tags", "replyUrls", "alternativeNames", "preferredSingleSignOnMode", "preferredTokenSigningKeyThumbprint"],
    ..Mapping::new(&RESOURCE_TYPE, "servicePrincipal", "/servicePrincipals", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "ServicePrincipal",
    endpoint: "/ServicePrincipals",
    description: "Enterprise applications, managed identities and the other service principals of the tenant",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:ServicePrincipal",
        name: "ServicePrincipal",
        description: "A service principal of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

static LINKS: &[Link] = &[
    Link::many("owners", "owners").written("/directoryObjects", WRITING).reading(READING),
    Link::objects("appRoleAssignedTo", "appRoleAssignedTo").keyed(&ASSIGNED_TO).reading(READING),
    Link::objects("appRoleAssignments", "appRoleAssignments").keyed(&ASSIGNMENTS).reading(READING),
    Link::objects("oauth2PermissionGrants", "oauth2PermissionGrants").keyed(&GRANTED).reading(grants::READING),
    Link::many("claimsMappingPolicies", "claimsMappingPolicies")
        .written("/policies/claimsMappingPolicies", WRITING)
        .at_once()
        .reading(policies::READING),
    Link::many("groups", "memberOf").only("Group").reading(READING),
];

static RULES: &[Rule] = &[
    Rule::at_most("description", 1024),
    Rule::at_most("notes", 1024),
    Rule::of("preferredSingleSignOnMode", Form::OneOf(SIGN_ON_MODES)),
];
