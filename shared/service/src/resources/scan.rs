//! Filters and orders that Graph has not: what they could be about is read, and judged here. That is bounded; a query that
//! is about more is refused with advice, because half an answer would be taken for the whole.

use mapping::{LARGEST_PAGE, Reading, Renderer, filter::Query as GraphQuery, selection};
use runtime::{KeyValue, Random};
use scim::{
    Error,
    filter::{Filter, evaluate},
    list::{ListResponse, Query, Start},
    projection::Projection,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    At,
    list::Listed,
    object::unreadable,
    page::{Request, broken_off, origin},
};
use crate::{context::Graph, cursor, failure::Failure, walk};

/// The page where the caller does not say.
const DEFAULT_COUNT: u64 = 100;

/// A resource that matches, as text, and as a tree where the order needs it.
struct Found {
    text: String,
    tree: Value,
}

/// The page that `query` asks for; `graph` is the part of it that Graph can do.
pub(super) async fn listed<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    graph: GraphQuery,
) -> Result<Listed, Failure> {
    let Some(path) = origin(at, &graph.source).await? else { return Ok(Listed::nothing(0, query)) };
    let projection = widened(at, query, &graph.paths)?;
    let wanted = projection.as_ref().unwrap_or(&query.projection);
    let selection = selection(at.mapping, at.context.settings, wanted, Reading::Page);
    at.context.leave_out_of_list(&selection.facets);
    let advanced = graph.advanced || path != at.mapping.collection;
    let request = Request {
        path,
        filter: graph.text,
        order: None,
        advanced,
        unique: graph.unique,
        selection,
        size: LARGEST_PAGE,
        largest: LARGEST_PAGE,
        fingerprint: String::new(),
    };
    let renderer = at.renderer(wanted);
    let mut found = matching(at, &request, &renderer, graph.residual.as_ref(), query).await?;
    if let Some(sort) = &query.sort {
        let resource_type = at.mapping.resource_type;
        found.sort_by_cached_key(|found| scim::sort::key(&found.tree, sort, resource_type));
    }
    page(at, query, found, projection.is_some())
}

/// What is to be read where the query returns less than it looks at; `None` where it returns all of that.
fn widened<G, K, R>(at: &At<'_, '_, G, K, R>, query: &Query, paths: &[String]) -> Result<Option<Projection>, Failure> {
    let sorted = query.sort.as_ref().map(|sort| sort.by.to_string());
    let mut more: Vec<&str> = paths.iter().chain(&sorted).map(String::as_str).collect();
    more.retain(|path| !query.projection.includes(path));
    if more.is_empty() {
        return Ok(None);
    }
    let resource_type = at.mapping.resource_type;
    let core = resource_type.attributes().map(|attribute| attribute.name.to_owned());
    let extended = resource_type.extensions.iter().flat_map(|extension| {
        let schema = extension.schema;
        schema.attributes.iter().map(move |attribute| format!("{}:{}", schema.id, attribute.name))
    });
    let returned: Vec<String> = core.chain(extended).filter(|name| query.projection.includes(name)).collect();
    let names: Vec<&str> = returned.iter().map(String::as_str).chain(more).collect();
    Ok(Some(Projection::parse(Some(&names.join(",")), None, resource_type)?))
}

