//! Graph v1.0: a request is let in, matched to an operation of the contract, checked against it, and answered.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::answer::Answer;
use crate::clock;
use crate::contract::{ObjectType, Operation};
use crate::directory::State;
use crate::faults::Fault;
use crate::login;
use crate::login::tokens::Grant;
use crate::tenant::{Request, Tenant};
use crate::throttle::{self, Origin};
use crate::traffic::Exchange;

pub(crate) mod applications;
mod batch;
mod call;
mod credentials;
mod delta;
mod directory_roles;
pub(crate) mod error;
mod expand;
mod filter;
mod get;
pub(crate) mod groups;
pub(crate) mod licenses;
mod linked;
mod list;
mod mailbox;
mod manager;
mod members;
pub(crate) mod ordered;
mod organization;
mod photo;
mod plain;
mod policies;
pub(crate) mod query;
mod recycled;
mod reference;
mod related;
mod resources;
mod route;
mod search;
pub(crate) mod security_attributes;
mod select;
pub(crate) mod service_principals;
mod templates;
mod token;
mod units;
mod validate;
pub(crate) mod write;

use call::{Call, Candidate};
use error::{Error, Result};
use query::Query;
use related::Relationship;

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
    let (index, operation, keys) = route::find(&request.method, &request.path)?;
    tenant.traffic().count(index);
    // `/$batch` itself needs no permission: each request in it does.
    let permitted =
        operation.permissions.is_empty() || operation.permissions.iter().any(|one| grant.roles.contains(one));
    if !permitted {
        return Err(Error::denied());
    }
    let query = Query::read(request, operation)?;
    charge(tenant, operation, &query, cost_headers)?;
    let mut keys = keys.into_iter();
    let (key, inner_key) = (keys.next().unwrap_or_default(), keys.next().unwrap_or_default());
    let call = Call { tenant, request, grant: &grant, operation, key, inner_key, query, empty_page };
    let answer = dispatch(&call)?;
    if operation.method != "GET" {
        tenant.written(&operation.method, &operation.path, &call.key);
    }
    Ok(answer)
}

fn dispatch(call: &Call<'_>) -> Result<Answer> {
    if let Some((object_type, relationship, tail)) = relationship(&call.operation.path) {
        return members::answer(call, object_type, relationship, tail);
    }
    if let Some(answer) = resources::answer(call) {
        return answer;
    }
    let counted = call.operation.path.strip_suffix("/$count").map(|path| path.trim_start_matches('/'));
    if let Some(object_type) = ObjectType::ALL.into_iter().find(|one| counted == Some(one.collection())) {
        return list::count_all(call, object_type);
    }
    match call.operation.segments.first().map(String::as_str) {
        Some("applications") => return applications::answer(call),
        Some("servicePrincipals") if call.operation.path.contains("/claimsMappingPolicies") => {
            return policies::references(call);
        }
        Some("servicePrincipals") => return service_principals::answer(call),
        _ => {}
    }
    by_path(call)
}

fn by_path(call: &Call<'_>) -> Result<Answer> {
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/users") => list::all(call, ObjectType::User, State::Live),
        ("GET", "/users/delta()") => delta::page(call, ObjectType::User),
        ("GET", "/users/{id}") => get::one(call, ObjectType::User),
        ("POST", "/users") => write::post(call),
        ("PATCH", "/users/{id}") => write::patch(call),
        ("DELETE", "/users/{id}") => write::delete(call),
        (_, "/users/{id}/manager" | "/users/{id}/manager/$ref" | "/contacts/{id}/manager") => manager::answer(call),
        ("POST", "/users/{id}/assignLicense") => licenses::of_user(call),
        ("POST", "/groups/{id}/assignLicense") => licenses::of_group(call),
        ("GET", "/groups") => list::all(call, ObjectType::Group, State::Live),
        ("GET", "/groups/delta()") => delta::page(call, ObjectType::Group),
        ("GET", "/groups/{id}") => get::one(call, ObjectType::Group),
        ("POST", "/groups") => groups::post(call),
        ("PATCH", "/groups/{id}") => groups::patch(call),
        ("DELETE", "/groups/{id}") => groups::delete(call),
        ("POST", "/applicationTemplates/{id}/instantiate") => templates::instantiate(call),
        ("GET", "/contacts") => list::all(call, ObjectType::OrgContact, State::Live),
        ("GET", "/contacts/{id}") => get::one(call, ObjectType::OrgContact),
        ("GET", "/directoryRoles") => directory_roles::list(call),
        ("GET", "/directoryRoles/{id}") => get::one(call, ObjectType::DirectoryRole),
        ("POST", "/directoryRoles") => directory_roles::activate(call),
        ("GET", "/directory/administrativeUnits") => list::all(call, ObjectType::AdministrativeUnit, State::Live),
        ("GET", "/directory/administrativeUnits/{id}") => get::one(call, ObjectType::AdministrativeUnit),
        (_, "/directory/administrativeUnits" | "/directory/administrativeUnits/{id}") => units::write(call),
        ("GET", "/directoryObjects/{id}") => get::any(call),
        (_, "/users/{id}/photo" | "/users/{id}/photo/$value") => photo::answer(call),
        (_, "/users/{id}/mailboxSettings") => mailbox::answer(call),
        (
            "GET",
            "/directory/attributeSets"
            | "/directory/attributeSets/{id}"
            | "/directory/customSecurityAttributeDefinitions"
            | "/directory/customSecurityAttributeDefinitions/{id}",
        ) => security_attributes::answer(call),
        ("GET", "/organization" | "/organization/{id}") => organization::get(call),
        ("POST", "/$batch") => batch::run(call),
        _ => recycled::answer(call),
    }
}

/// The relationship that a path leads along, from objects of which type, and what follows it in the path.
fn relationship(path: &'static str) -> Option<(ObjectType, Relationship, &'static str)> {
    ObjectType::ALL.into_iter().find_map(|object_type| {
        let path = path.strip_prefix('/')?.strip_prefix(object_type.collection())?.strip_prefix("/{id}/")?;
        let (name, tail) = path.split_once('/').unwrap_or((path, ""));
        Relationship::of(name).map(|relationship| (object_type, relationship, tail))
    })
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
