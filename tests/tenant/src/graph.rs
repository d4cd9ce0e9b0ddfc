//! Graph v1.0: a request is let in, matched to an operation of the contract, checked against it, and answered.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::answer::Answer;
use crate::clock;
use crate::contract::{ObjectType, Operation};
use crate::directory::item::Item;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, State, json};
use crate::faults::Fault;
use crate::login;
use crate::login::tokens::Grant;
use crate::tenant::{Request, Tenant};
use crate::throttle::{self, Origin};
use crate::traffic::Exchange;

mod batch;
mod delta;
pub(crate) mod error;
mod expand;
mod filter;
mod get;
pub(crate) mod groups;
mod list;
mod manager;
mod members;
pub(crate) mod ordered;
mod organization;
pub(crate) mod query;
mod recycled;
mod reference;
mod related;
mod route;
mod search;
mod select;
mod token;
mod validate;
pub(crate) mod write;

use error::{Error, Result};
use query::Query;
use related::Relationship;
use select::Selection;

/// Everything an operation needs to answer.
struct Call<'a> {
    tenant: &'a Tenant,
    request: &'a Request,
    grant: &'a Grant,
    operation: &'static Operation,
    /// The key in the path, such as a user's id; empty where the path has none.
    key: String,
    /// The second key, such as the id of a group's member.
    inner_key: String,
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
    dispatch(&Call { tenant, request, grant: &grant, operation, key, inner_key, query, empty_page })
}

fn dispatch(call: &Call<'_>) -> Result<Answer> {
    if let [collection, _, name, ..] = call.operation.segments.as_slice() {
        let object_type = ObjectType::ALL.into_iter().find(|one| one.collection() == collection);
        if let (Some(object_type), Some(relationship)) = (object_type, Relationship::of(name)) {
            return members::answer(call, object_type, relationship);
        }
    }
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/users") => list::all(call, ObjectType::User, State::Live),
        ("GET", "/users/$count") => list::count_all(call, ObjectType::User),
        ("GET", "/users/delta()") => delta::page(call),
        ("GET", "/users/{id}") => get::one(call, ObjectType::User),
        ("POST", "/users") => write::post(call),
        ("PATCH", "/users/{id}") => write::patch(call),
        ("DELETE", "/users/{id}") => write::delete(call),
        (_, "/users/{id}/manager" | "/users/{id}/manager/$ref") => manager::answer(call),
        ("GET", "/groups") => list::all(call, ObjectType::Group, State::Live),
        ("GET", "/groups/$count") => list::count_all(call, ObjectType::Group),
        ("GET", "/groups/{id}") => get::one(call, ObjectType::Group),
        ("POST", "/groups") => groups::post(call),
        ("PATCH", "/groups/{id}") => groups::patch(call),
        ("DELETE", "/groups/{id}") => groups::delete(call),
        ("GET", "/servicePrincipals") => list::all(call, ObjectType::ServicePrincipal, State::Live),
        ("GET", "/servicePrincipals/{id}") => get::one(call, ObjectType::ServicePrincipal),
        ("GET", "/contacts") => list::all(call, ObjectType::OrgContact, State::Live),
        ("GET", "/contacts/{id}") => get::one(call, ObjectType::OrgContact),
        ("GET", "/directoryObjects/{id}") => get::any(call),
        ("GET", "/organization" | "/organization/{id}") => organization::get(call),
        ("POST", "/$batch") => batch::run(call),
        _ => recycled::answer(call),
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
    /// The row of the object in the path.
    fn row_of(&self, directory: &Directory, object_type: ObjectType) -> Result<u32> {
        directory.find_of(object_type, &self.key).ok_or_else(|| Error::not_found(&self.key))
    }

    /// The row of the object in the path, to write to: it has to be seen, and still be there.
    fn row_to_write(&self, replicas: &Replicas, object_type: ObjectType) -> Result<u32> {
        let row = self.row_of(replicas.seen(), object_type)?;
        replicas.primary.item(row).map(|_| row).ok_or_else(|| Error::not_found(&self.key))
    }

    /// A selection, cut to what the token may see.
    fn shown(&self, mut selection: Selection) -> Result<Selection> {
        selection.permit(self)?;
        selection.hide_unreadable(self.grant);
        Ok(selection)
    }

    /// Whether the token has one of these permissions.
    fn has_role(&self, names: &[&str]) -> bool {
        self.grant.roles.iter().any(|role| names.contains(&role.as_str()))
    }

    /// 201, with what was made.
    fn created(&self, directory: &Directory, id: &str) -> Result<Answer> {
        let item = directory.row_of_id(id).and_then(|row| directory.item(row));
        let item = item.ok_or_else(|| Error::not_found(id))?;
        let selection = Selection::of(item.object_type, None)?;
        let context = self.context(&format!("{}/$entity", item.object_type.collection()));
        let location = format!(
            "{}/v2/{}/directoryObjects/{id}/Microsoft.DirectoryServices.{}",
            self.tenant.origin(),
            crate::TENANT_ID,
            item.object_type.resource()
        );
        Ok(Answer::odata(201, get::entity(&context, &item, directory, &selection)).with("location", location))
    }

    /// The URL by which others refer to an object.
    fn reference_to(&self, id: &str) -> String {
        format!("{}/v1.0/directoryObjects/{id}", self.tenant.origin())
    }

    fn write_reference(&self, id: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"@odata.id\":");
        json::string(out, &self.reference_to(id));
        out.push(b'}');
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

/// An object as a filter sees it.
struct Candidate<'a> {
    item: &'a Item<'a>,
    directory: &'a Directory,
}

impl filter::Subject for Candidate<'_> {
    fn value(&self, name: &str) -> serde_json::Value {
        let navigation = self.item.object_type.schema().navigation(name);
        match Relationship::of(name).filter(|_| navigation.is_some()) {
            Some(relationship) => relationship.rows(self.directory, self.item.row).into(),
            None if navigation.is_some() && name == "manager" => {
                let manager = self.directory.manager(self.item.row).and_then(|row| self.directory.user(row));
                manager.map_or(serde_json::Value::Null, |manager| serde_json::json!({ "id": manager.id() }))
            }
            None => self.item.value(name),
        }
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
