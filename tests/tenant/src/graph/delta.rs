//! `GET /users/delta`: all users once, then what changed since.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::clock;
use crate::contract::ObjectType;
use crate::directory::change_log::Kind;
use crate::directory::item::Item;
use crate::directory::{Directory, State, json};
use crate::graph::error::{Error, Result};
use crate::graph::filter::{self, Expression, Literal, Operator};
use crate::graph::select::Selection;
use crate::graph::{Call, token};

/// What a link carries: the query, and where in the history its round stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Link {
    select: Option<String>,
    filter: Option<String>,
    /// Where the changes of this round begin; none in the first round, which has all users.
    since: Option<u32>,
    /// Where the next round begins.
    until: u32,
    /// The digest of the history up to there, by which a restarted tenant knows its own links.
    digest: u64,
    /// The row, or the place among the changes, of the next page; none in a delta link.
    next: Option<u32>,
    /// When the link was made, in milliseconds since 1970.
    #[serde(default)]
    made: i64,
}

/// What happened to a user in a round, all of it together.
#[derive(Default)]
struct Changes {
    properties: BTreeSet<String>,
    whole: bool,
    manager_before: Option<Option<u32>>,
    gone: bool,
    last: usize,
}

/// How many ids `$filter` may name.
const MAX_IDS: usize = 50;

/// A page of the round that the token in the query belongs to.
pub(super) fn page(call: &Call<'_>) -> Result<Answer> {
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let now = Link {
        select: call.query.select.clone(),
        filter: call.query.filter.clone(),
        since: None,
        until: directory.log.position(),
        digest: directory.log.digest(directory.log.position()).unwrap_or_default(),
        next: Some(0),
        made: clock::now_in_milliseconds(),
    };
    let link = match (&call.query.skip_token, call.query.delta_token.as_deref()) {
        (Some(text), _) => {
            let link = known(call, directory, text)?;
            if call.has_expired(link.made) {
                return Err(Error::lost_state(call.tenant.origin()));
            }
            Link { made: now.made, ..link }
        }
        (None, Some("latest")) => Link { next: None, ..now },
        (None, None | Some("")) => now,
        (None, Some(text)) => {
            let before = known(call, directory, text)?;
            Link { select: before.select, filter: before.filter, since: Some(before.until), ..now }
        }
    };
    let selection = call.shown(Selection::of(ObjectType::User, link.select.as_deref())?)?;
    selection.require_directory()?;
    let rows = link.filter.as_deref().map(|text| rows_of_ids(text, directory)).transpose()?;
    let minimal =
        call.request.header("prefer").is_some_and(|value| value.to_ascii_lowercase().contains("return=minimal"));
    let writer = Writer {
        directory,
        context: call.context(&selection.context("users")),
        selection: selection.with_id(),
        minimal,
    };
    let size = call.tenant.options().delta_page_size.max(1) as usize;
    let mut out = writer.begin();
    let next = match (link.next, link.since) {
        (next, _) if call.empty_page => next,
        (None, _) => None,
        (Some(from), None) => writer.all(rows.as_deref(), from, size, &mut out),
        (Some(from), Some(since)) => writer.changed(&link, since, rows.as_deref(), from as usize, size, &mut out),
    };
    let option = if next.is_some() { "skiptoken" } else { "deltatoken" };
    let annotation = if next.is_some() { "nextLink" } else { "deltaLink" };
    let onward = token::seal(&Link { next, ..link });
    out.extend_from_slice(format!("],\"@odata.{annotation}\":").as_bytes());
    json::string(&mut out, &format!("{}/v1.0/users/delta?${option}={onward}", call.tenant.origin()));
    out.push(b'}');
    Ok(Answer::odata(200, out))
}

/// The link of a token, when its history is the one of this tenant.
fn known(call: &Call<'_>, directory: &Directory, text: &str) -> Result<Link> {
    let lost = || Error::lost_state(call.tenant.origin());
    let link: Link = token::open(text).ok_or_else(lost)?;
    if directory.log.digest(link.until) == Some(link.digest) { Ok(link) } else { Err(lost()) }
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
    Ok(rows)
}

struct Writer<'a> {
    directory: &'a Directory,
    context: String,
    selection: Selection,
    minimal: bool,
}

