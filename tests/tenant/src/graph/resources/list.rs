//! Lists of collections, page by page, and how many objects they have.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::directory::Object;
use crate::directory::replicas::Replicas;
use crate::graph::error::{Error, Result};
use crate::graph::resources::{Collection, body, shown};
use crate::graph::{Call, filter, list};

/// A page of the list.
pub(super) fn page(call: &Call<'_>, collection: &Collection) -> Result<Answer> {
    check_options(call, collection)?;
    let replicas = call.tenant.replicas();
    let found = found(call, &replicas, collection)?;
    let from = list::place(call)? as usize;
    let size = call.query.top.map_or(collection.page, |top| top as usize);
    let size = if call.empty_page { 0 } else { size };
    let end = from.saturating_add(size).min(found.len());
    let objects = found.iter().take(end).skip(from);
    let objects =
        objects.map(|object| shown::members(call, &replicas, collection, object)).collect::<Result<Vec<_>>>()?;
    let mut answer = Object::new();
    answer.insert("@odata.context".to_owned(), json!(call.context(&shown::context(call, collection))));
    if call.query.count && call.query.skip_token.is_none() {
        answer.insert("@odata.count".to_owned(), json!(found.len()));
    }
    if end < found.len() {
        answer.insert("@odata.nextLink".to_owned(), json!(list::next_link(call, end as u32)));
    }
    answer.insert("value".to_owned(), json!(objects));
    Ok(Answer::odata(200, Value::Object(answer).to_string().into_bytes()))
}

/// A plain number.
pub(super) fn count(call: &Call<'_>, collection: &Collection) -> Result<Answer> {
    check_options(call, collection)?;
    let replicas = call.tenant.replicas();
    let total = found(call, &replicas, collection)?.len();
    Ok(Answer::of(200, "text/plain", total.to_string().into_bytes()))
}

fn check_options(call: &Call<'_>, collection: &Collection) -> Result<()> {
    let query = &call.query;
    let given = [
        ("$filter", query.filter.is_some()),
        ("$orderby", query.order_by.is_some()),
        ("$search", query.search.is_some()),
        ("$expand", query.expand.is_some()),
        ("$top", query.top.is_some()),
        ("$count", query.count),
    ];
    let refused = given.iter().find(|(option, is_given)| *is_given && !collection.options.contains(option));
    let collection = collection.path;
    refused.map_or(Ok(()), |(option, _)| {
        Err(Error::unsupported_query(format!("The query option '{option}' is not supported on {collection}.")))
    })
}

/// The objects that fit the filter, in the order that is asked for.
fn found(call: &Call<'_>, replicas: &Replicas, collection: &Collection) -> Result<Vec<Object>> {
    let mut objects = (collection.read)(call, replicas, collection)?;
    if let Some(text) = &call.query.filter {
        let expression = filter::parse(text)?;
        filter::check_table(&expression, body::properties(collection), collection.filter)?;
        objects.retain(|object| filter::fits(&expression, &Subject(object)));
    }
    if let Some(text) = &call.query.order_by {
        order(&mut objects, text, collection)?;
    }
    Ok(objects)
}

fn order(objects: &mut [Object], text: &str, collection: &Collection) -> Result<()> {
    let (property, direction) = text.trim().split_once(' ').unwrap_or((text.trim(), "asc"));
    if !collection.order_by.contains(&property) || !["asc", "desc"].contains(&direction) {
        return Err(Error::unsupported_query("Sorting not supported for current query."));
    }
    let key = |object: &Object| object.get(property).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    objects.sort_by_cached_key(key);
    if direction == "desc" {
        objects.reverse();
    }
    Ok(())
}

/// An object as a filter sees it.
struct Subject<'a>(&'a Object);

impl filter::Subject for Subject<'_> {
    fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }
}
