//! Which value of a resource is which property: for elements of multi-valued attributes it depends on their type.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    mapping::Mapping,
    table::{Access, Row, Shape},
};

/// What has no type counts as this.
const UNTYPED: &str = "work";

/// The value that `resource` has for `row`, in Graph's shape.
pub(super) fn value_of(mapping: &'static Mapping, row: &Row, resource: &Value) -> Option<Value> {
    let container = row.schema.map_or(Some(resource), |schema| resource.get(schema))?;
    let attribute = container.get(row.attribute)?;
    let Some(kind) = row.element else {
        let value = row.sub_attribute.map_or(Some(attribute), |sub_attribute| attribute.get(sub_attribute))?;
        return given(value).cloned();
    };
    let elements = attribute.as_array()?;
    let sub_attribute = row.sub_attribute.unwrap_or("value");
    if !matches!(row.property.shape, Shape::Many(_)) {
        return given(chosen(elements, kind)?.get(sub_attribute)?).cloned();
    }
    let taken: Vec<&Value> = single_kinds(mapping, row).filter_map(|kind| chosen(elements, kind)).collect();
    let rest = elements.iter().filter(|element| !taken.iter().any(|taken| std::ptr::eq(*taken, *element)));
    let mut known = BTreeSet::new();
    let is_new = |value: &&Value| known.insert(value.as_str().map(str::to_lowercase));
    let values: Vec<Value> =
        rest.filter_map(|element| given(element.get(sub_attribute)?)).filter(is_new).cloned().collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// Takes the value for `row` out of a resource.
pub(super) fn take(row: &Row, resource: &mut Value) {
    let container = match row.schema {
        Some(schema) => resource.get_mut(schema),
        None => Some(resource),
    };
    let Some(container) = container.and_then(Value::as_object_mut) else { return };
    let part = row.sub_attribute.unwrap_or("value");
    match (row.element, container.get_mut(row.attribute)) {
        (Some(kind), Some(Value::Array(elements))) => {
            let of_kind = elements.iter_mut().filter(|element| kind_of(element).eq_ignore_ascii_case(kind));
            of_kind.filter_map(Value::as_object_mut).for_each(|element| drop(element.remove(part)));
        }
        (None, Some(Value::Object(parts))) if row.sub_attribute.is_some() => drop(parts.remove(part)),
        (None, Some(_)) if row.sub_attribute.is_none() => drop(container.remove(row.attribute)),
        _ => {}
    }
}

fn given(value: &Value) -> Option<&Value> {
    (!value.is_null() && value.as_str() != Some("")).then_some(value)
}

/// The element of this type that counts: the primary one, else the first.
fn chosen<'a>(elements: &'a [Value], kind: &str) -> Option<&'a Value> {
    let mut of_kind = elements.iter().filter(|element| kind_of(element).eq_ignore_ascii_case(kind));
    let is_primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
    of_kind.clone().find(is_primary).or_else(|| of_kind.next())
}

fn kind_of(element: &Value) -> &str {
    element.get("type").and_then(Value::as_str).unwrap_or(UNTYPED)
}

