//! Annotations: members with an `@` in their name.

use serde_json::Value;

use super::data::{Kind, Property};
use super::{Context, DIRECTORY_OBJECT, Judge};
use crate::finding::Place;
use crate::message::Url;
use crate::text::{is_word, shorten, shown};

/// The annotations of an object, without their `odata.`.
const OF_OBJECTS: [&str; 16] = [
    "associationLink",
    "context",
    "count",
    "deltaLink",
    "editLink",
    "etag",
    "id",
    "mediaContentType",
    "mediaEditLink",
    "mediaEtag",
    "mediaReadLink",
    "metadataEtag",
    "navigationLink",
    "nextLink",
    "readLink",
    "type",
];

/// The annotations of a property, without their `odata.`.
const OF_PROPERTIES: [&str; 11] = [
    "associationLink",
    "context",
    "count",
    "id",
    "mediaContentType",
    "mediaEditLink",
    "mediaEtag",
    "mediaReadLink",
    "navigationLink",
    "nextLink",
    "type",
];

/// Entity sets whose objects are read one at a time although the data describes no such operation.
const SETS_OF_OBJECTS: [&str; 2] = ["directoryobjects", "policies"];

impl Judge<'_> {
    pub(super) fn annotation(
        &mut self,
        name: &str,
        value: &Value,
        owner: &str,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        let (property, term) = name.split_once('@').unwrap_or((name, ""));
        if property.is_empty() {
            self.annotation_of_object(term, value, context, place);
            return;
        }
        let graph = self.graph;
        let declared = graph.schema.property(owner, property);
        if declared.is_none() && !graph.schema.is_open(owner) {
            self.unknown_property(property, owner, place);
            return;
        }
        match term {
            "odata.bind" => self.bind((property, declared), value, owner, context, place),
            "delta" => self.changed_references(declared, value, context, place),
            _ if is_one_of(term, &OF_PROPERTIES) => {}
            _ => self.unknown_annotation(term, place),
        }
    }

    fn annotation_of_object(&mut self, term: &str, value: &Value, context: Context<'_>, place: &Place<'_>) {
        if is_one_of(term, &OF_OBJECTS) {
            if !(value.is_string() || value.is_i64() || value.is_u64() || value.is_boolean()) {
                self.wrong_type(place, value, "annotation's text");
            }
        } else if term == "removed" {
            let reason = value.get("reason").and_then(Value::as_str);
            if !context.is_answer() || !matches!(reason, Some("changed" | "deleted")) {
                let message = "only a page of delta has it, with a reason that is changed or deleted";
                self.report.violation("bad-removed", place, message);
            }
        } else if term != "delta" && !term.starts_with("microsoft.graph.") && !term.starts_with("deprecated.") {
            self.unknown_annotation(term, place);
        }
    }

    fn unknown_annotation(&mut self, term: &str, place: &Place<'_>) {
        let message = format!("@{} is no annotation that Graph has", shorten(term));
        self.report.violation("unknown-annotation", place, message);
    }

    /// `manager@odata.bind`: references to other objects in a request.
    fn bind(
        &mut self,
        (name, declared): (&str, Option<&Property>),
        value: &Value,
        owner: &str,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        if context.is_answer() {
            self.report.violation("bad-annotation", place, "an answer has no @odata.bind");
            return;
        }
        let Some(property) = declared.filter(|property| property.nav) else {
            let message = format!("{name} of {owner} does not lead to other objects");
            self.report.violation("bad-bind", place, message);
            return;
        };
        let references = match value {
            Value::Array(references) => references.as_slice(),
            reference => std::slice::from_ref(reference),
        };
        if property.collection != value.is_array() {
            let expected = if property.collection { "an array of URLs" } else { "one URL" };
            self.report.violation("bad-bind", place, format!("{} where {expected} belongs", shown(value)));
        }
        let most = self.graph.limits.bind.max_references_per_request;
        if references.len() > most {
            let message = format!("{} references, where {most} are allowed in a request", references.len());
            self.report.violation("bind-limit", place, message);
        }
        for reference in references {
            self.reference(reference, place);
        }
    }

    /// `members@delta`: what was added to a relationship, and what was taken from it.
    fn changed_references(
        &mut self,
        declared: Option<&Property>,
        value: &Value,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        let Some(items) = value.as_array().filter(|_| context.is_answer()) else {
            self.report.violation("bad-annotation", place, "only an answer has @delta, as an array");
            return;
        };
        let type_name = declared.map_or(DIRECTORY_OBJECT, |property| &property.type_name);
        for (index, item) in items.iter().enumerate() {
            let place = place.element(index);
            match item.as_object().filter(|item| item.get("id").is_some_and(Value::is_string)) {
                Some(object) => self.object(object, type_name, context.inside(), &place),
                None => self.report.violation("bad-delta-item", &place, "it has no id"),
            }
        }
    }

    /// A URL that names one object.
    pub(super) fn reference(&mut self, reference: &Value, place: &Place<'_>) {
        let path = reference.as_str().and_then(|url| match Url::split(url).graph() {
            Some((_, below)) => Some(below.decoded_path().into_owned()),
            None if url.starts_with("http") => None,
            None => Some(format!("/{}", url.trim_start_matches('/'))),
        });
        let names_object = path.is_some_and(|path| {
            let operation = self.graph.routes.find("GET", &path).operation;
            operation.map_or_else(|| is_in_known_set(&path), |operation| operation.kind == Kind::Get)
        });
        if !names_object {
            let message = format!("{} is not the URL of one object of Graph", shown(reference));
            self.report.violation("bad-reference", place, message);
        }
    }
}

fn is_one_of(term: &str, terms: &[&str]) -> bool {
    term.strip_prefix("odata.").is_some_and(|term| terms.contains(&term))
}

fn is_in_known_set(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let set = segments.next().unwrap_or_default();
    let has_one_key = segments.next().is_some_and(|key| !key.is_empty()) && segments.next().is_none();
    has_one_key && set.chars().all(is_word) && SETS_OF_OBJECTS.contains(&set.to_lowercase().as_str())
}
