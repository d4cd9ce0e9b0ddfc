//! Values and the types they have to have.

use serde_json::{Map, Value};

use super::Judge;
use super::data::Type;
use crate::finding::{Place, Severity};
use crate::format::{is_date_time, is_guid, is_number};
use crate::text::{shorten, shown};

impl Judge<'_> {
    /// A value of a type that has a name; one that is not in the data is not looked into.
    pub(super) fn named(&mut self, value: &Value, type_name: &str, place: &Place<'_>, is_request: bool) {
        let arm = self.arm;
        let Some(declared) = arm.types.get(type_name) else { return };
        let tag = declared.discriminator.as_deref().and_then(|name| value.get(name)).and_then(Value::as_str);
        let is_meant =
            |one: &&Type| one.parent.as_deref() == Some(type_name) && one.discriminator_value.as_deref() == tag;
        let derived = tag.and_then(|_| arm.types.values().find(is_meant));
        self.value(value, derived.unwrap_or(declared), place, is_request);
    }

    fn value(&mut self, value: &Value, declared: &Type, place: &Place<'_>, is_request: bool) {
        if value.is_null() {
            if is_request && !declared.nullable && (declared.reference.is_none() || self.knows(declared)) {
                self.report.warning("null-not-allowed", place, "null is not documented");
            }
            return;
        }
        if let Some(reference) = &declared.reference {
            return self.named(value, reference, place, is_request);
        }
        let kind = declared.kind.as_deref().unwrap_or_default();
        match (kind, value) {
            ("object", Value::Object(object)) => self.object(object, declared, place, is_request),
            ("array", Value::Array(elements)) => {
                for (index, element) in elements.iter().enumerate() {
                    if let Some(declared) = &declared.items {
                        self.value(element, declared, &place.element(index), is_request);
                    }
                }
            }
            ("string", Value::String(text)) => self.text(text, declared, place),
            ("number", value) if is_number(value) => {}
            ("boolean", Value::Bool(_)) => {}
            ("object" | "array" | "string" | "number" | "boolean", _) => self.wrong_type(place, value, kind),
            _ => {}
        }
    }

    fn knows(&self, declared: &Type) -> bool {
        declared.reference.as_ref().is_some_and(|name| self.arm.types.contains_key(name))
    }

    fn wrong_type(&mut self, place: &Place<'_>, value: &Value, expected: &str) {
        self.report.violation("wrong-type", place, format!("{} is no {expected}", shown(value)));
    }

    fn object(&mut self, object: &Map<String, Value>, declared: &Type, place: &Place<'_>, is_request: bool) {
        for (name, value) in object {
            let place = place.member(name);
            if let Some(property) = declared.properties.get(name) {
                if is_request && property.read_only {
                    self.report.warning("read-only-property", &place, "it is read-only: leave it out");
                }
                self.value(value, property, &place, is_request);
            } else if let Some(additional) = &declared.additional {
                self.value(value, additional, &place, is_request);
            } else if !declared.properties.is_empty() || !declared.required.is_empty() {
                self.unknown_property(name, declared, &place);
            }
        }
        for name in declared.required.iter().filter(|name| is_request && !object.contains_key(*name)) {
            self.report.violation("missing-property", place, format!("{name} is required"));
        }
    }

    /// A version newer than the types may have properties that these do not have.
    fn unknown_property(&mut self, name: &str, declared: &Type, place: &Place<'_>) {
        let similar = declared.properties.keys().find(|one| one.eq_ignore_ascii_case(name));
        let severity = if self.is_exact || similar.is_some() { Severity::Violation } else { Severity::Warning };
        let hint = similar.map(|similar| format!(", but {similar} is one")).unwrap_or_default();
        let message = format!("{} is no property that is known{hint}", shorten(name));
        self.report.add(severity, "unknown-property", place, message);
    }

    fn text(&mut self, text: &str, declared: &Type, place: &Place<'_>) {
        let is_one_of = |values: &[String]| values.is_empty() || values.iter().any(|value| value == text);
        let members = if declared.members.is_empty() { &declared.known_values } else { &declared.members };
        if !is_one_of(members) {
            let message = format!("{} is none of {}", shorten(text), members.join(", "));
            self.report.violation("bad-enum", place, message);
            return;
        }
        let fits = match declared.format.as_deref() {
            Some("date-time") => is_date_time(text),
            Some("uuid") => is_guid(text),
            _ => true,
        };
        if !fits {
            self.wrong_type(place, &text.into(), declared.format.as_deref().unwrap_or_default());
        }
    }
}
