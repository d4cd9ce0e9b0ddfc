//! Which operations can run when.

mod prepare;
mod slot;

use std::collections::BTreeMap;

use self::slot::{Slot, Stage, Turn};
use super::footprint::{Held, Registry};
use super::reference::{self, Wanted};
use super::{Operation, Outcome, Request, circle};
use crate::error::Error;

/// Hands out the operations of a Bulk request in waves.
///
/// Take a [wave](Self::next_wave), run its steps at once, [record](Self::record) what came of each, and so on until a
/// wave is empty. An operation comes as soon as everything that it refers to exists and no earlier operation is open
/// whose order with it could matter: on the same resource, over the same unique value, or a deletion of what the other
/// mentions. With `failOnErrors` no wave is larger than the number of errors that are still accepted, so nothing runs
/// that would not have run one after the other.
#[derive(Debug)]
pub struct Schedule {
    slots: Vec<Slot>,
    /// Which operation makes what a `bulkId` stands for.
    makers: BTreeMap<String, usize>,
    registry: Registry,
    /// How many errors are still accepted.
    errors_left: usize,
}

/// One request to run: an operation, or what is left to do of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The position of the operation in the request, for [`Schedule::record`].
    pub index: usize,
    /// What to do, with ids in place of references. A POST that is part of a circle of references comes a second time,
    /// as the PATCH that adds them.
    pub operation: Operation,
}

/// What operations that need what is not there yet keep from running.
#[derive(Clone, Copy, PartialEq)]
enum Patience {
    /// Whatever comes later in the request and touches the same.
    Orderly,
    /// Nothing, because otherwise all would wait for each other.
    Relaxed,
}

impl Schedule {
    /// Looks at what refers to what, and breaks circles where that can be done.
    pub fn new(request: Request) -> Self {
        let operations = request.entries.iter().filter_map(|entry| entry.operation.as_ref().ok());
        let mut registry = Registry::new(operations);
        let slots = request.entries.into_iter().map(|entry| Slot::new(entry, &mut registry)).collect();
        let errors_left = request.fail_on_errors.unwrap_or(usize::MAX);
        let mut schedule = Self { slots, makers: BTreeMap::new(), registry, errors_left };
        schedule.prepare();
        schedule
    }

    /// The steps that can run now, in the order of the request; empty when there is nothing left to do, or when steps
    /// of earlier waves have to be recorded first.
    pub fn next_wave(&mut self) -> Vec<Step> {
        loop {
            let open = self.open();
            let (wave, refused) = self.turn(Patience::Orderly);
            if !wave.is_empty() || open > 0 || self.errors_left == 0 {
                return wave;
            }
            if refused {
                continue;
            }
            // Some need what waits for them: to refer to something is the stronger tie.
            let (wave, refused) = self.turn(Patience::Relaxed);
            if !wave.is_empty() || !refused {
                return wave;
            }
        }
    }

    /// Records what came of a step; a step that was not handed out is not looked at.
    pub fn record(&mut self, index: usize, outcome: Outcome) {
        let failed = self.slots.get_mut(index).is_some_and(|slot| slot.record(outcome));
        self.errors_left = self.errors_left.saturating_sub(usize::from(failed));
    }

    /// Gives every operation that is not done this error, as when the time is up.
    pub fn give_up(&mut self, error: &Error) {
        self.slots.iter_mut().for_each(|slot| slot.give_up(error));
    }

    /// The BulkResponse: the results of what was done, in the order of the request. `base` is the address of the
    /// service, such as `https://example.com/v2`.
    pub fn into_response(self, base: &str) -> serde_json::Value {
        super::response::response(self.slots.into_iter().filter_map(|slot| slot.result(base)))
    }

    /// How many steps are handed out and not recorded.
    fn open(&self) -> usize {
        self.slots.iter().filter(|slot| slot.stage.is_open()).count()
    }

