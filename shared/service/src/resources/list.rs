//! `GET /Users` — queries resources. RFC 7644 section 3.4.2; cursors: RFC 9865.
//!
//! A page is one call of Graph. Its `$count` is asked for once, when a walk by index begins. A page by index goes on with
//! the link that the page before it left; where there is none, the pages before it are read again, 999 objects a call. A
//! filter or an order that Graph has not is applied here, to all that it could be about (`scan.rs`).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use mapping::{
    LARGEST_PAGE, Reading,
    filter::{Query as GraphQuery, Translation, translate},
    order::orderby,
    selection,
};
use runtime::{KeyValue, Random};
use scim::{
    Error,
    list::{ListResponse, Query, Start},
};

use super::{
    At, Outcome,
    page::{Fetched, ReadError, Request, broken_off, origin},
    scan,
};
use crate::{
    answer,
    context::Graph,
    cursor,
    failure::Failure,
    gated,
    walk::{self, Place},
};

/// The page where the caller does not say.
const DEFAULT_COUNT: u64 = 100;
/// The largest page that tells when users last signed in
/// (<https://learn.microsoft.com/graph/api/user-list#optional-query-parameters>).
const MAX_SIGN_IN_COUNT: u64 = 120;
/// How many pages a jump by index may read.
const MAX_JUMP: u64 = 100;

/// A page of resources.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// The resources, joined by commas.
    pub(crate) resources: Vec<u8>,
    /// How many there are.
    pub(crate) length: u64,
    /// What the list says beside them.
    pub(crate) list: ListResponse,
}

impl Listed {
    fn of(fetched: Fetched, list: ListResponse) -> Self {
        Self { resources: fetched.resources, length: fetched.length, list }
    }

    /// No resource at all.
    pub(super) fn nothing(total: u64, query: &Query) -> Self {
        let start_index = match query.start {
            Start::Cursor(_) => None,
            Start::Index(index) => Some(index.max(1)),
            Start::Default => Some(1),
        };
        let list = ListResponse { total_results: Some(total), start_index, ..ListResponse::default() };
        Self { list, ..Self::default() }
    }

    /// The message.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let footer = self.list.footer(self.length);
        [ListResponse::HEADER.as_bytes(), &self.resources, footer.as_bytes()].concat()
    }
}

pub(super) async fn list<G: Graph, K: KeyValue, R: Random>(at: &At<'_, '_, G, K, R>, query: &Query) -> Outcome {
    Ok(answer::json(StatusCode::OK, listed(at, query).await?.into_bytes()))
}

/// The page that `query` asks for.
pub(crate) async fn listed<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
) -> Result<Listed, Failure> {
    let settings = at.context.settings;
    let translated = query.filter.as_ref().map(|filter| translate(at.mapping, settings, filter)).transpose()?;
    let graph = match translated {
        None => GraphQuery::default(),
        Some(Translation::Query(query)) => query,
        Some(Translation::Nothing) => return Ok(Listed::nothing(0, query)),
    };
    let order = query.sort.as_ref().map(|sort| orderby(at.mapping, settings, sort, graph.text.is_some()));
    let listing = at.mapping.listing;
    if graph.residual.is_some() || matches!(order, Some(None)) || listing.largest.is_none() {
        return scan::listed(at, query, graph).await;
    }
    let order = order.flatten();
    let Some(path) = origin(at, &graph.source).await? else { return Ok(Listed::nothing(0, query)) };
    let selection = selection(at.mapping, settings, &query.projection, Reading::Page);
    at.context.leave_out_of_list(&selection.facets);
    let largest = match listing.largest {
        _ if selection.select.contains("signInActivity") => MAX_SIGN_IN_COUNT,
        largest => largest.unwrap_or(LARGEST_PAGE),
    };
    let size = query.count.unwrap_or(DEFAULT_COUNT).min(largest);
    let is_related = path != at.mapping.collection;
    let advanced = graph.advanced || is_related || order.as_ref().is_some_and(|order| order.advanced);
    let mut request = Request {
        path,
        filter: graph.text,
        order: order.map(|order| order.text),
        advanced,
        unique: graph.unique,
        selection,
        size,
        largest,
        fingerprint: String::new(),
    };
    let links: Vec<&str> = request.links().map(|link| link.navigation).collect();
    request.fingerprint = walk::fingerprint(&[
        &URL_SAFE_NO_PAD.encode(at.context.seal),
        at.context.caller,
        &request.path,
        request.filter.as_deref().unwrap_or_default(),
        request.order.as_deref().unwrap_or_default(),
        &request.selection.select,
        &links.join(","),
        &size.to_string(),
    ]);
    match &query.start {
        Start::Cursor(cursor) => by_cursor(at, query, &request, cursor).await,
        Start::Index(index) => by_index(at, query, &request, (*index).max(1)).await,
        Start::Default => by_index(at, query, &request, 1).await,
    }
}

async fn by_cursor<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    request: &Request,
    cursor: &str,
) -> Result<Listed, Failure> {
    let context = at.context;
    let operation = if cursor.is_empty() {
        request.first(at, request.size.max(1), false)
    } else {
        let link = cursor::open(&context.seal, &request.fingerprint, cursor)?;
        context.leave_out(gated::left_out_of(&link, &request.selection.select));
        request.follow(&link)
    };
    let renderer = at.renderer(&query.projection);
    let mut page = request.fetch(at, &renderer, &operation, 0, u64::MAX).await.map_err(expired)?;
    let next_cursor = page.next.take().map(|place| cursor::seal(&context.seal, &request.fingerprint, &place.link));
    Ok(Listed::of(page, ListResponse { next_cursor, ..ListResponse::default() }))
}

