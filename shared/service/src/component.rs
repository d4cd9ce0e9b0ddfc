//! The components of the SCIM functions: who may call them, and where their settings come from.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use graph::{AzureCredential, Client, CredentialSettings};
use http::{HeaderMap, HeaderValue, header};
use runtime::{
    Clock,
    spin::{SpinClock, SpinHttp, SpinKeyValue, SpinRandom, read_request, variable, write_response},
};
use scim::Error;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::simple::{Caller, Callers, authenticate};

use crate::{Context, Graph, answer, capabilities, cursor, failure::Failure, handle};
use mapping::{GROUPS, Mapping, USERS};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// The resource types that the service offers.
static MAPPINGS: [&Mapping; 2] = [&USERS, &GROUPS];

/// Answers a request to `/Users`.
///
/// # Errors
///
/// Only when the answer cannot be sent; whatever else fails is a SCIM error.
pub async fn users(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    resources(request, &USERS).await
}

/// Answers a request to `/Groups`.
///
/// # Errors
///
/// As [`users`].
pub async fn groups(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    resources(request, &GROUPS).await
}

/// Answers a request to what is at the root of the service: discovery, Bulk, searches over all types, `/Me`.
///
/// # Errors
///
/// As [`users`].
pub async fn root(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    let world = match World::new(request).await {
        Ok(world) => world,
        Err(refusal) => return write_response(*refusal),
    };
    write_response(crate::root::handle(&world.context(), &MAPPINGS, &world.request).await)
}

/// Answers a request to `/rp/scim`, in the dialect of Microsoft's own SCIM API.
///
/// # Errors
///
/// As [`users`].
pub async fn microsoft(request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    let world = match World::new(request).await {
        Ok(world) => world,
        Err(refusal) => return write_response(*refusal),
    };
    write_response(crate::microsoft::handle(&world.context(), &MAPPINGS, &world.request).await)
}

async fn resources(request: spin_sdk::http::Request, mapping: &'static Mapping) -> Result<Response, ErrorCode> {
    let world = match World::new(request).await {
        Ok(world) => world,
        Err(refusal) => return write_response(*refusal),
    };
    write_response(handle(&world.context(), mapping, &world.request).await)
}

/// A refusal, ready to send.
type Refusal = Box<http::Response<Bytes>>;

/// A request that was let in, and what the deployment says about the world.
struct World {
    request: http::Request<Bytes>,
    deployment: Arc<Deployment>,
    store: SpinKeyValue,
    caller: &'static str,
}

/// How long an instance uses what it has read of the variables, in seconds.
const KEPT: i64 = 30;

/// What the variables say.
struct Deployment {
    callers: Callers,
    settings: Arc<CredentialSettings>,
    mapping: mapping::Settings,
    seal: [u8; 32],
}

impl Deployment {
    /// What was read a moment ago, or is read now: there are many variables, and each is a call of the host.
    async fn read() -> Result<Arc<Self>, Error> {
        static LAST: Mutex<Option<(i64, Arc<Deployment>)>> = Mutex::new(None);
        let now = SpinClock.now().timestamp();
        if let Some((at, last)) = &*LAST.lock().unwrap_or_else(PoisonError::into_inner)
            && (0..KEPT).contains(&(now - at))
        {
            return Ok(Arc::clone(last));
        }
        let hash = setting("caller_token_sha256").await?;
        let callers = Callers::new(&[("caller", &hash)]).map_err(|error| Error::internal(error.to_string()))?;
        let settings = CredentialSettings::from_variables().await.map_err(Error::internal)?;
        let external_id = setting("external_id_property").await?;
        let group_external_id = setting("group_external_id_property").await?;
        let mapping = mapping::Settings::new(&settings.client_id, &external_id, &group_external_id);
        let seal = cursor::key(&settings.tenant_id, &hash);
        let read = Arc::new(Self { callers, settings: Arc::new(settings), mapping, seal });
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&read)));
        Ok(read)
    }
}

impl World {
    async fn new(request: spin_sdk::http::Request) -> Result<Self, Refusal> {
        let deployment = Deployment::read().await.map_err(refused)?;
        let caller = admitted(request.headers(), &deployment.callers)?;
        let request = read_request(request, LARGEST_BODY).await.map_err(|error| {
            refused(Error::payload_too_large(format!("the body is larger than {} bytes", error.limit)))
        })?;
        let store =
            SpinKeyValue::open("default").await.map_err(|error| refused(Error::unavailable(error.to_string())))?;
        Ok(Self { request, deployment, store, caller: caller.name })
    }

    fn context(&self) -> Context<'_, impl Graph, &SpinKeyValue, SpinRandom> {
        Context {
            graph: client(&self.deployment.settings),
            store: &self.store,
            random: SpinRandom,
            now: SpinClock.now(),
            settings: &self.deployment.mapping,
            graph_url: &self.deployment.settings.endpoints.graph,
            seal: self.deployment.seal,
            caller: self.caller,
            brief: false,
            left_out: RefCell::default(),
        }
    }
}

fn refused(error: Error) -> Refusal {
    Box::new(answer::failure(&Failure::from(error)))
}

/// A client of Graph that shares token and quota with the other requests of this instance.
fn client(settings: &Arc<CredentialSettings>) -> Client<SpinHttp, SpinClock, AzureCredential> {
    let credential = AzureCredential::new(Arc::clone(settings));
    Client::new(SpinHttp, SpinClock, credential, &settings.endpoints).of_tenant(&settings.tenant_id)
}

fn let_in(headers: &HeaderMap, callers: &[(&'static str, &str)]) -> Result<Caller, Refusal> {
    let callers = Callers::new(callers)
        .map_err(|error| Box::new(answer::failure(&Failure::from(Error::internal(error.to_string())))))?;
    admitted(headers, &callers)
}

fn admitted(headers: &HeaderMap, callers: &Callers) -> Result<Caller, Refusal> {
    authenticate(headers, callers).map_err(|denied| {
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
    let (caller, timer) =
        (setting("caller_token_sha256").await.map_err(refused)?, setting("timer_token_sha256").await.map_err(refused)?);
    let_in(request.headers(), &[("caller", &caller), ("timer", &timer)])?;
    if request.method() != http::Method::GET {
        return Err(refused(Error::method_not_allowed("this resource takes GET only")));
    }
    let settings = CredentialSettings::from_variables().await.map_err(|error| refused(Error::internal(error)))?;
    let external_id = setting("external_id_property").await.map_err(refused)?;
    let group_external_id = setting("group_external_id_property").await.map_err(refused)?;
    let mapping = mapping::Settings::new(&settings.client_id, &external_id, &group_external_id);
    let settings = Arc::new(settings);
    let credential = AzureCredential::new(Arc::clone(&settings));
    Ok(capabilities::survey(&settings, &mapping, &credential, &client(&settings)).await)
}

async fn setting(name: &str) -> Result<String, Error> {
    variable(name).await.map_err(Error::internal)
}
