//! The jobs: when they run, and what a tick answers.

pub(crate) mod run;
pub(crate) mod schedule;

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::Deserialize;

use crate::http::answer;
use crate::http::server::Cores;

/// How long a job may go on without a page before it counts as stuck.
const STALLED_LIMIT: Duration = Duration::from_secs(10 * 60);

/// How long to wait after a tick that got nowhere and did not say when to come back.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// Why it is not complete.
    pub(crate) detail: Option<String>,
    /// When the next tick may go on, if Graph asked to be left alone.
    pub(crate) retry_at: Option<DateTime<Utc>>,
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

/// When a job that is not done goes on: at once while it stores pages, else when it asked to.
struct Pace {
    /// The last page, or the start.
    since: Instant,
}

impl Pace {
    fn new() -> Self {
        Self { since: Instant::now() }
    }

    /// How long to wait before the next tick; none if the job gets nowhere, or not soon enough.
    fn pause(&mut self, tick: &Tick, now: DateTime<Utc>) -> Option<Duration> {
        if tick.pages > 0 {
            self.since = Instant::now();
        }
        let pause = match tick.retry_at {
            Some(retry_at) => (retry_at - now).to_std().unwrap_or_default(),
            None if tick.pages > 0 => Duration::ZERO,
            // The longer it has been getting nowhere, the longer it is left alone.
            None => (self.since.elapsed() / 4).max(PAUSE),
        };
        (pause <= STALLED_LIMIT.saturating_sub(self.since.elapsed())).then_some(pause)
    }
}

/// Posts to a job, and says how long that took.
async fn tick(cores: &Cores, path: &str, token: &str) -> Result<(Tick, Duration)> {
    let started = Instant::now();
    let (status, body) = cores.call(Method::POST, path, token).await?;
    Ok((read(status, &body), started.elapsed()))
}

/// What the job answered; an answer in no known shape is a failure.
fn read(status: StatusCode, body: &Bytes) -> Tick {
    let tick = serde_json::from_slice::<Tick>(body).ok();
    let tick = tick.filter(|tick| status.is_success() || tick.status != Status::Complete);
    tick.unwrap_or_else(|| {
        let detail = answer::detail(body).unwrap_or_else(|| "the answer is not that of a job".to_owned());
        Tick { detail: Some(format!("status {}: {detail}", status.as_u16())), ..Tick::default() }
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

    #[test]
    fn a_job_goes_on_when_it_may() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let cases = [
            (r#"{"status":"partial","pages":2}"#, seconds(0)),
            (r#"{"status":"partial","pages":0,"graphCalls":1}"#, Some(PAUSE)),
            (r#"{"status":"partial","pages":2,"retryAt":"2026-01-01T00:00:30.000Z"}"#, seconds(30)),
            (r#"{"status":"partial","retryAt":"2025-12-31T23:00:00Z"}"#, seconds(0)),
            (r#"{"status":"partial","retryAt":"2026-01-01T01:00:00Z"}"#, None),
            (r#"{"status":"partial","retryAt":"+262142-12-31T23:59:59Z"}"#, None),
        ];
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for (body, expected) in cases {
            let tick = read(StatusCode::OK, &Bytes::from_static(body.as_bytes()));
            assert_eq!(tick.status, Status::Partial, "{body}");
            assert_eq!(Pace::new().pause(&tick, now), expected, "{body}");
        }
        let nowhere = Tick { status: Status::Partial, ..Tick::default() };
        let mut pace = Pace { since: Instant::now() - STALLED_LIMIT };
        assert_eq!(pace.pause(&nowhere, now), None);
        assert_eq!(pace.pause(&Tick { pages: 1, ..nowhere.clone() }, now), seconds(0), "a page is progress");
        assert_eq!(pace.pause(&nowhere, now), Some(PAUSE));
    }
}