/// What to say when Graph does not know the place of a cursor any more.
fn expired(error: ReadError) -> Failure {
    match error {
        ReadError::Expired => {
            Error::expired_cursor("Microsoft Graph no longer knows the place: begin again with an empty cursor").into()
        }
        ReadError::Failed(failure) => failure,
    }
}

async fn by_index<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    request: &Request,
    index: u64,
) -> Result<Listed, Failure> {
    let context = at.context;
    if request.size == 0 {
        let total = match at.mapping.listing.counted {
            true => request.counted(at).await?,
            // What Graph does not count is at least what is seen.
            false => {
                let (renderer, first) = (at.renderer(&query.projection), request.first(at, 1, false));
                let page = request.fetch(at, &renderer, &first, 0, 1).await.map_err(broken_off)?;
                page.length + u64::from(page.next.is_some())
            }
        };
        let list = ListResponse { total_results: Some(total), start_index: Some(index), ..ListResponse::default() };
        return Ok(Listed { list, ..Listed::default() });
    }
    let remembered = match index {
        1 => None,
        index => walk::load(context.store, &request.fingerprint, index).await,
    };
    let found = match remembered {
        Some((place, total)) => match walk_on(at, query, request, &place).await {
            Ok(page) => {
                context.leave_out(gated::left_out_of(&place.link, &request.selection.select));
                Some((page, total))
            }
            // The memory is not the truth: the place is found again from the start.
            Err(ReadError::Expired) => None,
            Err(ReadError::Failed(failure)) => return Err(failure),
        },
        None => None,
    };
    let (page, counted) = match found {
        Some(found) => found,
        None if index == 1 => begin(at, query, request, request.size, 0).await?,
        None => jump(at, query, request, index).await?,
    };
    let seen = index - 1 + page.length;
    let counted = page.count.or(counted);
    // Graph's count may lag behind its pages; what was seen is certain.
    let total = match (&page.next, page.count) {
        (_, Some(counted)) => counted.max(if page.length == 0 { 0 } else { seen }),
        (Some(_), None) => counted.unwrap_or(seen).max(seen + 1),
        (None, None) => seen,
    };
    if let Some(place) = &page.next {
        walk::save(context.store, &request.fingerprint, seen + 1, place.clone(), counted).await;
    }
    let list = ListResponse { total_results: Some(total), start_index: Some(index), ..ListResponse::default() };
    Ok(Listed::of(page, list))
}

/// The page at a place.
async fn walk_on<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    request: &Request,
    place: &Place,
) -> Result<Fetched, ReadError> {
    let renderer = at.renderer(&query.projection);
    let mut page = request.fetch(at, &renderer, &request.follow(&place.link), place.skip, request.size).await?;
    // What is left of a large page may be less than this one has room for.
    while let Some(next) =
        page.next.clone().filter(|next| page.length < request.size && next.skip == 0 && place.skip > 0)
    {
        let room = request.size - page.length;
        page.append(request.fetch(at, &renderer, &request.follow(&next.link), 0, room).await?);
    }
    Ok(page)
}

/// The first objects, from `skip` on, and how many there are, in one call.
async fn begin<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    request: &Request,
    top: u64,
    skip: u64,
) -> Result<(Fetched, Option<u64>), Failure> {
    let renderer = at.renderer(&query.projection);
    let first = request.first(at, top.max(1), !request.unique);
    // A count beside $expand is a query of its own; a batch keeps the two one call.
    if request.unique || request.advanced || !request.expands() || !at.mapping.listing.counted {
        let page = request.fetch(at, &renderer, &first, skip, request.size).await.map_err(broken_off)?;
        let total = page.count;
        return Ok((page, total));
    }
    let (mut page, total) = request.fetch_counted(at, &renderer, &first, skip, request.size).await?;
    page.count = Some(total);
    Ok((page, Some(total)))
}

/// The page at `index` where nothing is remembered: everything before it is read again.
async fn jump<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    request: &Request,
    index: u64,
) -> Result<(Fetched, Option<u64>), Failure> {
    if (index + request.size) / request.largest >= MAX_JUMP {
        return Err(Error::too_many(format!(
            "startIndex {index} cannot be reached without the pages before it: walk from 1, or use cursor"
        ))
        .into());
    }
    let renderer = at.renderer(&query.projection);
    let (mut page, total) = begin(at, query, request, request.largest, index - 1).await?;
    page.count = None;
    let mut passed = page.passed;
    while let Some(next) = page.next.clone().filter(|next| page.length < request.size && next.skip == 0) {
        let skip = (index - 1).saturating_sub(passed);
        let room = request.size - page.length;
        let more = request.fetch(at, &renderer, &request.follow(&next.link), skip, room).await.map_err(broken_off)?;
        passed += more.passed;
        page.append(more);
    }
    if page.next.is_none() {
        // All was read, so what was passed is what there is.
        page.count = Some(passed.max(index - 1 + page.length).min(total.unwrap_or(u64::MAX).max(passed)));
    }
    Ok((page, total))
}
