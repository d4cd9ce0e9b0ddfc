//! Lists: `GET /users`, `GET /groups`, their `/$count`, what was deleted, and what a relationship leads to.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::clock;
use crate::contract::ObjectType;
use crate::directory::item::Item;
use crate::directory::{Directory, State, json};
use crate::graph::error::{Error, Result};
use crate::graph::filter::{self, Expression};
use crate::graph::ordered::Order;
use crate::graph::query::Query;
use crate::graph::search::Search;
use crate::graph::security_attributes;
use crate::graph::select::{Selection, permit};
use crate::graph::{Call, Candidate, token};

/// Where a page begins: the row, or in an ordered list the place in it; and the query it belongs to.
#[derive(Deserialize, Serialize)]
struct Next {
    query: String,
    from: u32,
    /// When the link was made, in milliseconds since 1970.
    #[serde(default)]
    made: i64,
}

/// What a list is of.
pub(super) struct Scope {
    /// The types of objects that it can hold.
    pub(super) types: Vec<ObjectType>,
    pub(super) rows: Rows,
    /// Whether it is of references instead of objects.
    pub(super) references: bool,
    /// Whether all of it is on one page.
    pub(super) whole: bool,
}

/// Where the objects of a list are from.
pub(super) enum Rows {
    /// All in this state.
    All(State),
    /// These, in order.
    Of(Vec<u32>),
}

/// What a query wants of each object.
struct Conditions<'a> {
    scope: &'a Scope,
    filter: Option<Expression>,
    search: Option<Search>,
    order: Option<Order>,
}

/// `GET /users`, `GET /groups`, and the deleted ones.
pub(super) fn all(call: &Call<'_>, object_type: ObjectType, state: State) -> Result<Answer> {
    let scope = Scope { types: vec![object_type], rows: Rows::All(state), references: false, whole: false };
    page(call, call.tenant.replicas().seen(), &scope)
}

/// `GET /users/$count`, `GET /groups/$count`.
pub(super) fn count_all(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let scope = Scope { types: vec![object_type], rows: Rows::All(State::Live), references: false, whole: false };
    count(call, call.tenant.replicas().seen(), &scope)
}

/// How many there are: a plain number.
pub(super) fn count(call: &Call<'_>, directory: &Directory, scope: &Scope) -> Result<Answer> {
    if !call.query.eventual {
        return Err(Error::request("$count is not currently supported."));
    }
    // The segment is a count of itself: its filter needs no `$count=true`.
    let conditions = Conditions::read(call, scope, true)?;
    let total = conditions.total(directory);
    Ok(Answer::of(200, "text/plain", total.to_string().into_bytes()))
}

/// A page of the list.
pub(super) fn page(call: &Call<'_>, directory: &Directory, scope: &Scope) -> Result<Answer> {
    let query = &call.query;
    let conditions = Conditions::read(call, scope, query.is_advanced())?;
    check_combination(query, &conditions)?;
    let selection = scope.selection(call)?;
    if selection.expansion.as_ref().is_some_and(|expansion| expansion.is_chain()) {
        return Err(Error::unsupported_query("$levels is only supported for a single user."));
    }
    let from = place(call)?;
    let size = match query.top {
        None if scope.whole => usize::MAX,
        top => top.unwrap_or(call.tenant.options().page_size.max(1)) as usize,
    };
    let (rows, next) =
        if call.empty_page { (Vec::new(), Some(from)) } else { conditions.rows(call, directory, from, size) };

    let mut out = Vec::with_capacity(512 + rows.len() * 1_536);
    out.extend_from_slice(b"{\"@odata.context\":");
    json::string(&mut out, &call.context(&scope.context(&selection)));
    // Graph counts only on the first page, and ignores `$count` without the header.
    if query.is_advanced() && query.skip_token.is_none() {
        out.extend_from_slice(format!(",\"@odata.count\":{}", conditions.total(directory)).as_bytes());
    }
    if let Some(from) = next {
        out.extend_from_slice(b",\"@odata.nextLink\":");
        json::string(&mut out, &next_link(call, from));
    }
    out.extend_from_slice(b",\"value\":[");
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        match scope.item(directory, *row) {
            Some(item) if scope.references => call.write_reference(&item.id(), &mut out),
            Some(item) => selection.write(&item, directory, &mut out),
            None => {}
        }
    }
    out.extend_from_slice(b"]}");
    Ok(Answer::odata(200, out))
}

