use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use warehouse::{Counts, Phase, RunStatus};

/// What a tick did; the answer to `POST /inventory/{resource}/run`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The job's name.
    pub job: &'static str,
    /// The number of the run, as a text; none when another run was at work.
    pub run: Option<String>,
    /// How the tick ended.
    pub status: Status,
    /// `full` or `delta`; none when another run was at work.
    pub phase: Option<&'static str>,
    /// What this tick did.
    #[serde(flatten)]
    pub counts: Figures,
    /// How long it took.
    pub duration_ms: u64,
    /// Up to when the warehouse knows what changed; none until a full read was complete.
    #[serde(serialize_with = "optional_moment")]
    pub watermark: Option<DateTime<Utc>>,
    /// How many objects were there when the last round was complete.
    pub total: Option<u64>,
    /// What all ticks of the round did, this one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<Figures>,
    /// Why it is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Before when Graph does not want to be asked again.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_moment")]
    pub retry_at: Option<DateTime<Utc>>,
}

/// How a tick ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The warehouse knows all that Graph knew.
    Complete,
    /// The next tick goes on.
    Partial,
    /// Another run was at work.
    Busy,
    /// A person has to decide about the deletes.
    Held,
    /// It cannot go on as things are.
    Failed,
}

impl From<RunStatus> for Status {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Complete => Self::Complete,
            RunStatus::Partial => Self::Partial,
            RunStatus::Held => Self::Held,
            RunStatus::Failed => Self::Failed,
        }
    }
}

/// Sums of a tick, a run or a round.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Pages stored.
    pub pages: u64,
    /// Objects in these pages.
    pub seen: u64,
    /// Objects new to the warehouse or back in it.
    pub added: u64,
    /// Objects with a changed attribute.
    pub updated: u64,
    /// Objects marked deleted.
    pub removed: u64,
    /// Requests made to Graph.
    pub graph_calls: u64,
}

impl From<Counts> for Figures {
    fn from(counts: Counts) -> Self {
        let Counts { pages, seen, added, updated, removed, graph_calls } = counts;
        Self { pages, seen, added, updated, removed, graph_calls }
    }
}

impl Summary {
    /// The summary of a tick that found another run at work.
    pub(crate) fn busy(job: &'static str, until: DateTime<Utc>) -> Self {
        let detail = format!("another run is at work; its lease ends at {} unless it is renewed", rfc3339(until));
        Self {
            job,
            run: None,
            status: Status::Busy,
            phase: None,
            counts: Figures::default(),
            duration_ms: 0,
            watermark: None,
            total: None,
            round: None,
            detail: Some(detail),
            retry_at: None,
        }
    }
}

pub(crate) const fn phase(phase: Phase) -> &'static str {
    phase.as_str()
}

/// A moment as answers give it.
pub(crate) fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(crate) fn optional_moment<S: serde::Serializer>(
    moment: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    moment.map(rfc3339).serialize(serializer)
}
