//! `GET /audit` — who did what through the connector: each write, each refusal, each run, in a chain of hashes.
//!
//! What can be asked for is in `service::component::audit`.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    service::component::audit(request).await
}
