//! The timer: fires each job by its schedule, one tick after the other, never two at once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Utc;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use tokio::time::sleep;

use super::{Pace, Status, tick};
use crate::http::server::Cores;
use crate::log;

/// What a schedule says when the job is not to run.
const OFF: &str = "off";

/// Ticks that follow on one that ran out of time, before the schedule has its say again.
const FOLLOWING_LIMIT: usize = 10_000;

/// A job and when it runs.
#[derive(Clone, Debug)]
pub(crate) struct Timer {
    /// The component.
    pub(crate) id: String,
    /// The tenant, where there is a document of them.
    pub(crate) tenant: Option<String>,
    /// The path that a tick posts to.
    pub(crate) path: String,
    /// When; none for never.
    pub(crate) schedule: Option<Cron>,
}

impl Timer {
    /// The schedule is `off` or six fields, seconds first, in UTC.
    pub(crate) fn new(id: &str, tenant: Option<&str>, path: &str, schedule: &str) -> Result<Self> {
        let schedule = match schedule.trim() {
            OFF => None,
            text => {
                let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build();
                let cron = parser.parse(text).with_context(|| {
                    format!("schedule \"{text}\" is neither \"off\" nor six cron fields, seconds first")
                })?;
                Some(cron)
            }
        };
        let path = tenant.map_or_else(|| path.to_owned(), |tenant| format!("/{tenant}{path}"));
        Ok(Self { id: id.to_owned(), tenant: tenant.map(str::to_owned), path, schedule })
    }

    /// The component, and the tenant, for the log.
    pub(crate) fn name(&self) -> String {
        self.tenant.as_ref().map_or_else(|| self.id.clone(), |tenant| format!("{} tenant={tenant}", self.id))
    }

    /// The schedule as a text.
    pub(crate) fn text(&self) -> String {
        self.schedule.as_ref().map_or_else(|| OFF.to_owned(), |cron| format!("{} (UTC)", cron.as_str()))
    }

    /// Ticks now, and then whenever the schedule says, for ever.
    pub(crate) async fn run(self, cores: Arc<Cores>, token: Arc<str>) {
        let Some(schedule) = &self.schedule else { return };
        loop {
            self.fire(&cores, &token).await;
            // What fell due meanwhile is past: a tick is skipped while another runs.
            let now = Utc::now();
            let Ok(next) = schedule.find_next_occurrence(&now, false) else {
                return log::host(format_args!("job={} schedule=\"{}\" ended", self.name(), schedule.as_str()));
            };
            sleep((next - now).to_std().unwrap_or(Duration::ZERO)).await;
        }
    }

    /// One tick, and more as long as there is more to do.
    async fn fire(&self, cores: &Cores, token: &str) {
        let mut pace = Pace::new();
        for _ in 0..FOLLOWING_LIMIT {
            let (answer, duration) = match tick(cores, &self.path, token).await {
                Ok(ticked) => ticked,
                Err(error) => return log::host(format_args!("job={} status=failed error=\"{error}\"", self.name())),
            };
            let detail = answer.detail.as_deref().map(log::one_line);
            let detail = detail.map(|detail| format!(" detail=\"{detail}\"")).unwrap_or_default();
            log::host(format_args!(
                "job={} status={} phase={} seen={} added={} updated={} removed={} graph.calls={} duration_ms={}{detail}",
                self.name(),
                answer.status.name(),
                answer.phase.as_deref().unwrap_or("none"),
                answer.seen,
                answer.added,
                answer.updated,
                answer.removed,
                answer.graph_calls,
                duration.as_millis()
            ));
            if answer.status != Status::Partial {
                return;
            }
            let Some(pause) = pace.pause(&answer, Utc::now()) else { return };
            sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::Timer;

    #[test]
    fn schedules() {
        let now: DateTime<Utc> = "2026-01-01T00:04:30Z".parse().unwrap();
        for (schedule, expected) in
            [("0 */10 * * * *", "2026-01-01T00:10:00Z"), ("*/20 * * * * *", "2026-01-01T00:04:40Z")]
        {
            let cron = Timer::new("a", None, "/", schedule).unwrap().schedule.unwrap();
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(cron.find_next_occurrence(&now, false).unwrap(), expected);
        }
        assert!(Timer::new("a", None, "/", "off").unwrap().schedule.is_none());
        let timer = Timer::new("a", Some("contoso"), "/run", "off").unwrap();
        assert_eq!((timer.path.as_str(), timer.name().as_str()), ("/contoso/run", "a tenant=contoso"));
        for wrong in ["", "often", "* * * * *", "0 0 0 1 1 * 2026", "61 * * * * *"] {
            let error = Timer::new("a", None, "/", wrong).unwrap_err().to_string();
            assert!(error.ends_with("is neither \"off\" nor six cron fields, seconds first"), "{error}");
        }
    }
}
