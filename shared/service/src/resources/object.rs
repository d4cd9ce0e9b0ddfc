//! An object of Graph as it is read: its properties in one text, its relationships in others.

use graph::{Operation, Plan, Response};
use mapping::{Facet, LARGEST_PAGE, Link, Mapping, Renderer, Selection};
use runtime::{KeyValue, Random};
use scim::{Error, projection::Projection};
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::At;
use crate::{
    context::Graph,
    failure::Failure,
    recent::{self, Change, Recent},
};

/// How many pages of one relationship are read: a million members.
const MOST_PAGES: usize = 1_002;

/// An object and those of its relationships that were read apart.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) text: String,
    pub(super) parts: Vec<Part>,
    /// The parts with paths of their own that are there: the path and the text.
    pub(super) facets: Vec<(&'static str, String)>,
}

/// A relationship that was read apart, whole.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) link: &'static Link,
    /// The texts of the objects at the other end.
    pub(super) items: Vec<String>,
}

/// The other end of a relationship, as far as it is looked at here.
#[derive(Deserialize)]
struct Linked {
    id: String,
}

/// A page of a relationship.
#[derive(Deserialize)]
pub(super) struct LinkPage<'a> {
    #[serde(borrow)]
    pub(super) value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

impl Part {
    pub(super) fn new(link: &'static Link) -> Self {
        Self { link, items: Vec::new() }
    }

    /// Takes the items of a page over; the link to the next one is handed back.
    pub(super) fn take(&mut self, response: &Response) -> Result<Option<String>, Failure> {
        let page: LinkPage<'_> = serde_json::from_slice(&response.body).map_err(unreadable)?;
        self.items.extend(page.value.into_iter().map(|item| item.get().to_owned()));
        Ok(page.next)
    }

    /// Its name and its text; none where nothing is at the other end of one.
    fn text(&self) -> Option<(&'static str, String)> {
        let text = match self.link.many {
            true => format!("[{}]", self.items.join(",")),
            false => self.items.first()?.clone(),
        };
        Some((self.link.navigation, text))
    }

    /// The ids of the objects at the other end.
    pub(super) fn ids(&self) -> Vec<String> {
        let id = |item: &String| serde_json::from_str::<Linked>(item).ok().map(|linked| linked.id);
        self.items.iter().filter_map(id).collect()
    }

    /// Lays over what was just written: `{"add": [ids], "remove": [ids]}`.
    fn lay_over(&mut self, written: &Value) {
        let ids = |name: &str| {
            let ids = written.get(name).and_then(Value::as_array).into_iter().flatten();
            ids.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect::<Vec<_>>()
        };
        let removed = ids("remove");
        let id_of = |item: &str| serde_json::from_str::<Linked>(item).map(|linked| linked.id.to_ascii_lowercase());
        self.items.retain(|item| id_of(item).is_ok_and(|id| !removed.contains(&id)));
        let present: Vec<String> = self.items.iter().filter_map(|item| id_of(item).ok()).collect();
        for id in ids("add").into_iter().filter(|id| !present.contains(id)) {
            // Graph does not show it yet, so its type is a guess; mostly right.
            self.items.push(json!({ "@odata.type": "#microsoft.graph.user", "id": id }).to_string());
        }
    }
}

impl Object {
    /// An object of which only the properties were read.
    pub(super) fn of(response: &Response) -> Result<Self, Failure> {
        let text = std::str::from_utf8(&response.body).map_err(unreadable)?;
        Ok(Self { text: text.to_owned(), ..Self::default() })
    }

    /// The object with this id, out of a list.
    fn found(&self, id: &str) -> Result<Option<Self>, Failure> {
        let page: LinkPage<'_> = serde_json::from_str(&self.text).map_err(unreadable)?;
        let objects = page.value.into_iter().map(|item| Self { text: item.get().to_owned(), ..Self::default() });
        Ok(objects.into_iter().find(|object| object.id().eq_ignore_ascii_case(id)))
    }

    /// The id of the object.
    pub(super) fn id(&self) -> String {
        serde_json::from_str::<Linked>(&self.text).map(|object| object.id).unwrap_or_default()
    }

