//! `/scim/v2/ServicePrincipals`, `/scim/v2/OAuth2PermissionGrants`, `/scim/v2/ClaimsMappingPolicies` — applications at work, what
//! they were granted, and what their tokens say. RFC 7644 section 3.
//!
//! The operations are in `service::resources`, the attributes in a table of `mapping::resources`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::resources(request, mapping::resources::service_principals::MAPPINGS).await
}
