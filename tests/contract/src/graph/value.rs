//! Values and the types they have to have.

use serde_json::Value;

use super::data::{Property, TypeDefinition, TypeKind};
use super::{Context, Judge, Purpose};
use crate::exceptions;
use crate::finding::{Place, Severity};
use crate::format::is_primitive;
use crate::text::shown;

impl Judge<'_> {
    /// A value that is not null.
    pub(super) fn value(&mut self, value: &Value, type_name: &str, context: Context<'_>, place: &Place<'_>) {
        if type_name.starts_with("Edm.") {
            if !is_primitive(value, type_name) {
                self.wrong_type(place, value, type_name);
            }
            return;
        }
        let graph = self.graph;
        match (graph.schema.get(type_name), value) {
            (None, _) => {}
            (Some(definition), Value::String(text)) if definition.kind == TypeKind::Enum => {
                self.members(text, type_name, definition, context, place);
            }
            (Some(definition), Value::Object(object)) if definition.kind != TypeKind::Enum => {
                self.object(object, type_name, context, place);
            }
            _ => self.wrong_type(place, value, type_name),
        }
    }

    pub(super) fn wrong_type(&mut self, place: &Place<'_>, value: &Value, expected: &str) {
        self.report.violation("wrong-type", place, format!("{} is no {expected}", shown(value)));
    }

    /// A member of an enumeration, or several of them where it is one of flags.
    fn members(
        &mut self,
        text: &str,
        type_name: &str,
        definition: &TypeDefinition,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        let given = if definition.flags { text.split(',').map(str::trim).collect() } else { vec![text] };
        for member in given.into_iter().filter(|member| !definition.members.iter().any(|one| one == member)) {
            let similar = definition.members.iter().find(|one| one.eq_ignore_ascii_case(member));
            let member = shown(&member.into());
            let (severity, rule, hint) = match similar {
                Some(similar) if context.is_answer() => (Severity::Violation, "enum-case", similar),
                Some(similar) => (Severity::Warning, "enum-case", similar),
                None => {
                    self.report.violation("bad-enum", place, format!("{member} is no member of {type_name}"));
                    continue;
                }
            };
            let message = format!("{member} is no member of {type_name}, but {hint:?} is");
            self.report.add(severity, rule, place, message);
        }
    }

    /// The value of a declared property.
    pub(super) fn property(
        &mut self,
        (name, property): (&str, &Property),
        value: &Value,
        owner: &str,
        context: Context<'_>,
        place: &Place<'_>,
    ) {
        if context.is_answer() {
            let is_expanded = context.expanded.iter().any(|one| one == name);
            if property.nav && !property.contained && context.is_top && !is_expanded {
                self.report.warning("not-expanded", place, "other objects are returned only with $expand");
            }
        } else {
            self.writable((name, property), owner, context, place);
        }
        match value {
            Value::Null => self.null((name, property), owner, context, place),
            Value::Array(elements) if property.collection => {
                for (index, element) in elements.iter().enumerate() {
                    let place = place.element(index);
                    if element.is_null() {
                        self.wrong_type(&place, element, &property.type_name);
                    } else {
                        self.value(element, &property.type_name, context.inside(), &place);
                    }
                }
            }
            _ if property.collection => self.wrong_type(place, value, &format!("array of {}", property.type_name)),
            Value::Array(_) => self.wrong_type(place, value, &format!("single {}", property.type_name)),
            _ => {
                if !context.is_answer() {
                    self.length(property, value, place);
                }
                self.value(value, &property.type_name, context.inside(), place);
            }
        }
    }

    /// Whether a request may set a property.
    fn writable(&mut self, (name, property): (&str, &Property), owner: &str, context: Context<'_>, place: &Place<'_>) {
        if (property.read_only || property.computed) && !property.nav {
            let rule = "read-only-property";
            match exceptions::find(rule, owner, name) {
                Some(one) => {
                    let message = format!("{owner}.{name}, a {rule}: {}; see {}", one.reason, one.source);
                    self.report.warning("exception", place, message);
                }
                None => self.report.violation(rule, place, format!("{owner}.{name} is read-only: leave it out")),
            }
        }
        if property.immutable && context.purpose == Purpose::Update && context.is_top {
            let message = format!("{owner}.{name} can be set only when the object is made");
            self.report.violation("immutable-property", place, message);
        }
        if property.nav && !property.contained {
            let message = format!("other objects are referred to, by {name}@odata.bind, and not sent");
            self.report.warning("inline-navigation", place, message);
        }
    }

    fn null(&mut self, (name, property): (&str, &Property), owner: &str, context: Context<'_>, place: &Place<'_>) {
        if !property.nullable || (property.doc_not_nullable && !context.is_answer()) {
            // Answers leave out by null what they do not know, whatever the metadata says.
            let is_sure = !context.is_answer() || property.collection;
            let severity = if is_sure { Severity::Violation } else { Severity::Warning };
            self.report.add(severity, "null-not-allowed", place, format!("{owner}.{name} cannot be null"));
        }
    }

    fn length(&mut self, property: &Property, value: &Value, place: &Place<'_>) {
        let length = value.as_str().map_or(0, |text| text.chars().count());
        if let Some(longest) = property.max_length.filter(|longest| length > *longest) {
            self.report.violation("too-long", place, format!("{length} characters, where {longest} are allowed"));
        }
    }
}
