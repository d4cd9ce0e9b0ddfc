//! What refers to what, before anything runs.

use std::collections::BTreeSet;

use super::Schedule;
use super::slot::{FollowUp, Stage};
use crate::bulk::{Method, circle, reference};
use crate::error::Error;
use crate::path::shorten;

impl Schedule {
    /// Finds references and circles; refuses what can never run.
    pub(super) fn prepare(&mut self) {
        self.find_makers();
        self.find_references();
        self.break_circles();
    }

    /// Finds out which operation makes what a `bulkId` stands for; one that is given twice stands for nothing.
    fn find_makers(&mut self) {
        let mut twice = BTreeSet::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let Stage::Waiting(operation) = &slot.stage else { continue };
            let bulk_id = operation.bulk_id.as_ref().filter(|_| operation.method == Method::Post);
            if let Some(bulk_id) = bulk_id
                && self.makers.insert(bulk_id.clone(), index).is_some()
            {
                twice.insert(bulk_id.clone());
            }
        }
        for slot in &mut self.slots {
            if let (Stage::Waiting(operation), Some(bulk_id)) = (&slot.stage, &slot.bulk_id)
                && operation.method == Method::Post
                && twice.contains(bulk_id)
            {
                let problem = format!("the bulkId '{}' is given to more than one POST", shorten(bulk_id));
                slot.stage = Stage::Refused(Error::invalid_value(problem));
            }
        }
    }

    fn find_references(&mut self) {
        for slot in &mut self.slots {
            let Stage::Waiting(operation) = &mut slot.stage else { continue };
            let mut unknown = None;
            for bulk_id in reference::collect(operation) {
                match self.makers.get(&bulk_id) {
                    Some(maker) => {
                        slot.references.insert(*maker);
                    }
                    None => unknown = Some(bulk_id),
                }
            }
            if let Some(bulk_id) = unknown {
                let problem = format!("no POST has the bulkId '{}' that is referred to", shorten(&bulk_id));
                slot.stage = Stage::Refused(Error::invalid_value(problem));
                slot.references.clear();
            }
        }
    }

    fn break_circles(&mut self) {
        let in_circle = circle::find(&self.needs());
        if !in_circle.contains(&true) {
            return;
        }
        let makers = &self.makers;
        let is_circular = |index: usize| in_circle.get(index).copied().unwrap_or_default();
        let names_circular = |bulk_id: &str| makers.get(bulk_id).is_some_and(|maker| is_circular(*maker));
        let makers_of = |bulk_ids: BTreeSet<String>| {
            bulk_ids.iter().filter_map(|bulk_id| makers.get(bulk_id)).copied().collect::<BTreeSet<_>>()
        };
        for (_, slot) in self.slots.iter_mut().enumerate().filter(|(index, _)| is_circular(*index)) {
            let Stage::Waiting(operation) = &mut slot.stage else { continue };
            let Some(mut body) = circle::split(operation, &names_circular) else { continue };
            slot.references = makers_of(reference::collect(operation));
            let references = makers_of(reference::collect_in_body(&mut body));
            let holds = slot.bulk_id.iter().map(|bulk_id| self.registry.resource(&reference::to(bulk_id))).collect();
            slot.follow_up = Some(FollowUp { body, references, holds });
        }
        let closed = circle::find(&self.needs());
        for (slot, is_closed) in self.slots.iter_mut().zip(closed) {
            if is_closed {
                let problem = "it refers to what refers back to it, and none of them can be created first";
                slot.stage = Stage::Refused(Error::conflict(problem));
            }
        }
    }

    /// For each operation those that make what it refers to.
    fn needs(&self) -> Vec<Vec<usize>> {
        self.slots.iter().map(|slot| slot.references.iter().copied().collect()).collect()
    }
}