    /// Takes what can run now, and says whether something was refused.
    fn turn(&mut self, patience: Patience) -> (Vec<Step>, bool) {
        let mut room = self.errors_left.saturating_sub(self.open());
        let mut held = self.registry.nothing_held();
        let (mut wave, mut refused) = (Vec::new(), false);
        for index in 0..self.slots.len() {
            if room == 0 {
                break;
            }
            let turn = self.slots.get(index).map_or(Turn::Past, |slot| self.turn_of(slot, &held));
            let steps_aside = matches!(turn, Turn::Needs) && patience == Patience::Relaxed;
            match turn {
                Turn::Now => {
                    room -= 1;
                    match self.start(index) {
                        Ok(step) => wave.push(step),
                        Err(error) => {
                            refused = true;
                            self.refuse(index, &error);
                        }
                    }
                }
                Turn::Never(error) => {
                    room -= 1;
                    refused = true;
                    self.refuse(index, &error);
                }
                Turn::Needs | Turn::Waits | Turn::Past => {}
            }
            if let Some(slot) = self.slots.get(index).filter(|_| !steps_aside) {
                held.hold(slot.holds());
            }
        }
        (wave, refused)
    }

    fn turn_of(&self, slot: &Slot, held: &Held) -> Turn {
        let mut makers = slot.references().iter().filter_map(|index| self.slots.get(*index));
        match &slot.stage {
            Stage::Refused(error) => Turn::Never(error.clone()),
            Stage::Waiting(_) => match makers.clone().find(|maker| maker.has_failed()) {
                Some(maker) => Turn::Never(not_created(maker)),
                None if makers.any(|maker| maker.made.is_none()) => Turn::Needs,
                None if held.lets(slot.waits_for()) => Turn::Now,
                None => Turn::Waits,
            },
            Stage::FollowUp(..) => match makers.any(|maker| maker.made.is_none() && !maker.has_failed()) {
                true => Turn::Needs,
                false => Turn::Now,
            },
            Stage::Running(_) | Stage::FollowUpRunning(..) | Stage::Done(_) => Turn::Past,
        }
    }

    /// Puts ids in the place of references and hands the operation out.
    fn start(&mut self, index: usize) -> Result<Step, Error> {
        let nothing = || Error::internal("the operation is not there");
        let stage = self.slots.get_mut(index).map(|slot| std::mem::take(&mut slot.stage));
        let (mut operation, created, missing) = match stage.ok_or_else(nothing)? {
            Stage::Waiting(operation) => (operation, None, None),
            Stage::FollowUp(mut operation, created) => {
                let failed = |bulk_id: &str| self.maker(bulk_id).filter(|maker| maker.has_failed());
                let bulk_ids = reference::collect(&mut operation);
                let missing = bulk_ids.iter().find_map(|bulk_id| failed(bulk_id)).map(not_created);
                match (circle::without(operation.data.take(), &|bulk_id| failed(bulk_id).is_some()), missing) {
                    (Some(data), missing) => (Operation { data, ..operation }, Some(created), missing),
                    (None, missing) => {
                        if let Some(slot) = self.slots.get_mut(index) {
                            slot.stage = Stage::FollowUp(operation, created);
                        }
                        return Err(missing.unwrap_or_else(nothing));
                    }
                }
            }
            _ => return Err(nothing()),
        };
        reference::resolve(&mut operation, &mut |bulk_id, wanted| self.made_of(bulk_id, wanted));
        if let Some(slot) = self.slots.get_mut(index) {
            slot.start(&mut operation, created, missing);
        }
        Ok(Step { index, operation })
    }

    fn refuse(&mut self, index: usize, error: &Error) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.give_up(error);
        }
        self.errors_left = self.errors_left.saturating_sub(1);
    }

    fn maker(&self, bulk_id: &str) -> Option<&Slot> {
        self.makers.get(bulk_id).and_then(|index| self.slots.get(*index))
    }

    /// What a reference stands for.
    fn made_of(&self, bulk_id: &str, wanted: Wanted) -> Option<String> {
        let made = self.maker(bulk_id)?.made.as_ref()?;
        match (wanted, &made.location) {
            (Wanted::Location, Some(location)) => Some(location.clone()),
            _ => Some(made.id.clone()),
        }
    }
}

fn not_created(maker: &Slot) -> Error {
    let bulk_id = maker.bulk_id.as_deref().map(crate::path::shorten).unwrap_or_default();
    Error::conflict(format!("what bulkId:{bulk_id} stands for was not created"))
}