    /// Whether it is of another type than those of `mapping`, as far as Graph says of which it is.
    fn is_foreign(&self, mapping: &Mapping) -> bool {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(rename = "@odata.type", borrow)]
            odata_type: Option<&'a str>,
        }
        let typed = serde_json::from_str::<Typed<'_>>(&self.text).ok().and_then(|typed| typed.odata_type);
        typed.is_some_and(|name| name.strip_prefix("#microsoft.graph.") != Some(mapping.graph_type))
    }

    /// Lays what was written last over what was read.
    pub(super) fn lay_over(&mut self, written: &Map<String, Value>) -> Result<(), Failure> {
        if written.is_empty() {
            return Ok(());
        }
        let mut object: Map<String, Value> = serde_json::from_str(&self.text).map_err(unreadable)?;
        recent::lay_over(&mut object, written);
        self.text = Value::Object(object).to_string();
        for part in &mut self.parts {
            if let Some(written) = written.get(&recent::members_key(part.link.navigation)) {
                part.lay_over(written);
            }
        }
        Ok(())
    }

    /// The resource as text.
    pub(super) fn resource(&self, renderer: &Renderer<'_>) -> Result<String, Failure> {
        self.with_parts(|parts| renderer.resource(&self.text, parts))
    }

    /// The resource as a tree.
    pub(super) fn value(&self, renderer: &Renderer<'_>) -> Result<Value, Failure> {
        self.with_parts(|parts| renderer.value(&self.text, parts))
    }

    fn with_parts<T>(
        &self,
        render: impl FnOnce(&[(&str, &str)]) -> Result<T, mapping::Unreadable>,
    ) -> Result<T, Failure> {
        let texts: Vec<(&str, String)> = self.parts.iter().filter_map(Part::text).collect();
        let parts: Vec<(&str, &str)> =
            texts.iter().chain(&self.facets).map(|(name, text)| (*name, text.as_str())).collect();
        render(&parts).map_err(unreadable)
    }
}

/// An answer that is not what Graph documents.
pub(super) fn unreadable(error: impl std::fmt::Display) -> Failure {
    Error::bad_gateway(format!("the answer of Microsoft Graph cannot be read: {error}")).into()
}

impl<G: Graph, K: KeyValue, R: Random> At<'_, '_, G, K, R> {
    /// What lays out resources cut to `projection`.
    pub(super) fn renderer<'p>(&'p self, projection: &'p Projection) -> Renderer<'p> {
        Renderer::new(self.mapping, self.context.settings, projection, self.base)
    }

    /// The call that reads the properties of an object.
    pub(super) fn read(&self, selection: &Selection, id: &str) -> Operation {
        let path = if self.mapping.listing.one_of_list { self.mapping.collection.to_owned() } else { self.path(id) };
        let operation =
            Operation::get(path).permission(self.mapping.reading).query("$select", selection.select.clone());
        match selection.one {
            Some(link) => operation.query("$expand", selection.expand(link)),
            None => operation,
        }
    }

    /// The call that reads the first `top` objects of a relationship.
    pub(super) fn read_link(&self, selection: &Selection, link: &'static Link, id: &str, top: u64) -> Operation {
        let read = Operation::get(link.read_path(&self.path(id), id)).permission(link.reading);
        match (link.is_shown_whole(), link.paged) {
            (true, _) => read,
            (false, true) => read.query("$select", selection.linked(link)).query("$top", top.to_string()),
            (false, false) => read.query("$select", selection.linked(link)),
        }
    }

    /// The call that reads a part with a path of its own.
    pub(super) fn read_facet(&self, facet: &'static Facet, id: &str) -> Operation {
        Operation::get(format!("{}/{}", self.path(id), facet.path)).permission(facet.reading)
    }

