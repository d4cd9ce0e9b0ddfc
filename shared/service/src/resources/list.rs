//! `GET /Users` — queries users. RFC 7644 section 3.4.2; cursors: RFC 9865.
//!
//! A page is one call of Graph. Its `$count` is asked for once, when a walk by index begins. A page by index goes on with
//! the link that the page before it left; where there is none, the pages before it are read again, 999 users a call.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use graph::{Operation, Plan, Response, segment};
use http::StatusCode;
use mapping::{
    filter::{Translation, translate},
    read::{Reading, Selection, selection},
};
use runtime::{KeyValue, Random};
use scim::{
    Error,
    list::{ListResponse, Query, Start},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Outcome,
    get::{EXPAND_MANAGER, parsed},
};
use crate::{
    answer,
    context::{Context, Graph},
    cursor,
    failure::Failure,
    gated, walk,
};

/// The page where the caller does not say.
const DEFAULT_COUNT: u64 = 100;
/// The largest page of Graph.
const MAX_COUNT: u64 = 999;
/// The largest page that tells when users last signed in
/// (<https://learn.microsoft.com/graph/api/user-list#optional-query-parameters>).
const MAX_SIGN_IN_COUNT: u64 = 120;
/// How many empty pages are passed over.
const MAX_EMPTY: usize = 10;
/// How many pages a jump by index may read.
const MAX_JUMP: u64 = 100;

/// A page of Graph.
#[derive(Default, Deserialize)]
struct Page {
    value: Vec<Value>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
}

/// A query as Graph understands it.
struct Request<'a> {
    base: &'a str,
    query: &'a Query,
    /// How many users a page has.
    size: u64,
    /// How many users a call may read.
    largest: u64,
    filter: Option<String>,
    advanced: bool,
    unique: bool,
    selection: Selection,
    fingerprint: String,
}

pub(super) async fn list<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    query: &Query,
) -> Outcome {
    if query.sort.is_some() {
        return Err(Error::not_implemented("sortBy is not supported: sort the resources yourself").into());
    }
    let (filter, advanced, unique) =
        match query.filter.as_ref().map(|filter| translate(context.settings, filter)).transpose()? {
            None => (None, false, false),
            Some(Translation::Query { text, advanced, unique }) => (Some(text), advanced, unique),
            Some(Translation::Nothing) => {
                let list = ListResponse { total_results: Some(0), start_index: Some(1), ..ListResponse::default() };
                return Ok(answer::json(StatusCode::OK, list.write(std::iter::empty::<&[u8]>())));
            }
        };
    let selection = selection(context.settings, &query.projection, Reading::Page);
    let largest = if selection.select.contains("signInActivity") { MAX_SIGN_IN_COUNT } else { MAX_COUNT };
    let size = query.count.unwrap_or(DEFAULT_COUNT).min(largest);
    let count = size.to_string();
    let names = (selection.select.as_str(), if selection.manager { "manager" } else { "" });
    let seal = URL_SAFE_NO_PAD.encode(context.seal);
    let fingerprint =
        walk::fingerprint(&[&seal, context.caller, filter.as_deref().unwrap_or_default(), names.0, names.1, &count]);
    let request = Request { base, query, size, largest, filter, advanced, unique, selection, fingerprint };
    match &query.start {
        Start::Cursor(cursor) => by_cursor(context, &request, cursor).await,
        Start::Index(index) => by_index(context, &request, (*index).max(1)).await,
        Start::Default => by_index(context, &request, 1).await,
    }
}

impl Request<'_> {
    /// The call that reads the first `top` users; `counted` also asks how many there are.
    fn first(&self, top: u64, counted: bool) -> Operation {
        let mut operation = Operation::get("/users")
            .permission("User.Read.All")
            .query("$select", self.selection.select.clone())
            .query("$top", top.to_string());
        if let Some(filter) = &self.filter {
            operation = operation.query("$filter", filter.clone());
        }
        // Graph does not expand in advanced queries: the managers are then read apart.
        if self.selection.manager && !self.advanced {
            operation = operation.query("$expand", EXPAND_MANAGER);
        }
        if self.advanced || (counted && !self.selection.manager) {
            operation = operation.query("$count", "true").eventual();
        }
        operation
    }

    fn count(&self) -> Operation {
        let operation = Operation::get("/users/$count").permission("User.Read.All").eventual();
        match &self.filter {
            Some(filter) => operation.query("$filter", filter.clone()),
            None => operation,
        }
    }

    fn follow(&self, link: &str) -> Operation {
        // Graph wants the header of an advanced query on each page.
        if link.contains("$count=true") { Operation::link(link).eventual() } else { Operation::link(link) }
    }
}

