//! What happened to objects in a round, all of it together.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::directory::change_log::Kind;
use crate::directory::relations::Relation;

/// What happened to one object.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) properties: BTreeSet<String>,
    /// Whether it is told whole, as if it were new.
    pub(super) whole: bool,
    pub(super) manager_before: Option<Option<u32>>,
    /// Who became a member or an owner, or ceased to be one.
    pub(super) linked: BTreeSet<(Relation, u32)>,
    pub(super) gone: bool,
    /// The place of the last change in the round.
    pub(super) last: usize,
}

/// What happened between two places of the history to objects of a type, the one that changed last at the end.
pub(super) fn of_round(
    directory: &Directory,
    object_type: ObjectType,
    (since, until): (u32, u32),
    only: Option<&[u32]>,
) -> Vec<(u32, Changes)> {
    let mut by_row: BTreeMap<u32, Changes> = BTreeMap::new();
    for (place, change) in directory.log.between(since, until).iter().enumerate() {
        if directory.type_of(change.row) == object_type {
            by_row.entry(change.row).or_default().add(&change.kind, place);
        }
        // Who is deleted leaves its groups, and comes back to them when it is restored.
        let moves = matches!(change.kind, Kind::Created | Kind::Deleted) && object_type == ObjectType::Group;
        for relation in [Relation::Members, Relation::Owners].into_iter().filter(|_| moves) {
            let groups = directory.groups_of(change.row, relation);
            for group in groups.filter(|row| directory.type_of(*row) == ObjectType::Group) {
                let changes = by_row.entry(group).or_default();
                changes.linked.insert((relation, change.row));
                changes.last = place;
            }
        }
    }
    by_row.retain(|row, _| only.is_none_or(|rows| rows.contains(row)));
    let mut changes: Vec<(u32, Changes)> = by_row.into_iter().collect();
    changes.sort_by_key(|(_, changes)| changes.last);
    changes
}

impl Changes {
    /// An object that is told whole.
    pub(super) fn whole() -> Self {
        Self { whole: true, ..Self::default() }
    }

    fn add(&mut self, kind: &Kind, place: usize) {
        self.last = place;
        match kind {
            Kind::Created => self.whole = true,
            Kind::Deleted | Kind::Purged => self.gone = true,
            Kind::Linked { relation, added, removed } => {
                self.linked.extend(added.iter().chain(removed).map(|row| (*relation, *row)));
            }
            Kind::Updated { properties, manager_before } => {
                self.properties.extend(properties.iter().cloned());
                if self.manager_before.is_none() {
                    self.manager_before = *manager_before;
                }
            }
        }
    }
}
