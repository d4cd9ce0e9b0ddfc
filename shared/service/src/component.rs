//! A SCIM function's component: who may call it, and where its settings come from.

use bytes::Bytes;
use graph::{AzureCredential, Client, CredentialSettings};
use http::{HeaderMap, HeaderValue, header};
use runtime::{
    Secret,
    spin::{SpinClock, SpinHttp, SpinKeyValue, SpinRandom, read_request, variable, write_response},
};
use scim::Error;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::{Caller, Callers, authenticate};

use crate::{Context, answer, cursor, failure::Failure, users};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// Answers a request to `/Users`.
///
/// # Errors
///
/// Only when the answer cannot be sent; whatever else fails is a SCIM error.
pub async fn users(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    write_response(respond(request).await.unwrap_or_else(|refusal| *refusal))
}

/// A refusal, ready to send.
type Refusal = Box<http::Response<Bytes>>;

async fn respond(request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let refused = |error: Error| Box::new(answer::failure(&Failure::from(error)));
    let callers = setting("caller_token_sha256").await.map_err(refused)?;
    let caller = let_in(request.headers(), &callers)?;
    let request = read_request(request, LARGEST_BODY)
        .await
        .map_err(|error| refused(Error::payload_too_large(format!("the body is larger than {} bytes", error.limit))))?;
    let credential = credential().await.map_err(refused)?;
    let external_id = setting("external_id_property").await.map_err(refused)?;
    let settings = mapping::Settings::new(&credential.client_id, &external_id);
    let graph_url = credential.graph_url.clone();
    let seal = cursor::key(&credential.tenant_id, &callers);
    let store = SpinKeyValue::open("default").await.map_err(|error| refused(Error::unavailable(error.to_string())))?;
    let context = Context {
        graph: Client::new(SpinHttp, SpinClock, AzureCredential::new(credential), &graph_url),
        store,
        random: SpinRandom,
        settings: &settings,
        graph_url: &graph_url,
        seal,
        caller: caller.name,
    };
    Ok(users::handle(&context, &request).await)
}

fn let_in(headers: &HeaderMap, hash: &str) -> Result<Caller, Refusal> {
    let callers = Callers::new(&[("caller", hash)])
        .map_err(|error| Box::new(answer::failure(&Failure::from(Error::internal(error.to_string())))))?;
    authenticate(headers, &callers).map_err(|denied| {
        let mut response = answer::failure(&Failure::from(denied.error));
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(denied.challenge));
        Box::new(response)
    })
}

async fn credential() -> Result<CredentialSettings, Error> {
    Ok(CredentialSettings {
        tenant_id: setting("tenant_id").await?,
        client_id: setting("client_id").await?,
        client_secret: Secret::new(setting("client_secret").await?),
        login_url: setting("login_url").await?,
        identity_url: setting("identity_url").await?,
        graph_url: setting("graph_url").await?,
    })
}

async fn setting(name: &str) -> Result<String, Error> {
    variable(name).await.map_err(Error::internal)
}