async fn by_cursor<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    cursor: &str,
) -> Outcome {
    let operation = if cursor.is_empty() {
        request.first(request.size.max(1), false)
    } else {
        let link = cursor::open(&context.seal, &request.fingerprint, cursor)?;
        context.leave_out(gated::left_out_of(&link, &request.selection.select));
        request.follow(&link)
    };
    let mut page = read(context, request, &operation).await.map_err(expired)?;
    let next_cursor = page.next.take().map(|link| cursor::seal(&context.seal, &request.fingerprint, &link));
    finish(context, request, page.value, ListResponse { next_cursor, ..ListResponse::default() }).await
}

/// A page that has something on it, or is the last: Graph may answer with an empty one and a link to the next, and a
/// client would take it for the end (<https://learn.microsoft.com/graph/paging>).
async fn read<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    operation: &Operation,
) -> Result<Page, ReadError> {
    let mut page = page(&context.send(operation).await?)?;
    let count = page.count;
    for _ in 0..MAX_EMPTY {
        let Some(link) = page.next.as_deref().filter(|_| page.value.is_empty()) else { break };
        page = self::page(&context.send(&request.follow(link)).await?)?;
    }
    if page.value.is_empty() && page.next.is_some() {
        return Err(
            Failure::from(Error::unavailable("Microsoft Graph answers with one empty page after the other")).into()
        );
    }
    Ok(Page { count: count.or(page.count), ..page })
}

/// Why there is no page.
enum ReadError {
    /// Graph no longer knows the page that the link leads to.
    Expired,
    Failed(Failure),
}

impl From<graph::Error> for ReadError {
    fn from(error: graph::Error) -> Self {
        if error.kind == graph::Kind::Gone || error.code == "Directory_ExpiredPageToken" {
            return Self::Expired;
        }
        Self::Failed(error.into())
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn expired(error: ReadError) -> Failure {
    match error {
        ReadError::Expired => Error::expired_cursor("the cursor has expired: begin again without a cursor").into(),
        ReadError::Failed(failure) => failure,
    }
}

/// A link that expired in the middle of an answer that is read from the start.
fn broken_off(error: ReadError) -> Failure {
    match error {
        ReadError::Expired => Error::unavailable("Microsoft Graph lost its place between two pages: ask again").into(),
        ReadError::Failed(failure) => failure,
    }
}

async fn by_index<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    index: u64,
) -> Outcome {
    let count = request.size;
    if count == 0 {
        let total = number(&context.send(&request.count()).await?)?;
        let list = ListResponse { total_results: Some(total), start_index: Some(index), ..ListResponse::default() };
        return finish(context, request, Vec::new(), list).await;
    }
    let mut walk = walk::load(&context.store, &request.fingerprint).await;
    let remembered = walk.link(index).filter(|_| index > 1).map(str::to_owned);
    let remembered = match remembered {
        Some(link) => match read(context, request, &request.follow(&link)).await {
            Ok(page) => {
                context.leave_out(gated::left_out_of(&link, &request.selection.select));
                Some((page, walk.total))
            }
            // The memory is not the truth: the place is found again from the start.
            Err(ReadError::Expired) => None,
            Err(ReadError::Failed(failure)) => return Err(failure),
        },
        None => None,
    };
    let (page, total) = match remembered {
        Some(found) => found,
        None if index == 1 => begin(context, request, count).await?,
        None => jump(context, request, index, count).await?,
    };
    let seen = index - 1 + page.value.len() as u64;
    walk.total = total.or(walk.total);
    // Graph's count may lag behind its pages; what was seen is certain.
    let total = match (page.next.is_some(), page.count) {
        (_, Some(counted)) => counted.max(if page.value.is_empty() { 0 } else { seen }),
        (true, None) => walk.total.unwrap_or(seen).max(seen + 1),
        (false, None) => seen,
    };
    if let Some(link) = &page.next {
        walk.remember(index + page.value.len() as u64, link);
        walk::save(&context.store, &walk).await;
    }
    let list = ListResponse { total_results: Some(total), start_index: Some(index), ..ListResponse::default() };
    finish(context, request, page.value, list).await
}

/// The first page and how many users there are, in one call.
async fn begin<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    top: u64,
) -> Result<(Page, Option<u64>), Failure> {
    let first = request.first(top, !request.unique);
    // A count beside $expand is a query of its own; a batch keeps the two one call.
    if request.unique || request.advanced || !request.selection.manager {
        let page = read(context, request, &first).await.map_err(broken_off)?;
        let total = page.count;
        return Ok((page, total));
    }
    let answers = context.all(&Plan { operations: vec![first, request.count()] }).await?;
    match answers.as_slice() {
        [first, count] => {
            let (first, count) = (page(first)?, number(count)?);
            match first.next.as_deref().filter(|_| first.value.is_empty()) {
                None => Ok((first, Some(count))),
                Some(link) => {
                    let page = read(context, request, &request.follow(link)).await.map_err(broken_off)?;
                    Ok((page, Some(count)))
                }
            }
        }
        _ => Err(Error::bad_gateway("Microsoft Graph answered only part of a batch").into()),
    }
}

