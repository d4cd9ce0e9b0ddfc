//! How objects, and what happened to them, are written.

use crate::contract::{NAMESPACE, ObjectType};
use crate::directory::item::Item;
use crate::directory::relations::Relation;
use crate::directory::{Directory, State, json};
use crate::graph::delta::changes::{self, Changes};
use crate::graph::select::Selection;

pub(super) struct Writer<'a> {
    pub(super) directory: &'a Directory,
    pub(super) object_type: ObjectType,
    pub(super) context: String,
    pub(super) selection: Selection,
    pub(super) minimal: bool,
}

/// Where a page begins: an object, and which of its parts.
type Place = (u32, u32);

/// How many members one item tells; a group with more comes in several parts. Source: "Use delta query to track changes
/// in groups", which says that it can.
const PART: usize = 1_000;

impl Writer<'_> {
    pub(super) fn begin(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 * 1024);
        out.extend_from_slice(b"{\"@odata.context\":");
        json::string(&mut out, &self.context);
        out.extend_from_slice(b",\"value\":[");
        out
    }

    /// A page of all objects; returns the place after it when there are more.
    pub(super) fn all(&self, only: Option<&[u32]>, from: Place, size: usize, out: &mut Vec<u8>) -> Option<Place> {
        let rows: Box<dyn Iterator<Item = u32>> = match only {
            Some(rows) => Box::new(rows.iter().copied().filter(move |row| *row >= from.0)),
            None => self.directory.rows_of_type(self.object_type, from.0),
        };
        let whole = Changes::whole();
        let items = rows
            .filter_map(|row| self.directory.item(row))
            .filter(|item| item.object_type == self.object_type)
            .map(|item| (item.row, (item, &whole)));
        self.items(items, from, size, out)
    }

    /// A page of the changes of a round; returns the place after it when there are more.
    pub(super) fn changed(
        &self,
        round: (u32, u32),
        only: Option<&[u32]>,
        from: Place,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Option<Place> {
        let changes = changes::of_round(self.directory, self.object_type, round, only);
        let concerned = changes.iter().filter(|(_, changes)| self.concerns(changes));
        let items = (0..).zip(concerned).skip(from.0 as usize).filter_map(|(place, (row, changes))| {
            let states = [State::Live, State::Deleted, State::Purged];
            let item = states.iter().find_map(|state| self.directory.item_in(*row, *state));
            item.map(|item| (place, (item, changes)))
        });
        self.items(items, from, size, out)
    }

    /// As many items as fit on a page; returns the place of the one that does not.
    fn items<'a>(
        &self,
        items: impl Iterator<Item = (u32, (Item<'a>, &'a Changes))>,
        from: Place,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Option<Place> {
        let mut written = 0;
        for (place, (item, changes)) in items {
            let linked = self.linked(&item, changes);
            let parts = linked.len().div_ceil(PART).max(1);
            let first = if place == from.0 { from.1 as usize } else { 0 };
            for part in first..parts {
                if written == size {
                    return Some((place, part as u32));
                }
                if written > 0 {
                    out.push(b',');
                }
                let links = linked.chunks(PART).nth(part).unwrap_or_default();
                self.item(&item, changes, links, part == 0, out);
                written += 1;
            }
        }
        None
    }

    /// `$select` restricts what is tracked.
    fn concerns(&self, changes: &Changes) -> bool {
        let selected = |name: &String| {
            self.selection.names.is_empty()
                || self.selection.names.contains(name)
                || self.selection.names.iter().any(|known| known == "*")
        };
        changes.whole
            || changes.gone
            || changes.properties.iter().any(selected)
            || changes.linked.iter().any(|(relation, _)| self.tracks(*relation))
            || (changes.manager_before.is_some() && self.selection.tracks("manager"))
    }

    /// Members are told without `$select` too.
    fn tracks(&self, relation: Relation) -> bool {
        let by_default = self.selection.names.is_empty() && relation == Relation::Members;
        self.object_type == ObjectType::Group && (by_default || self.selection.tracks(relation.name()))
    }

    /// The members and owners to be told of a group.
    fn linked(&self, item: &Item<'_>, changes: &Changes) -> Vec<(Relation, u32)> {
        let tracked = [Relation::Members, Relation::Owners].into_iter().filter(|relation| self.tracks(*relation));
        if changes.whole {
            let all = |relation| self.directory.related(item.row, relation).map(move |row| (relation, row));
            return tracked.flat_map(all).collect();
        }
        let told = |relation| changes.linked.iter().copied().filter(move |(known, _)| *known == relation);
        tracked.flat_map(told).collect()
    }

    fn item(&self, item: &Item<'_>, changes: &Changes, links: &[(Relation, u32)], first: bool, out: &mut Vec<u8>) {
        if self.directory.item(item.row).is_none() {
            return self.removed(item, out);
        }
        out.push(b'{');
        for column in self.selection.columns(self.object_type) {
            let changed = changes.properties.contains(column.name());
            let told = first && (!self.minimal || changes.whole || changed);
            if !told && column.name() != "id" {
                continue;
            }
            let start = out.len();
            if !column.write(item, out) {
                continue;
            }
            // What was never set is left out; what was cleared is null.
            if !changed && out.ends_with(b":null") {
                out.truncate(start);
                continue;
            }
            out.push(b',');
        }
        if self.selection.tracks("manager") {
            self.manager(item.row, changes, out);
        }
        for relation in [Relation::Members, Relation::Owners] {
            let told = links.iter().filter(|(known, _)| *known == relation);
            let items: Vec<String> = told
                .filter_map(|(_, row)| self.reference(*row, self.directory.is_related(item.row, relation, *row)))
                .collect();
            write_delta(relation.name(), &items, out);
        }
        if out.ends_with(b",") {
            out.pop();
        }
        out.push(b'}');
    }

    /// `manager@delta`: the manager there is, and the one there was when it is another.
    fn manager(&self, row: u32, changes: &Changes, out: &mut Vec<u8>) {
        if !changes.whole && changes.manager_before.is_none() {
            return;
        }
        let now = self.directory.manager(row);
        let before = changes.manager_before.flatten().filter(|before| Some(*before) != now);
        let added = now.and_then(|row| self.reference(row, true));
        let removed = before.and_then(|row| self.reference(row, false));
        write_delta("manager", &added.into_iter().chain(removed).collect::<Vec<_>>(), out);
    }

    /// What a relationship leads to, or led to.
    fn reference(&self, row: u32, is_there: bool) -> Option<String> {
        let states = [State::Live, State::Deleted, State::Purged];
        let item = states.iter().find_map(|state| self.directory.item_in(row, *state))?;
        let (type_name, id) = (item.object_type.name(), item.id());
        let removed = if is_there { "" } else { r#","@removed":{"reason":"deleted"}"# };
        Some(format!(r##"{{"@odata.type":"#{NAMESPACE}{type_name}","id":"{id}"{removed}}}"##))
    }

    fn removed(&self, item: &Item<'_>, out: &mut Vec<u8>) {
        let is_restorable = self.directory.item_in(item.row, State::Deleted).is_some();
        let reason = if is_restorable { "changed" } else { "deleted" };
        out.extend_from_slice(b"{\"id\":");
        json::string(out, &item.id());
        out.extend_from_slice(format!(r#","@removed":{{"reason":"{reason}"}}}}"#).as_bytes());
    }
}

fn write_delta(name: &str, items: &[String], out: &mut Vec<u8>) {
    if !items.is_empty() {
        out.extend_from_slice(format!("\"{name}@delta\":[{}],", items.join(",")).as_bytes());
    }
}
