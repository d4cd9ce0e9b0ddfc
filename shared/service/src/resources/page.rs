//! A page of Graph: what is asked, and the resources that it becomes.

use bytes::Bytes;
use graph::{Kind, Operation, Plan, Response, segment};
use mapping::{LARGEST_PAGE, Link, Renderer, Selection, filter::Source};
use runtime::{KeyValue, Random};
use scim::Error;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    At,
    object::{Object, Part, unreadable},
};
use crate::{context::Graph, failure::Failure, walk::Place};

/// How many empty pages are passed over.
const MAX_EMPTY: usize = 10;
/// How many objects `$expand` gives at most; there may be more.
const EXPANDED: usize = 20;

/// A query as Graph understands it.
pub(super) struct Request {
    /// The collection.
    pub(super) path: String,
    pub(super) filter: Option<String>,
    pub(super) order: Option<String>,
    pub(super) advanced: bool,
    /// Whether it names one object at most.
    pub(super) unique: bool,
    pub(super) selection: Selection,
    /// How many objects a page has.
    pub(super) size: u64,
    /// How many objects a call may read.
    pub(super) largest: u64,
    /// What tells the query from others.
    pub(super) fingerprint: String,
}

/// Resources that were read.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// The resources, joined by commas.
    pub(super) resources: Vec<u8>,
    /// How many they are.
    pub(super) length: u64,
    /// How many objects there were before and among them.
    pub(super) passed: u64,
    /// Where the one after them is.
    pub(super) next: Option<Place>,
    /// How many objects match in all, where that was asked for.
    pub(super) count: Option<u64>,
}

impl Fetched {
    /// Takes over what comes behind.
    pub(super) fn append(&mut self, more: Self) {
        if self.length > 0 && more.length > 0 {
            self.resources.push(b',');
        }
        self.resources.extend_from_slice(&more.resources);
        self.length += more.length;
        self.passed += more.passed;
        self.next = more.next;
    }
}

/// Why there is no page.
pub(super) enum ReadError {
    /// Graph no longer knows the page that the link leads to.
    Expired,
    Failed(Failure),
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<graph::Error> for ReadError {
    fn from(error: graph::Error) -> Self {
        let is_expired = matches!(error.kind, Kind::Gone | Kind::BadRequest)
            && ["Directory_ExpiredPageToken", "syncStateNotFound"].contains(&error.code.as_str());
        if is_expired || error.kind == Kind::Gone { Self::Expired } else { Self::Failed(error.into()) }
    }
}

/// What to say when the place is lost between two pages of one request.
pub(super) fn broken_off(error: ReadError) -> Failure {
    match error {
        ReadError::Expired => Error::unavailable("Microsoft Graph lost its place between two pages: ask again").into(),
        ReadError::Failed(failure) => failure,
    }
}

/// The collection to look through; `None` where there is no such object.
pub(super) async fn origin<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    source: &Source,
) -> Result<Option<String>, Failure> {
    let Source::Relation { id, relation } = source else { return Ok(Some(at.mapping.collection.to_owned())) };
    let cast = at.mapping.graph_type;
    let below = |collection: &str| format!("{collection}/{}/{relation}/microsoft.graph.{cast}", segment(id));
    // Only groups have members and owners.
    if ["members", "owners"].contains(relation) {
        return Ok(Some(below("/groups")));
    }
    let look = |collection: &str| {
        Operation::get(format!("{collection}/{}", segment(id))).permission("Directory.Read.All").query("$select", "id")
    };
    if cast != "user" {
        let collections = ["/users", "/groups", "/servicePrincipals", "/contacts"];
        let plan = Plan { operations: collections.into_iter().map(look).collect() };
        let outcomes = at.context.run(&plan).await?;
        for (collection, outcome) in collections.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => return Ok(Some(below(collection))),
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::Forbidden | Kind::BadRequest) => {}
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(None);
    }
    Ok(Some(below("/users")))
}

