//! `PUT /Users/{id}` — replaces a resource. RFC 7644 section 3.5.1.

use bytes::Bytes;
use http::Request;
use mapping::{Reading, selection};
use runtime::{KeyValue, Random};
use scim::{projection::Projection, resource::Incoming, schema::ResourceType};

use super::{
    At, Outcome, precondition,
    write::{self, Answer},
};
use crate::{context::Graph, failure::Failure, target};

pub(super) async fn replace<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let resource_type = at.mapping.resource_type;
    let projection = target::query(request, resource_type)?.projection;
    let body = target::body(request)?;
    let mut incoming = Incoming::read(&body, resource_type)?;
    at.context.tell(&incoming.unknown);
    precondition::check(at, id, request).await?;
    let sets = mapping::keyed::named(at.mapping, &incoming.resource);
    let mut present = None;
    let is_fixed = mapping::write::names_fixed(at.mapping, &incoming.resource);
    if is_fixed || !sets.is_empty() || mapping::write::is_ambiguous(at.mapping, &incoming.resource) {
        let whole = with(&sets, resource_type)?;
        let mut selection = selection(at.mapping, at.context.settings, &whole, Reading::One);
        selection.many.retain(|link| sets.contains(&link.path()));
        let known = at.fetch(&selection, id).await?.value(&at.renderer(&whole))?;
        if is_fixed {
            incoming.keep_immutable(&known, resource_type)?;
        }
        mapping::write::settle(at.mapping, &mut incoming.resource, &known);
        present = Some(known);
    }
    let mut write = mapping::write::replace(at.mapping, at.context.settings, &incoming.resource, &body)?;
    if let Some(present) = present.filter(|_| !sets.is_empty()) {
        mapping::write::sequence(at.mapping, &present, &incoming.resource, &mut write, false);
    }
    write::update(at, id, &write, &projection, Answer::Whole).await
}

/// All that is returned by default, and some that is not.
fn with(paths: &[String], resource_type: &'static ResourceType) -> Result<Projection, Failure> {
    let whole = Projection::all(resource_type);
    let core = resource_type.attributes().map(|attribute| attribute.name.to_owned());
    let extended = resource_type.extensions.iter().flat_map(|extension| {
        let schema = extension.schema;
        schema.attributes.iter().map(move |attribute| format!("{}:{}", schema.id, attribute.name))
    });
    let names: Vec<String> = core.chain(extended).filter(|name| whole.includes(name) || paths.contains(name)).collect();
    Ok(Projection::parse(Some(&names.join(",")), None, resource_type)?)
}
