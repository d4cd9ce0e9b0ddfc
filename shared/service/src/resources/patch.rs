//! `PATCH /Users/{id}` — changes part of a resource. RFC 7644 section 3.5.2.

use bytes::Bytes;
use http::Request;
use mapping::{Reading, selection};
use runtime::{KeyValue, Random};
use scim::{patch::Operation, projection::Projection};
use serde_json::Value;

use super::{
    At, Outcome,
    object::unreadable,
    precondition,
    write::{self, Answer},
};
use crate::{context::Graph, failure::Failure, target};

pub(super) async fn patch<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let projection = target::query(request, at.mapping.resource_type)?.projection;
    let mut unkept = Vec::new();
    let body = target::body(request)?;
    let mut operations = scim::patch::parse_noting(&body, at.mapping.resource_type, &mut unkept)?;
    unkept.extend(mapping::patch::take_unkept(at.mapping, &mut operations));
    at.context.tell(&unkept);
    precondition::check(at, id, request).await?;
    let open = mapping::open::take(at.mapping, &mut operations);
    let mut write = match mapping::patch::blind(at.mapping, at.context.settings, &operations)? {
        Some(write) => write,
        None => seen(at, id, &operations).await?,
    };
    set_open(at, id, &open, &mut write).await?;
    write::update(at, id, &write, &projection, Answer::Cheap).await
}

/// What the operations change of the resource as it is.
async fn seen<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    operations: &[Operation],
) -> Result<mapping::Write, Failure> {
    let settings = at.context.settings;
    let projection = whole(at, operations)?;
    let selection = selection(at.mapping, settings, &projection, Reading::One);
    let before = at.fetch(&selection, id).await?.value(&at.renderer(&projection))?;
    let mut after = before.clone();
    scim::patch::apply(&mut after, operations, at.mapping.resource_type)?;
    Ok(mapping::write::update(at.mapping, settings, &before, &after)?)
}

/// What the operations change of attributes that nobody knows beforehand.
async fn set_open<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    operations: &[Operation],
    write: &mut mapping::Write,
) -> Result<(), Failure> {
    let object = match mapping::open::seen(at.mapping, operations) {
        Some(path) => {
            let projection = Projection::parse(Some(&path), None, at.mapping.resource_type)?;
            let selection = selection(at.mapping, at.context.settings, &projection, Reading::One);
            serde_json::from_str(&at.fetch(&selection, id).await?.text).map_err(unreadable)?
        }
        None => Value::Null,
    };
    Ok(mapping::open::write(at.mapping, operations, &object, write)?)
}

/// All that is returned by default, and what else the operations are about; of relationships with many only the latter.
fn whole<G, K, R>(at: &At<'_, '_, G, K, R>, operations: &[Operation]) -> Result<Projection, Failure> {
    let resource_type = at.mapping.resource_type;
    let default = Projection::all(resource_type);
    let touched: Vec<String> = operations
        .iter()
        .map(|operation| &operation.path.attribute)
        .map(|path| path.schema.as_ref().map_or(path.name.clone(), |schema| format!("{schema}:{}", path.name)))
        .collect();
    let core = resource_type.attributes().map(|attribute| attribute.name.to_owned());
    let extended = resource_type.extensions.iter().flat_map(|extension| {
        let schema = extension.schema;
        schema.attributes.iter().map(move |attribute| format!("{}:{}", schema.id, attribute.name))
    });
    let many: Vec<String> = at.mapping.links.iter().filter(|link| link.many).map(mapping::Link::path).collect();
    let wanted = |name: &String| (default.includes(name) && !many.contains(name)) || touched.contains(name);
    let names: Vec<String> = core.chain(extended).filter(wanted).collect();
    Ok(Projection::parse(Some(&names.join(",")), None, resource_type)?)
}