    /// Takes such a part over, if there is one and it may be read.
    pub(super) fn take_facet(
        &self,
        object: &mut Object,
        facet: &'static Facet,
        outcome: Result<Response, graph::Error>,
    ) -> Result<(), Failure> {
        match outcome {
            Ok(response) => {
                let text = std::str::from_utf8(&response.body).map_err(unreadable)?;
                object.facets.push((facet.path, text.to_owned()));
            }
            // Not every user has a mailbox, or a picture.
            Err(error) if error.kind == graph::Kind::NotFound => {}
            Err(error) if error.kind == graph::Kind::Forbidden => self.context.leave_out_facet(facet),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The object with all that `selection` wants of it, and with what was written last over it.
    pub(super) async fn fetch(&self, selection: &Selection, id: &str) -> Result<Object, Failure> {
        let recent = recent::load(self.context.store, &self.memory(id), self.context.now).await;
        if recent.as_ref().is_some_and(|recent| recent.change == Change::Deleted) {
            return Err(self.gone(id));
        }
        let mut operations = vec![known(self.read(selection, id), recent.as_ref())];
        for link in &selection.many {
            operations.push(known(self.read_link(selection, link, id, LARGEST_PAGE), recent.as_ref()));
        }
        operations.extend(selection.facets.iter().map(|facet| self.read_facet(facet, id)));
        let mut outcomes = self.context.run(&Plan { operations }).await?.into_iter();
        let mut object = match (outcomes.next(), &recent) {
            (Some(Ok(response)), _) => Object::of(&response)?,
            // Made a moment ago, and Graph does not show it yet.
            (Some(Err(error)), Some(recent))
                if recent.change == Change::Made && error.kind == graph::Kind::NotFound =>
            {
                Object { text: Value::Object(recent.properties()).to_string(), ..Object::default() }
            }
            (Some(Err(error)), _) => return Err(self.missing(error, id)),
            (None, _) => return Err(unreadable("it says nothing")),
        };
        if self.mapping.listing.one_of_list {
            object = object.found(id)?.ok_or_else(|| self.gone(id))?;
        }
        if self.mapping.is_cast() && object.is_foreign(self.mapping) {
            return Err(self.gone(id));
        }
        for (link, outcome) in selection.many.iter().zip(outcomes.by_ref()) {
            let mut part = Part::new(link);
            match outcome {
                Ok(response) => self.rest(&mut part, &response).await?,
                Err(error) if recent.is_some() && error.kind == graph::Kind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            object.parts.push(part);
        }
        for (facet, outcome) in selection.facets.iter().zip(outcomes) {
            self.take_facet(&mut object, facet, outcome)?;
        }
        if let Some(recent) = &recent {
            object.lay_over(&recent.properties())?;
        }
        Ok(object)
    }

    /// Refuses what has the id and is no object of the mapping's type, where objects of several types are in one place: the
    /// caller may have rights to those of one type only.
    pub(super) async fn permit_type(&self, id: &str) -> Result<(), Failure> {
        if !self.mapping.is_cast() {
            return Ok(());
        }
        let look = Operation::get(self.path(id)).permission(self.mapping.reading).query("$select", "id");
        let found = self.context.send(&look).await.map_err(|error| self.missing(error, id))?;
        if Object::of(&found)?.is_foreign(self.mapping) { Err(self.gone(id)) } else { Ok(()) }
    }

    /// Takes a first page of a relationship over, and reads the pages behind it.
    pub(super) async fn rest(&self, part: &mut Part, first: &Response) -> Result<(), Failure> {
        let mut next = part.take(first)?;
        for _ in 0..MOST_PAGES {
            let Some(link) = next else { return Ok(()) };
            next = part.take(&self.context.send(&Operation::link(link)).await?)?;
        }
        if next.is_some() {
            return Err(Error::too_many(format!(
                "{} has more values than can be read at once: leave it out with excludedAttributes",
                part.link.path()
            ))
            .into());
        }
        Ok(())
    }

    /// The ids at the other end of a relationship, all of them.
    pub(super) async fn ids(&self, link: &'static Link, id: &str) -> Result<Vec<String>, Failure> {
        let operation = Operation::get(format!("{}/{}", self.path(id), link.navigation))
            .permission(link.reading)
            .query("$select", "id");
        let operation = if link.paged { operation.query("$top", LARGEST_PAGE.to_string()) } else { operation };
        let recent = recent::load(self.context.store, &self.memory(id), self.context.now).await;
        let operation = known(operation, recent.as_ref());
        let first = self.context.send(&operation).await.map_err(|error| self.missing(error, id))?;
        let mut part = Part::new(link);
        self.rest(&mut part, &first).await?;
        if let Some(written) = recent.and_then(|recent| recent.members(link.navigation)) {
            part.lay_over(&written);
        }
        Ok(part.ids())
    }
}

/// The call, told whether what it is about was made a moment ago.
pub(super) fn known(operation: Operation, recent: Option<&Recent>) -> Operation {
    if recent.is_some_and(|recent| recent.change == Change::Made) { operation.known() } else { operation }
}