/// All resources that match.
async fn matching<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    request: &Request,
    renderer: &Renderer<'_>,
    residual: Option<&Filter>,
    query: &Query,
) -> Result<Vec<Found>, Failure> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        value: Vec<&'a RawValue>,
        #[serde(rename = "@odata.nextLink")]
        next: Option<String>,
        #[serde(rename = "@odata.count")]
        count: Option<u64>,
    }
    let mut found = Vec::new();
    let mut operation = request.first(at, LARGEST_PAGE, false);
    let mut scanned = 0;
    loop {
        let response = at.context.send(&operation).await.map_err(|error| broken_off(error.into()))?;
        let page: Page<'_> = serde_json::from_slice(&response.body).map_err(unreadable)?;
        let texts: Vec<&str> = page.value.iter().map(|object| object.get()).collect();
        let is_first = scanned == 0;
        scanned += texts.len() as u64;
        let Some(next) = page.next else {
            judge(at, request, renderer, residual, &texts, &mut found).await?;
            return Ok(found);
        };
        // How much there is, is asked before it is read.
        let count = match (is_first && at.mapping.listing.counted, page.count) {
            (false, _) => 0,
            (true, Some(count)) => count,
            (true, None) => request.counted(at).await?,
        };
        // Where it is not counted, the link to the next page tells that there is more.
        let least = if at.mapping.listing.counted { scanned.max(count) } else { scanned + 1 };
        if least > at.mapping.listing.scanned {
            return Err(too_many(query, least, at.mapping.listing.scanned));
        }
        judge(at, request, renderer, residual, &texts, &mut found).await?;
        operation = request.follow(&next);
    }
}

async fn judge<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    request: &Request,
    renderer: &Renderer<'_>,
    residual: Option<&Filter>,
    texts: &[&str],
    found: &mut Vec<Found>,
) -> Result<(), Failure> {
    for object in request.completed(at, texts).await? {
        let text = object.resource(renderer)?;
        let tree: Value = serde_json::from_str(&text).map_err(unreadable)?;
        if residual.is_none_or(|filter| evaluate(filter, &tree, at.mapping.resource_type)) {
            found.push(Found { text, tree });
        }
    }
    Ok(())
}

fn too_many(query: &Query, count: u64, most: u64) -> Failure {
    let what = if query.filter.is_some() { "this filter" } else { "this order" };
    Error::too_many(format!(
        "Microsoft Graph cannot do {what}, and {count} objects or more would have to be read for it, and {most} are the most: add a \
         condition with eq, sw or ge on a userName, a displayName or another attribute that Graph can filter by"
    ))
    .into()
}

/// Cuts the page out of what matches.
fn page<G: Graph, K: KeyValue, R: Random>(
    at: &At<'_, '_, G, K, R>,
    query: &Query,
    found: Vec<Found>,
    is_wide: bool,
) -> Result<Listed, Failure> {
    let context = at.context;
    let size = query.count.unwrap_or(DEFAULT_COUNT).min(LARGEST_PAGE);
    let filter = query.filter.as_ref().map(ToString::to_string).unwrap_or_default();
    let order = query.sort.as_ref().map(|sort| format!("{} {}", sort.by, sort.descending)).unwrap_or_default();
    let fingerprint = walk::fingerprint(&[
        "scan",
        context.caller,
        at.mapping.collection,
        &filter,
        &order,
        &format!("{:?}", query.projection),
        &size.to_string(),
    ]);
    let total = found.len() as u64;
    let (begin, is_cursor) = match &query.start {
        Start::Cursor(cursor) if cursor.is_empty() => (0, true),
        Start::Cursor(cursor) => {
            let place = cursor::open(&context.seal, &fingerprint, cursor)?;
            (place.parse().map_err(|_| Error::invalid_cursor("the cursor holds no place"))?, true)
        }
        Start::Index(index) => (index.max(&1) - 1, false),
        Start::Default => (0, false),
    };
    let mut listed = Listed::default();
    let skip = usize::try_from(begin).unwrap_or(usize::MAX);
    let take = usize::try_from(size).unwrap_or(usize::MAX);
    for mut found in found.into_iter().skip(skip).take(take) {
        if listed.length > 0 {
            listed.resources.push(b',');
        }
        if is_wide {
            query.projection.apply(&mut found.tree);
            found.text = found.tree.to_string();
        }
        listed.resources.extend_from_slice(found.text.as_bytes());
        listed.length += 1;
    }
    let end = begin + listed.length;
    listed.list = ListResponse {
        total_results: Some(total),
        start_index: (!is_cursor).then_some(begin + 1),
        next_cursor: (is_cursor && end < total && listed.length > 0)
            .then(|| cursor::seal(&context.seal, &fingerprint, &end.to_string())),
        previous_cursor: None,
    };
    Ok(listed)
}
