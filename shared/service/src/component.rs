//! The components of the SCIM functions: who may call them, and where their settings come from.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock},
};

use admission::{Admitted, Journal, Refusal, refusal};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use graph::{AzureCredential, Client, CredentialSettings};
use runtime::{
    Prefixed,
    spin::{SpinClock, SpinDatabase, SpinHttp, SpinKeyValue, SpinRandom, read_request, write_response},
};
use scim::Error;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::Operation;

use crate::{
    AnyGraph, Context,
    access::{Access, Deletions, Trace},
    capabilities, cursor,
    resources::handle_one_of,
};
use mapping::{GROUPS, Mapping, USERS};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// An answer on its way. It is boxed so that what makes it is compiled here, once, and not again with each component.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response, ErrorCode>>>>;

static OF_USERS: [&Mapping; 1] = [&USERS];
static OF_GROUPS: [&Mapping; 1] = [&GROUPS];

/// The resource types that Microsoft's own SCIM API offers.
static MICROSOFT: [&Mapping; 2] = [&USERS, &GROUPS];

/// All resource types that the service offers.
static MAPPINGS: LazyLock<Vec<&Mapping>> =
    LazyLock::new(|| MICROSOFT.into_iter().chain(mapping::resources::ALL.iter().copied().flatten().copied()).collect());

/// Answers a request to `/Users`.
///
/// # Errors
///
/// Only when the answer cannot be sent; whatever else fails is a SCIM error.
pub fn users(request: spin_sdk::http::Request) -> Answering {
    resources(request, &OF_USERS)
}

/// Answers a request to `/Groups`.
///
/// # Errors
///
/// As [`users`].
pub fn groups(request: spin_sdk::http::Request) -> Answering {
    resources(request, &OF_GROUPS)
}

/// Answers a request to what is at the root of the service: discovery, Bulk, searches over all types, `/Me`.
///
/// # Errors
///
/// As [`users`].
pub fn root(request: spin_sdk::http::Request) -> Answering {
    Box::pin(async move {
        let world = match World::new(request).await {
            Ok(world) => world,
            Err(refusal) => return write_response(*refusal),
        };
        let response = crate::root::handle(&world.context(), &MAPPINGS, &world.request).await;
        world.finish(response).await
    })
}

/// Answers a request to `/rp/scim`, in the dialect of Microsoft's own SCIM API.
///
/// # Errors
///
/// As [`users`].
pub fn microsoft(request: spin_sdk::http::Request) -> Answering {
    Box::pin(async move {
        let world = match World::new(request).await {
            Ok(world) => world,
            Err(refusal) => return write_response(*refusal),
        };
        let response = crate::microsoft::handle(&world.context(), &MICROSOFT, &world.request).await;
        world.finish(response).await
    })
}

/// Answers a request to the endpoint of one of `mappings`, the resource types of a component.
///
/// # Errors
///
/// As [`users`].
pub fn resources(request: spin_sdk::http::Request, mappings: &'static [&'static Mapping]) -> Answering {
    Box::pin(async move {
        let world = match World::new(request).await {
            Ok(world) => world,
            Err(refusal) => return write_response(*refusal),
        };
        let response = handle_one_of(&world.context(), mappings, &world.request).await;
        world.finish(response).await
    })
}

/// A request that was let in, and its tenant's part of the world.
struct World {
    request: http::Request<Bytes>,
    admitted: Admitted,
    mapping: mapping::Settings,
    graph: Client<SpinHttp, SpinClock, AzureCredential>,
    store: Prefixed<SpinKeyValue>,
    seal: [u8; 32],
    journal: Journal,
    deletions: Counted,
}

impl World {
    async fn new(request: spin_sdk::http::Request) -> Result<Self, Refusal> {
        let admitted = Admitted::new(request.method(), request.uri().path(), request.headers()).await?;
        let request = read_request(request, LARGEST_BODY).await.map_err(|error| {
            refusal(&Error::payload_too_large(format!("the body is larger than {} bytes", error.limit)))
        })?;
        let tenant = admitted.tenant();
        let store =
            SpinKeyValue::open("default").await.map_err(|error| refusal(&Error::unavailable(error.to_string())))?;
        let key = tenant.key();
        let store = Prefixed::new(store, &key);
        let secret = cursor::secret(&store, &SpinRandom, &key).await;
        let seal = cursor::key(&key, &admitted.caller.name, &secret);
        let deletions =
            Counted { tenant: tenant.tenant_id.clone(), caller: admitted.caller.name.clone(), now: admitted.now() };
        let mapping = settings(&admitted);
        let graph = client(&admitted.credential, &key);
        Ok(Self { request, admitted, mapping, graph, store, seal, journal: Journal::default(), deletions })
    }

