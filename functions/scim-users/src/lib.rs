//! `/scim/v2/Users` — reads, creates, changes and deletes user accounts. RFC 7644 section 3.
//!
//! The operations are in `service::resources`, the attributes in the table of `mapping`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::users(request).await
}