impl Writer<'_> {
    fn begin(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 * 1024);
        out.extend_from_slice(b"{\"@odata.context\":");
        json::string(&mut out, &self.context);
        out.extend_from_slice(b",\"value\":[");
        out
    }

    /// A page of all users; returns the row after it when there are more.
    fn all(&self, only: Option<&[u32]>, from: u32, size: usize, out: &mut Vec<u8>) -> Option<u32> {
        let rows: Box<dyn Iterator<Item = u32>> = match only {
            Some(rows) => Box::new(rows.iter().copied().filter(move |row| *row >= from)),
            None => Box::new(from..self.directory.rows()),
        };
        let mut users = rows.filter_map(|row| self.directory.user(row));
        let whole = Changes { whole: true, ..Changes::default() };
        let mut written = 0;
        while written < size {
            self.item(&users.next()?, &whole, written == 0, out);
            written += 1;
        }
        users.next().map(|user| user.row)
    }

    /// A page of the changes of a round; returns the place after it when there are more.
    fn changed(
        &self,
        link: &Link,
        since: u32,
        only: Option<&[u32]>,
        from: usize,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Option<u32> {
        let mut by_row: BTreeMap<u32, Changes> = BTreeMap::new();
        for (place, change) in self.directory.log.between(since, link.until).iter().enumerate() {
            if self.directory.type_of(change.row) == ObjectType::User
                && only.is_none_or(|rows| rows.contains(&change.row))
            {
                by_row.entry(change.row).or_default().add(&change.kind, place);
            }
        }
        let mut changes: Vec<(u32, Changes)> =
            by_row.into_iter().filter(|(_, changes)| self.concerns(changes)).collect();
        changes.sort_by_key(|(_, changes)| changes.last);
        for (position, (row, changes)) in changes.iter().skip(from).take(size).enumerate() {
            match self.directory.user(*row) {
                Some(user) => self.item(&user, changes, position == 0, out),
                None => self.removed(*row, position == 0, out),
            }
        }
        (from + size < changes.len()).then_some((from + size) as u32)
    }

    /// `$select` restricts what is tracked.
    fn concerns(&self, changes: &Changes) -> bool {
        let selected = |name: &String| {
            self.selection.names.is_empty()
                || self.selection.names.contains(name)
                || self.selection.names.iter().any(|known| known == "*")
        };
        changes.whole
            || changes.gone
            || changes.properties.iter().any(selected)
            || (changes.manager_before.is_some() && self.selection.tracks("manager"))
    }

    fn item(&self, user: &Item<'_>, changes: &Changes, first: bool, out: &mut Vec<u8>) {
        if !first {
            out.push(b',');
        }
        out.push(b'{');
        for column in self.selection.columns(ObjectType::User) {
            let changed = changes.properties.contains(column.name());
            if self.minimal && !changes.whole && !changed && column.name() != "id" {
                continue;
            }
            let start = out.len();
            if !column.write(user, out) {
                continue;
            }
            // What was never set is left out; what was cleared is null.
            if !changed && out.ends_with(b":null") {
                out.truncate(start);
                continue;
            }
            out.push(b',');
        }
        if self.selection.tracks("manager") {
            self.manager(user.row, changes, out);
        }
        if out.ends_with(b",") {
            out.pop();
        }
        out.push(b'}');
    }

    /// `manager@delta`: the manager there is, and the one there was when it is another.
    fn manager(&self, row: u32, changes: &Changes, out: &mut Vec<u8>) {
        if !changes.whole && changes.manager_before.is_none() {
            return;
        }
        let now = self.directory.manager(row);
        let before = changes.manager_before.flatten().filter(|before| Some(*before) != now);
        let id = |row: u32| {
            [State::Live, State::Deleted, State::Purged]
                .iter()
                .find_map(|state| self.directory.item_in(row, *state))
                .map(|user| user.id())
        };
        let added = now.and_then(id).map(|id| format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{id}"}}"##));
        let removed = before.and_then(id).map(|id| {
            format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{id}","@removed":{{"reason":"deleted"}}}}"##)
        });
        let items: Vec<String> = added.into_iter().chain(removed).collect();
        if !items.is_empty() {
            out.extend_from_slice(format!("\"manager@delta\":[{}],", items.join(",")).as_bytes());
        }
    }

    fn removed(&self, row: u32, first: bool, out: &mut Vec<u8>) {
        let (user, reason) = match self.directory.item_in(row, State::Deleted) {
            Some(user) => (Some(user), "changed"),
            None => (self.directory.item_in(row, State::Purged), "deleted"),
        };
        let Some(user) = user else { return };
        if !first {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"id\":");
        json::string(out, &user.id());
        out.extend_from_slice(format!(r#","@removed":{{"reason":"{reason}"}}}}"#).as_bytes());
    }
}

impl Changes {
    fn add(&mut self, kind: &Kind, place: usize) {
        self.last = place;
        match kind {
            Kind::Created => self.whole = true,
            Kind::Deleted | Kind::Purged => self.gone = true,
            Kind::Linked { .. } => {}
            Kind::Updated { properties, manager_before } => {
                self.properties.extend(properties.iter().cloned());
                if self.manager_before.is_none() {
                    self.manager_before = *manager_before;
                }
            }
        }
    }
}
