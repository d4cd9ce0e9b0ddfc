//! Who is a member or an owner of which group, role, unit or application, and the way back.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::ObjectType;
use crate::directory::change_log::Kind;
use crate::directory::{Directory, State};

/// What ties an object to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Members,
    Owners,
}

/// The members and owners of a group, by row.
#[derive(Clone, Default)]
pub(super) struct Links {
    members: BTreeSet<u32>,
    owners: BTreeSet<u32>,
}

/// The groups of a member or owner, by its row.
#[derive(Clone, Default)]
pub(super) struct Backlinks {
    members: BTreeMap<u32, BTreeSet<u32>>,
    owners: BTreeMap<u32, BTreeSet<u32>>,
}

impl Relation {
    /// The name of the relationship.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Owners => "owners",
        }
    }
}

impl Links {
    fn of(&self, relation: Relation) -> &BTreeSet<u32> {
        match relation {
            Relation::Members => &self.members,
            Relation::Owners => &self.owners,
        }
    }

    fn of_mut(&mut self, relation: Relation) -> &mut BTreeSet<u32> {
        match relation {
            Relation::Members => &mut self.members,
            Relation::Owners => &mut self.owners,
        }
    }
}

impl Backlinks {
    fn of(&self, relation: Relation) -> &BTreeMap<u32, BTreeSet<u32>> {
        match relation {
            Relation::Members => &self.members,
            Relation::Owners => &self.owners,
        }
    }

    fn add(&mut self, relation: Relation, row: u32, group: u32) {
        self.of_mut(relation).entry(row).or_default().insert(group);
    }

    fn remove(&mut self, relation: Relation, row: u32, group: u32) {
        let index = self.of_mut(relation);
        if let Some(groups) = index.get_mut(&row) {
            groups.remove(&group);
            if groups.is_empty() {
                index.remove(&row);
            }
        }
    }

    fn of_mut(&mut self, relation: Relation) -> &mut BTreeMap<u32, BTreeSet<u32>> {
        match relation {
            Relation::Members => &mut self.members,
            Relation::Owners => &mut self.owners,
        }
    }
}

impl Directory {
    /// The rows of a group's members or owners that are in the directory, in order.
    pub(crate) fn related(&self, group: u32, relation: Relation) -> impl Iterator<Item = u32> {
        let links = self.entries.get(&group).map(|entry| entry.links.of(relation));
        links.into_iter().flatten().copied().filter(|row| self.item(*row).is_some())
    }

    /// Whether an object in the directory is a member or an owner of a group.
    pub(crate) fn is_related(&self, group: u32, relation: Relation, row: u32) -> bool {
        self.entries.get(&group).is_some_and(|entry| entry.links.of(relation).contains(&row))
            && self.item(row).is_some()
    }

    /// The rows of the groups in the directory of which an object is a member or an owner, in order.
    pub(crate) fn groups_of(&self, row: u32, relation: Relation) -> impl Iterator<Item = u32> {
        let groups = self.backlinks.of(relation).get(&row);
        groups.into_iter().flatten().copied().filter(|group| self.item(*group).is_some())
    }

    /// The members of a group, of its member groups, and so on.
    pub(crate) fn transitive_members(&self, group: u32) -> BTreeSet<u32> {
        reach(group, |row| self.related(row, Relation::Members).collect())
    }

    /// The groups of an object, the groups of these, and so on.
    pub(crate) fn transitive_groups_of(&self, row: u32) -> BTreeSet<u32> {
        // Who is in a group of an administrative unit is not in the unit.
        let follows = |next: &u32, from: u32| from == row || self.type_of(*next) != ObjectType::AdministrativeUnit;
        reach(row, |from| self.groups_of(from, Relation::Members).filter(|next| follows(next, from)).collect())
    }

    /// Makes objects members or owners of a group.
    pub(crate) fn link(&mut self, group: u32, relation: Relation, rows: &[u32]) {
        let Some(entry) = self.entries.get_mut(&group) else { return };
        let links = entry.links.of_mut(relation);
        let added: Vec<u32> = rows.iter().copied().filter(|row| links.insert(*row)).collect();
        added.iter().for_each(|row| self.backlinks.add(relation, *row, group));
        self.note_links(group, relation, added, Vec::new());
    }

    /// Puts an end to an object being a member or an owner of a group.
    pub(crate) fn unlink(&mut self, group: u32, relation: Relation, row: u32) {
        let Some(entry) = self.entries.get_mut(&group) else { return };
        if entry.links.of_mut(relation).remove(&row) {
            self.backlinks.remove(relation, row, group);
            self.note_links(group, relation, Vec::new(), vec![row]);
        }
    }

    /// Puts an end to everything that ties an object, or a group, to others.
    pub(super) fn unlink_all(&mut self, row: u32) {
        for relation in [Relation::Members, Relation::Owners] {
            let groups = self.backlinks.of(relation).get(&row).cloned().unwrap_or_default();
            groups.into_iter().for_each(|group| self.unlink(group, relation, row));
            let links = self.entries.get_mut(&row).map(|entry| std::mem::take(entry.links.of_mut(relation)));
            links.into_iter().flatten().for_each(|linked| self.backlinks.remove(relation, linked, row));
        }
    }

    /// Takes over the members and owners that a group has in the directory this is a copy of.
    pub(super) fn relink(&mut self, group: u32, after: &Links) {
        let before = self.entries.get(&group).map(|entry| entry.links.clone()).unwrap_or_default();
        for relation in [Relation::Members, Relation::Owners] {
            let (before, after) = (before.of(relation), after.of(relation));
            before.difference(after).for_each(|row| self.backlinks.remove(relation, *row, group));
            after.difference(before).for_each(|row| self.backlinks.add(relation, *row, group));
        }
    }

    /// The rows of a type from one on, whatever became of the objects, in order.
    pub(crate) fn rows_of_type(&self, object_type: ObjectType, from: u32) -> Box<dyn Iterator<Item = u32> + '_> {
        match object_type {
            ObjectType::User => Box::new(from..self.rows()),
            other => {
                let rows = self.others.get(&other).map(|rows| rows.range(from..).copied());
                Box::new(rows.into_iter().flatten())
            }
        }
    }

    /// How many objects of a type are in the directory.
    pub(crate) fn count_of(&self, object_type: ObjectType) -> usize {
        match object_type {
            ObjectType::User => self.count() as usize,
            other => self.rows_of_type(other, 0).filter(|row| self.item(*row).is_some()).count(),
        }
    }

    fn note_links(&mut self, group: u32, relation: Relation, added: Vec<u32>, removed: Vec<u32>) {
        if added.is_empty() && removed.is_empty() {
            return;
        }
        // What is not in the directory any more has no history to tell.
        if self.item_in(group, State::Purged).is_none() {
            self.note(group, Kind::Linked { relation, added, removed }, "");
        }
    }
}

/// All that can be reached in steps; not the start itself, also where groups are members of each other.
fn reach(start: u32, step: impl Fn(u32) -> Vec<u32>) -> BTreeSet<u32> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(row) = waiting.pop() {
        waiting.extend(step(row).into_iter().filter(|next| reached.insert(*next)));
    }
    reached.remove(&start);
    reached
}
