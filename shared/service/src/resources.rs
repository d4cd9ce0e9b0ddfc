//! `/Users`, `/Groups` and what else has a mapping: the operations on resources.

mod create;
mod delete;
mod get;
mod keyed;
mod list;
mod members;
mod object;
mod page;
mod patch;
mod photo;
mod precondition;
mod replace;
mod scan;
mod write;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use mapping::{Deed, Mapping};
use runtime::{KeyValue, Random};
use scim::{Error, list::Query};
use trust::Operation;

pub(crate) use self::list::{Listed, listed};
use crate::{
    access::Access,
    answer,
    context::{AnyGraph, Context, Graph},
    dry_run::{self, DryRun},
    failure::Failure,
    target::{self, Target},
};

/// The outcome of an operation.
pub(crate) type Outcome = Result<Response<Bytes>, Failure>;

/// Answers a request to the endpoint of `mapping` or below.
pub async fn handle<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mapping: &'static Mapping,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let mut response = if dry_run::is_wanted(request) {
        rehearse(context, mapping, request).await
    } else {
        rendered(dispatch(context, mapping, request).await)
    };
    if response.status().as_u16() == 405 {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
    }
    answer::account(&mut response, context.graph.usage(), &context.left_out.borrow());
    response
}

/// Answers a request to the endpoint of one of `mappings`, which share a component.
pub(crate) async fn handle_one_of<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mappings: &[&'static Mapping],
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let path = request.uri().path();
    match mappings.iter().copied().find(|mapping| target::of(path, mapping.resource_type.endpoint).is_ok()) {
        Some(mapping) => handle(context, mapping, request).await,
        None => rendered(Err(Error::not_found(format!("there is nothing at {path}")).into())),
    }
}

/// What a request would do.
async fn rehearse<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mapping: &'static Mapping,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let access = Access { journal: None, old_values: false, ..context.access };
    let graph = DryRun::new(&context.graph, request);
    let dry = context.with(&graph as &dyn AnyGraph, access, context.brief);
    let outcome = dispatch(&dry, mapping, request).await;
    let answer = graph.answer(request, outcome.is_ok());
    answer.unwrap_or_else(|| rendered(outcome))
}

pub(crate) fn rendered(outcome: Outcome) -> Response<Bytes> {
    outcome.unwrap_or_else(|failure| answer::failure(&failure))
}

/// Does what a request asks for.
pub(crate) async fn dispatch<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    mapping: &'static Mapping,
    request: &Request<Bytes>,
) -> Outcome {
    let (base, target) = target::of(request.uri().path(), mapping.resource_type.endpoint)?;
    let base = target::base_address(request, base);
    let at = At { context, mapping, base: &base };
    let (operation, id) = asked(request.method(), &target)?;
    let outcome = match at.permit(operation).and_then(|()| at.offer(operation)) {
        Ok(()) => perform(&at, request, &target).await,
        Err(refused) => Err(refused),
    };
    at.record(operation, id, outcome.as_ref().map(|response| response.status().as_u16()));
    outcome
}

/// What a request comes to, for those who have to allow it, and which object it names.
fn asked<'t>(method: &Method, target: &'t Target) -> Result<(Operation, Option<&'t str>), Failure> {
    Ok(match (method, target) {
        (&Method::GET, Target::Collection) | (&Method::POST, Target::Search) => (Operation::Read, None),
        (&Method::POST, Target::Collection) => (Operation::Create, None),
        (&Method::GET, Target::Photo(id) | Target::Resource(id)) => (Operation::Read, Some(id)),
        (&Method::PUT | &Method::PATCH, Target::Resource(id)) => (Operation::Update, Some(id)),
        (&Method::DELETE, Target::Resource(id)) => (Operation::Delete, Some(id)),
        (method, _) => return Err(Error::method_not_allowed(format!("{method} is not allowed here")).into()),
    })
}

async fn perform<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    request: &Request<Bytes>,
    target: &Target,
) -> Outcome {
    let query = || target::query(request, at.mapping.resource_type);
    match (request.method(), target) {
        (&Method::GET, Target::Collection) => list::list(at, &query()?).await,
        (_, Target::Collection) => create::create(at, request).await,
        (_, Target::Search) => {
            let query = Query::from_search_request(&target::body(request)?, at.mapping.resource_type)?;
            list::list(at, &query).await
        }
        (_, Target::Photo(id)) => photo::get(at, id).await,
        (&Method::GET, Target::Resource(id)) => get::get(at, id, request).await,
        (method, Target::Resource(id)) => {
            let id = at.permit_object(id).await?;
            at.permit_type(&id).await?;
            match *method {
                Method::PUT => replace::replace(at, &id, request).await,
                Method::PATCH => patch::patch(at, &id, request).await,
                _ => delete::delete(at, &id, request).await,
            }
        }
    }
}

/// What an operation is about.
pub(crate) struct At<'a, 'c, G, K, R> {
    /// What it needs of the world.
    pub(crate) context: &'a Context<'c, G, K, R>,
    /// The resource type.
    pub(crate) mapping: &'static Mapping,
    /// The address of the service, such as `https://host/scim/v2`.
    pub(crate) base: &'a str,
}

impl<G, K, R> At<'_, '_, G, K, R> {
    /// Graph's path of an object.
    pub(crate) fn path(&self, id: &str) -> String {
        format!("{}/{}", self.mapping.objects(), graph::segment(id))
    }

    /// What the last writes to an object are kept under: what was deleted has the id that it had before.
    fn memory<'i>(&self, id: &'i str) -> Cow<'i, str> {
        match self.mapping.objects {
            Some(_) => Cow::Owned(format!("{}/{id}", self.mapping.component)),
            None => Cow::Borrowed(id),
        }
    }

    /// Refuses what Graph does not let an application do with such resources.
    fn offer(&self, operation: Operation) -> Result<(), Failure> {
        let deed = match operation {
            Operation::Create => Deed::Create,
            Operation::Update => Deed::Update,
            Operation::Delete => Deed::Delete,
            _ => return Ok(()),
        };
        match self.mapping.refusal(deed) {
            Some(refused) if refused.status == 403 => Err(Error::forbidden(refused.reason).into()),
            Some(refused) => Err(Error::not_implemented(refused.reason).into()),
            None => Ok(()),
        }
    }

    /// What to say where there is no object.
    fn gone(&self, id: &str) -> Failure {
        let kind = self.mapping.resource_type.name.to_lowercase();
        Error::not_found(format!("there is no {kind} with the id {id}")).into()
    }

    /// A failure about an object, in the caller's words where the object is not there.
    pub(crate) fn missing(&self, error: graph::Error, id: &str) -> Failure {
        // Graph answers 400 to an id that is none.
        // Objects of several types are in one place: one of another type has not all that is asked for.
        let is_foreign = self.mapping.is_cast() && error.message.contains("Could not find a property");
        if error.kind == graph::Kind::NotFound || is_foreign { self.gone(id) } else { error.into() }
    }
}

#[cfg(test)]
mod tests;
