//! `POST /inventory/users/run` — does a tick of the inventory of users; `GET /inventory/users` tells how far it has come.
//!
//! Users are read by delta: <https://learn.microsoft.com/graph/api/user-delta>.

use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    inventory::component::handle(inventory::users(), request).await
}