impl Request {
    /// The relationships that are wanted too.
    pub(super) fn links(&self) -> impl Iterator<Item = &'static Link> {
        self.selection.one.into_iter().chain(self.selection.many.iter().copied())
    }

    /// The relationship that Graph gives with the objects; it does so for one, and not in advanced queries.
    fn expanded(&self) -> Option<&'static Link> {
        self.links().next().filter(|link| !self.advanced && !link.is_shown_whole())
    }

    /// Whether Graph gives a relationship with the objects.
    pub(super) fn expands(&self) -> bool {
        self.expanded().is_some()
    }

    /// The call that reads the first `top` objects; `counted` also asks how many there are.
    pub(super) fn first<G, K, R>(&self, at: &At<'_, '_, G, K, R>, top: u64, counted: bool) -> Operation {
        let listing = at.mapping.listing;
        let mut operation =
            Operation::get(&self.path).permission(at.mapping.reading).query("$select", self.selection.select.clone());
        if let Some(largest) = listing.largest {
            operation = operation.query("$top", top.min(largest).to_string());
        }
        if let Some(filter) = &self.filter {
            operation = operation.query("$filter", filter.clone());
        }
        if let Some(order) = &self.order {
            operation = operation.query("$orderby", order.clone());
        }
        if let Some(link) = self.expanded() {
            operation = operation.query("$expand", self.selection.expand(link));
        }
        if self.advanced || (counted && listing.counted && !self.expands()) {
            operation = operation.query("$count", "true").eventual();
        }
        operation
    }

    /// The call that counts.
    pub(super) fn count(&self) -> Operation {
        let operation = Operation::get(format!("{}/$count", self.path)).eventual();
        match &self.filter {
            Some(filter) => operation.query("$filter", filter.clone()),
            None => operation,
        }
    }

    /// How many objects match.
    pub(super) async fn counted<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
    ) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Counted {
            #[serde(rename = "@odata.count")]
            count: u64,
        }
        if !at.mapping.is_cast() {
            return number(&at.context.send(&self.count()).await?);
        }
        let page = at.context.send(&self.first(at, 1, true)).await?;
        serde_json::from_slice::<Counted>(&page.body).map(|page| page.count).map_err(unreadable)
    }

    pub(super) fn follow(&self, link: &str) -> Operation {
        // Graph wants the header of an advanced query on each page.
        if link.contains("$count=true") || link.contains("%24count=true") {
            Operation::link(link).eventual()
        } else {
            Operation::link(link)
        }
    }

    /// Up to `take` resources of a page, after the first `skip`.
    ///
    /// Graph may answer with an empty page and a link to the next, which a client would take for the end; such are passed
    /// over (<https://learn.microsoft.com/graph/paging>).
    pub(super) async fn fetch<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
        renderer: &Renderer<'_>,
        operation: &Operation,
        skip: u64,
        take: u64,
    ) -> Result<Fetched, ReadError> {
        let mut response = at.context.send(operation).await?;
        let mut link = self.link_of(at, operation);
        let mut count = None;
        for _ in 0..=MAX_EMPTY {
            let mut fetched = self.rendered(at, renderer, &response.body, &link, skip, take).await?;
            count = count.or(fetched.count);
            match &fetched.next {
                Some(next) if fetched.passed == 0 => {
                    link.clone_from(&next.link);
                    response = at.context.send(&self.follow(&link)).await?;
                }
                _ => {
                    fetched.count = count;
                    return Ok(fetched);
                }
            }
        }
        let failure = Error::unavailable("Microsoft Graph answers with one empty page after the other");
        Err(ReadError::Failed(failure.into()))
    }

    /// As [`Request::fetch`], and how many there are, in one exchange.
    pub(super) async fn fetch_counted<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
        renderer: &Renderer<'_>,
        first: &Operation,
        skip: u64,
        take: u64,
    ) -> Result<(Fetched, u64), Failure> {
        let plan = Plan { operations: vec![first.clone(), self.count()] };
        let answers = at.context.all(&plan).await?;
        let [page, count] = answers.as_slice() else {
            return Err(unreadable("it answers only part of a batch"));
        };
        let count = number(count)?;
        let link = self.link_of(at, first);
        let fetched = self.rendered(at, renderer, &page.body, &link, skip, take).await.map_err(broken_off)?;
        match &fetched.next {
            Some(next) if fetched.passed == 0 => {
                let next = self.follow(&next.link);
                Ok((self.fetch(at, renderer, &next, skip, take).await.map_err(broken_off)?, count))
            }
            _ => Ok((fetched, count)),
        }
    }

    /// What leads to a page again.
    fn link_of<G, K, R>(&self, at: &At<'_, '_, G, K, R>, operation: &Operation) -> String {
        let url = operation.url();
        if url.starts_with('/') { format!("{}/v1.0{url}", at.context.graph_url.trim_end_matches('/')) } else { url }
    }

    async fn rendered<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
        renderer: &Renderer<'_>,
        body: &Bytes,
        link: &str,
        skip: u64,
        take: u64,
    ) -> Result<Fetched, ReadError> {
        let mut resources = Vec::with_capacity(body.len());
        let range = skip..skip.saturating_add(take);
        let (found, next, count, length) = if self.links().next().is_none() || self.is_expanded_whole() {
            let page = renderer.page(body, range.clone(), &mut resources).map_err(unreadable)?;
            (page.found, page.next, page.count, page.length)
        } else {
            let page: ObjectPage<'_> = serde_json::from_slice(body).map_err(unreadable)?;
            let found = page.value.len() as u64;
            let wanted: Vec<&str> = (0..)
                .zip(&page.value)
                .filter(|(index, _)| range.contains(index))
                .map(|(_, object)| object.get())
                .collect();
            let objects = self.completed(at, &wanted).await?;
            let length = objects.len() as u64;
            for object in objects {
                if !resources.is_empty() {
                    resources.push(b',');
                }
                resources.extend_from_slice(object.resource(renderer)?.as_bytes());
            }
            (found, page.next, page.count, length)
        };
        let next = match found > range.end {
            true => Some(Place { link: link.to_owned(), skip: range.end }),
            false => next.map(|link| Place { link, skip: 0 }),
        };
        Ok(Fetched { resources, length, passed: found.min(range.end), next, count })
    }

    /// Whether all relationships that are wanted are with one object, and Graph gives them with the objects.
    fn is_expanded_whole(&self) -> bool {
        self.selection.many.is_empty() && self.expands()
    }

    /// The objects with their relationships, each in full; one that was deleted meanwhile is left out.
    pub(super) async fn completed<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
        texts: &[&str],
    ) -> Result<Vec<Object>, Failure> {
        let mut objects: Vec<Option<Object>> =
            texts.iter().map(|text| Some(Object { text: (*text).to_owned(), ..Object::default() })).collect();
        let mut wanted = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let known: Known<'_> = serde_json::from_str(text).map_err(unreadable)?;
            for link in self.links() {
                let is_expanded = self.expanded().is_some_and(|expanded| std::ptr::eq(expanded, link));
                if !is_expanded || (link.many && known.is_cut(link)) {
                    wanted.push((index, link, self.part(at, link, &known.id)));
                }
            }
        }
        while !wanted.is_empty() {
            let operations = wanted.iter().map(|(_, _, operation)| operation.clone()).collect();
            let outcomes = at.context.run(&Plan { operations }).await?;
            let mut more = Vec::new();
            for ((index, link, _), outcome) in wanted.into_iter().zip(outcomes) {
                let Some(slot) = objects.get_mut(index) else { continue };
                let Some(object) = slot else { continue };
                match outcome {
                    Ok(response) => {
                        let part = object.part(link);
                        if let Some(next) = part.take_any(&response)? {
                            more.push((index, link, Operation::link(next)));
                        }
                    }
                    // Deleted a moment ago: the index of advanced queries lags behind.
                    Err(error) if error.kind == Kind::NotFound => *slot = None,
                    Err(error) => return Err(error.into()),
                }
            }
            wanted = more;
        }
        Ok(objects.into_iter().flatten().collect())
    }

    /// The call that reads a relationship of an object.
    fn part<G: Graph, K: KeyValue, R: Random>(
        &self,
        at: &At<'_, '_, G, K, R>,
        link: &'static Link,
        id: &str,
    ) -> Operation {
        if link.many {
            return at.read_link(&self.selection, link, id, LARGEST_PAGE);
        }
        Operation::get(at.path(id))
            .permission(link.reading)
            .query("$select", "id")
            .query("$expand", self.selection.expand(link))
    }
}

