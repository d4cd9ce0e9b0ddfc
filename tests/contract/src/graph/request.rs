//! Requests: the operation, who may ask for it, and the body.

use serde_json::{Map, Value};

use super::data::{Documented, Kind, Operation};
use super::{Asked, Context, Judge, Purpose, is_empty};
use crate::finding::Place;
use crate::message::{Message, Url};
use crate::text::shorten;

/// How many permissions a message names.
const NAMED_PERMISSIONS: usize = 12;

impl<'a> Judge<'a> {
    /// A request that is no batch; `None` where there is no such operation.
    pub(super) fn request(&mut self, method: &str, url: Url<'_>, message: &Message<'_>) -> Option<Asked<'a>> {
        let graph = self.graph;
        let place = message.place.member("url");
        let path = url.decoded_path();
        let found = graph.routes.find(method, &path);
        let Some(operation) = found.operation else {
            let methods = found.methods.into_iter().collect::<Vec<_>>().join(", ");
            if methods.is_empty() {
                let problem = format!("{} is no path of Graph v1.0 that is known", shorten(&path));
                self.report.violation("unknown-path", &place, problem);
            } else {
                let problem = format!("{} has {methods} only", shorten(&path));
                self.report.violation("unknown-method", &message.place.member("method"), problem);
            }
            return None;
        };
        if found.is_me {
            self.report.warning("me-is-delegated", &place, "there is no me without a user who has signed in");
        }
        if operation.documented == Documented::MetadataOnly {
            let problem = format!("no page and no permission has {} {}", operation.method, operation.path);
            self.report.violation("undocumented-operation", &place, problem);
        }
        self.permission(operation, &place);
        let options = self.query(operation, url, message);
        self.request_body(operation, message);
        Some(Asked { operation, options })
    }

    fn permission(&mut self, operation: &Operation, place: &Place<'_>) {
        let (Some(granted), Some(enough)) = (self.granted, &operation.permissions) else { return };
        let name = format!("{} {}", operation.method, operation.path);
        if enough.is_empty() {
            self.report.violation("no-app-permission", place, format!("no application may {name}"));
        } else if !enough.iter().any(|permission| granted.contains(permission)) {
            let some = enough.iter().take(NAMED_PERMISSIONS).map(String::as_str).collect::<Vec<_>>().join(", ");
            self.report.violation("permission", place, format!("{name} needs one of {some}"));
        }
    }

    fn request_body(&mut self, operation: &Operation, message: &Message<'_>) {
        let place = message.body_place();
        match (operation.kind, operation.request_body.as_deref()) {
            (Kind::Batch, _) | (_, Some("Edm.Stream")) => {}
            (_, Some("odata.reference")) => self.reference_body(message.body, &place),
            (Kind::Action, _) => self.action(operation, message.body, &place),
            (_, None) => {
                if !is_empty(message.body) {
                    let problem = format!("{} {} takes no body", operation.method, operation.path);
                    self.report.violation("unexpected-body", &place, problem);
                }
            }
            (_, Some(type_name)) => self.entity_body(operation, type_name, message.body, &place),
        }
    }

    /// `{"@odata.id": URL}`
    fn reference_body(&mut self, body: Option<&Value>, place: &Place<'_>) {
        let known = ["@odata.id", "@odata.context", "@odata.type"];
        let members =
            body.and_then(Value::as_object).filter(|body| body.keys().all(|key| known.contains(&key.as_str())));
        match members.and_then(|members| members.get("@odata.id")) {
            Some(reference) => self.reference(reference, &place.member("@odata.id")),
            None => self.report.violation("bad-reference", place, "{\"@odata.id\": URL} belongs here"),
        }
    }

    fn action(&mut self, operation: &Operation, body: Option<&Value>, place: &Place<'_>) {
        let nothing = Map::new();
        let body = match body {
            None => &nothing,
            Some(Value::Object(body)) => body,
            Some(other) => return self.wrong_type(place, other, "object of parameters"),
        };
        for (name, value) in body.iter().filter(|(name, _)| !name.starts_with('@')) {
            self.parameter(operation, name, value, &place.member(name));
        }
        for (name, parameter) in &operation.request_params {
            let is_given = body.keys().any(|key| key.eq_ignore_ascii_case(name));
            if !parameter.nullable && !parameter.optional && !is_given {
                self.report.violation("missing-property", place, format!("the parameter {name} is required"));
            }
        }
    }

    fn parameter(&mut self, operation: &Operation, name: &str, value: &Value, place: &Place<'_>) {
        // Pages of the documentation and the metadata do not spell all parameters alike.
        let mut parameters = operation.request_params.iter();
        let parameter = operation
            .request_params
            .get(name)
            .or_else(|| parameters.find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, parameter)| parameter));
        let Some(parameter) = parameter else {
            let problem = format!("{} is no parameter of {}", shorten(name), operation.path);
            self.report.violation("unknown-property", place, problem);
            return;
        };
        let (context, type_name) = (Context::top(Purpose::Action).inside(), &parameter.type_name);
        match value {
            Value::Null if parameter.nullable => {}
            Value::Null => self.report.violation("null-not-allowed", place, format!("{name} cannot be null")),
            Value::Array(elements) if parameter.collection => {
                let most = self.graph.limits.ids();
                if name == "ids" && elements.len() > most {
                    let problem = format!("{} ids, where {most} are allowed", elements.len());
                    self.report.violation("ids-limit", place, problem);
                }
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, type_name, context, &place.element(index));
                }
            }
            _ if parameter.collection => self.wrong_type(place, value, &format!("array of {type_name}")),
            Value::Array(_) => self.wrong_type(place, value, &format!("single {type_name}")),
            _ => self.value(value, type_name, context, place),
        }
    }

    /// The object that is to be made, or what is to be changed of it.
    fn entity_body(&mut self, operation: &Operation, type_name: &str, body: Option<&Value>, place: &Place<'_>) {
        let Some(body) = body else {
            self.report.violation("missing-body", place, format!("a {type_name} belongs here"));
            return;
        };
        if self.graph.schema.structured(type_name).is_none() {
            return;
        }
        let Some(object) = body.as_object() else { return self.wrong_type(place, body, type_name) };
        let is_new = operation.kind == Kind::Create;
        self.object(object, type_name, Context::top(if is_new { Purpose::Create } else { Purpose::Update }), place);
        if !is_new {
            return;
        }
        let by_identity = type_name == "microsoft.graph.user" && object.contains_key("identities");
        // A user who signs in by an identity of somebody else's needs no name in a domain of the tenant.
        let of_identities = ["displayName".to_owned(), "passwordProfile".to_owned()];
        let required = if by_identity { of_identities.as_slice() } else { &operation.required_on_create };
        for name in required.iter().filter(|name| !object.contains_key(*name)) {
            self.report.violation("missing-property", place, format!("a new {type_name} needs {name}"));
        }
    }
}
