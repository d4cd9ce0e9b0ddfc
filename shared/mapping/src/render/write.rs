//! Writes the text of a resource.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    Renderer,
    layout::{Element, Node, Source},
    linked::{self, View},
    objects,
    scan::Slots,
    version::Version,
};
use crate::{moment, open, table::Shape};

/// Writes the resource whose values are in `slots`.
pub(super) fn resource(renderer: &Renderer<'_>, slots: &Slots<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let resource_type = renderer.mapping.resource_type;
    out.extend_from_slice(b"{\"schemas\":[\"");
    out.extend_from_slice(resource_type.schema.id.as_bytes());
    out.push(b'"');
    let mut body = Vec::with_capacity(1024);
    // A version stands for the whole resource, so what is cut has none.
    let mut version = (!renderer.projection.is_cut()).then(Version::default);
    for (schema, nodes) in &renderer.outline.layout.schemas {
        let Some(schema) = schema else {
            attributes(renderer, nodes, slots, &mut version, &mut body)?;
            continue;
        };
        let mark = key(schema, &mut body);
        let begin = body.len();
        attributes(renderer, nodes, slots, &mut version, &mut body)?;
        if !close(&mut body, begin, b'{', b'}') {
            body.truncate(mark);
            continue;
        }
        out.extend_from_slice(b",\"");
        out.extend_from_slice(schema.as_bytes());
        out.push(b'"');
    }
    let id = slots.get(renderer.outline.layout.id).unwrap_or("\"\"");
    out.extend_from_slice(b"],\"id\":");
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(&body);
    out.extend_from_slice(b",\"meta\":{\"resourceType\":\"");
    out.extend_from_slice(resource_type.name.as_bytes());
    out.push(b'"');
    if let Some(created) = renderer.outline.layout.created.and_then(|slot| slots.get(slot)) {
        key("created", out);
        out.extend_from_slice(created.as_bytes());
    }
    let modified = renderer.outline.layout.modified;
    if let Some(modified) = modified.and_then(|at| slots.get(at.slot).or_else(|| slots.get(at.created))) {
        key("lastModified", out);
        out.extend_from_slice(modified.as_bytes());
    }
    out.extend_from_slice(b",\"location\":\"");
    out.extend_from_slice(renderer.base.as_bytes());
    out.extend_from_slice(resource_type.endpoint.as_bytes());
    out.push(b'/');
    out.extend_from_slice(id.trim_matches('"').as_bytes());
    out.push(b'"');
    if let Some(version) = version {
        let version = version.of(id, &body);
        out.extend_from_slice(format!(r#","version":"W/\"{version:016x}\"""#).as_bytes());
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

/// Each attribute with a comma before it.
fn attributes(
    renderer: &Renderer<'_>,
    nodes: &[Node],
    slots: &Slots<'_>,
    version: &mut Option<Version>,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    for node in nodes {
        match node {
            Node::Plain { name, value } => plain(renderer, name, *value, slots, out)?,
            Node::Complex { name, parts } => {
                let mark = key(name, out);
                let begin = out.len();
                for (part, value) in parts {
                    plain(renderer, part, *value, slots, out)?;
                }
                if !close(out, begin, b'{', b'}') {
                    out.truncate(mark);
                }
            }
            Node::Elements { name, elements, primary } => {
                let mark = key(name, out);
                let begin = out.len();
                let mut primary = *primary;
                for element in elements {
                    self::element(renderer, element, &mut primary, slots, out)?;
                }
                if !close(out, begin, b'[', b']') {
                    out.truncate(mark);
                }
            }
            Node::Open { slot } => {
                if let Some(text) = slots.get(*slot) {
                    open::render(text, out)?;
                }
            }
            Node::Objects { attribute, slot, read } => {
                let Some(text) = slots.get(*slot) else { continue };
                objects::write(attribute, text, *read, out)?;
            }
            Node::Linked { link, slot, named } => {
                let Some(text) = slots.get(*slot) else { continue };
                let view = View { link, named: *named, base: renderer.base };
                let (mark, mut ids) = (out.len(), 0);
                linked::write(view, text, |id| ids = Version::and(ids, id), out)?;
                if let Some(version) = version.as_mut().filter(|_| link.many) {
                    version.unordered(ids, mark..out.len());
                }
            }
        }
    }
    Ok(())
}

/// Writes an element, or several; the first of all gets `primary`.
fn element(
    renderer: &Renderer<'_>,
    element: &Element,
    primary: &mut bool,
    slots: &Slots<'_>,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    match element {
        Element::One { kind, parts } => {
            let mark = out.len();
            out.push(b',');
            let begin = out.len();
            for (part, value) in parts {
                plain(renderer, part, *value, slots, out)?;
            }
            if out.len() == begin {
                out.truncate(mark);
                return Ok(());
            }
            tagged(kind, primary, out);
            close(out, begin, b'{', b'}');
        }
        Element::Many { kind, slot, prefix } => {
            let Some(text) = slots.get(*slot) else { return Ok(()) };
            for item in serde_json::from_str::<Vec<Cow<'_, str>>>(text)? {
                let Some(item) = item.strip_prefix(prefix) else { continue };
                out.push(b',');
                let begin = out.len();
                key("value", out);
                serde_json::to_writer(&mut *out, item)?;
                tagged(kind, primary, out);
                close(out, begin, b'{', b'}');
            }
        }
    }
    Ok(())
}

fn tagged(kind: &str, primary: &mut bool, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.push(b'"');
    if std::mem::take(primary) {
        out.extend_from_slice(b",\"primary\":true");
    }
}

fn plain(
    renderer: &Renderer<'_>,
    name: &str,
    value: Source,
    slots: &Slots<'_>,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let Some(mut text) = slots.get(value.slot) else { return Ok(()) };
    match value.shape {
        Shape::First => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            match items.first() {
                Some(first) => text = first.get(),
                None => return Ok(()),
            }
        }
        Shape::Text if text == r#""""# => return Ok(()),
        Shape::Moment => return moment(name, text, out),
        Shape::Address(below) => {
            address(renderer, name, below, slots, out);
            return Ok(());
        }
        Shape::Present => text = "true",
        Shape::Less => {
            let less = value.stand_in.and_then(|slot| slots.get(slot)).unwrap_or("0");
            let left = serde_json::from_str::<i64>(text)?.saturating_sub(serde_json::from_str(less)?);
            key(name, out);
            return serde_json::to_writer(out, &left);
        }
        Shape::Single | Shape::Many(_) | Shape::Text | Shape::Open | Shape::Complex | Shape::Converted(_) => {}
    }
    let stand_in = value.stand_in.and_then(|slot| slots.get(slot));
    let is_made_up = stand_in.is_some_and(|stand_in| stand_in.eq_ignore_ascii_case(text));
    // An empty array is no value (RFC 7643 section 2.5).
    if text != "[]" && !is_made_up {
        key(name, out);
        out.extend_from_slice(text.as_bytes());
    }
    Ok(())
}

fn moment(name: &str, text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Some(moment) = moment::from_graph(text) else { return Ok(()) };
    key(name, out);
    serde_json::to_writer(out, &moment)
}

/// Writes where what is below the resource is.
fn address(renderer: &Renderer<'_>, name: &str, below: &str, slots: &Slots<'_>, out: &mut Vec<u8>) {
    let id = slots.get(renderer.outline.layout.id).unwrap_or_default().trim_matches('"');
    key(name, out);
    for text in ["\"", renderer.base, renderer.mapping.resource_type.endpoint, "/", id, "/", below, "\""] {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Writes `,"name":` and tells where it begins.
fn key(name: &str, out: &mut Vec<u8>) -> usize {
    let mark = out.len();
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    mark
}

/// Puts brackets around what was written since `begin`, whose first comma gives way to the opening one; `false` where
/// nothing was written.
fn close(out: &mut Vec<u8>, begin: usize, opening: u8, closing: u8) -> bool {
    let Some(first) = out.get_mut(begin) else { return false };
    *first = opening;
    out.push(closing);
    true
}
