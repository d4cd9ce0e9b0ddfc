//! `/scim/v2/RoleAssignments` and the schedules — reads, makes and deletes assignments of roles. RFC 7644 section 3.
//!
//! The operations are in `service::resources`, the attributes in a table of `mapping::resources`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::resources(request, mapping::resources::role_assignments::MAPPINGS).await
}
