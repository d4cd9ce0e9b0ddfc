//! `entra-scim run JOB`: a job now, to its end, with a progress bar and a summary.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{fs, mem, slice};

use anyhow::{Result, bail};
use chrono::Utc;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use tokio::time::sleep;

use super::{Pace, Status, Tick, tick};
use crate::cli::Options;
use crate::http::server::Cores;
use crate::manifest::select;
use crate::{log, startup};

/// How long one slice of work takes, in seconds: how often the progress bar moves.
const SLICE: u32 = 5;

/// How often a run that is not on a terminal says how far it is.
const SPOKEN: Duration = Duration::from_secs(5);

/// What the program ends with when another run is at work: "try again later" in the language of `sysexits.h`.
const BUSY: u8 = 75;

/// Runs the job of one component.
pub(crate) fn run(id: &str, options: &Options) -> Result<ExitCode> {
    let prepared = startup::prepare(options, |manifest| select(manifest, slice::from_ref(&id.to_owned())))?;
    if prepared.timers.is_empty() {
        bail!("component {id} has no job: its table [component.{id}.tool.entra-scim] is not there");
    }
    if let Some(simulator) = &prepared.simulator {
        eprintln!("tenant {simulator}");
    }
    let runs = startup::aside(&prepared, async |cores| {
        let mut runs = Vec::new();
        for timer in &prepared.timers {
            let (name, path) = (timer.name(), format!("{}?budget={SLICE}", timer.path));
            let started = Instant::now();
            let run = to_the_end(&name, cores, &path, &prepared.timer_token).await?;
            runs.push((name, run, started.elapsed()));
        }
        Ok(runs)
    })?;
    // One tenant's failure is no reason not to run another's: all have run, and the worst counts.
    let mut worst = Ok(ExitCode::SUCCESS);
    for (name, run, duration) in runs {
        let told = tell(&name, &run, duration);
        if !matches!(told, Ok(code) if code == ExitCode::SUCCESS) {
            if let Err(error) = mem::replace(&mut worst, told) {
                log::error(&format!("{error:#}"));
            }
        }
    }
    worst
}

/// Tells how a run ended.
fn tell(id: &str, run: &Tick, duration: Duration) -> Result<ExitCode> {
    let detail = run.detail.as_deref();
    match run.status {
        Status::Complete => {
            print!("{}", summary(id, run, duration));
            Ok(ExitCode::SUCCESS)
        }
        Status::Busy => {
            log::error(&format!("{id} is busy: {}", detail.unwrap_or("another run holds the lease")));
            Ok(ExitCode::from(BUSY))
        }
        Status::Held => bail!("{id} is held: {}", detail.unwrap_or("a person must look at it")),
        Status::Failed => bail!("{id} failed: {}", detail.unwrap_or("no reason given")),
        Status::Partial => bail!("{id} gets nowhere: {}", detail.unwrap_or("it stores no page")),
    }
}

/// Ticks until there is no more to do; gives the sum of them, with the last one's status.
async fn to_the_end(id: &str, cores: &Cores, path: &str, token: &str) -> Result<Tick> {
    let progress = Progress::new(id)?;
    let mut sum = Tick::default();
    let mut pace = Pace::new();
    loop {
        let (slice, _) = tick(cores, path, token).await?;
        let pause = if slice.status == Status::Partial { pace.pause(&slice, Utc::now()) } else { None };
        add(&mut sum, slice);
        progress.show(&sum);
        let Some(pause) = pause else {
            progress.bar.finish_and_clear();
            return Ok(sum);
        };
        if pause >= SPOKEN {
            progress.say(&format!("goes on in {} s: {}", pause.as_secs(), sum.detail.as_deref().unwrap_or_default()));
        }
        sleep(pause).await;
    }
}

fn add(sum: &mut Tick, slice: Tick) {
    sum.pages += slice.pages;
    sum.seen += slice.seen;
    sum.added += slice.added;
    sum.updated += slice.updated;
    sum.removed += slice.removed;
    sum.graph_calls += slice.graph_calls;
    // A run that ends by looking for changes was still one that read everything.
    if sum.phase.is_none() {
        sum.phase = slice.phase;
    }
    sum.status = slice.status;
    sum.total = slice.total.or(sum.total);
    sum.detail = slice.detail;
}

struct Progress {
    bar: ProgressBar,
    spoken: Option<std::cell::Cell<Instant>>,
    id: String,
}

impl Progress {
    fn new(id: &str) -> Result<Self> {
        let is_terminal = io::stderr().is_terminal();
        let bar = if is_terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        bar.set_style(ProgressStyle::with_template("{spinner} {prefix} {human_pos} seen, {per_sec:.0} {elapsed}")?);
        bar.set_prefix(id.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        let spoken = (!is_terminal).then(|| std::cell::Cell::new(Instant::now()));
        Ok(Self { bar, spoken, id: id.to_owned() })
    }

    fn show(&self, sum: &Tick) {
        if let Some(total) = sum.total
            && self.bar.length().is_none()
        {
            self.bar.set_length(total);
            let template = "{prefix} [{bar:30}] {human_pos} of {human_len} seen, {per_sec:.0}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
        }
        self.bar.set_position(sum.seen);
        if let Some(spoken) = &self.spoken
            && spoken.get().elapsed() >= SPOKEN
        {
            self.say(&format!("{} seen", HumanCount(sum.seen)));
            spoken.set(Instant::now());
        }
    }

    fn say(&self, text: &str) {
        let line = format!("{}: {}", self.id, log::one_line(text));
        if self.spoken.is_some() { eprintln!("{line}") } else { self.bar.println(line) }
    }
}

fn summary(id: &str, run: &Tick, duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let mut rows = vec![
        ("phase", run.phase.clone().unwrap_or_default()),
        ("seen", HumanCount(run.seen).to_string()),
        ("added", HumanCount(run.added).to_string()),
        ("updated", HumanCount(run.updated).to_string()),
        ("removed", HumanCount(run.removed).to_string()),
        ("pages", HumanCount(run.pages).to_string()),
        ("Graph calls", HumanCount(run.graph_calls).to_string()),
        ("duration", format!("{seconds:.2} s")),
        ("rate", format!("{:.0} a second", run.seen as f64 / seconds.max(0.001))),
    ];
    if let Some(peak) = peak_memory() {
        rows.push(("peak memory", peak));
    }
    let row = |(name, value): &(&str, String)| format!("  {name:<12} {value:>16}\n");
    format!("{id} is complete\n{}", rows.iter().map(row).collect::<String>())
}

/// The most memory that this process had at once, where the system tells.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.0} MB", kilobytes / 1024.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_add_up() {
        let slice =
            |status, seen| Tick { status, seen, graph_calls: 2, phase: Some("full".to_owned()), ..Tick::default() };
        let mut sum = Tick::default();
        add(&mut sum, Tick { total: Some(9), ..slice(Status::Partial, 5) });
        add(&mut sum, slice(Status::Complete, 4));
        assert_eq!((sum.seen, sum.graph_calls, sum.status, sum.total), (9, 4, Status::Complete, Some(9)));
        let text = summary("inventory-users", &sum, Duration::from_secs(3));
        assert!(text.starts_with("inventory-users is complete\n  phase                    full\n"), "{text}");
        assert!(text.contains("3 a second\n"), "{text}");
    }
}
