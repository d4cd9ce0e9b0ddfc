//! `/scim/v2/DeletedApplications`, `/DeletedServicePrincipals` — reads, restores and deletes for good what was deleted. RFC 7644 section 3.
//!
//! The operations are in `service::resources`, the attributes in a table of `mapping::resources`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::resources(request, mapping::resources::deleted_applications::MAPPINGS).await
}