/// The page at `index` where nothing is remembered: everything before it is read again.
async fn jump<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    index: u64,
    count: u64,
) -> Result<(Page, Option<u64>), Failure> {
    if (index + count) / request.largest >= MAX_JUMP {
        return Err(Error::too_many(format!(
            "startIndex {index} cannot be reached without the pages before it: walk from 1, or use cursor"
        ))
        .into());
    }
    let (mut chunk, total) = begin(context, request, request.largest).await?;
    let mut skipped = 0;
    let mut found = Vec::new();
    loop {
        let length = chunk.value.len() as u64;
        let skip = usize::try_from((index - 1).saturating_sub(skipped)).unwrap_or(usize::MAX);
        let room = usize::try_from(count).unwrap_or(usize::MAX) - found.len();
        found.extend(chunk.value.into_iter().skip(skip).take(room));
        skipped += length;
        let Some(link) = chunk.next.filter(|_| (found.len() as u64) < count) else {
            let total = total.unwrap_or(skipped).max(skipped);
            // The link of a large page leads past the end of this one, so none is handed on.
            return Ok((Page { value: found, next: None, count: Some(total) }, Some(total)));
        };
        chunk = read(context, request, &request.follow(&link)).await.map_err(broken_off)?;
    }
}

fn page(response: &Response) -> Result<Page, Failure> {
    serde_json::from_slice(&response.body)
        .map_err(|error| Error::bad_gateway(format!("the page of Microsoft Graph cannot be read: {error}")).into())
}

/// `/users/$count` answers with a bare number.
fn number(response: &Response) -> Result<u64, Failure> {
    let text = String::from_utf8_lossy(&response.body);
    let digits = text.trim_start_matches('\u{feff}').trim().trim_matches('"');
    digits.parse().map_err(|_| Error::bad_gateway("the count of Microsoft Graph is not a number").into())
}

async fn finish<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    request: &Request<'_>,
    mut users: Vec<Value>,
    list: ListResponse,
) -> Result<http::Response<Bytes>, Failure> {
    if request.selection.manager && request.advanced {
        add_managers(context, &mut users).await?;
    }
    let resources = users.iter().map(|user| {
        let mut resource = mapping::render(context.settings, user, request.base);
        request.query.projection.apply(&mut resource);
        resource.to_string()
    });
    Ok(answer::json(StatusCode::OK, list.write(resources)))
}

/// Reads the managers of users that came without, twenty users a call.
async fn add_managers<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    users: &mut Vec<Value>,
) -> Result<(), Failure> {
    let operations = users.iter().map(|user| {
        let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
        Operation::get(format!("/users/{}", segment(id)))
            .permission("User.Read.All")
            .query("$select", "id")
            .query("$expand", EXPAND_MANAGER)
    });
    let plan = Plan { operations: operations.collect() };
    let outcomes = context.run(&plan).await?;
    let mut there = Vec::with_capacity(users.len());
    for (mut user, outcome) in users.drain(..).zip(outcomes) {
        match outcome {
            Ok(answer) => {
                let manager = parsed(&answer.body)?.get("manager").cloned();
                if let (Some(user), Some(manager)) = (user.as_object_mut(), manager) {
                    user.insert("manager".to_owned(), manager);
                }
                there.push(user);
            }
            // Deleted a moment ago: the index of advanced queries lags behind.
            Err(error) if error.kind == graph::Kind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    *users = there;
    Ok(())
}
