//! `POST /Users` — creates a resource. RFC 7644 section 3.3.

use bytes::Bytes;
use graph::{Kind, Operation, Plan, segment};
use http::{Request, StatusCode};
use mapping::{
    Change as LinkChange, Companion, Creation, KeyedChange, LARGEST_PAGE, Link, Members, Reading, Selection, Write,
    selection, write::changes,
};
use runtime::{KeyValue, Random};
use scim::{Error, resource::Incoming};
use serde_json::{Map, Value, json};

use super::{
    At, Outcome,
    keyed::{self, Revealed},
    object::{Object, Part, unreadable},
    write::{bytes, is_read, set_link, written},
};
use crate::{
    answer,
    context::Graph,
    failure::Failure,
    recent::{self, Change},
    target,
};

/// The most relationships that a new object can be given in one call.
const BOUND: usize = 20;

pub(super) async fn create<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    request: &Request<Bytes>,
) -> Outcome {
    let resource_type = at.mapping.resource_type;
    let projection = target::query(request, resource_type)?.projection;
    let incoming = Incoming::read(&target::body(request)?, resource_type)?;
    at.context.tell(&incoming.unknown);
    let mut write = mapping::write::create(at.mapping, at.context.settings, &incoming.resource)?;
    at.permit_changes(changes(at.mapping, at.context.settings, &write))?;
    at.permit_sets(&write)?;
    at.permit_members(&arriving(&write)).await?;
    at.context.tell(&write.left_out);
    for change in &write.facets {
        at.context.tell(&[format!("{}: a new {} has none yet", change.facet.path, resource_type.name.to_lowercase())]);
    }
    mapping::write::identify(at.mapping, &mut write, || keyed::guid(at.context.random));
    (at.mapping.complete)(&mut write.body, &password(at.context.random));
    for change in &write.keyed {
        keyed::possible(&(change.keyed.calls)("", &change.difference))?;
    }
    let creation = (at.mapping.creation)(&mut write.body);
    let selection = selection(at.mapping, at.context.settings, &projection, Reading::One);
    let (mut object, companions) = match &creation {
        Some(creation) => {
            let made = New { at, write: &write, selection: &selection }.instantiate(creation).await?;
            let object = serde_json::from_str(&made.0.text).map_err(unreadable)?;
            mapping::write::keep(at.mapping, &mut write, &object);
            made
        }
        None => (New { at, write: &write, selection: &selection }.make().await?, Vec::new()),
    };
    let new = New { at, write: &write, selection: &selection };
    let id = object.id();
    at.context.trace.about(&id);
    // What an action made may not be there yet: to be configured it is waited for.
    let after = new.configuration(&id, creation.is_some(), companions);
    let revealed = match creation.is_some() || !after.is_empty() {
        true => new.configure(&mut object, after).await?,
        false => Vec::new(),
    };
    new.add_the_rest(&mut object).await?;
    let resource = object.resource(&at.renderer(&projection))?;
    let resource = at.reveal(resource, &revealed)?;
    let location = format!("{}{}/{id}", at.base, resource_type.endpoint);
    Ok(answer::resource(StatusCode::CREATED, resource, Some(&location)))
}

/// Who comes into a relationship with many.
fn arriving(write: &Write) -> Vec<String> {
    let members = write.links.iter().filter_map(|change| match &change.change {
        LinkChange::Members(Members::All(ids) | Members::Difference { add: ids, .. }) => Some(ids),
        _ => None,
    });
    members.flatten().cloned().collect()
}

/// A password that nobody knows: 32 random characters, and one of each kind that Entra may demand.
fn password(random: &impl Random) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let characters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 64)));
    characters.map(|character| char::from(*character)).chain("Aa1!".chars()).collect()
}

/// How many relationships can come with a new object.
fn born(link: &Link, room: usize) -> usize {
    if link.born { room } else { 0 }
}

