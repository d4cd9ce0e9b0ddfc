//! Answers: the status, and the body of a success.

use serde_json::{Map, Value};

use super::data::{Kind, Operation};
use super::query::Options;
use super::{Asked, Context, DIRECTORY_OBJECT, Judge, Purpose, Response, is_empty};
use crate::finding::Place;
use crate::format::is_integer;
use crate::message::Url;
use crate::text::shown;

/// Types of which the documentation says for each property whether it is returned without `$select`.
const WITH_DEFAULTS: [&str; 5] = [
    "microsoft.graph.application",
    "microsoft.graph.group",
    "microsoft.graph.organization",
    "microsoft.graph.servicePrincipal",
    "microsoft.graph.user",
];

/// The query options, with and without the dollar sign, by which a link goes on with a list.
const CONTINUATIONS: [&str; 5] = ["$skiptoken", "skiptoken", "$skip", "$deltatoken", "token"];
/// The query options by which a link asks for what has changed.
const DELTA_TOKENS: [&str; 4] = ["$deltatoken", "deltatoken", "token", "$token"];

/// The statuses of success that say something about the body.
const ACCEPTED: u16 = 202;
const NO_CONTENT: u16 = 204;

impl Judge<'_> {
    /// An answer that is no batch; `asked` is `None` where the request is none that Graph knows.
    pub(super) fn response(&mut self, asked: Option<&Asked<'_>>, response: &Response<'_>) {
        let status = response.status;
        if status >= 400 {
            self.error(response);
            return;
        }
        let Some(asked) = asked else { return };
        if (300..400).contains(&status) {
            return;
        }
        let operation = asked.operation;
        if !operation.success.contains(&status) {
            let documented = operation.success.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            let problem = format!("{status}, where {documented} is documented");
            self.report.violation("status", &response.message.place.member("status"), problem);
        }
        let place = response.message.body_place();
        let body = response.message.body;
        if status == NO_CONTENT {
            if body.is_some_and(|body| body.as_str() != Some("")) {
                self.report.violation("unexpected-body", &place, "a 204 has no body");
            }
            return;
        }
        match (operation.response.as_deref(), body) {
            (Some("Edm.Stream"), _) => {}
            (None, body) => self.no_body(operation, body, &place),
            (_, body) if operation.kind == Kind::Count => self.count(body, &place),
            (Some(_), None) if status == ACCEPTED => {}
            (Some(type_name), None) => {
                self.report.violation("missing-body", &place, format!("a {type_name} belongs here"));
            }
            (Some(type_name), Some(body)) => self.body(asked, type_name, body, &place),
        }
    }

    fn no_body(&mut self, operation: &Operation, body: Option<&Value>, place: &Place<'_>) {
        let known = ["@odata.context", "@odata.null"];
        let is_known = |body: &Map<String, Value>| body.keys().all(|name| known.contains(&name.as_str()));
        if !is_empty(body) && !body.and_then(Value::as_object).is_none_or(is_known) {
            let problem = format!("{} {} returns no body", operation.method, operation.path);
            self.report.violation("unexpected-body", place, problem);
        }
    }

    /// A plain number; it has a byte order mark in front.
    fn count(&mut self, body: Option<&Value>, place: &Place<'_>) {
        let text = body.and_then(Value::as_str).map(|text| text.trim_matches(['\u{feff}', ' ', '\n']));
        let is_digits = text.is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_digits && !body.is_some_and(|body| is_integer(body, 63)) {
            self.wrong_type(place, body.unwrap_or(&Value::Null), "plain number");
        }
    }

    fn body(&mut self, asked: &Asked<'_>, type_name: &str, body: &Value, place: &Place<'_>) {
        let graph = self.graph;
        let is_enumeration = graph.schema.get(type_name).is_some() && graph.schema.structured(type_name).is_none();
        let Value::Object(object) = body else { return self.wrong_type(place, body, type_name) };
        if type_name == "odata.propertyValue" || type_name.starts_with("Edm.") || is_enumeration {
            match object.get("value") {
                None => self.wrong_type(place, body, "object with a value"),
                Some(_) if type_name == "odata.propertyValue" => {}
                Some(value) => {
                    self.value(value, type_name, Context::top(Purpose::Answer).inside(), &place.member("value"));
                }
            }
        } else if let Some(inner) = type_name.strip_prefix("Collection(").and_then(|name| name.strip_suffix(')')) {
            self.page(asked, inner, object, place);
        } else if type_name == "odata.reference" {
            if !object.contains_key("@odata.id") {
                self.report.violation("bad-reference", place, "{\"@odata.id\": URL} belongs here");
            }
        } else {
            self.entity(asked, type_name, object, place);
        }
    }

    fn entity(&mut self, asked: &Asked<'_>, type_name: &str, object: &Map<String, Value>, place: &Place<'_>) {
        let graph = self.graph;
        let mut object = object;
        let is_declared = graph.schema.property(type_name, "value").is_some();
        match object.get("value").filter(|_| !is_declared && graph.schema.get(type_name).is_some()) {
            Some(value @ Value::Array(_)) => return self.wrong_type(place, value, &format!("single {type_name}")),
            Some(Value::Object(inner)) => {
                self.report.warning("value-wrapper", place, "the object stands in a value");
                object = inner;
            }
            _ => {}
        }
        let expanded = asked.options.names("$expand");
        let context = Context { purpose: Purpose::Answer, is_top: true, expanded: &expanded };
        self.object(object, type_name, context, place);
        Selection::new(asked).check(self, object, type_name, place);
    }

    fn page(&mut self, asked: &Asked<'_>, type_name: &str, page: &Map<String, Value>, place: &Place<'_>) {
        let Asked { operation, options } = asked;
        for (name, value) in page.iter().filter(|(name, _)| *name != "value") {
            self.member_of_page(asked, name, value, &place.member(name));
        }
        let links = ["@odata.nextLink", "@odata.deltaLink"].iter().filter(|link| page.contains_key(**link)).count();
        if operation.kind == Kind::Delta && links != 1 {
            let problem = "a page of delta has either an @odata.nextLink or an @odata.deltaLink";
            self.report.violation("delta-link", place, problem);
        }
        let place = place.member("value");
        let Some(items) = page.get("value").and_then(Value::as_array) else {
            return self.wrong_type(&place, page.get("value").unwrap_or(&Value::Null), "array");
        };
        let most = options.get("$top").and_then(|top| top.parse::<usize>().ok());
        if let Some(most) = most.filter(|most| operation.kind == Kind::List && items.len() > *most) {
            let problem = format!("{} items, where $top={most} was asked for", items.len());
            self.report.violation("top-exceeded", &place, problem);
        }
        let expanded = options.names("$expand");
        let context = Context { purpose: Purpose::Answer, is_top: true, expanded: &expanded };
        let selection = Selection::new(asked);
        let is_object = self.graph.schema.structured(type_name).is_some();
        for (index, item) in items.iter().enumerate() {
            let place = place.element(index);
            match item {
                _ if type_name == "odata.reference" => self.reference_item(item, &place),
                Value::Object(object) if is_object => {
                    self.object(object, type_name, context, &place);
                    selection.check(self, object, type_name, &place);
                }
                _ if is_object => self.wrong_type(&place, item, type_name),
                _ => self.value(item, type_name, context.inside(), &place),
            }
        }
    }

    fn reference_item(&mut self, item: &Value, place: &Place<'_>) {
        let is_reference = item
            .as_object()
            .is_some_and(|item| item.contains_key("@odata.id") && item.keys().all(|name| name.contains('@')));
        if !is_reference {
            self.report.violation("bad-reference", place, "{\"@odata.id\": URL} belongs here");
        }
    }

    fn member_of_page(&mut self, asked: &Asked<'_>, name: &str, value: &Value, place: &Place<'_>) {
        match (name, value) {
            ("@odata.nextLink", Value::String(link)) => self.link(asked.operation, link, &CONTINUATIONS, place),
            ("@odata.deltaLink", Value::String(link)) => self.link(asked.operation, link, &DELTA_TOKENS, place),
            ("@odata.context" | "@odata.type" | "@odata.id" | "@odata.etag", Value::String(_)) => {}
            (
                "@odata.nextLink" | "@odata.deltaLink" | "@odata.context" | "@odata.type" | "@odata.id" | "@odata.etag",
                _,
            ) => self.wrong_type(place, value, "string"),
            ("@odata.count", _) if !is_integer(value, 63) => self.wrong_type(place, value, "number"),
            ("@odata.count", _) => {
                if !asked.options.is_counted() {
                    self.report.violation("count-not-requested", place, "$count=true was not asked for");
                }
            }
            _ if name.starts_with("@odata.") || name.starts_with("@microsoft.graph.") => {}
            _ => self.report.violation("unknown-property", place, "it is no part of a page"),
        }
    }

    /// A link to where the list goes on: to the same operation, with one of these options.
    fn link(&mut self, operation: &Operation, link: &str, tokens: &[&str], place: &Place<'_>) {
        let graph = self.graph;
        let Some((_, below)) = Url::split(link).graph() else {
            self.report.violation("bad-link", place, format!("{} is no URL of Graph", shown(&link.into())));
            return;
        };
        let path = below.decoded_path();
        let is_same = |found: &Operation| found.path == operation.path || found.response == operation.response;
        if !graph.routes.find("GET", &path).operation.is_some_and(is_same) {
            let problem = format!("it leads to {}, and not on with {}", shown(&path.as_ref().into()), operation.path);
            self.report.violation("bad-link", place, problem);
        }
        let is_token = |name: &str| tokens.iter().any(|token| token.eq_ignore_ascii_case(name));
        if !below.parameters().iter().any(|(name, _)| is_token(name)) {
            self.report.violation("bad-link", place, format!("it has no {}", tokens.first().unwrap_or(&"token")));
        }
    }
}

