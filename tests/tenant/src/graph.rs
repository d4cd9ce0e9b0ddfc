//! Graph v1.0: a request is let in, matched to an operation of the contract, checked against it, and answered.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::answer::Answer;
use crate::clock;
use crate::contract::Operation;
use crate::directory::Directory;
use crate::directory::replicas::Replicas;
use crate::directory::user::User;
use crate::faults::Fault;
use crate::login;
use crate::login::tokens::Grant;
use crate::tenant::{Request, Tenant};
use crate::throttle::{self, Origin};
use crate::traffic::Exchange;

mod batch;
mod delta;
pub(crate) mod error;
mod filter;
mod get;
mod list;
mod manager;
pub(crate) mod ordered;
mod organization;
pub(crate) mod query;
mod recycled;
mod route;
mod search;
mod select;
mod token;
mod validate;
pub(crate) mod write;

use error::{Error, Result};
use query::Query;

/// Everything an operation needs to answer.
struct Call<'a> {
    tenant: &'a Tenant,
    request: &'a Request,
    grant: &'a Grant,
    operation: &'static Operation,
    /// The key in the path, such as a user's id; empty where the path has none.
    key: String,
    query: Query,
    /// Whether the page that is asked for is to come empty, with a link to itself.
    empty_page: bool,
}

