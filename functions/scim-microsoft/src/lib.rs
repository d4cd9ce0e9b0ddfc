//! `/rp/scim` — the same users and groups for clients of Microsoft's own SCIM API, in its dialect.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::microsoft(request).await
}
