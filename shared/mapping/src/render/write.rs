//! Writes the text of a resource.

use std::{borrow::Cow, hash::Hasher};

use rustc_hash::FxHasher;
use serde_json::value::RawValue;

use super::{
    Renderer,
    layout::{Element, Node, Source},
    linked,
    scan::Slots,
};

/// Writes the resource whose values are in `slots`.
pub(super) fn resource(renderer: &Renderer<'_>, slots: &Slots<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = out.len();
    let resource_type = renderer.mapping.resource_type;
    out.extend_from_slice(b"{\"schemas\":[\"");
    out.extend_from_slice(resource_type.schema.id.as_bytes());
    out.push(b'"');
    let mut body = Vec::with_capacity(1024);
    for (schema, nodes) in &renderer.layout.schemas {
        let Some(schema) = schema else {
            attributes(renderer, nodes, slots, &mut body)?;
            continue;
        };
        let mark = key(schema, &mut body);
        let begin = body.len();
        attributes(renderer, nodes, slots, &mut body)?;
        if !close(&mut body, begin, b'{', b'}') {
            body.truncate(mark);
            continue;
        }
        out.extend_from_slice(b",\"");
        out.extend_from_slice(schema.as_bytes());
        out.push(b'"');
    }
    let id = slots.get(renderer.layout.id).unwrap_or("\"\"");
    out.extend_from_slice(b"],\"id\":");
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(&body);
    out.extend_from_slice(b",\"meta\":{\"resourceType\":\"");
    out.extend_from_slice(resource_type.name.as_bytes());
    out.push(b'"');
    if let Some(created) = renderer.layout.created.and_then(|slot| slots.get(slot)) {
        out.extend_from_slice(b",\"created\":");
        out.extend_from_slice(created.as_bytes());
    }
    out.extend_from_slice(b",\"location\":\"");
    out.extend_from_slice(renderer.base.as_bytes());
    out.extend_from_slice(resource_type.endpoint.as_bytes());
    out.push(b'/');
    out.extend_from_slice(id.trim_matches('"').as_bytes());
    out.push(b'"');
    // A version stands for the whole resource, so what is cut has none.
    if !renderer.projection.is_cut() {
        let version = version(out.get(start..).unwrap_or_default());
        out.extend_from_slice(format!(r#","version":"W/\"{version:016x}\"""#).as_bytes());
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

fn version(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish()
}

/// Each attribute with a comma before it.
fn attributes(renderer: &Renderer<'_>, nodes: &[Node], slots: &Slots<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    for node in nodes {
        match node {
            Node::Plain { name, value } => plain(name, *value, slots, out)?,
            Node::Complex { name, parts } => {
                let mark = key(name, out);
                let begin = out.len();
                for (part, value) in parts {
                    plain(part, *value, slots, out)?;
                }
                if !close(out, begin, b'{', b'}') {
                    out.truncate(mark);
                }
            }
            Node::Elements { name, elements } => {
                let mark = key(name, out);
                let begin = out.len();
                for element in elements {
                    self::element(name, element, slots, out)?;
                }
                if !close(out, begin, b'[', b']') {
                    out.truncate(mark);
                }
            }
            Node::Linked { link, slot } => {
                if let Some(text) = slots.get(*slot) {
                    linked::write(link, text, renderer.base, out)?;
                }
            }
        }
    }
    Ok(())
}

fn element(name: &str, element: &Element, slots: &Slots<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match element {
        Element::One { kind, parts } => {
            let mark = out.len();
            out.push(b',');
            let begin = out.len();
            for (part, value) in parts {
                plain(part, *value, slots, out)?;
            }
            if out.len() == begin {
                out.truncate(mark);
                return Ok(());
            }
            tagged(kind, out);
            if name == "emails" {
                out.extend_from_slice(b",\"primary\":true");
            }
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
                tagged(kind, out);
                close(out, begin, b'{', b'}');
            }
        }
    }
    Ok(())
}

fn tagged(kind: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.push(b'"');
}

fn plain(name: &str, value: Source, slots: &Slots<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Some(mut text) = slots.get(value.slot) else { return Ok(()) };
    if value.first {
        let items: Vec<&RawValue> = serde_json::from_str(text)?;
        match items.first() {
            Some(first) => text = first.get(),
            None => return Ok(()),
        }
    }
    // An empty array is no value (RFC 7643 section 2.5).
    if text != "[]" {
        key(name, out);
        out.extend_from_slice(text.as_bytes());
    }
    Ok(())
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