/// Which properties the objects of an answer should have.
enum Selection {
    /// An object of delta has at least its id.
    Id,
    /// Those that were asked for.
    Asked {
        /// In lower case.
        names: Vec<String>,
        /// Whether all objects of the answer are of the directory: elsewhere `$select` is taken as a hint.
        is_directory: bool,
    },
    /// Those that are returned where nothing was asked for.
    Default,
    /// Nothing is known.
    Any,
}

impl Selection {
    fn new(asked: &Asked<'_>) -> Self {
        let Asked { operation, options } = asked;
        match operation.kind {
            Kind::Delta => Self::Id,
            Kind::List | Kind::Get if operation.method == "GET" => match options.get("$select") {
                Some(_) => Self::asked(operation, options),
                None => Self::Default,
            },
            _ => Self::Any,
        }
    }

    fn asked(operation: &Operation, options: &Options) -> Self {
        let names = options.names("$select").into_iter().chain(options.names("$expand"));
        let mut names: Vec<_> = names.map(|name| name.to_lowercase()).collect();
        if names.iter().any(|name| name == "*") {
            return Self::Any;
        }
        names.push("id".to_owned());
        Self::Asked { names, is_directory: operation.advanced_query }
    }

    fn check(&self, judge: &mut Judge<'_>, object: &Map<String, Value>, declared: &str, place: &Place<'_>) {
        let schema = &judge.graph.schema;
        let annotation = object.get("@odata.type").and_then(Value::as_str);
        let type_name = annotation.and_then(|name| schema.spelling(name.trim_start_matches('#'))).unwrap_or(declared);
        match self {
            Self::Any => {}
            Self::Id => {
                if !object.contains_key("@removed") && !object.get("id").is_some_and(Value::is_string) {
                    judge.report.violation("missing-property", place, "an object of delta has an id");
                }
            }
            Self::Asked { is_directory, .. } if !is_directory && !schema.is_subtype(type_name, DIRECTORY_OBJECT) => {}
            Self::Asked { names, .. } => {
                for key in object.keys() {
                    let name = key.split('@').next().unwrap_or_default();
                    if !name.is_empty() && !names.iter().any(|one| one.eq_ignore_ascii_case(name)) {
                        judge.report.violation("not-selected", &place.member(key), "it was not in $select");
                    }
                }
            }
            Self::Default if WITH_DEFAULTS.contains(&type_name) => {
                for name in object.keys() {
                    if schema.property(type_name, name).is_some_and(|property| property.select_only) {
                        let problem = "it is returned only when $select names it";
                        judge.report.violation("returned-only-on-select", &place.member(name), problem);
                    }
                }
            }
            Self::Default => {}
        }
    }
}
