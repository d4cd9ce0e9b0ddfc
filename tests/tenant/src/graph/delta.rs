//! `GET /users/delta` and `GET /groups/delta`: all objects once, then what changed since.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::clock;
use crate::contract::ObjectType;
use crate::directory::{Directory, json};
use crate::graph::error::{Error, Result};
use crate::graph::filter::{self, Expression, Literal, Operator};
use crate::graph::select::Selection;
use crate::graph::{Call, token};

mod changes;
mod writer;

use writer::Writer;

/// What a link carries: the query, and where in the history its round stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Link {
    /// The collection it is of; users where a link does not say it.
    #[serde(default)]
    groups: bool,
    select: Option<String>,
    filter: Option<String>,
    /// Where the changes of this round begin; none in the first round, which has all objects.
    since: Option<u32>,
    /// Where the next round begins.
    until: u32,
    /// The digest of the history up to there, by which a restarted tenant knows its own links.
    digest: u64,
    /// The row, or the place among the changes, of the next page; none in a delta link.
    next: Option<u32>,
    /// How many of the parts of that object were on the page before.
    #[serde(default)]
    part: u32,
    /// When the link was made, in milliseconds since 1970.
    #[serde(default)]
    made: i64,
}

/// How many ids `$filter` may name.
const MAX_IDS: usize = 50;

/// A page of the round that the token in the query belongs to.
pub(super) fn page(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let link = link(call, directory, object_type)?;
    let selection = call.shown(Selection::of(object_type, link.select.as_deref())?)?;
    selection.require_directory()?;
    let rows = link.filter.as_deref().map(|text| rows_of_ids(text, directory)).transpose()?;
    let minimal =
        call.request.header("prefer").is_some_and(|value| value.to_ascii_lowercase().contains("return=minimal"));
    let writer = Writer {
        directory,
        object_type,
        context: call.context(&selection.context(object_type.collection())),
        selection: selection.with_id(),
        minimal,
    };
    let size = call.tenant.options().delta_page_size.max(1) as usize;
    let mut out = writer.begin();
    let next = match (link.next, link.since) {
        (Some(next), _) if call.empty_page => Some((next, link.part)),
        (None, _) => None,
        (Some(from), None) => writer.all(rows.as_deref(), (from, link.part), size, &mut out),
        (Some(from), Some(since)) => {
            writer.changed((since, link.until), rows.as_deref(), (from, link.part), size, &mut out)
        }
    };
    let option = if next.is_some() { "skiptoken" } else { "deltatoken" };
    let annotation = if next.is_some() { "nextLink" } else { "deltaLink" };
    let onward = Link { next: next.map(|(next, _)| next), part: next.map_or(0, |(_, part)| part), ..link };
    out.extend_from_slice(format!("],\"@odata.{annotation}\":").as_bytes());
    let (origin, collection) = (call.tenant.origin(), object_type.collection());
    json::string(&mut out, &format!("{origin}/v1.0/{collection}/delta?${option}={}", token::seal(&onward)));
    out.push(b'}');
    Ok(Answer::odata(200, out))
}

/// Where the query stands: at the beginning, now, or where its token says.
fn link(call: &Call<'_>, directory: &Directory, object_type: ObjectType) -> Result<Link> {
    let now = Link {
        groups: object_type == ObjectType::Group,
        select: call.query.select.clone(),
        filter: call.query.filter.clone(),
        since: None,
        until: directory.log.position(),
        digest: directory.log.digest(directory.log.position()).unwrap_or_default(),
        next: Some(0),
        part: 0,
        made: clock::now_in_milliseconds(),
    };
    let lost = || Error::lost_state(call.tenant.origin(), object_type.collection());
    // Only a link of this collection, with the history of this tenant.
    let known = |text: &str| {
        let link: Link = token::open(text).ok_or_else(lost)?;
        let is_known = directory.log.digest(link.until) == Some(link.digest) && link.groups == now.groups;
        if is_known { Ok(link) } else { Err(lost()) }
    };
    match (&call.query.skip_token, call.query.delta_token.as_deref()) {
        (Some(text), _) => {
            let link = known(text)?;
            if call.has_expired(link.made) { Err(lost()) } else { Ok(Link { made: now.made, ..link }) }
        }
        (None, Some("latest")) => Ok(Link { next: None, ..now }),
        (None, None | Some("")) => Ok(now),
        (None, Some(text)) => {
            let before = known(text)?;
            Ok(Link { select: before.select, filter: before.filter, since: Some(before.until), ..now })
        }
    }
}

/// Delta filters by id only: `id eq '…' or id eq '…'`.
fn rows_of_ids(text: &str, directory: &Directory) -> Result<Vec<u32>> {
    fn ids(expression: &Expression, found: &mut Vec<String>) -> bool {
        match expression {
            Expression::Or(left, right) => ids(left, found) && ids(right, found),
            Expression::Test(test) if test.path == "id" && test.operator == Operator::Eq => {
                found.extend(test.literals.iter().filter_map(|literal| match literal {
                    Literal::Text(id) => Some(id.clone()),
                    _ => None,
                }));
                true
            }
            _ => false,
        }
    }
    let mut found = Vec::new();
    if !ids(&filter::parse(text)?, &mut found) || found.is_empty() || found.len() > MAX_IDS {
        return Err(Error::unsupported_query("Delta supports only filters of the form: id eq '...' or id eq '...'."));
    }
    let mut rows: Vec<u32> = found.iter().filter_map(|id| directory.row_of_id(id)).collect();
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}
