//! What replacing and patching have in common: writing an object and reading it back, in one exchange where that can be.

use graph::{Error, Kind, Operation, Plan, Response, segment};
use http::{Method, StatusCode};
use mapping::{
    Call, Change as LinkChange, Facet, KeyedChange, LARGEST_PAGE, Link, Reading, Selection, Verb, Write, selection,
    write::changes,
};
use runtime::{KeyValue, Random};
use scim::projection::Projection;
use serde_json::{Map, Value, json};

use super::{
    At, Outcome,
    keyed::{self, Revealed},
    members::{Difference, is_there_already, is_unknown},
    object::{Object, Part, known},
};
use crate::{
    answer,
    context::{Context, Graph},
    failure::Failure,
    recent::{self, Change, Recent},
};

/// How many members an answer to a PATCH shows; a larger group is answered with 204, unless the caller asks for more.
const SHOWN: u64 = 19;
/// The most calls in one exchange.
const BATCH: usize = 20;

/// Whether the answer must hold the resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// Whatever it costs.
    Whole,
    /// Where it comes with the same exchange.
    Cheap,
}

/// Writes `write` to the object and answers with the resource as it then is.
pub(super) async fn update<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    id: &str,
    write: &Write,
    projection: &Projection,
    answer: Answer,
) -> Outcome {
    at.context.tell(&write.left_out);
    at.permit_changes(changes(at.mapping, at.context.settings, write))?;
    at.permit_sets(write)?;
    let context = at.context;
    let before = recent::load(context.store, &at.memory(id), context.now).await;
    let mut write = write.clone();
    mapping::write::identify(at.mapping, &mut write, || keyed::guid(context.random));
    let actions = (at.mapping.actions)(&at.path(id), &mut write.body);
    let write = &write;
    let mut update =
        Update { at, id, write, before, differences: Vec::new(), actions, revealed: Vec::new(), looks: looks(context) };
    for change in &write.links {
        if let LinkChange::Members(members) = &change.change {
            let difference = at.difference(id, change.link, members).await?;
            at.permit_members(&[difference.add.as_slice(), &difference.remove].concat()).await?;
            context.trace.plans_members(change.link, &difference.add, &difference.remove);
            update.differences.push(difference);
        }
    }
    keyed::possible(update.calls().iter().map(|(_, call)| call).chain(&update.actions))?;
    let reveals = update.calls().iter().any(|(_, call)| call.reveals);
    let answer = if projection.is_explicit() || reveals { Answer::Whole } else { answer };
    let selection = selection(at.mapping, context.settings, projection, Reading::One);
    let mut object = update.run(&selection, answer).await?;
    if object.is_none() && answer == Answer::Whole && !update.write.keyed.is_empty() {
        object = Some(at.fetch(&selection, id).await?);
    }
    if !update.actions.is_empty() {
        // What is remembered of the object is of before: it is elsewhere now.
        recent::forget(context.store, id).await;
        return Ok(answer::empty(StatusCode::NO_CONTENT));
    }
    let written = update.written();
    if !written.is_empty() {
        recent::save(context.store, update.before.clone(), &at.memory(id), Change::Changed, &written, context.now)
            .await;
    }
    let Some(mut object) = object else { return Ok(answer::empty(StatusCode::NO_CONTENT)) };
    if let Some(before) = &update.before {
        object.lay_over(&before.properties())?;
    }
    object.lay_over(&written)?;
    let resource = object.resource(&at.renderer(projection))?;
    let resource = at.reveal(resource, &update.revealed)?;
    Ok(answer::resource(StatusCode::OK, resource, None))
}

/// A write to one object, on its way.
struct Update<'a, 'w, 'c, G, K, R> {
    at: &'a At<'w, 'c, G, K, R>,
    id: &'a str,
    write: &'a Write,
    before: Option<Recent>,
    differences: Vec<Difference>,
    /// What is done to the object beside changing it.
    actions: Vec<Call>,
    /// What is told only once.
    revealed: Vec<Revealed>,
    /// Whether what was there before is looked at, for those who read later what was changed.
    looks: bool,
}

/// A Bulk request changes too much for a look at all of it.
pub(super) fn looks<G, K, R>(context: &Context<'_, G, K, R>) -> bool {
    context.access.old_values && !context.brief
}

