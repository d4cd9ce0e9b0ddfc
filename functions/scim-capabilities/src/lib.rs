//! `/scim/v2/$capabilities` — what the connector can do with the permissions it has, and what is missing.
//!
//! What each function needs is in the table of `service::capabilities`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::capabilities(request).await
}
