use std::{fmt::Write, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use runtime::{Clock, Database, Random};
use warehouse::{
    Acquired, Completion, Counts, JobKey, Lease, Links, Page, PageOutcome, Phase, Round, RunEnd, RunStart, RunStatus,
    Warehouse, Watermark,
};

use crate::{
    context::Context,
    delta_page::DeltaPage,
    end::End,
    fetch::FetchError,
    job::Job,
    source::{DeltaSource, Link, SourceError},
    summary::{Summary, phase},
};

/// How long a lease holds after each renewal: a killed run keeps its job from others no longer than this.
const LEASE: TimeDelta = TimeDelta::seconds(20);

/// What the caller of a tick decides.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long the tick may work.
    pub budget: Duration,
    /// What a person said about a round that is held.
    pub decision: Decision,
}

/// What a person said about many deletes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Nothing: more than the ceiling allows hold the round.
    Ask,
    /// They are right: the round in progress goes on, whatever it removes.
    Accept,
    /// They are wrong: the round in progress is given up, and everything is read anew.
    Refuse,
}

/// Does as much of a job as the time budget allows, and says what was done.
///
/// Whatever happens, the warehouse holds whole pages and knows the next one: a tick that is killed or fails loses
/// nothing, and the next goes on after the last page that was stored.
///
/// # Errors
///
/// [`warehouse::Error`] when the warehouse itself cannot be used; what Graph does is told in the summary.
pub async fn tick<S: DeltaSource, D: Database, C: Clock, R: Random>(
    job: &Job,
    context: &Context<S, D, C, R>,
    options: Options,
) -> Result<Summary, warehouse::Error> {
    let started = context.clock.now();
    let warehouse = Warehouse::open(&context.database, &job.table).await?;
    let key = JobKey { tenant: context.settings.tenant.clone(), job: job.name.to_owned() };
    let (lease, watermark) = match warehouse.acquire(&key, &owner(&context.random), LEASE, started).await? {
        Acquired::Held(lease, watermark) => (lease, watermark),
        Acquired::Busy { until } => return Ok(Summary::busy(job.name, until)),
    };
    let request = job.request();
    let (round, round_phase) = plan(&watermark, &request, options.decision);
    let deletes_accepted = options.decision == Decision::Accept;
    let start = RunStart { round, phase: round_phase, request: &request, deletes_accepted };
    let (id, round) = warehouse.begin_run(&lease, &start, started).await?;
    let deadline = started + TimeDelta::from_std(options.budget).unwrap_or(TimeDelta::days(1));
    let mut run = Run {
        context,
        warehouse,
        lease,
        request,
        deadline,
        id,
        round,
        watermark,
        done: Counts::default(),
        calls_before: context.source.calls(),
        calls_stored: context.source.calls(),
        restarted: false,
    };
    let end = run.work().await;
    run.finish(job, end, started).await
}

/// A run at work.
pub(crate) struct Run<'a, S, D, C, R> {
    pub(crate) context: &'a Context<S, D, C, R>,
    pub(crate) warehouse: Warehouse<&'a D>,
    pub(crate) lease: Lease,
    pub(crate) deadline: DateTime<Utc>,
    request: String,
    id: i64,
    round: Round,
    watermark: Box<Watermark>,
    done: Counts,
    calls_before: u64,
    calls_stored: u64,
    restarted: bool,
}