/// The call that reads what the properties of an object are before they change.
pub(super) fn look<G, K, R>(at: &At<'_, '_, G, K, R>, id: &str, properties: &[String]) -> Option<Operation> {
    let one = at.mapping.links.iter().find(|link| !link.many);
    let other = one.filter(|link| properties.iter().any(|path| path.split('/').next() == Some(link.navigation)));
    let roots = properties.iter().filter_map(|path| path.split('/').next());
    let mut select: Vec<&str> = roots.filter(|root| other.is_none_or(|link| link.navigation != *root)).collect();
    select.sort_unstable();
    select.dedup();
    select.insert(0, "id");
    if select.len() == 1 && other.is_none() {
        return None;
    }
    let read = Operation::get(at.path(id)).permission(at.mapping.reading).query("$select", select.join(","));
    Some(match other {
        Some(link) => read.query("$expand", format!("{}($select=id)", link.navigation)),
        None => read,
    })
}

/// What a call of the plan is for.
enum Step {
    Look,
    Set,
    Add(usize),
    First,
    Body,
    Keyed(usize, bool, Verb),
    Act,
    Facet(&'static Facet),
    Clear,
    Remove(String),
    Read,
    ReadLink(&'static Link),
    ReadFacet(&'static Facet),
}

impl<G: Graph, K: KeyValue, R: Random> Update<'_, '_, '_, G, K, R> {
    /// Makes the calls. Members that come, come first: one that is unknown must leave the rest as it was.
    async fn run(&mut self, selection: &Selection, answer: Answer) -> Result<Option<Object>, Failure> {
        let at = self.at;
        let is_small = |difference: &Difference| at.additions(self.id, difference.link, &difference.add).len() <= 1;
        let mut added = Vec::new();
        if !self.differences.iter().all(is_small) {
            for difference in self.differences.clone() {
                let new = match at.add(self.id, difference.link, &difference.add).await {
                    Ok(new) => new,
                    Err(failure) => {
                        self.take_back(&added).await;
                        return Err(failure);
                    }
                };
                added.push((difference.link, new));
            }
            let outcome = self.finish(selection, answer, false).await;
            if outcome.is_err() {
                self.take_back(&added).await;
            }
            return outcome;
        }
        self.finish(selection, answer, true).await
    }

    /// The calls that change sets one by one, each with the change that it is part of.
    fn calls(&self) -> Vec<(usize, Call)> {
        let path = self.at.path(self.id);
        let calls = |change: &KeyedChange| (change.keyed.calls)(&path, &change.difference);
        let changes = self.write.keyed.iter().enumerate();
        changes.flat_map(|(index, change)| calls(change).into_iter().map(move |call| (index, call))).collect()
    }

    async fn take_back(&self, added: &[(&'static Link, Vec<String>)]) {
        for (link, members) in added {
            self.at.take_back(self.id, link, members).await;
        }
    }

    /// Makes all the calls, or all but the additions, and reads the object back if that is cheap.
    async fn finish(
        &mut self,
        selection: &Selection,
        answer: Answer,
        with_additions: bool,
    ) -> Result<Option<Object>, Failure> {
        let at = self.at;
        let (steps, plan, with_reads) = self.planned(selection, answer, with_additions);
        if steps.is_empty() {
            return Ok(None);
        }
        let outcomes = at.context.run(&plan).await?;
        // What cannot be looked at can be written all the same: the same without the look, as nothing was done.
        if let (Some(Step::Look), Some(Err(error))) = (steps.first(), outcomes.first())
            && error.kind != Kind::NotFound
        {
            self.looks = false;
            return Box::pin(self.finish(selection, answer, with_additions)).await;
        }
        // Somebody who is to come is there already: the same without them.
        let there = steps.iter().zip(&outcomes).find_map(|(step, outcome)| match (step, outcome) {
            (Step::Add(index), Err(error)) if is_there_already(error) => Some(*index),
            _ => None,
        });
        if let Some(difference) = there.and_then(|index| self.differences.get(index)).cloned() {
            let absent = at.absent(self.id, difference.link, difference.add.clone()).await?;
            if absent.len() == difference.add.len() {
                return Err(scim::Error::conflict("the members changed meanwhile: repeat the request").into());
            }
            for known in &mut self.differences {
                if std::ptr::eq(known.link, difference.link) {
                    known.add.clone_from(&absent);
                }
            }
            return Box::pin(self.finish(selection, answer, with_additions)).await;
        }
        let object = self.judge(&steps, outcomes).await?;
        match (object, with_reads) {
            (Some((object, rest)), true) => self.whole(object, rest, answer).await,
            _ => Ok(None),
        }
    }

    /// The calls, what each of them is for, and whether the object is read back by them.
    fn planned(&self, selection: &Selection, answer: Answer, with_additions: bool) -> (Vec<Step>, Plan, bool) {
        let mut chain = self.chain(with_additions);
        let removals: Vec<(Step, Operation)> = self.removals().into_iter().chain(self.keyed()).collect();
        let reveals = self.calls().iter().any(|(_, call)| call.reveals);
        let is_silent = (self.at.context.brief && !reveals) || !self.actions.is_empty();
        let reads = if is_silent { Vec::new() } else { self.reads(selection, answer) };
        let is_one = chain.len() + removals.len() + reads.len() <= BATCH;
        let with_reads =
            !reads.is_empty() && (is_one || answer == Answer::Whole) && (with_additions || answer == Answer::Whole);
        let mut plan = Vec::new();
        let last = chain.iter().rposition(|(step, _)| !matches!(step, Step::Clear));
        plan.append(&mut chain);
        // Removals hang on what comes before them; each alone, as one of somebody who is not there fails and does no harm.
        let after = |operation: Operation| match last {
            Some(last) => operation.after(last),
            None => operation,
        };
        plan.extend(removals.into_iter().map(|(step, operation)| (step, after(operation))));
        if with_reads {
            // What sets become is seen only when they have changed.
            let sets: Vec<usize> = (0..plan.len()).filter(|index| is_keyed(plan.get(*index))).collect();
            let after_all =
                |operation: Operation| sets.iter().fold(after(operation), |operation, set| operation.after(*set));
            plan.extend(reads.into_iter().map(|(step, operation)| (step, after_all(operation))));
        }
        let (steps, operations): (Vec<_>, Vec<_>) = plan.into_iter().unzip();
        // A removal that finds nothing is done, so it is not asked again.
        let known = |(step, operation): (&Step, Operation)| match step {
            Step::Clear | Step::Remove(_) => operation,
            _ => known(operation, self.before.as_ref()),
        };
        let operations: Vec<Operation> = steps.iter().zip::<Vec<Operation>>(operations).map(known).collect();
        (steps, Plan { operations }, with_reads)
    }

    /// What must succeed one after the other: a manager that is unknown must stop the rest, and so must a member.
    fn chain(&self, with_additions: bool) -> Vec<(Step, Operation)> {
        let path = self.at.path(self.id);
        let mut chain: Vec<(Step, Operation)> = Vec::new();
        let mut push = |step: Step, operation: Operation| {
            let operation = match chain.len().checked_sub(1) {
                Some(last) => operation.after(last),
                None => operation,
            };
            chain.push((step, operation));
        };
        let look = self.looks.then(|| look(self.at, self.id, &self.at.context.trace.properties())).flatten();
        if let Some(look) = look {
            push(Step::Look, look);
        }
        for change in &self.write.links {
            if let LinkChange::Set(other) = &change.change {
                push(Step::Set, set_link(self.at.context.graph_url, &path, change.link, other));
            }
        }
        if with_additions {
            for (index, difference) in self.differences.iter().enumerate() {
                for (operation, _) in self.at.additions(self.id, difference.link, &difference.add) {
                    push(Step::Add(index), operation);
                }
            }
        }
        if !self.write.first.is_empty() {
            let patch = Operation::patch(&path).permission(self.at.mapping.writing).body(bytes(&self.write.first));
            push(Step::First, patch);
        }
        for body in self.at.bodies(&self.write.body) {
            let patch = Operation::patch(&path).permission(self.at.mapping.writing).body(bytes(&body));
            push(Step::Body, patch);
        }
        for call in &self.actions {
            push(Step::Act, keyed::operation(call, self.at.mapping.writing));
        }
        for change in &self.write.facets {
            let patch = Operation::patch(format!("{path}/{}", change.facet.path)).permission(change.facet.writing);
            push(Step::Facet(change.facet), patch.body(bytes(&change.body)));
        }
        for change in &self.write.links {
            if change.change == LinkChange::Clear {
                let permission = change.link.written.map_or("", |(_, permission)| permission);
                let clear = Operation::delete(format!("{path}/{}/$ref", change.link.navigation)).permission(permission);
                push(Step::Clear, clear);
            }
        }
        chain
    }

    fn removals(&self) -> Vec<(Step, Operation)> {
        let removal = |difference: &Difference| {
            let link = difference.link;
            let remove = move |member: &String| (Step::Remove(member.clone()), self.at.removal(self.id, link, member));
            difference.remove.iter().map(remove).collect::<Vec<_>>()
        };
        self.differences.iter().flat_map(removal).collect()
    }

    /// What changes sets; each call stands alone, as one of what is there already, or gone, fails and does no harm.
    fn keyed(&self) -> impl Iterator<Item = (Step, Operation)> {
        self.calls().into_iter().map(|(index, call)| {
            let permission = self.write.keyed.get(index).map_or("", |change| change.keyed.permission);
            (Step::Keyed(index, call.reveals, call.verb), keyed::operation(&call, permission))
        })
    }

    fn reads(&self, selection: &Selection, answer: Answer) -> Vec<(Step, Operation)> {
        let top = if answer == Answer::Whole { LARGEST_PAGE } else { SHOWN };
        let links =
            selection.many.iter().map(|link| (Step::ReadLink(link), self.at.read_link(selection, link, self.id, top)));
        let facets = selection.facets.iter().map(|facet| (Step::ReadFacet(facet), self.at.read_facet(facet, self.id)));
        std::iter::once((Step::Read, self.at.read(selection, self.id))).chain(links).chain(facets).collect()
    }

    /// Why a call failed, or what was read, with the links to what is still to be read.
    async fn judge(
        &mut self,
        steps: &[Step],
        outcomes: Vec<Result<Response, Error>>,
    ) -> Result<Option<(Object, Vec<Option<Response>>)>, Failure> {
        let mut object = None;
        let mut is_done_before = false;
        let (mut parts, mut facets) = (Vec::new(), Vec::new());
        let mut failures = Vec::new();
        for (step, outcome) in steps.iter().zip(outcomes) {
            match (step, outcome) {
                (Step::Look, Ok(response)) => self.at.context.trace.was(&value(&response)),
                (Step::Read, Ok(response)) => object = Some(Object::of(&response)?),
                (Step::ReadLink(link), Ok(response)) => parts.push((*link, response)),
                (Step::Keyed(index, true, _), Ok(response)) => {
                    let change = self.write.keyed.get(*index);
                    self.revealed.extend(change.map(|change| Revealed::of(change, value(&response))));
                }
                (Step::ReadFacet(facet), outcome) if is_told(&outcome) => facets.push((*facet, outcome)),
                (_, Ok(_)) => {}
                // To remove what is not there is what was asked for.
                (Step::Clear | Step::Remove(_), Err(error)) if error.kind == Kind::NotFound => {}
                (Step::Keyed(index, _, verb), Err(error))
                    if self.write.keyed.get(*index).is_some_and(|change| keyed::is_done(change, *verb, &error)) =>
                {
                    is_done_before = true;
                }
                // It waited for what was done before.
                (Step::Read | Step::ReadLink(_) | Step::ReadFacet(_), Err(error))
                    if is_done_before && error.kind == Kind::FailedDependency => {}
                (step, Err(error)) => failures.push((step, error)),
            }
        }
        failures.sort_by_key(|(_, error)| error.kind == Kind::FailedDependency);
        if let Some((step, error)) = failures.first() {
            return Err(self.refused(step, error, &failures).await);
        }
        let Some(mut object) = object else { return Ok(None) };
        let mut first_pages = Vec::new();
        for (link, response) in parts {
            object.parts.push(Part::new(link));
            first_pages.push(Some(response));
        }
        for (facet, outcome) in facets {
            self.at.take_facet(&mut object, facet, outcome)?;
        }
        Ok(Some((object, first_pages)))
    }

    /// Reads the pages behind the first ones, or gives the answer up where it is large.
    async fn whole(
        &self,
        mut object: Object,
        first_pages: Vec<Option<Response>>,
        answer: Answer,
    ) -> Result<Option<Object>, Failure> {
        for (part, first) in object.parts.iter_mut().zip(first_pages) {
            let Some(first) = first else { continue };
            if answer == Answer::Whole {
                self.at.rest(part, &first).await?;
            } else if part.take(&first)?.is_some() {
                return Ok(None);
            }
        }
        Ok(Some(object))
    }

    /// What to say of the first failure.
    async fn refused(&self, step: &Step, error: &Error, failures: &[(&Step, Error)]) -> Failure {
        let at = self.at;
        match step {
            Step::Set if error.kind == Kind::NotFound && !error.message.contains(self.id) => {
                scim::Error::invalid_value("there is no user with the id given as manager.value").into()
            }
            Step::Add(index) if is_unknown(error) => match self.differences.get(*index) {
                Some(difference) => {
                    at.refused(self.id, difference.link, vec![(difference.add.clone(), error.clone())]).await
                }
                None => at.missing(error.clone(), self.id),
            },
            Step::Remove(_) => {
                let told = failures.iter().filter_map(|(step, error)| match step {
                    Step::Remove(member) => Some(format!("{member} could not be removed: {error}")),
                    _ => None,
                });
                let told: Vec<String> = told.take(5).collect();
                let mut failure = at.missing(error.clone(), self.id);
                failure.error.detail = told.join("; ");
                failure
            }
            Step::Keyed(index, ..) => match self.write.keyed.get(*index) {
                Some(change) => keyed::refused(change, error, error.clone().into()),
                None => at.missing(error.clone(), self.id),
            },
            Step::Facet(facet) => self.refused_facet(facet, error),
            _ => at.missing(error.clone(), self.id),
        }
    }

    /// What to say where a part with a path of its own cannot be changed.
    fn refused_facet(&self, facet: &Facet, error: &Error) -> Failure {
        let rest = if self.write.body.is_empty() { "" } else { "; the rest was changed" };
        let path = facet.path;
        match error.kind {
            Kind::NotFound if error.code != "Request_ResourceNotFound" => {
                let kind = self.at.mapping.resource_type.name.to_lowercase();
                scim::Error::invalid_value(format!("the {kind} has no {path}{rest}: {error}")).into()
            }
            Kind::Forbidden => {
                let needs = facet.writing;
                scim::Error::forbidden(format!("{path} can only be changed with {needs}{rest}: {error}")).into()
            }
            _ => {
                let mut failure = self.at.missing(error.clone(), self.id);
                failure.error.detail.push_str(rest);
                failure
            }
        }
    }

    /// What was written, as Graph shows it.
    fn written(&self) -> Map<String, Value> {
        let mut written = written(self.write);
        for difference in &self.differences {
            if !(difference.add.is_empty() && difference.remove.is_empty()) {
                written.insert(recent::members_key(difference.link.navigation), difference.written());
            }
        }
        written
    }
}

/// The object in an answer; nothing where it cannot be read, as it is only told.
pub(super) fn value(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

fn is_keyed(step: Option<&(Step, Operation)>) -> bool {
    matches!(step, Some((Step::Keyed(..), _)))
}

/// Whether what came of reading a facet goes into the answer: that there is none does too.
fn is_told(outcome: &Result<Response, Error>) -> bool {
    outcome.as_ref().err().is_none_or(|error| matches!(error.kind, Kind::NotFound | Kind::Forbidden))
}

impl<G, K, R> At<'_, '_, G, K, R> {
    /// The properties, those apart that Graph takes only in a request of their own.
    pub(super) fn bodies(&self, body: &Map<String, Value>) -> Vec<Map<String, Value>> {
        let is_alone = |name: &str| {
            self.mapping.rows.iter().any(|row| row.property.is_single_only() && row.property.root() == name)
        };
        let (alone, rest): (Map<_, _>, Map<_, _>) =
            body.iter().map(|(name, value)| (name.clone(), value.clone())).partition(|(name, _)| is_alone(name));
        [rest, alone].into_iter().filter(|body| !body.is_empty()).collect()
    }
}

/// The properties and relationships with one that were written, as Graph shows them.
pub(super) fn written(write: &Write) -> Map<String, Value> {
    let mut written = write.body.clone();
    for change in &write.links {
        let value = match &change.change {
            LinkChange::Set(id) => json!({ "id": id }),
            LinkChange::Clear => Value::Null,
            LinkChange::Members(_) => continue,
        };
        written.insert(change.link.navigation.to_owned(), value);
    }
    written
}

/// The call that sets a relationship with one.
pub(super) fn set_link(graph_url: &str, path: &str, link: &Link, other: &str) -> Operation {
    let (collection, permission) = link.written.unwrap_or_default();
    let reference = format!("{}/v1.0{collection}/{}", graph_url.trim_end_matches('/'), segment(other));
    let operation = Operation::put(format!("{path}/{}/$ref", link.navigation)).permission(permission);
    operation.body(json!({ "@odata.id": reference }).to_string().into_bytes())
}

pub(super) fn bytes(body: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// Whether the call only reads.
#[must_use]
pub(super) fn is_read(operation: &Operation) -> bool {
    operation.method == Method::GET
}