/// A page of objects whose relationships are looked at.
#[derive(Deserialize)]
struct ObjectPage<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
}

/// What is looked at of an object.
#[derive(Deserialize)]
struct Known<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(default)]
    members: Vec<IgnoredAny>,
    #[serde(default)]
    owners: Vec<IgnoredAny>,
}

impl Known<'_> {
    /// Whether Graph may have given only some of a relationship.
    fn is_cut(&self, link: &Link) -> bool {
        let given = match link.navigation {
            "members" => self.members.len(),
            "owners" => self.owners.len(),
            _ => EXPANDED,
        };
        given >= EXPANDED
    }
}

impl Object {
    /// The relationship, empty where nothing of it was read yet.
    fn part(&mut self, link: &'static Link) -> &mut Part {
        let index = self.parts.iter().position(|part| std::ptr::eq(part.link, link)).unwrap_or(self.parts.len());
        if index == self.parts.len() {
            self.parts.push(Part::new(link));
        }
        match self.parts.get_mut(index) {
            Some(part) => part,
            None => unreachable!("it was pushed above"),
        }
    }
}

impl Part {
    /// Takes a page over, or the object at the other end.
    fn take_any(&mut self, response: &Response) -> Result<Option<String>, Failure> {
        if self.link.many {
            return self.take(response);
        }
        let object: std::collections::BTreeMap<String, &RawValue> =
            serde_json::from_slice(&response.body).map_err(unreadable)?;
        self.items.extend(object.get(self.link.navigation).map(|other| other.get().to_owned()));
        Ok(None)
    }
}

/// `/users/$count` answers with a bare number.
fn number(response: &Response) -> Result<u64, Failure> {
    let text = String::from_utf8_lossy(&response.body);
    let digits = text.trim_start_matches('\u{feff}').trim().trim_matches('"');
    digits.parse().map_err(|_| Error::bad_gateway("the count of Microsoft Graph is not a number").into())
}
