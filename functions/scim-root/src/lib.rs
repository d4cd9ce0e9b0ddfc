//! `/scim/v2` — what is at the root of the service: discovery, Bulk, searches over all types, `/Me`.
//! RFC 7644 sections 3.4.3, 3.7, 3.11 and 4.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::root(request).await
}
