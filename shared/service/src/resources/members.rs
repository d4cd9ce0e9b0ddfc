//! Who is in a group: changes of relationships with many, as few calls as Graph lets them be.
//!
//! Twenty additions are one `PATCH` with `members@odata.bind`, which Graph makes whole or not at all; a removal is a call of
//! its own, and twenty of them are one exchange. Graph refuses to add who is there already, and does not say who that is, so
//! what is refused is compared with who is there and made again; that is rare, and to compare first would cost every change
//! a read. <https://learn.microsoft.com/graph/api/group-post-members>

use std::collections::BTreeSet;

use graph::{Error, Kind, Operation, Plan, segment};
use mapping::{Link, Members};
use runtime::{KeyValue, Random};
use serde_json::{Value, json};

use super::At;
use crate::{context::Graph, failure::Failure};

/// The most references in one `PATCH`.
const BOUND: usize = 20;
/// How many members an error names.
const NAMED: usize = 20;

/// Who comes and who goes.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) link: &'static Link,
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
}

impl Difference {
    /// What is remembered of it for the reads that follow.
    pub(super) fn written(&self) -> Value {
        json!({ "add": self.add, "remove": self.remove })
    }
}

impl<G: Graph, K: KeyValue, R: Random> At<'_, '_, G, K, R> {
    /// The least that makes the members what they are to be; where all of them are given, those there are are read first.
    pub(super) async fn difference(
        &self,
        id: &str,
        link: &'static Link,
        members: &Members,
    ) -> Result<Difference, Failure> {
        let (add, remove) = match members {
            Members::Difference { add, remove } => (add.clone(), remove.clone()),
            Members::All(_) => members.against(&self.ids(link, id).await?),
        };
        Ok(Difference { link, add, remove })
    }

    /// The calls that add members.
    pub(super) fn additions(&self, id: &str, link: &Link, ids: &[String]) -> Vec<(Operation, Vec<String>)> {
        let path = self.path(id);
        let (collection, permission) = link.written.unwrap_or_default();
        let reference =
            |id: &String| format!("{}/v1.0{collection}/{}", self.context.graph_url.trim_end_matches('/'), segment(id));
        if !link.bound {
            let add = |id: &String| {
                let body = json!({ "@odata.id": reference(id) }).to_string();
                let path = format!("{path}/{}/$ref", link.navigation);
                (Operation::post(path).permission(permission).body(body.into_bytes()), vec![id.clone()])
            };
            return ids.iter().map(add).collect();
        }
        let add = |ids: &[String]| {
            let references: Vec<String> = ids.iter().map(reference).collect();
            let body = json!({ "members@odata.bind": references }).to_string();
            (Operation::patch(&path).permission(permission).body(body.into_bytes()), ids.to_vec())
        };
        ids.chunks(BOUND).map(add).collect()
    }

    /// The call that removes a member.
    pub(super) fn removal(&self, id: &str, link: &Link, member: &str) -> Operation {
        let permission = link.written.map_or("", |(_, permission)| permission);
        Operation::delete(format!("{}/{}/{}/$ref", self.path(id), link.navigation, segment(member)))
            .permission(permission)
    }

    /// Adds members, all of them or, where one is unknown, none. Those who were not there before are handed back.
    pub(super) async fn add(&self, id: &str, link: &'static Link, ids: &[String]) -> Result<Vec<String>, Failure> {
        let mut added = Vec::new();
        let mut wanted = ids.to_vec();
        // The second time, what Graph refused as there already is known.
        for again in [true, false] {
            let (operations, groups): (Vec<_>, Vec<_>) = self.additions(id, link, &wanted).into_iter().unzip();
            let outcomes = self.context.run(&Plan { operations }).await?;
            let mut failures = Vec::new();
            for (group, outcome) in groups.into_iter().zip(outcomes) {
                match outcome {
                    Ok(_) => added.extend(group),
                    Err(error) => failures.push((group, error)),
                }
            }
            if failures.is_empty() {
                return Ok(added);
            }
            if !again || !failures.iter().all(|(_, error)| is_there_already(error)) {
                let refused = self.refused(id, link, failures).await;
                self.take_back(id, link, &added).await;
                return Err(refused);
            }
            wanted = self.absent(id, link, failures.into_iter().flat_map(|(group, _)| group).collect()).await?;
            if wanted.is_empty() {
                return Ok(added);
            }
        }
        Ok(added)
    }

    /// Those of `ids` that are not there.
    pub(super) async fn absent(&self, id: &str, link: &'static Link, ids: Vec<String>) -> Result<Vec<String>, Failure> {
        let present: BTreeSet<String> =
            self.ids(link, id).await?.into_iter().map(|id| id.to_ascii_lowercase()).collect();
        Ok(ids.into_iter().filter(|id| !present.contains(&id.to_ascii_lowercase())).collect())
    }

    /// Undoes additions, as far as Graph lets it.
    pub(super) async fn take_back(&self, id: &str, link: &Link, added: &[String]) {
        let operations: Vec<Operation> = added.iter().map(|member| self.removal(id, link, member)).collect();
        if !operations.is_empty() {
            // What cannot be undone shows in the group; the caller is told of the failure that led here.
            let _ = self.context.run(&Plan { operations }).await;
        }
    }

    /// What to say of additions that Graph refused: which of the members it does not know.
    pub(super) async fn refused(&self, id: &str, link: &Link, failures: Vec<(Vec<String>, Error)>) -> Failure {
        let Some(first) = failures.iter().map(|(_, error)| error).find(|error| !is_there_already(error)).cloned()
        else {
            return scim::Error::conflict("the members changed meanwhile: repeat the request").into();
        };
        let asked: Vec<String> = failures.into_iter().flat_map(|(group, _)| group).collect();
        if !is_unknown(&first) {
            return first.into();
        }
        match self.unknown(&asked).await {
            Ok(unknown) if unknown.is_empty() => self.missing(first, id),
            Ok(unknown) => {
                let named: Vec<&str> = unknown.iter().take(NAMED).map(String::as_str).collect();
                let more = if unknown.len() > NAMED { ", ..." } else { "" };
                scim::Error::invalid_value(format!(
                    "{}: {} of {} are not in the directory, and nothing was changed: {}{more}",
                    link.path(),
                    unknown.len(),
                    asked.len(),
                    named.join(", "),
                ))
                .into()
            }
            Err(failure) => failure,
        }
    }

    /// Those of `ids` that the directory does not know.
    async fn unknown(&self, ids: &[String]) -> Result<Vec<String>, Failure> {
        let look_up = |id: &String| {
            Operation::get(format!("/directoryObjects/{}", segment(id)))
                .permission("Directory.Read.All")
                .query("$select", "id")
        };
        let outcomes = self.context.run(&Plan { operations: ids.iter().map(look_up).collect() }).await?;
        let is_unknown = |outcome: &Result<_, Error>| {
            outcome.as_ref().is_err_and(|error| matches!(error.kind, Kind::NotFound | Kind::BadRequest))
        };
        Ok(ids.iter().zip(&outcomes).filter(|(_, outcome)| is_unknown(outcome)).map(|(id, _)| id.clone()).collect())
    }
}

/// Graph refuses to add who is there already.
pub(super) fn is_there_already(error: &Error) -> bool {
    error.kind == Kind::Conflict || error.message.contains("already exist")
}

/// Graph does not know one of the references, or the object itself.
pub(super) fn is_unknown(error: &Error) -> bool {
    error.kind == Kind::NotFound || error.message.contains("does not exist")
}
