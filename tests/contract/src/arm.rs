//! The rules of Azure Resource Manager.

mod data;
mod query;
mod route;
mod value;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::data::{Data, Operation, Type};
use self::route::Routes;
use crate::exchange::Exchange;
use crate::finding::{Place, Report};
use crate::message::Url;
use crate::text::shorten;

/// Azure Resource Manager as its published operations and types describe it.
pub(crate) struct Arm {
    routes: Routes,
    types: BTreeMap<String, Type>,
}

/// Applies the rules and notes what it finds.
struct Judge<'a> {
    arm: &'a Arm,
    report: &'a mut Report,
    /// Whether the version that is asked for is no newer than the one that the types are of.
    is_exact: bool,
}

/// The members that an error may have.
const ERROR_MEMBERS: [&str; 7] = ["additionalInfo", "code", "details", "innerError", "innererror", "message", "target"];

impl Arm {
    pub(crate) fn new(data: Data) -> Self {
        Self { routes: Routes::new(data.operations), types: data.types }
    }

    /// Judges an exchange whose URL is cut to where the path begins.
    pub(crate) fn check(&self, exchange: &Exchange, url: Url<'_>, report: &mut Report) {
        let method = exchange.method.to_ascii_uppercase();
        let place = Place::ROOT.member("url");
        let path = url.decoded_path();
        let (operation, methods) = self.routes.find(&method, &path);
        let mut judge = Judge { arm: self, report, is_exact: true };
        match operation {
            Some(operation) => {
                judge.query(operation, url, &place);
                judge.request_body(operation, exchange.request_body.as_ref());
            }
            None if methods.is_empty() => {
                let problem = format!("{} is no path of Resource Manager that is known", shorten(&path));
                judge.report.violation("unknown-path", &place, problem);
            }
            None => {
                let methods = methods.into_iter().collect::<Vec<_>>().join(", ");
                let problem = format!("{} has {methods} only", shorten(&path));
                judge.report.violation("unknown-method", &Place::ROOT.member("method"), problem);
            }
        }
        match (exchange.status, operation) {
            (Some(400..), _) => judge.error(exchange.response_body.as_ref()),
            (Some(status), Some(operation)) => judge.response(operation, status, exchange.response_body.as_ref()),
            _ => {}
        }
    }
}

impl Judge<'_> {
    fn request_body(&mut self, operation: &Operation, body: Option<&Value>) {
        let place = Place::ROOT.member("requestBody");
        match (&operation.request_body, body) {
            (Some(type_name), Some(body)) => self.named(body, type_name, &place, true),
            (Some(type_name), None) if operation.body_required => {
                self.report.violation("missing-body", &place, format!("a {type_name} belongs here"));
            }
            (None, Some(body)) if !is_empty(body) => {
                self.report.violation("unexpected-body", &place, format!("{} takes no body", operation.id));
            }
            _ => {}
        }
    }

    fn response(&mut self, operation: &Operation, status: u16, body: Option<&Value>) {
        let place = Place::ROOT.member("responseBody");
        if !operation.success.contains(&status) {
            let documented = operation.success.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            let problem = format!("{status}, where {documented} is documented");
            self.report.violation("status", &Place::ROOT.member("status"), problem);
            return;
        }
        let type_name = operation.responses.get(&status.to_string()).and_then(Option::as_ref);
        match (type_name, body.filter(|body| body.as_str() != Some(""))) {
            (Some(type_name), Some(body)) => self.named(body, type_name, &place, false),
            (Some(type_name), None) if status == 200 && operation.method != "DELETE" => {
                self.report.violation("missing-body", &place, format!("a {type_name} belongs here"));
            }
            (None, Some(body)) if !is_empty(body) => {
                self.report.violation("unexpected-body", &place, format!("a {status} has no body"));
            }
            _ => {}
        }
    }

    fn error(&mut self, body: Option<&Value>) {
        let place = Place::ROOT.member("responseBody");
        let error = body.and_then(|body| body.get("error")).and_then(Value::as_object);
        let has = |name: &str| error.is_some_and(|error| error.get(name).is_some_and(Value::is_string));
        let Some(error) = error.filter(|_| has("code") && has("message")) else {
            let problem = "{\"error\": {\"code\", \"message\"}} belongs here";
            self.report.violation("error-envelope", &place, problem);
            return;
        };
        let place = place.member("error");
        for name in error.keys().filter(|name| !ERROR_MEMBERS.contains(&name.as_str())) {
            self.report.violation("error-envelope", &place.member(name), "it is no part of an error");
        }
    }
}

fn is_empty(body: &Value) -> bool {
    body.as_str() == Some("") || body.as_object().is_some_and(Map::is_empty)
}
