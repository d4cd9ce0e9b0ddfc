//! Sets that Graph changes one by one, by calls that the table names: secrets, licences, assignments.

use graph::Operation;
use mapping::{Call, KeyedChange, Verb};
use scim::Error;
use serde_json::{Map, Value};

use super::{At, object::unreadable};
use crate::failure::Failure;

/// What is told only once: the attribute, its key, and the element as Graph answered it.
#[derive(Debug)]
pub(super) struct Revealed {
    schema: Option<&'static str>,
    attribute: &'static str,
    key: &'static str,
    element: Value,
}

impl Revealed {
    pub(super) fn of(change: &KeyedChange, element: Value) -> Self {
        Self { schema: change.schema, attribute: change.attribute, key: change.keyed.key, element }
    }
}

/// The call as the executor takes it.
pub(super) fn operation(call: &Call, permission: &'static str) -> Operation {
    let operation = match call.verb {
        Verb::Post => Operation::post(&call.path),
        Verb::Patch => Operation::patch(&call.path),
        // Where there is no call, nothing is planned: see [`possible`].
        Verb::Delete | Verb::None(_) => Operation::delete(&call.path),
    };
    let operation = operation.permission(permission);
    if call.body.is_null() { operation } else { operation.body(call.body.to_string().into_bytes()) }
}

/// Refuses a change for which Graph has no call.
pub(super) fn possible<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Result<(), Failure> {
    let reason = calls.into_iter().find_map(|call| match call.verb {
        Verb::None(reason) => Some(reason),
        _ => None,
    });
    reason.map_or(Ok(()), |reason| Err(Error::mutability(reason).into()))
}

impl<G, K, R> At<'_, '_, G, K, R> {
    /// Lays what is told only once over a resource: into the element with its key, or behind the others.
    pub(super) fn reveal(&self, resource: String, revealed: &[Revealed]) -> Result<String, Failure> {
        if revealed.is_empty() {
            return Ok(resource);
        }
        let mut tree: Value = serde_json::from_str(&resource).map_err(unreadable)?;
        for Revealed { schema, attribute, key, element } in revealed {
            let Some(definition) = self.mapping.attribute(*schema, attribute) else { continue };
            let parts = definition.sub_attributes.iter();
            let parts = parts.filter_map(|part| Some((part.name.to_owned(), element.get(part.name)?.clone())));
            let told: Map<String, Value> = parts.filter(|(_, value)| !value.is_null()).collect();
            let mut container = Some(&mut tree);
            if let (Some(schema), Some(members)) = (schema, container.take().and_then(Value::as_object_mut)) {
                container = Some(members.entry(*schema).or_insert_with(|| Value::Object(Map::new())));
            }
            let container = match container {
                Some(container) => container,
                None => &mut tree,
            };
            let Some(members) = container.as_object_mut() else { continue };
            let elements = members.entry(*attribute).or_insert_with(|| Value::Array(Vec::new()));
            let Some(elements) = elements.as_array_mut() else { continue };
            let known = elements.iter_mut().find(|known| known.get(*key).is_some_and(|id| Some(id) == told.get(*key)));
            match known.and_then(Value::as_object_mut) {
                Some(known) => known.extend(told),
                None => elements.push(Value::Object(told)),
            }
        }
        Ok(tree.to_string())
    }
}

/// What to say where only part of a change of a set could be made.
pub(super) fn refused(change: &KeyedChange, error: &graph::Error, mut failure: Failure) -> Failure {
    let path = change.path();
    failure.error.detail = match error.kind {
        graph::Kind::Forbidden => {
            format!("{path} can only be changed with {}: {}", change.keyed.permission, failure.error.detail)
        }
        _ => format!("{path} could not be changed, and what comes before it in the plan was: {}", failure.error.detail),
    };
    failure
}

/// Whether what was asked for is so already: who is to come is there, what is to go is gone.
pub(super) fn is_done(change: &KeyedChange, verb: Verb, error: &graph::Error) -> bool {
    let message = error.message.to_ascii_lowercase();
    let is_there = error.kind == graph::Kind::Conflict
        || ["already exist", "conflicting object"].iter().any(|words| message.contains(words));
    match verb {
        Verb::Delete => error.kind == graph::Kind::NotFound,
        Verb::Post => change.keyed.bare && is_there,
        Verb::Patch | Verb::None(_) => false,
    }
}

/// A random GUID, of the form of RFC 9562 version 4.
pub(super) fn guid(random: &impl runtime::Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let number = (u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{number:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