/// The rows of the same attribute that can be written.
fn siblings(mapping: &'static Mapping, row: &Row) -> impl Iterator<Item = &'static Row> {
    let (schema, attribute) = (row.schema, row.attribute);
    mapping.rows.iter().filter(move |other| {
        other.schema == schema && other.attribute == attribute && other.property.access != Access::Read
    })
}

/// The types of the same attribute of which there is one element at most.
fn single_kinds(mapping: &'static Mapping, row: &Row) -> impl Iterator<Item = &'static str> {
    siblings(mapping, row).filter(|other| !matches!(other.property.shape, Shape::Many(_))).filter_map(|row| row.element)
}

/// What the elements of a resource say and no row keeps: the path, a colon, and why.
///
/// Where a row keeps many, it keeps whatever the others don't.
pub(super) fn left_out(mapping: &'static Mapping, resource: &Value) -> Vec<String> {
    let mut left_out = Vec::new();
    let mut seen: Vec<(Option<&str>, &str)> = Vec::new();
    let shown = mapping.rows.iter().filter(|row| row.schema.is_none() && row.element.is_some());
    let shown = shown.filter(|row| resource.get(row.attribute).is_some());
    left_out
        .extend(shown.filter(|row| is_only_shown(mapping, None, row.attribute)).map(|row| only_shown(row.attribute)));
    for row in mapping.rows.iter().filter(|row| row.element.is_some() && row.property.access != Access::Read) {
        if seen.contains(&(row.schema, row.attribute)) {
            continue;
        }
        seen.push((row.schema, row.attribute));
        let container = row.schema.map_or(Some(resource), |schema| resource.get(schema));
        let elements = container.and_then(|container| container.get(row.attribute)?.as_array());
        let keeps_all = siblings(mapping, row).any(|other| matches!(other.property.shape, Shape::Many(_)));
        for element in elements.into_iter().flatten().filter(|_| !keeps_all) {
            let others = elements.map(Vec::as_slice).unwrap_or_default();
            left_out.extend(left_out_of(mapping, row, element, others));
        }
    }
    left_out
}

fn left_out_of(mapping: &'static Mapping, row: &Row, element: &Value, elements: &[Value]) -> Vec<String> {
    let kind = kind_of(element);
    let is_chosen = chosen(elements, kind).is_some_and(|chosen| std::ptr::eq(chosen, element));
    if let Some(what) = unknown_kind(mapping, row, kind) {
        return vec![what];
    }
    if !is_chosen {
        return vec![format!("{}[type eq \"{}\"]: Entra keeps one", row.attribute, shown(kind))];
    }
    let parts = element.as_object().into_iter().flat_map(|members| members.keys());
    parts
        .filter(|part| !matches!(part.as_str(), "type" | "primary"))
        .filter(|part| named(mapping, row.schema, row.attribute, kind, Some(part)).next().is_none())
        .map(|part| format!("{}[type eq \"{}\"].{}: not kept", row.attribute, shown(kind), shown(part)))
        .collect()
}

/// What is to be said of an element of this type, if no row is of it.
pub(crate) fn unknown_kind(mapping: &'static Mapping, row: &Row, kind: &str) -> Option<String> {
    if named(mapping, row.schema, row.attribute, kind, None).next().is_some() {
        return None;
    }
    let kinds: BTreeSet<&str> = siblings(mapping, row).filter_map(|row| row.element).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
    Some(format!("{}[type eq \"{}\"]: Entra keeps {kinds}", row.attribute, shown(kind)))
}

/// Whether the attribute is multi-valued and nothing of it can be written.
pub(crate) fn is_only_shown(mapping: &'static Mapping, schema: Option<&str>, attribute: &str) -> bool {
    let mut rows = mapping.rows.iter().filter(|row| row.schema == schema && row.attribute == attribute).peekable();
    rows.peek().is_some() && rows.all(|row| row.element.is_some() && row.property.access == Access::Read)
}

/// What is to be said of such an attribute.
pub(crate) fn only_shown(attribute: &str) -> String {
    format!("{attribute}: not kept")
}

/// The rows of elements of this type, and of one part if it is given.
pub(crate) fn named<'a>(
    mapping: &'static Mapping,
    schema: Option<&'a str>,
    attribute: &'a str,
    kind: &'a str,
    part: Option<&'a str>,
) -> impl Iterator<Item = &'static Row> {
    mapping.rows.iter().filter(move |row| {
        row.schema == schema
            && row.attribute == attribute
            && row.element.is_some_and(|element| element.eq_ignore_ascii_case(kind))
            && part.is_none_or(|part| row.sub_attribute == Some(part))
    })
}

/// A few characters of what a client wrote, such as stand in a header.
fn shown(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic() && *character != '"').take(40).collect()
}
