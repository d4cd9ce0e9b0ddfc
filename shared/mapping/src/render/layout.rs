//! What a resource is made of, in order: the rows of the table, grouped into attributes.

use scim::{projection::Projection, schema::Attribute};
use serde_json::Value;

use super::scan::Branch;
use crate::{
    Settings,
    link::Link,
    mapping::Mapping,
    table::{Row, Shape},
};

/// A member that is no property: the service puts it into an object of whose last change it knows.
const LAST_MODIFIED: &str = "@lastModified";

/// The attributes of a resource and the slots of their values.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) id: usize,
    pub(super) created: Option<usize>,
    pub(super) modified: Option<Modified>,
    /// Of the core schema, then of each extension.
    pub(super) schemas: Vec<(Option<&'static str>, Vec<Node>)>,
}

/// When the object was last changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modified {
    pub(super) slot: usize,
    /// Graph does not tell; then it was when the object was made, as far as is known.
    pub(super) created: usize,
}

/// An attribute.
#[derive(Debug)]
pub(super) enum Node {
    /// A value as it is.
    Plain { name: &'static str, value: Source },
    /// An object of values.
    Complex { name: &'static str, parts: Vec<(&'static str, Source)> },
    /// An array of objects; whether the first of them is told to be the primary one.
    Elements { name: &'static str, elements: Vec<Element>, primary: bool },
    /// All of an extension that is open.
    Open { slot: usize },
    /// An object or several, of which the parts of the attribute are shown, after a conversion.
    Objects { attribute: &'static Attribute, slot: usize, read: Option<fn(Value) -> Value> },
    /// Other resources; whether with their names.
    Linked { link: &'static Link, slot: usize, named: bool },
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) slot: usize,
    /// How it and the value in the resource relate.
    pub(super) shape: Shape,
    /// The slot of what stands in for no value.
    pub(super) stand_in: Option<usize>,
}

/// Elements of one type.
#[derive(Debug)]
pub(super) enum Element {
    /// One, of these parts.
    One { kind: &'static str, parts: Vec<(&'static str, Source)> },
    /// One for each item of Graph's array that starts with the prefix.
    Many { kind: &'static str, slot: usize, prefix: &'static str },
}

impl Layout {
    pub(super) fn new(
        mapping: &'static Mapping,
        settings: &Settings,
        projection: &Projection,
        branch: &mut Branch,
    ) -> Self {
        let id = branch.slot("id");
        let path = mapping.created.map(|property| property.path);
        let created = path.filter(|_| projection.includes("meta.created")).map(|path| branch.slot(path));
        let modified = path
            .filter(|_| projection.includes("meta.lastModified"))
            .map(|path| Modified { slot: branch.slot(LAST_MODIFIED), created: branch.slot(path) });
        let mut layout = Self { id, created, modified, schemas: vec![(None, Vec::new())] };
        for row in mapping.rows.iter().filter(|row| projection.includes(&row.path())) {
            if let Some(path) = settings.property_of(row) {
                let source = Source {
                    slot: branch.slot(path),
                    shape: row.property.shape,
                    stand_in: row.property.stand_in.map(|path| branch.slot(path)),
                };
                layout.with_schema(row.schema, |nodes| put(mapping, nodes, row, source));
            }
        }
        for link in mapping.links.iter().filter(|link| projection.includes(&link.path())) {
            let slot = branch.slot(link.navigation);
            let named = projection.includes(&link.display_path());
            let node = match link.is_shown_whole().then(|| mapping.attribute(link.schema, link.attribute)).flatten() {
                Some(attribute) => {
                    let read = link.conversion.map(|conversion| conversion.read);
                    Node::Objects { attribute, slot, read }
                }
                None => Node::Linked { link, slot, named },
            };
            layout.with_schema(link.schema, |nodes| nodes.push(node));
        }
        layout
    }

    fn with_schema(&mut self, schema: Option<&'static str>, change: impl FnOnce(&mut Vec<Node>)) {
        match self.schemas.iter_mut().find(|(known, _)| *known == schema) {
            Some((_, nodes)) => change(nodes),
            None => {
                let mut nodes = Vec::new();
                change(&mut nodes);
                self.schemas.push((schema, nodes));
            }
        }
    }
}

fn put(mapping: &Mapping, nodes: &mut Vec<Node>, row: &'static Row, source: Source) {
    let name = row.attribute;
    if row.property.shape == Shape::Open {
        nodes.push(Node::Open { slot: source.slot });
        return;
    }
    let read = match row.property.shape {
        Shape::Complex => Some(None),
        Shape::Converted(conversion) => Some(Some(conversion.read)),
        _ => None,
    };
    if let (Some(read), Some(attribute)) = (read, mapping.attribute(row.schema, name)) {
        nodes.push(Node::Objects { attribute, slot: source.slot, read });
        return;
    }
    match (row.element, row.sub_attribute) {
        (Some(kind), part) => {
            let attribute = mapping.attribute(row.schema, name);
            let primary = attribute.is_some_and(|attribute| attribute.sub_attribute("primary").is_some());
            put_element(nodes, row, kind, part.unwrap_or("value"), source, primary);
        }
        (None, None) => nodes.push(Node::Plain { name, value: source }),
        (None, Some(part)) => {
            let known = nodes.iter_mut().find_map(|node| match node {
                Node::Complex { name: known, parts } if *known == name => Some(parts),
                _ => None,
            });
            match known {
                Some(parts) => parts.push((part, source)),
                None => nodes.push(Node::Complex { name, parts: vec![(part, source)] }),
            }
        }
    }
}

fn put_element(
    nodes: &mut Vec<Node>,
    row: &'static Row,
    kind: &'static str,
    part: &'static str,
    source: Source,
    primary: bool,
) {
    let index = nodes.iter().position(|node| matches!(node, Node::Elements { name, .. } if *name == row.attribute));
    let index = index.unwrap_or_else(|| {
        nodes.push(Node::Elements { name: row.attribute, elements: Vec::new(), primary });
        nodes.len() - 1
    });
    let Some(Node::Elements { elements, .. }) = nodes.get_mut(index) else { return };
    if let Shape::Many(prefix) = row.property.shape {
        elements.push(Element::Many { kind, slot: source.slot, prefix });
        return;
    }
    let known = elements.iter_mut().find_map(|element| match element {
        Element::One { kind: known, parts } if *known == kind => Some(parts),
        _ => None,
    });
    match known {
        Some(parts) => parts.push((part, source)),
        None => elements.push(Element::One { kind, parts: vec![(part, source)] }),
    }
}
