//! A SCIM function's component: who may call it, and where its settings come from.

use std::cell::RefCell;

use bytes::Bytes;
use graph::{AzureCredential, Client, CredentialSettings};
use http::{HeaderMap, HeaderValue, header};
use runtime::{
    Clock,
    spin::{SpinClock, SpinHttp, SpinKeyValue, SpinRandom, read_request, variable, write_response},
};
use scim::Error;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::{Caller, Callers, authenticate};

use crate::{Context, answer, capabilities, cursor, failure::Failure, users};

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
    let caller = let_in(request.headers(), &[("caller", &callers)])?;
    let request = read_request(request, LARGEST_BODY)
        .await
        .map_err(|error| refused(Error::payload_too_large(format!("the body is larger than {} bytes", error.limit))))?;
    let settings = CredentialSettings::from_variables().await.map_err(|error| refused(Error::internal(error)))?;
    let external_id = setting("external_id_property").await.map_err(refused)?;
    let mapping = mapping::Settings::new(&settings.client_id, &external_id);
    let graph_url = settings.endpoints.graph.clone();
    let seal = cursor::key(&settings.tenant_id, &callers);
    let store = SpinKeyValue::open("default").await.map_err(|error| refused(Error::unavailable(error.to_string())))?;
    let context = Context {
        graph: client(settings),
        store,
        random: SpinRandom,
        now: SpinClock.now(),
        settings: &mapping,
        graph_url: &graph_url,
        seal,
        caller: caller.name,
        left_out: RefCell::default(),
    };
    Ok(users::handle(&context, &request).await)
}

/// A client of Graph that shares token and quota with the other requests of this instance.
fn client(settings: CredentialSettings) -> Client<SpinHttp, SpinClock, AzureCredential> {
    let (tenant, endpoints) = (settings.tenant_id.clone(), settings.endpoints.clone());
    Client::new(SpinHttp, SpinClock, AzureCredential::new(settings), &endpoints).of_tenant(&tenant)
}

fn let_in(headers: &HeaderMap, callers: &[(&'static str, &str)]) -> Result<Caller, Refusal> {
    let callers = Callers::new(callers)
        .map_err(|error| Box::new(answer::failure(&Failure::from(Error::internal(error.to_string())))))?;
    authenticate(headers, &callers).map_err(|denied| {
        let mut response = answer::failure(&Failure::from(denied.error));
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(denied.challenge));
        Box::new(response)
    })
}

/// Answers `GET /$capabilities`: what each function and job can do with what the application was granted.
///
/// # Errors
///
/// Only when the answer cannot be sent; whatever else fails is told in the answer.
pub async fn capabilities(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    write_response(survey(request).await.unwrap_or_else(|refusal| *refusal))
}

async fn survey(request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let refused = |error: Error| Box::new(answer::failure(&Failure::from(error)));
    let (caller, timer) =
        (setting("caller_token_sha256").await.map_err(refused)?, setting("timer_token_sha256").await.map_err(refused)?);
    let_in(request.headers(), &[("caller", &caller), ("timer", &timer)])?;
    if request.method() != http::Method::GET {
        return Err(refused(Error::method_not_allowed("this resource takes GET only")));
    }
    let settings = CredentialSettings::from_variables().await.map_err(|error| refused(Error::internal(error)))?;
    let credential = AzureCredential::new(settings.clone());
    Ok(capabilities::survey(&settings, &credential, &client(settings.clone())).await)
}

async fn setting(name: &str) -> Result<String, Error> {
    variable(name).await.map_err(Error::internal)
}
