//! One operation and how far it is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bulk::footprint::{Footprint, Registry};
use crate::bulk::parse::resource_path;
use crate::bulk::response::Result;
use crate::bulk::{Entry, Method, Operation, Outcome, reference};
use crate::error::Error;

/// An operation on its way.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) bulk_id: Option<String>,
    pub(super) stage: Stage,
    /// The resource that a POST has made.
    pub(super) made: Option<Made>,
    /// The operations that make what it refers to.
    pub(super) references: BTreeSet<usize>,
    /// What is added to the resource once it is made.
    pub(super) follow_up: Option<FollowUp>,
    method: Option<String>,
    path: Option<String>,
    footprint: Footprint,
}

/// How far an operation is.
#[derive(Debug)]
pub(super) enum Stage {
    /// It cannot be done; the error is its result when its turn comes.
    Refused(Error),
    /// It waits for its turn.
    Waiting(Operation),
    /// It is handed out; its body is gone.
    Running(Operation),
    /// The resource is made, and the PATCH with its references waits.
    FollowUp(Operation, Outcome),
    /// The PATCH is handed out; the error is for what it had to leave out.
    FollowUpRunning(Outcome, Option<Error>),
    /// Nothing is left to do.
    Done(Outcome),
}

/// A resource that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) location: Option<String>,
}

/// What is left to do of a POST in a circle.
#[derive(Debug)]
pub(super) struct FollowUp {
    /// The body of a PATCH.
    pub(super) body: Value,
    /// The operations that make what it refers to.
    pub(super) references: BTreeSet<usize>,
    /// What later operations on the resource wait for.
    pub(super) holds: Vec<usize>,
}

/// Whether an operation can run.
pub(super) enum Turn {
    /// It can.
    Now,
    /// Something it refers to is not there yet.
    Needs,
    /// An earlier operation has to be done first.
    Waits,
    /// It cannot be done.
    Never(Error),
    /// It runs or is done.
    Past,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Done(Outcome::default())
    }
}

impl Stage {
    /// Whether a step is handed out.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Running(_) | Self::FollowUpRunning(..))
    }
}

impl Slot {
    pub(super) fn new(entry: Entry, registry: &mut Registry) -> Self {
        let footprint = entry.operation.as_ref().map(|operation| registry.footprint(operation)).unwrap_or_default();
        let stage = match entry.operation {
            Ok(operation) => Stage::Waiting(operation),
            Err(error) => Stage::Refused(error),
        };
        Self {
            bulk_id: entry.bulk_id,
            stage,
            made: None,
            references: BTreeSet::new(),
            follow_up: None,
            method: entry.method,
            // What does not exist has no address.
            path: entry.path.filter(|path| !path.contains(reference::PREFIX)),
            footprint,
        }
    }

    /// Whether it will never make a resource.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.stage, Stage::Refused(_) | Stage::Done(_)) && self.made.is_none()
    }

    /// The operations that make what its next step refers to.
    pub(super) fn references(&self) -> &BTreeSet<usize> {
        match (&self.stage, &self.follow_up) {
            (Stage::FollowUp(..), Some(follow_up)) => &follow_up.references,
            _ => &self.references,
        }
    }

    pub(super) fn waits_for(&self) -> &[usize] {
        &self.footprint.waits_for
    }

    /// What later operations wait for because of it.
    pub(super) fn holds(&self) -> &[usize] {
        match (&self.stage, &self.follow_up) {
            (Stage::Waiting(_) | Stage::Running(_), _) => &self.footprint.holds,
            (Stage::FollowUp(..) | Stage::FollowUpRunning(..), Some(follow_up)) => &follow_up.holds,
            _ => &[],
        }
    }

    /// The operation is handed out.
    pub(super) fn start(&mut self, operation: &mut Operation, created: Option<Outcome>, missing: Option<Error>) {
        self.stage = match created {
            Some(created) => Stage::FollowUpRunning(created, missing),
            None => {
                self.path = operation.id.as_deref().map(|id| resource_path(operation.resource_type, id));
                // The body can be large, and whoever runs the operation has it.
                let data = operation.data.take();
                let running = operation.clone();
                operation.data = data;
                Stage::Running(running)
            }
        };
    }

    /// Records what came of a step; whether that is an error.
    pub(super) fn record(&mut self, outcome: Outcome) -> bool {
        if !self.stage.is_open() {
            return false;
        }
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::Running(operation) if operation.method == Method::Post && outcome.is_success() => {
                self.path = outcome.id.as_deref().map(|id| resource_path(operation.resource_type, id));
                self.made = outcome.id.clone().map(|id| Made { id, location: outcome.location.clone() });
                match (&mut self.follow_up, &self.made) {
                    (Some(follow_up), Some(made)) => {
                        let (id, data) = (Some(made.id.clone()), follow_up.body.take());
                        Stage::FollowUp(
                            Operation { method: Method::Patch, id, data, version: None, ..operation },
                            outcome,
                        )
                    }
                    _ => Stage::Done(outcome),
                }
            }
            Stage::FollowUpRunning(created, missing) => {
                let outcome = match missing {
                    Some(error) if outcome.is_success() => Outcome::from(&error),
                    _ => outcome,
                };
                Stage::Done(together(created, outcome))
            }
            _ => Stage::Done(outcome),
        };
        matches!(&self.stage, Stage::Done(outcome) if !outcome.is_success())
    }

    /// Ends it with an error, unless it is done.
    pub(super) fn give_up(&mut self, error: &Error) {
        let outcome = Outcome::from(error);
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::Done(outcome) => Stage::Done(outcome),
            Stage::FollowUp(_, created) | Stage::FollowUpRunning(created, _) => Stage::Done(together(created, outcome)),
            Stage::Refused(_) | Stage::Waiting(_) | Stage::Running(_) => Stage::Done(outcome),
        };
    }

    /// Its result, if it was begun.
    pub(super) fn result(self, base: &str) -> Option<Result> {
        let mut outcome = match self.stage {
            Stage::Done(outcome) => outcome,
            Stage::FollowUp(_, created) | Stage::FollowUpRunning(created, _) => {
                let error = Error::conflict("it was created, and the rest stopped before its references were added");
                together(created, Outcome::from(&error))
            }
            Stage::Refused(_) | Stage::Waiting(_) | Stage::Running(_) => return None,
        };
        let path = || self.path.map(|path| format!("{}{path}", base.trim_end_matches('/')));
        let location = outcome.location.take().or_else(path);
        Some(Result { method: self.method, bulk_id: self.bulk_id, location, outcome })
    }
}

/// What came of a POST whose references were added afterwards: the resource is there even if that failed.
fn together(created: Outcome, added: Outcome) -> Outcome {
    match added.is_success() {
        true => Outcome { version: added.version, response: added.response, ..created },
        false => Outcome { version: None, status: added.status, response: added.response, ..created },
    }
}