/// A step of what follows a creation: of which set it is a change, whether it tells a secret, and the call.
type After = Vec<(Option<(usize, bool)>, Operation)>;

/// An object in the making.
struct New<'a, 'w, 'c, G, K, R> {
    at: &'a At<'w, 'c, G, K, R>,
    write: &'a Write,
    selection: &'a Selection,
}

impl<G: Graph, K: KeyValue, R: Random> New<'_, '_, '_, G, K, R> {
    /// The members of a relationship, as far as they go with the creation, and the others.
    fn members(&self) -> Vec<(&'static Link, Vec<String>)> {
        let members = self.write.links.iter().filter_map(|change| match &change.change {
            LinkChange::Members(Members::All(ids) | Members::Difference { add: ids, .. }) => {
                Some((change.link, ids.clone()))
            }
            _ => None,
        });
        members.collect()
    }

    /// One exchange: another at the end of a relationship is looked at first, so that an unknown one stops the creation; the
    /// object is read back by its name where it has one, because its id is not known before.
    async fn make(&self) -> Result<Object, Failure> {
        let at = self.at;
        let mut bodies = at.bodies(&self.write.body).into_iter();
        let mut body = bodies.next().unwrap_or_default();
        let mut room = BOUND;
        for (link, ids) in self.members() {
            let (collection, _) = link.written.unwrap_or_default();
            let url = at.context.graph_url.trim_end_matches('/');
            let references: Vec<String> =
                ids.iter().take(born(link, room)).map(|id| format!("{url}/v1.0{collection}/{}", segment(id))).collect();
            room -= references.len();
            if !references.is_empty() {
                body.insert(format!("{}@odata.bind", link.navigation), json!(references));
            }
        }
        let create = Operation::post(at.mapping.collection).permission(at.mapping.creating).body(bytes(&body));
        let other = self.write.links.iter().find_map(|change| match &change.change {
            LinkChange::Set(id) => Some((change.link, id)),
            _ => None,
        });
        // Graph finds a user by name.
        let name = body.get("userPrincipalName").and_then(Value::as_str);
        let mut operations = Vec::new();
        if let Some((link, other)) = other {
            let (collection, _) = link.written.unwrap_or_default();
            let look = Operation::get(format!("{collection}/{}", segment(other))).permission(link.reading);
            operations.push(look.query("$select", "id"));
        }
        let after = |operation: Operation, operations: &[Operation]| match operations.len().checked_sub(1) {
            Some(last) => operation.after(last),
            None => operation,
        };
        operations.push(after(create, &operations));
        if let Some(name) = name {
            if let Some((link, other)) = other {
                let set = set_link(at.context.graph_url, &at.path(name), link, other).known();
                operations.push(after(set, &operations));
            }
            for apart in bodies {
                let patch = Operation::patch(at.path(name)).permission(at.mapping.writing).body(bytes(&apart)).known();
                operations.push(after(patch, &operations));
            }
            if !at.context.brief {
                operations.push(after(at.read(self.selection, name), &operations));
            }
        }
        self.made(&Plan { operations }).await
    }

    /// Lets Graph make the object by an action; the calls that write to what was made with it.
    async fn instantiate(&self, creation: &Creation) -> Result<(Object, Vec<Operation>), Failure> {
        let at = self.at;
        let make = Operation::post(&creation.path).permission(at.mapping.creating).body(bytes(&creation.body));
        let response = at.context.send(&make).await?;
        let answer: Value = serde_json::from_slice(&response.body).map_err(unreadable)?;
        let object = answer.pointer(creation.object).and_then(Value::as_object);
        let object = object.ok_or_else(|| unreadable("it does not hold the new object"))?;
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
        at.context.trace.about(id);
        recent::save(at.context.store, None, &at.memory(id), Change::Made, object, at.context.now).await;
        let write = |companion: &Companion| {
            let id = answer.pointer(companion.object)?.get("id")?.as_str()?;
            let patch = Operation::patch(format!("{}/{}", companion.collection, segment(id)));
            Some(patch.permission(companion.permission).body(bytes(&companion.body)).known())
        };
        let companions = creation.companions.iter().filter(|companion| !companion.body.is_empty());
        let text = Value::Object(object.clone()).to_string();
        Ok((Object { text, ..Object::default() }, companions.filter_map(write).collect()))
    }

    /// The calls that complete what was made: the rest of the properties, what was made with it, sets.
    fn configuration(&self, id: &str, was_made_elsewhere: bool, companions: Vec<Operation>) -> After {
        let mapping = self.at.mapping;
        let path = self.at.path(id);
        let mut after: After = Vec::new();
        let bodies = [&self.write.first, &self.write.body].into_iter();
        for body in bodies.filter(|body| was_made_elsewhere && !body.is_empty()) {
            let patch = Operation::patch(&path).permission(mapping.writing).body(bytes(body));
            after.push((None, patch.known()));
        }
        after.extend(companions.into_iter().map(|operation| (None, operation)));
        for (index, change) in self.write.keyed.iter().enumerate() {
            let calls = (change.keyed.calls)(&path, &change.difference);
            after.extend(calls.iter().map(|call| {
                let operation = keyed::operation(call, change.keyed.permission).known();
                (Some((index, call.reveals)), operation)
            }));
        }
        after
    }

    /// Makes these calls one after the other, and reads the object as it then is.
    async fn configure(&self, object: &mut Object, after: After) -> Result<Vec<Revealed>, Failure> {
        let mut revealed = Vec::new();
        let at = self.at;
        let id = object.id();
        let (steps, mut operations): (Vec<_>, Vec<_>) = after.into_iter().unzip();
        operations.push(at.read(self.selection, &id).known());
        let operations = operations.into_iter().enumerate();
        let operations = operations.map(|(index, operation)| match index.checked_sub(1) {
            Some(before) => operation.after(before),
            None => operation,
        });
        let outcomes = at.context.run(&Plan { operations: operations.collect() }).await?;
        let mut read = None;
        let written = written(self.write);
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let response = match outcome {
                Ok(response) => response,
                Err(error) => return Err(self.unfinished(&id, &error)),
            };
            match steps.get(index) {
                Some(Some((change, true))) => {
                    let change = self.write.keyed.get(*change);
                    revealed.extend(change.map(|change| Revealed::of(change, super::write::value(&response))));
                }
                Some(_) => {}
                None => read = Some(response),
            }
        }
        let memory = at.memory(&id);
        let before = recent::load(at.context.store, &memory, at.context.now).await;
        recent::save(at.context.store, before, &memory, Change::Changed, &written, at.context.now).await;
        if let Some(response) = read {
            object.text = Object::of(&response)?.text;
        }
        object.lay_over(&written)?;
        Ok(revealed)
    }

    /// What to say when the object was made and not completed: it is there, and can be completed by another request.
    fn unfinished(&self, id: &str, error: &graph::Error) -> Failure {
        let kind = self.at.mapping.resource_type.name;
        let mut failure = Failure::from(error.clone());
        failure.error.detail = format!(
            "the {kind} {id} was created, but not all that was asked for could be set: complete it by PATCH, or delete it: {}",
            failure.error.detail
        );
        failure
    }

    /// The new object: as read back, or as created where Graph does not show it yet.
    async fn made(&self, plan: &Plan) -> Result<Object, Failure> {
        let context = self.at.context;
        let outcomes = context.run(plan).await?;
        let written = written(self.write);
        let mut object: Option<Map<String, Value>> = None;
        for (operation, outcome) in plan.operations.iter().zip(outcomes) {
            let is_made = object.is_some();
            match outcome {
                Ok(response) if operation.method == http::Method::POST || (is_made && is_read(operation)) => {
                    let mut properties: Map<String, Value> =
                        serde_json::from_slice(&response.body).map_err(unreadable)?;
                    recent::lay_over(&mut properties, &written);
                    object = Some(properties);
                }
                Ok(_) => {}
                // Replication: what was just created may not be found for a while.
                Err(error)
                    if is_made
                        && is_read(operation)
                        && matches!(error.kind, Kind::NotFound | Kind::FailedDependency) => {}
                Err(error) if error.kind == Kind::NotFound && !is_made && is_read(operation) => {
                    return Err(Error::invalid_value("there is no user with the id given as manager.value").into());
                }
                // It is there: to ask for it again would only say that it exists.
                Err(error) if is_made => return Err(self.incomplete(object.as_ref(), &error).await),
                Err(error) => return Err(self.refused(error).await),
            }
        }
        let object = object.ok_or_else(|| unreadable("it does not hold the new object"))?;
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
        recent::save(context.store, None, &self.at.memory(id), Change::Made, &object, context.now).await;
        Ok(Object { text: Value::Object(object).to_string(), ..Object::default() })
    }

    /// Why the object cannot be made.
    async fn refused(&self, error: graph::Error) -> Failure {
        let members: Vec<(&'static Link, Vec<String>)> =
            self.members().into_iter().filter(|(_, ids)| !ids.is_empty()).collect();
        match members.first() {
            Some((link, ids)) if super::members::is_unknown(&error) => {
                self.at.refused("", link, vec![(ids.iter().take(BOUND).cloned().collect(), error)]).await
            }
            _ => error.into(),
        }
    }

    /// What to say when the object was made and a relationship could not be set.
    async fn incomplete(&self, object: Option<&Map<String, Value>>, error: &graph::Error) -> Failure {
        let mut properties = object.cloned().unwrap_or_default();
        let id = properties.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.at.context.trace.about(&id);
        properties.remove("manager");
        let context = self.at.context;
        recent::save(context.store, None, &self.at.memory(&id), Change::Made, &properties, context.now).await;
        let kind = self.at.mapping.resource_type.name.to_lowercase();
        Error::unavailable(format!(
            "the {kind} {id} was created, but its manager was not set; set it by PATCH: {error}"
        ))
        .into()
    }

    /// Adds the members that did not fit into the creation, and reads the relationships that the answer shows.
    async fn add_the_rest(&self, object: &mut Object) -> Result<(), Failure> {
        let at = self.at;
        let id = object.id();
        let mut room = BOUND;
        let mut written = Map::new();
        for (link, ids) in self.members() {
            let taken = born(link, room).min(ids.len());
            room -= taken;
            let rest = ids.get(taken..).unwrap_or_default();
            if !rest.is_empty() {
                at.add(&id, link, rest).await?;
            }
            if !ids.is_empty() {
                written.insert(recent::members_key(link.navigation), json!({ "add": ids, "remove": [] }));
            }
        }
        let is_changed = |link: &Link| {
            let is_of = |change: &KeyedChange| change.attribute == link.attribute && change.schema == link.schema;
            written.contains_key(&recent::members_key(link.navigation)) || self.write.keyed.iter().any(is_of)
        };
        if !at.mapping.links.iter().any(is_changed) || at.context.brief {
            return Ok(());
        }
        let before = recent::load(at.context.store, &id, at.context.now).await;
        recent::save(at.context.store, before, &id, Change::Changed, &written, at.context.now).await;
        for link in &self.selection.many {
            let mut part = Part::new(link);
            if is_changed(link) {
                let read = at.read_link(self.selection, link, &id, LARGEST_PAGE).known();
                let first = at.context.send(&read).await?;
                at.rest(&mut part, &first).await?;
            }
            object.parts.push(part);
        }
        object.lay_over(&written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            (0..).zip(buffer).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn a_password_is_of_every_kind() {
        let password = password(&Counting);
        assert_eq!(password.len(), 36);
        assert!(password.starts_with("ABCDEF") && password.ends_with("Aa1!"));
    }
}
