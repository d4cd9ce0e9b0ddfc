//! `GET /users`, `GET /users/$count`, and the list of deleted users.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::clock;
use crate::directory::user::User;
use crate::directory::{Directory, State, json};
use crate::graph::error::{Error, Result};
use crate::graph::filter::{self, Expression};
use crate::graph::ordered::Order;
use crate::graph::query::Query;
use crate::graph::search::Search;
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

/// What a query wants of each user.
struct Conditions {
    filter: Option<Expression>,
    search: Option<Search>,
    order: Option<Order>,
    state: State,
}

/// `GET /users`.
pub(super) fn users(call: &Call<'_>) -> Result<Answer> {
    page(call, State::Live)
}

/// `GET /users/$count`: a plain number.
pub(super) fn count(call: &Call<'_>) -> Result<Answer> {
    if !call.query.eventual {
        return Err(Error::request("$count is not currently supported."));
    }
    // The segment is a count of itself: its filter needs no `$count=true`.
    let conditions = Conditions::read(call, State::Live, true)?;
    let total = conditions.total(call.tenant.replicas().seen());
    Ok(Answer::of(200, "text/plain", total.to_string().into_bytes()))
}

/// A page of the users in a state.
pub(super) fn page(call: &Call<'_>, state: State) -> Result<Answer> {
    let query = &call.query;
    let conditions = Conditions::read(call, state, query.is_advanced())?;
    check_combination(query, &conditions)?;
    let selection = Selection::read(query)?;
    selection.permit(call)?;
    selection.require_directory()?;
    if selection.manager.as_ref().is_some_and(|manager| manager.is_chain()) {
        return Err(Error::unsupported_query("$levels is only supported for a single user."));
    }
    let belongs = token::fingerprint(&call.request.path, &query.repeated);
    let from = match &query.skip_token {
        Some(text) => start(text, &belongs, call)?,
        None => 0,
    };
    let size = query.top.unwrap_or(call.tenant.options().page_size.max(1)) as usize;
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let (rows, next) =
        if call.empty_page { (Vec::new(), Some(from)) } else { conditions.rows(call, directory, from, size) };

    let mut out = Vec::with_capacity(512 + rows.len() * 1_536);
    out.extend_from_slice(b"{\"@odata.context\":");
    let collection = if state == State::Live { "users" } else { "directory/deletedItems/microsoft.graph.user" };
    json::string(&mut out, &call.context(&selection.context(collection)));
    // Graph counts only on the first page, and ignores `$count` without the header.
    if query.is_advanced() && query.skip_token.is_none() {
        out.extend_from_slice(format!(",\"@odata.count\":{}", conditions.total(directory)).as_bytes());
    }
    if let Some(from) = next {
        out.extend_from_slice(b",\"@odata.nextLink\":");
        let skip_token = token::seal(&Next { query: belongs, from, made: clock::now_in_milliseconds() });
        let repeated = if query.repeated.is_empty() { String::new() } else { format!("{}&", query.repeated) };
        let link = format!("{}{}?{repeated}$skiptoken={skip_token}", call.tenant.origin(), call.request.path);
        json::string(&mut out, &link);
    }
    out.extend_from_slice(b",\"value\":[");
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        if let Some(user) = directory.user_in(*row, state) {
            selection.write(&user, directory, &mut out);
        }
    }
    out.extend_from_slice(b"]}");
    Ok(Answer::odata(200, out))
}

fn start(text: &str, belongs: &str, call: &Call<'_>) -> Result<u32> {
    let next: Next = token::open(text).ok_or_else(|| Error::request("The skip token is not valid."))?;
    if next.query != belongs || call.has_expired(next.made) { Err(Error::expired_page()) } else { Ok(next.from) }
}

fn check_combination(query: &Query, conditions: &Conditions) -> Result<()> {
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

impl Conditions {
    fn read(call: &Call<'_>, state: State, advanced: bool) -> Result<Self> {
        let query = &call.query;
        let filter = query.filter.as_deref().map(filter::parse).transpose()?;
        if let Some(filter) = &filter {
            filter::check(filter, advanced)?;
            for property in ["signInActivity", "employeeLeaveDateTime"] {
                if query.filter.as_deref().is_some_and(|text| text.contains(property)) {
                    permit(call, property)?;
                }
            }
        }
        let search = query.search.as_deref().map(Search::parse).transpose()?;
        let order = query.order_by.as_deref().map(Order::read).transpose()?;
        Ok(Self { filter, search, order, state })
    }

    fn is_met(&self, user: &User<'_>, directory: &Directory) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter::fits(filter, &Candidate { user, directory }))
            && self.search.as_ref().is_none_or(|search| search.finds(user))
    }

    fn row_meets(&self, row: u32, directory: &Directory) -> bool {
        directory.user_in(row, self.state).is_some_and(|user| self.is_met(&user, directory))
    }

    /// How many users meet the conditions.
    fn total(&self, directory: &Directory) -> usize {
        if self.filter.is_none() && self.search.is_none() && self.state == State::Live {
            return directory.count() as usize;
        }
        self.candidates(directory, 0).filter(|row| self.row_meets(*row, directory)).count()
    }

    /// The rows of a page, and where the next one begins when there is one.
    fn rows(&self, call: &Call<'_>, directory: &Directory, from: u32, size: usize) -> (Vec<u32>, Option<u32>) {
        if let Some(order) = &self.order {
            let name = format!("{} {:?} {}", directory.log.position(), self.state, ordered_part(&call.query));
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
    fn candidates<'a>(&'a self, directory: &'a Directory, from: u32) -> Box<dyn Iterator<Item = u32> + 'a> {
        match (self.state, self.filter.as_ref().and_then(filter::key_of)) {
            (State::Live, Some(("id", id))) => Box::new(directory.row_of_id(id).into_iter()),
            (State::Live, Some((property, address))) => Box::new(directory.rows_of(property, address).into_iter()),
            (State::Live, None) => Box::new(from..directory.rows()),
            _ => Box::new(directory.deleted_rows()),
        }
    }

    fn sorted(&self, order: &Order, directory: &Directory) -> Vec<u32> {
        let mut keyed: Vec<(String, u32)> = Vec::new();
        for row in self.candidates(directory, 0) {
            let Some(user) = directory.user_in(row, self.state).filter(|user| self.is_met(user, directory)) else {
                continue;
            };
            let key = user.value(&order.property).as_str().unwrap_or_default().to_lowercase();
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