/// Where the page begins that the query asks for: at the start, or where its token says.
pub(super) fn place(call: &Call<'_>) -> Result<u32> {
    let Some(text) = &call.query.skip_token else { return Ok(0) };
    let next: Next = token::open(text).ok_or_else(|| Error::request("The skip token is not valid."))?;
    let belongs = token::fingerprint(&call.request.path, &call.query.repeated);
    if next.query != belongs || call.has_expired(next.made) { Err(Error::expired_page()) } else { Ok(next.from) }
}

/// The link to the page of this query that begins there.
pub(super) fn next_link(call: &Call<'_>, from: u32) -> String {
    let query = &call.query.repeated;
    let belongs = token::fingerprint(&call.request.path, query);
    let skip_token = token::seal(&Next { query: belongs, from, made: clock::now_in_milliseconds() });
    let repeated = if query.is_empty() { String::new() } else { format!("{query}&") };
    format!("{}{}?{repeated}$skiptoken={skip_token}", call.tenant.origin(), call.request.path)
}

fn check_combination(query: &Query, conditions: &Conditions<'_>) -> Result<()> {
    if conditions.search.is_some() && !query.eventual {
        return Err(Error::unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    if conditions.filter.is_some() && conditions.order.is_some() && !query.is_advanced() {
        return Err(Error::unsupported_query("Sorting not supported for current query."));
    }
    let restricted = conditions.filter.is_some() || conditions.search.is_some();
    // The pages say that advanced queries do not support $expand; a plain one may carry both.
    if query.expand.is_some() && restricted && query.is_advanced() {
        return Err(Error::unsupported_query("Advanced queries do not support $expand."));
    }
    Ok(())
}

impl Scope {
    /// The object of a row, when the list can hold it.
    fn item<'a>(&self, directory: &'a Directory, row: u32) -> Option<Item<'a>> {
        let state = match self.rows {
            Rows::All(state) => state,
            Rows::Of(_) => State::Live,
        };
        directory.item_in(row, state).filter(|item| self.types.contains(&item.object_type))
    }

    fn selection(&self, call: &Call<'_>) -> Result<Selection> {
        let selection = match (self.types.as_slice(), &self.rows) {
            ([one], Rows::All(_)) => Selection::read(*one, &call.query)?,
            ([one], Rows::Of(_)) => Selection::of(*one, call.query.select.as_deref())?,
            _ => Selection::of_any(call.query.select.as_deref())?,
        };
        let selection = call.shown(selection)?;
        selection.require_directory()?;
        Ok(selection)
    }

    fn context(&self, selection: &Selection) -> String {
        match (self.types.as_slice(), &self.rows) {
            _ if self.references => "Collection($ref)".to_owned(),
            ([one], Rows::All(State::Deleted)) => {
                selection.context(&format!("directory/deletedItems/microsoft.graph.{}", one.name()))
            }
            ([one], _) => selection.context(one.collection()),
            _ => selection.context("directoryObjects"),
        }
    }
}

impl<'a> Conditions<'a> {
    fn read(call: &Call<'_>, scope: &'a Scope, advanced: bool) -> Result<Self> {
        let query = &call.query;
        let filter = query.filter.as_deref().map(filter::parse).transpose()?;
        if let Some(filter) = &filter {
            filter::check(filter, &scope.types, advanced)?;
            let tests_hidden = query.filter.as_deref().is_some_and(|text| text.contains(security_attributes::PROPERTY));
            if tests_hidden && !security_attributes::are_shown(call.grant) {
                return Err(Error::denied());
            }
            let extensions = call.tenant.extensions();
            let unknown = filter::extensions_of(filter)
                .into_iter()
                .find(|name| !scope.types.iter().any(|one| extensions.find(name, *one).is_some()));
            if let Some(name) = unknown {
                return Err(Error::unknown_property(name));
            }
            for property in ["signInActivity", "employeeLeaveDateTime"] {
                if query.filter.as_deref().is_some_and(|text| text.contains(property)) {
                    permit(call, property)?;
                }
            }
        }
        let search = query.search.as_deref().map(|text| Search::parse(text, &scope.types)).transpose()?;
        let order = query.order_by.as_deref().map(|text| Order::read(text, &scope.types)).transpose()?;
        Ok(Self { scope, filter, search, order })
    }