/// Headers of an answer.
type Headers = Vec<(&'static str, String)>;

/// Answers a request from a connection, which meets this fault.
pub(crate) fn answer(request: &Request, tenant: &Tenant, fault: Option<&Fault>) -> Answer {
    let answer = one(request, tenant, fault, Origin::Single);
    if tenant.traffic().is_on() {
        tenant.traffic().keep(exchange(request, &answer, tenant));
    }
    answer
}

/// Answers one request, also one out of a batch.
fn one(request: &Request, tenant: &Tenant, fault: Option<&Fault>, origin: Origin) -> Answer {
    let answer = match fault {
        Some(fault) => fault.spoil(fault.page().unwrap_or_else(|| by_graph(request, tenant, Some(fault)))),
        None => by_graph(request, tenant, None),
    };
    tenant.account().note(origin, answer.status);
    answer
}

fn by_graph(request: &Request, tenant: &Tenant, fault: Option<&Fault>) -> Answer {
    let request_id = error::new_id();
    let client_request_id = request.header("client-request-id").unwrap_or(&request_id).to_owned();
    let mut cost_headers = Vec::new();
    let outcome = match fault.filter(|fault| fault.replaces()) {
        Some(fault) => Err(Error::ordered(fault, tenant.origin(), &request.path)),
        None => handle(request, tenant, fault.is_some_and(|fault| fault.empty_page), &mut cost_headers),
    };
    let mut answer = match outcome {
        Ok(answer) => answer,
        Err(error) => error.answer(&request_id, &client_request_id),
    };
    answer.headers.extend(cost_headers);
    answer
        .with("request-id", request_id)
        .with("client-request-id", client_request_id)
        .with("cache-control", "no-cache")
        .with("odata-version", "4.0")
        .with("x-ms-ags-diagnostic", DIAGNOSTIC)
}

const DIAGNOSTIC: &str =
    r#"{"ServerInfo":{"DataCenter":"Here","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"TENANTINABOX"}}"#;

fn handle(request: &Request, tenant: &Tenant, empty_page: bool, cost_headers: &mut Headers) -> Result<Answer> {
    let grant = authorize(request, tenant)?;
    let (index, operation, key) = route::find(&request.method, &request.path)?;
    tenant.traffic().count(index);
    // `/$batch` itself needs no permission: each request in it does.
    let permitted =
        operation.permissions.is_empty() || operation.permissions.iter().any(|one| grant.roles.contains(one));
    if !permitted {
        return Err(Error::denied());
    }
    let query = Query::read(request, operation)?;
    charge(tenant, operation, &query, cost_headers)?;
    let call = Call { tenant, request, grant: &grant, operation, key, query, empty_page };
    match (operation.method.as_str(), operation.path.as_str()) {
        ("GET", "/users") => list::users(&call),
        ("GET", "/users/$count") => list::count(&call),
        ("GET", "/users/delta()") => delta::page(&call),
        ("GET", "/users/{id}") => get::user(&call),
        ("POST", "/users") => write::post(&call),
        ("PATCH", "/users/{id}") => write::patch(&call),
        ("DELETE", "/users/{id}") => write::delete(&call),
        (_, "/users/{id}/manager" | "/users/{id}/manager/$ref") => manager::answer(&call),
        ("GET", "/organization" | "/organization/{id}") => organization::get(&call),
        ("POST", "/$batch") => batch::run(&call),
        _ => recycled::answer(&call),
    }
}

/// Takes what a request costs, and tells it; a request refused before costs nothing.
fn charge(tenant: &Tenant, operation: &Operation, query: &Query, headers: &mut Headers) -> Result<()> {
    let Some(cost) = throttle::cost(operation, query) else { return Ok(()) };
    let limits = tenant.settings().throttle.limits(tenant.replicas().primary.count());
    let told = tenant.account().charge(cost, limits, Instant::now());
    headers.push((throttle::UNITS, cost.units.to_string()));
    headers.extend(told.percentage.map(|percentage| (throttle::PERCENTAGE, format!("{percentage:.2}"))));
    told.refusal.map_or(Ok(()), |refusal| Err(Error::throttled(refusal)))
}

/// Lets in who shows a token of this tenant, for Graph, that has not expired.
fn authorize(request: &Request, tenant: &Tenant) -> Result<std::sync::Arc<Grant>> {
    let Some(value) = request.header("authorization") else {
        return Err(Error::token("Access token is empty."));
    };
    let token =
        value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    let token = token.ok_or_else(|| Error::token("Access token is empty."))?;
    if token.split('.').count() != 3 {
        return Err(Error::token("CompactToken parsing failed with error code: 80049217"));
    }
    let grant = tenant
        .tokens()
        .check(token)
        .ok_or_else(|| Error::token("Access token validation failure. Invalid signature."))?;
    if !login::is_graph(&grant.audience, tenant) {
        return Err(Error::token("Access token validation failure. Invalid audience."));
    }
    if grant.expires <= clock::now() {
        return Err(Error::token("Lifetime validation failed, the token is expired."));
    }
    if tenant.tokens().is_revoked(&grant) {
        return Err(Error::revoked());
    }
    Ok(grant)
}

impl Call<'_> {
    /// The row of the user in the path.
    fn row(&self, directory: &Directory) -> Result<u32> {
        directory.find(&self.key).ok_or_else(|| Error::not_found(&self.key))
    }

    /// The row of the user in the path, to write to: it has to be seen, and still be there.
    fn row_to_write(&self, replicas: &Replicas) -> Result<u32> {
        let row = self.row(replicas.seen())?;
        replicas.primary.user(row).map(|_| row).ok_or_else(|| Error::not_found(&self.key))
    }

    /// Whether a link to a next page, made then (in milliseconds since 1970), can be used no more.
    fn has_expired(&self, made: i64) -> bool {
        let lifetime = self.tenant.settings().page_token_lifetime;
        lifetime > 0 && clock::now_in_milliseconds().saturating_sub(made).unsigned_abs() >= lifetime
    }

    /// The `@odata.context` of something.
    fn context(&self, of: &str) -> String {
        format!("{}/v1.0/$metadata#{of}", self.tenant.origin())
    }

    /// The JSON in the body.
    fn body(&self) -> Result<serde_json::Value> {
        let refuse = || {
            Error::syntax(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )
        };
        if !self
            .request
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with(crate::answer::JSON))
        {
            return Err(refuse());
        }
        serde_json::from_slice(&self.request.body).map_err(|_| refuse())
    }
}

/// A user as a filter sees it.
struct Candidate<'a> {
    user: &'a User<'a>,
    directory: &'a Directory,
}

impl filter::Subject for Candidate<'_> {
    fn value(&self, name: &str) -> serde_json::Value {
        if name == "manager" {
            let manager = self.directory.manager(self.user.row).and_then(|row| self.directory.user(row));
            return manager.map_or(serde_json::Value::Null, |manager| serde_json::json!({ "id": manager.id() }));
        }
        self.user.value(name)
    }
}

fn exchange(request: &Request, answer: &Answer, tenant: &Tenant) -> Exchange {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let mut request_headers = request.headers.clone();
    if let Some(credential) = request_headers.get_mut("authorization") {
        *credential = "Bearer …".to_owned();
    }
    let headers: BTreeMap<String, String> =
        answer.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Exchange {
        method: request.method.clone(),
        url: format!("{}{}{query}", tenant.origin(), request.path),
        request_headers,
        request_body: String::from_utf8_lossy(&request.body).into_owned(),
        status: answer.status,
        response_headers: headers,
        response_body: String::from_utf8_lossy(&answer.body).into_owned(),
    }
}