    fn context(&self) -> Context<'_, &dyn AnyGraph, Prefixed<SpinKeyValue>, SpinRandom> {
        let Admitted { caller, credential, .. } = &self.admitted;
        Context {
            graph: &self.graph,
            store: &self.store,
            random: &SpinRandom,
            now: self.admitted.now(),
            settings: &self.mapping,
            graph_url: &credential.endpoints.graph,
            seal: self.seal,
            caller: &caller.name,
            access: Access {
                rights: &caller.rights,
                protected: &caller.tenant.protected,
                deletions: &self.deletions,
                journal: Some(&self.journal),
                old_values: caller.tenant.audit.old_values,
            },
            brief: false,
            left_out: RefCell::default(),
            trace: Trace::default(),
        }
    }

    /// Writes down what was done, and then answers: whoever learns of a change can find it in the trail.
    async fn finish(self, response: http::Response<Bytes>) -> Result<Response, ErrorCode> {
        self.admitted.keep(self.journal.take()).await;
        write_response(response)
    }
}

/// The deletions of a caller, counted in the warehouse for all instances together.
struct Counted {
    tenant: String,
    caller: String,
    now: DateTime<Utc>,
}

impl Deletions for Counted {
    fn take(&self, most: u32) -> Pin<Box<dyn Future<Output = Result<bool, String>> + '_>> {
        Box::pin(async move {
            let database = SpinDatabase::kept_or_open("default").await.map_err(|error| error.to_string())?;
            let taken = warehouse::audit::take_deletion(&database, &self.tenant, &self.caller, most, self.now).await;
            let taken = taken.map_err(|error| error.to_string())?;
            database.keep("default");
            Ok(taken)
        })
    }
}

/// What the tenant chose about the mapping.
fn settings(admitted: &Admitted) -> mapping::Settings {
    let tenant = admitted.tenant();
    mapping::Settings::new(&admitted.credential.client_id, &tenant.external_id, &tenant.group_external_id)
}

/// A client of Graph that shares token and quota with the other requests of this instance for the same tenant.
fn client(settings: &Arc<CredentialSettings>, key: &str) -> Client<SpinHttp, SpinClock, AzureCredential> {
    let credential = AzureCredential::new(Arc::clone(settings));
    Client::new(SpinHttp, SpinClock, credential, &settings.endpoints).of_tenant(key)
}

/// Answers `GET /audit`: who did what in the tenant.
///
/// # Errors
///
/// As [`users`].
pub fn audit(request: spin_sdk::http::Request) -> Answering {
    Box::pin(async move { write_response(trail(request).await.unwrap_or_else(|refusal| *refusal)) })
}

async fn trail(request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let admitted = Admitted::new(request.method(), request.uri().path(), request.headers()).await?;
    admitted.permit("Audit", Operation::Audit).await?;
    let (parts, _) = request.into_parts();
    let request = http::Request::from_parts(parts, Bytes::new());
    let database =
        SpinDatabase::open("default").await.map_err(|error| refusal(&Error::unavailable(error.to_string())))?;
    Ok(crate::audit::handle(&database, &admitted.tenant().tenant_id, &request).await)
}

/// Answers `GET /$capabilities`: what each function and job can do with what the application was granted.
///
/// # Errors
///
/// Only when the answer cannot be sent; whatever else fails is told in the answer.
pub fn capabilities(request: spin_sdk::http::Request) -> Answering {
    Box::pin(async move { write_response(survey(request).await.unwrap_or_else(|refusal| *refusal)) })
}

async fn survey(request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let admitted = Admitted::new(request.method(), request.uri().path(), request.headers()).await?;
    // The host asks for its own check.
    if !admitted.is_timer() {
        admitted.permit("Capabilities", Operation::Audit).await?;
    }
    if request.method() != http::Method::GET {
        return Err(refusal(&Error::method_not_allowed("this resource takes GET only")));
    }
    let settings = &admitted.credential;
    let credential = AzureCredential::new(Arc::clone(settings));
    let graph = client(settings, &admitted.tenant().key());
    Ok(capabilities::survey(settings, &self::settings(&admitted), &credential, &graph).await)
}
