//! The jobs: when they run, and what a tick answers.

pub(crate) mod run;
pub(crate) mod schedule;

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;

use crate::http::server::Cores;

/// So many ticks in a row may run out of time without a call to Graph before the job counts as stuck.
const STALLED_LIMIT: usize = 30;

/// What a job answers to a tick.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Tick {
    pub(crate) status: Status,
    /// Whether everything was read or only what changed; a busy tick read nothing.
    pub(crate) phase: Option<String>,
    /// How many pages of the source were read.
    pub(crate) pages: u64,
    /// How many objects were in them.
    pub(crate) seen: u64,
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) removed: u64,
    pub(crate) graph_calls: u64,
    /// How many objects there are, if that is known.
    pub(crate) total: Option<u64>,
    /// Why it failed.
    pub(crate) detail: Option<String>,
}

/// How a tick ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    /// All is done until the next change.
    Complete,
    /// The time was up; the next tick goes on.
    Partial,
    /// Another run holds the lease.
    Busy,
    /// It would delete more than it may without a person's word.
    Held,
    /// It did not work.
    #[default]
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Busy => "busy",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// Posts to a job, and says how long that took.
async fn tick(cores: &Cores, path: &str, token: &str) -> Result<(Tick, Duration)> {
    let started = Instant::now();
    let (status, body) = cores.post(path, token).await?;
    Ok((read(status, &body), started.elapsed()))
}

/// What the job answered; an answer in no known shape is a failure.
fn read(status: StatusCode, body: &Bytes) -> Tick {
    /// A SCIM error, which the host or the component answers when no tick took place.
    #[derive(Default, Deserialize)]
    struct Refusal {
        detail: Option<String>,
    }
    let tick = serde_json::from_slice::<Tick>(body).ok();
    let tick = tick.filter(|tick| status.is_success() || tick.status != Status::Complete);
    tick.unwrap_or_else(|| {
        let refusal = serde_json::from_slice::<Refusal>(body).unwrap_or_default();
        let reason = refusal.detail.unwrap_or_else(|| "the answer is not that of a job".to_owned());
        Tick { detail: Some(format!("status {}: {reason}", status.as_u16())), ..Tick::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let cases = [
            (200, r#"{"status":"partial","phase":"full","seen":7,"graphCalls":2}"#, (Status::Partial, 7, None)),
            (200, r#"{"status":"complete","phase":"delta"}"#, (Status::Complete, 0, None)),
            (200, r#"{"status":"busy","phase":null,"detail":"until"}"#, (Status::Busy, 0, Some("until"))),
            (401, r#"{"status":"401","detail":"no"}"#, (Status::Failed, 0, Some("status 401: no"))),
            (200, "hello", (Status::Failed, 0, Some("status 200: the answer is not that of a job"))),
            (
                500,
                r#"{"status":"complete","phase":"full"}"#,
                (Status::Failed, 0, Some("status 500: the answer is not that of a job")),
            ),
        ];
        for (status, body, expected) in cases {
            let tick = read(StatusCode::from_u16(status).unwrap(), &Bytes::from_static(body.as_bytes()));
            assert_eq!((tick.status, tick.seen, tick.detail.as_deref()), expected, "{body}");
        }
    }
}