impl<S: DeltaSource, D: Database, C: Clock, R: Random> Run<'_, S, D, C, R> {
    async fn work(&mut self) -> End {
        if let Some(until) = self.watermark.retry_at.filter(|until| *until > self.context.clock.now()) {
            if until >= self.deadline {
                return End::later(
                    "Graph asked to be left alone for longer than this run may take".to_owned(),
                    Some(until),
                );
            }
            if let Err(error) = self.wait_until(until).await {
                return error.into();
            }
        }
        loop {
            match self.step().await {
                Ok(None) => {}
                Ok(Some(end)) | Err(end) => return end,
            }
        }
    }

    /// Stores the next page, or completes the round after the last; gives how the run ends if it does.
    async fn step(&mut self) -> Result<Option<End>, End> {
        let now = self.context.clock.now();
        if self.round.pages_done {
            return self.complete(now).await.map(Some);
        }
        if now >= self.deadline {
            return Ok(Some(End::out_of_time()));
        }
        match self.fetch(self.link()?).await {
            Ok(body) => self.store(&body).await,
            Err(FetchError::Source(SourceError::Reset(reason))) => self.restart(&reason).await.map(|()| None),
            Err(error) => Err(error.into()),
        }
    }

    fn link(&self) -> Result<Link<'_>, End> {
        match (&self.round.next_link, self.round.phase) {
            (Some(link), _) => Ok(Link::Follow(link)),
            (None, Phase::Full) => Ok(Link::Start(&self.request)),
            (None, Phase::Delta) => self
                .watermark
                .delta_link
                .as_deref()
                .map(Link::Follow)
                .ok_or_else(|| End::failed("a delta round has no delta link to begin with".to_owned())),
        }
    }

    async fn store(&mut self, body: &[u8]) -> Result<Option<End>, End> {
        let answer = DeltaPage::parse(body)?;
        let links = answer.links(self.round.next_link.as_deref())?;
        let calls = self.context.source.calls();
        let graph_calls = calls - self.calls_stored;
        let page = Page { run: self.id, objects: answer.objects(), links, graph_calls };
        let ceiling = self.context.settings.ceiling;
        let now = self.context.clock.now();
        match self.warehouse.store_page(&self.lease, &self.round, &page, ceiling, now).await? {
            PageOutcome::Held { removals, allowed } => Ok(Some(End::held(removals, allowed))),
            PageOutcome::Stored(counts) => {
                self.calls_stored = calls;
                self.done += counts;
                self.round.counts += counts;
                self.round.pages_done = matches!(links, Links::Delta(_));
                self.round.next_link = match links {
                    Links::Next(link) => Some(link.to_owned()),
                    Links::Delta(_) => None,
                };
                Ok(None)
            }
        }
    }

    async fn complete(&mut self, now: DateTime<Utc>) -> Result<End, End> {
        let ceiling = self.context.settings.ceiling;
        match self.warehouse.complete_round(&self.lease, self.id, &self.round, ceiling, now).await? {
            Completion::Held { removals, allowed } => Ok(End::held(removals, allowed)),
            Completion::Complete { removed, .. } => {
                self.done.removed += removed;
                self.round.counts.removed += removed;
                Ok(End { status: RunStatus::Complete, detail: None, retry_at: None, lease_lost: false })
            }
        }
    }

    /// Gives the round up and begins a full one, once in a tick.
    async fn restart(&mut self, reason: &str) -> Result<(), End> {
        let detail = format!("Graph can no longer go on from the stored link ({reason}): everything is read anew");
        if self.restarted {
            return Err(End::later(format!("twice in a run: {detail}"), None));
        }
        let graph_calls = self.context.source.calls() - self.calls_before;
        let end =
            RunEnd { run: self.id, status: RunStatus::Partial, detail: Some(&detail), graph_calls, retry_at: None };
        let now = self.context.clock.now();
        (self.id, self.round) = self.warehouse.restart_round(&self.lease, &end, &self.request, now).await?;
        self.calls_before += graph_calls;
        self.calls_stored = self.calls_before;
        self.restarted = true;
        Ok(())
    }

    /// Ends the run in the warehouse, unless it is another's by now, and sums up.
    async fn finish(self, job: &Job, end: End, started: DateTime<Utc>) -> Result<Summary, warehouse::Error> {
        let calls = self.context.source.calls();
        let now = self.context.clock.now();
        let run_end = RunEnd {
            run: self.id,
            status: end.status,
            detail: end.detail.as_deref(),
            graph_calls: calls - self.calls_before,
            retry_at: end.retry_at,
        };
        if !end.lease_lost {
            self.warehouse.end_run(&self.lease, &run_end, now).await?;
        }
        let watermark = self.warehouse.watermark(&self.lease.key).await?;
        let unstored = calls - self.calls_stored;
        let round = Counts { graph_calls: self.round.counts.graph_calls + unstored, ..self.round.counts };
        let done = Counts { graph_calls: self.done.graph_calls + unstored, ..self.done };
        Ok(Summary {
            job: job.name,
            run: Some(self.id.to_string()),
            status: end.status.into(),
            phase: Some(phase(self.round.phase)),
            counts: done.into(),
            duration_ms: u64::try_from((now - started).num_milliseconds()).unwrap_or_default(),
            watermark: watermark.complete_at,
            total: watermark.total,
            round: Some(round.into()),
            detail: end.detail,
            retry_at: end.retry_at,
        })
    }
}

/// Which round a run goes on with (none to begin one), and what the round reads.
fn plan<'a>(watermark: &'a Watermark, request: &str, decision: Decision) -> (Option<&'a Round>, Phase) {
    if decision == Decision::Refuse || watermark.request.as_deref() != Some(request) {
        return (None, Phase::Full);
    }
    match (&watermark.round, &watermark.delta_link) {
        (Some(round), _) => (Some(round), round.phase),
        (None, Some(_)) => (None, Phase::Delta),
        (None, None) => (None, Phase::Full),
    }
}

/// A name that no other run has.
fn owner(random: &impl Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut name, byte| {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}
