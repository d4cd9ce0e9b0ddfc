//! `/scim/v2/Groups` — reads, creates, changes and deletes groups and their members. RFC 7644 section 3.
//!
//! The operations are in `service::resources`, the attributes in the table of `mapping`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::groups(request).await
}