    fn is_met(&self, item: &Item<'_>, directory: &Directory) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter::fits(filter, &Candidate { item, directory }))
            && self.search.as_ref().is_none_or(|search| search.finds(item))
    }

    fn row_meets(&self, row: u32, directory: &Directory) -> bool {
        self.scope.item(directory, row).is_some_and(|item| self.is_met(&item, directory))
    }

    /// How many objects meet the conditions.
    fn total(&self, directory: &Directory) -> usize {
        match (&self.scope.rows, self.scope.types.as_slice()) {
            (Rows::All(State::Live), [one]) if self.filter.is_none() && self.search.is_none() => {
                directory.count_of(*one)
            }
            _ => self.candidates(directory, 0).filter(|row| self.row_meets(*row, directory)).count(),
        }
    }

    /// The rows of a page, and where the next one begins when there is one.
    fn rows(&self, call: &Call<'_>, directory: &Directory, from: u32, size: usize) -> (Vec<u32>, Option<u32>) {
        if let Some(order) = &self.order {
            let name = format!("{} {} {}", directory.log.position(), call.request.path, ordered_part(&call.query));
            let sorted = call.tenant.orders().rows(&name, || self.sorted(order, directory));
            let rows: Vec<u32> = sorted.iter().skip(from as usize).take(size).copied().collect();
            let end = from as usize + rows.len();
            return (rows, (end < sorted.len()).then_some(end as u32));
        }
        let mut found =
            self.candidates(directory, from).filter(|row| *row >= from).filter(|row| self.row_meets(*row, directory));
        let rows: Vec<u32> = found.by_ref().take(size).collect();
        let next = found.next();
        (rows, next)
    }

    /// The rows that may meet the conditions, in order; a few, also earlier ones, where an index leads to them.
    fn candidates<'b>(&'b self, directory: &'b Directory, from: u32) -> Box<dyn Iterator<Item = u32> + 'b> {
        let key = self.filter.as_ref().and_then(filter::key_of);
        match (&self.scope.rows, key, self.scope.types.as_slice()) {
            (Rows::Of(rows), Some(("id", id)), _) => {
                let row = directory.row_of_id(id).filter(|row| rows.binary_search(row).is_ok());
                Box::new(row.into_iter())
            }
            (Rows::Of(rows), ..) => Box::new(rows.iter().copied()),
            (Rows::All(State::Live), Some(("id", id)), _) => Box::new(directory.row_of_id(id).into_iter()),
            (Rows::All(State::Live), Some((property, address)), _) => {
                Box::new(directory.rows_of(property, address).into_iter())
            }
            (Rows::All(State::Live), None, [one]) => directory.rows_of_type(*one, from),
            _ => Box::new(directory.deleted_rows()),
        }
    }

    fn sorted(&self, order: &Order, directory: &Directory) -> Vec<u32> {
        let mut keyed: Vec<(String, u32)> = Vec::new();
        for row in self.candidates(directory, 0) {
            let Some(item) = self.scope.item(directory, row).filter(|item| self.is_met(item, directory)) else {
                continue;
            };
            let key = item.value(&order.property).as_str().unwrap_or_default().to_lowercase();
            keyed.push((key, row));
        }
        keyed.sort();
        if order.descending {
            keyed.reverse();
        }
        keyed.into_iter().map(|(_, row)| row).collect()
    }
}

/// What of a query decides which rows there are, and in which order.
fn ordered_part(query: &Query) -> String {
    format!("{:?} {:?} {:?}", query.filter, query.search, query.order_by)
}
