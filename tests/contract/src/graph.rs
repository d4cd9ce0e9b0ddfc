//! The rules of Graph v1.0.

mod annotation;
mod batch;
mod data;
mod error;
mod expand;
mod filter;
mod object;
mod query;
mod request;
mod response;
mod route;
mod schema;
mod value;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use self::data::{Data, Operation};
use self::query::Options;
use self::route::Routes;
use self::schema::Schema;
use crate::exchange::Exchange;
use crate::finding::{Place, Report};
use crate::limits::Limits;
use crate::message::{Message, Url};

/// `microsoft.graph.`, the namespace of all types.
const NAMESPACE: &str = "microsoft.graph.";
/// The type of every object in the directory.
const DIRECTORY_OBJECT: &str = "microsoft.graph.directoryObject";
/// The type that has whatever properties an application gives it.
const OPEN_TYPE_EXTENSION: &str = "microsoft.graph.openTypeExtension";

/// Graph v1.0 as its metadata and its documentation describe it.
pub(crate) struct Graph {
    schema: Schema,
    routes: Routes,
    limits: Limits,
}

impl Graph {
    pub(crate) fn new(data: Data, limits: Limits) -> Self {
        let routes = Routes::new(data.operations, data.alternate_keys);
        Self { schema: Schema::new(data.types), routes, limits }
    }

    /// Judges an exchange whose URL is cut below the version.
    pub(crate) fn check(
        &self,
        exchange: &Exchange,
        url: Url<'_>,
        granted: Option<&BTreeSet<String>>,
        report: &mut Report,
    ) {
        let method = exchange.method.to_ascii_uppercase();
        let request = Message {
            place: &Place::ROOT,
            headers: exchange.request_headers.as_ref(),
            body: exchange.request_body.as_ref(),
            names: ["requestHeaders", "requestBody"],
        };
        let response = exchange.status.map(|status| Response {
            status,
            message: Message {
                place: &Place::ROOT,
                headers: exchange.response_headers.as_ref(),
                body: exchange.response_body.as_ref(),
                names: ["responseHeaders", "responseBody"],
            },
        });
        let mut judge = Judge { graph: self, granted, report };
        if url.decoded_path().trim_end_matches('/').eq_ignore_ascii_case("/$batch") {
            judge.batch(&method, &request, response.as_ref());
            return;
        }
        let asked = judge.request(&method, url, &request);
        if let Some(response) = response {
            judge.response(asked.as_ref(), &response);
        }
    }
}

/// An answer.
struct Response<'a> {
    status: u16,
    message: Message<'a>,
}

/// What an answer is judged by: the operation that was asked for, and the options it was asked for with.
struct Asked<'a> {
    operation: &'a Operation,
    options: Options,
}

/// Applies the rules and notes what it finds. The rules are in the modules below, one for each part of an exchange.
struct Judge<'a> {
    graph: &'a Graph,
    /// The application permissions that there are, if that is to be judged.
    granted: Option<&'a BTreeSet<String>>,
    report: &'a mut Report,
}

/// What an object or a value is part of, and how deep in it.
#[derive(Clone, Copy)]
struct Context<'a> {
    purpose: Purpose,
    /// Whether it is the object that the request or the answer is about, not one inside of it.
    is_top: bool,
    /// The navigation properties that were asked for.
    expanded: &'a [String],
}

/// What values are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To make an object.
    Create,
    /// To change an object.
    Update,
    /// To call an action.
    Action,
    /// They are an answer.
    Answer,
}

impl Context<'static> {
    fn top(purpose: Purpose) -> Self {
        Self { purpose, is_top: true, expanded: &[] }
    }
}

impl Context<'_> {
    fn inside(self) -> Context<'static> {
        Context { purpose: self.purpose, is_top: false, expanded: &[] }
    }

    fn is_answer(self) -> bool {
        self.purpose == Purpose::Answer
    }
}

/// Whether a body is as good as none.
fn is_empty(body: Option<&Value>) -> bool {
    body.is_none_or(|body| body.as_str() == Some("") || body.as_object().is_some_and(Map::is_empty))
}
