//! `$expand`: the manager, or the members, owners and groups, inside an object.

use crate::contract::{NAMESPACE, ObjectType};
use crate::directory::Directory;
use crate::directory::item::Item;
use crate::graph::error::{Error, Result};
use crate::graph::related::Relationship;
use crate::graph::select::Selection;

/// A relationship that is expanded.
pub(crate) struct Expansion {
    target: Target,
    /// What is written of what it leads to.
    pub(crate) selection: Box<Selection>,
}

enum Target {
    /// The manager, and so many managers above.
    Manager { levels: usize },
    /// The first of many.
    Many(Relationship),
}

/// How deep a chain of managers may be asked for.
const MAX_LEVELS: usize = 1_000;
/// How many objects an expanded relationship shows.
const MAX_ITEMS: usize = 20;

impl Expansion {
    /// Reads `$expand` of objects of a type: one relationship, with its own `$select` in parentheses.
    pub(crate) fn read(object_type: ObjectType, expand: &str) -> Result<Self> {
        let (name, options) = match expand.trim().split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(|| not_readable(expand))?),
            None => (expand.trim(), ""),
        };
        let many = || Relationship::of(name).filter(|_| is_expandable(object_type, name));
        let (target, selection) = if name == "manager" && object_type == ObjectType::User {
            (Target::Manager { levels: 1 }, Selection::of(ObjectType::User, None)?.typed())
        } else {
            (Target::Many(many().ok_or_else(|| refused(object_type, name))?), Selection::of_any(None)?)
        };
        let mut expansion = Self { target, selection: Box::new(selection) };
        for option in options.split(';').filter(|option| !option.trim().is_empty()) {
            expansion.set(option)?;
        }
        Ok(expansion)
    }

    fn set(&mut self, option: &str) -> Result<()> {
        let (name, value) = option.split_once('=').ok_or_else(|| not_readable(option))?;
        match (name.trim(), value.trim(), &mut self.target) {
            ("$select", names, Target::Manager { .. }) => {
                *self.selection = Selection::of(ObjectType::User, Some(names))?.typed();
            }
            ("$select", names, Target::Many(_)) => *self.selection = Selection::of_any(Some(names))?,
            ("$levels", "max", Target::Manager { levels }) => *levels = MAX_LEVELS,
            ("$levels", text, Target::Manager { levels }) => {
                let wanted = text.parse().ok().filter(|wanted| (1..=MAX_LEVELS).contains(wanted));
                *levels = wanted.ok_or_else(|| not_readable(option))?;
            }
            _ => return Err(not_readable(option)),
        }
        Ok(())
    }

    /// The name of the relationship.
    pub(crate) fn name(&self) -> &'static str {
        match &self.target {
            Target::Manager { .. } => "manager",
            Target::Many(relationship) => relationship.name(),
        }
    }

    /// Whether it asks for more than the direct manager.
    pub(crate) fn is_chain(&self) -> bool {
        matches!(self.target, Target::Manager { levels } if levels > 1)
    }

    /// Writes what the relationship leads to as a further member of the object that began at `start`.
    pub(crate) fn write(&self, item: &Item<'_>, directory: &Directory, start: usize, out: &mut Vec<u8>) {
        match &self.target {
            Target::Manager { levels } => self.write_manager(item.row, directory, start, *levels, out),
            Target::Many(relationship) => {
                if out.len() > start {
                    out.push(b',');
                }
                out.extend_from_slice(format!("\"{}\":[", relationship.name()).as_bytes());
                let rows = relationship.rows(directory, item.row).into_iter().take(MAX_ITEMS);
                for (position, item) in rows.filter_map(|row| directory.item(row)).enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    self.selection.write(&item, directory, out);
                }
                out.push(b']');
            }
        }
    }

    fn write_manager(&self, row: u32, directory: &Directory, start: usize, levels: usize, out: &mut Vec<u8>) {
        let manager = directory.manager(row).filter(|_| levels > 0);
        let Some(manager) = manager.and_then(|manager| directory.user(manager)) else { return };
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(b"\"manager\":{");
        let inside = out.len();
        self.selection.write_members(&manager, directory, out);
        self.write_manager(manager.row, directory, inside, levels - 1, out);
        out.push(b'}');
    }
}

fn is_expandable(object_type: ObjectType, name: &str) -> bool {
    object_type.schema().navigation(name).is_some_and(|navigation| navigation.expand)
}

fn refused(object_type: ObjectType, name: &str) -> Error {
    let schema = object_type.schema();
    let text = if schema.property(name).is_some() || schema.navigation(name).is_some() {
        format!("Expand is not allowed for property '{name}' according to the entity schema.")
    } else {
        format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{NAMESPACE}{}'.",
            object_type.name()
        )
    };
    Error::new(400, "ExpandNotSupported", text)
}

fn not_readable(text: &str) -> Error {
    Error::syntax(format!("Parsing OData Select and Expand failed: Syntax error in '{text}'."))
}
