//! Objects: their type, and which properties they may have.

use serde_json::{Map, Value};

use super::data::TypeKind;
use super::schema::is_extension;
use super::{Context, DIRECTORY_OBJECT, Judge, NAMESPACE, OPEN_TYPE_EXTENSION};
use crate::finding::Place;
use crate::text::{has_prefix, shorten, shown};

/// Types of which the data does not have every derived one.
const PARTLY_KNOWN: [&str; 4] =
    [DIRECTORY_OBJECT, OPEN_TYPE_EXTENSION, "microsoft.graph.entity", "microsoft.graph.extension"];

impl<'a> Judge<'a> {
    /// An object where the metadata declares one of a type.
    pub(super) fn object(
        &mut self,
        object: &Map<String, Value>,
        declared: &str,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        let graph = self.graph;
        let Some(type_name) = self.actual_type(object, declared, place) else { return };
        let Some(definition) = graph.schema.structured(type_name) else { return };
        let is_open = graph.schema.is_open(type_name);
        for (name, value) in object {
            let place = place.member(name);
            if name.contains('@') {
                self.annotation(name, value, type_name, context, &place);
                continue;
            }
            if let Some(property) = graph.schema.property(type_name, name) {
                self.property((name, property), value, type_name, context, &place);
                continue;
            }
            let is_free = definition.kind == TypeKind::Complex || is_extension(name) || name == "extensionName";
            if !(is_open && is_free) && type_name != OPEN_TYPE_EXTENSION {
                self.unknown_property(name, type_name, &place);
            }
        }
    }

    pub(super) fn unknown_property(&mut self, name: &str, type_name: &str, place: &Place<'_>) {
        let hint = self.graph.schema.similar(type_name, name);
        let hint = hint.map(|similar| format!(", which has {similar}")).unwrap_or_default();
        let name = shorten(name);
        self.report.violation("unknown-property", place, format!("{name} is no property of {type_name}{hint}"));
    }

    /// The type that `@odata.type` names, or the declared one; `None` where the object cannot be looked into.
    fn actual_type<'t>(&mut self, object: &Map<String, Value>, declared: &'t str, place: &Place<'_>) -> Option<&'t str>
    where
        'a: 't,
    {
        let schema = &self.graph.schema;
        let annotation = match object.get("@odata.type") {
            None | Some(Value::Null) => return Some(declared),
            Some(annotation) => annotation,
        };
        let name = annotation.as_str().unwrap_or_default().trim_start_matches('#');
        let is_declared_known = schema.get(declared).is_some();
        if let Some(actual) = schema.spelling(name) {
            if schema.is_subtype(actual, declared) || !is_declared_known {
                return Some(actual);
            }
            self.report.violation("bad-odata-type", place, format!("{actual} is no {declared}"));
            return None;
        }
        if !has_prefix(name, NAMESPACE) {
            self.report.violation("bad-odata-type", place, format!("{} is no name of a type", shown(annotation)));
            return None;
        }
        if is_declared_known && !PARTLY_KNOWN.contains(&declared) {
            let message = format!("{} is not in the data", shown(annotation));
            self.report.warning("unknown-odata-type", place, message);
            return None;
        }
        Some(declared)
    }
}
