//! What came of it: a table in Markdown, and which goals are met.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use crate::process::Memory;
use crate::proofs::Proofs;

/// One measurement, or the median of some.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Operations a second.
    pub(crate) rate: f64,
    /// The time that half of the operations took at most, in milliseconds.
    pub(crate) p50: f64,
    /// The time that 99 % of them took at most, in milliseconds.
    pub(crate) p99: f64,
    /// What an operation cost the server's processors, in microseconds.
    pub(crate) cpu: f64,
}

/// The service and nginx, one right after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// The service.
    pub(crate) ours: Figures,
    /// nginx.
    pub(crate) nginx: Figures,
    /// The service's memory after it, in bytes.
    pub(crate) memory: u64,
}

/// All rounds of a subject with so many connections.
#[derive(Debug)]
pub(crate) struct Row {
    /// The subject's name.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) title: &'static str,
    /// How many requests to Graph it takes.
    pub(crate) calls: usize,
    /// How many connections there were.
    pub(crate) connections: usize,
    /// What was measured.
    pub(crate) rounds: Vec<Round>,
}

impl Row {
    fn ours(&self) -> Figures {
        median_figures(self.rounds.iter().map(|round| round.ours))
    }

    fn nginx(&self) -> Figures {
        median_figures(self.rounds.iter().map(|round| round.nginx))
    }

    /// The service's share of nginx. The machine's speed changes, but hardly within a round.
    fn share(&self) -> f64 {
        median(self.rounds.iter().map(|round| round.ours.rate / round.nginx.rate.max(1e-9)))
    }
}

/// A subject that the service does not do, and why.
#[derive(Debug)]
pub(crate) struct Skipped {
    /// What it does.
    pub(crate) title: &'static str,
    /// Why not.
    pub(crate) reason: String,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Report {
    /// What was measured.
    pub(crate) rows: Vec<Row>,
    /// What it costs to know who is calling.
    pub(crate) proofs: Proofs,
    /// What was not.
    pub(crate) skipped: Vec<Skipped>,
    /// The service's memory, at the end.
    pub(crate) memory: Memory,
    /// How it was measured.
    pub(crate) rounds: usize,
    /// How long each measurement took.
    pub(crate) duration: Duration,
}

/// The parts of nginx's requests a second that are to be reached: subject, connections, share.
const SHARES: [(&str, usize, f64); 4] = [("by-id", 1, 0.5), ("by-id", 16, 0.4), ("page", 1, 0.4), ("page", 16, 0.4)];

/// With how many connections 99 % of the answers are to be there within how many milliseconds.
const P99: (usize, f64) = (16, 10.0);

/// How much memory the service may take, in MB.
const MEMORY: f64 = 150.0;

impl Report {
    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut text =
            "| operation | calls of Graph | connections | requests/s | of nginx | p50 | p99 | CPU | memory | \
             nginx: requests/s | p50 | p99 | CPU |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
                .to_owned();
        for row in &self.rows {
            let memory = median(row.rounds.iter().map(|round| megabytes(round.memory)));
            let Row { title, calls, connections, .. } = row;
            let _ = write!(text, "| {title} | {calls} | {connections} ");
            let (ours, nginx, share) = (row.ours(), row.nginx(), row.share());
            let _ = write!(text, "| {:.0} | **{share:.2}** {}| {memory:.0} MB ", ours.rate, times(&ours));
            let _ = writeln!(text, "| {:.0} {}|", nginx.rate, times(&nginx));
        }
        for Skipped { title, .. } in &self.skipped {
            let _ = writeln!(text, "| {title} {}|", "| - ".repeat(12));
        }
        text
    }

    /// What has to be known to read the table.
    pub(crate) fn notes(&self) -> String {
        let (rounds, seconds) = (self.rounds, self.duration.as_secs_f64());
        let mut text = format!(
            "{}. Median of {rounds} rounds of {seconds} s; tenant, load and server share the machine. CPU is what an \
             operation cost the server's processors. Memory is the service's (RSS), at most {:.0} MB.\n",
            machine(),
            megabytes(self.memory.most)
        );
        for Skipped { title, reason } in &self.skipped {
            let _ = writeln!(text, "{title} is not measured: {reason}");
        }
        text
    }

    /// Whether each goal is met.
    pub(crate) fn goals(&self) -> String {
        let mut text = String::new();
        let row = |name, connections| {
            self.rows.iter().find(|row| row.name == name && row.connections == connections && !row.rounds.is_empty())
        };
        for (name, connections, goal) in SHARES {
            let goal_text = format!("{name}, {connections} connection(s): at least {goal} of nginx");
            match row(name, connections) {
                Some(row) => told(&mut text, row.share() >= goal, &goal_text, &format!("{:.2}", row.share())),
                None => told(&mut text, false, &goal_text, "not measured"),
            }
        }
        let (connections, goal) = P99;
        for row in self.rows.iter().filter(|row| row.connections == connections) {
            let goal_text = format!("{}, {connections} connection(s): p99 below {goal} ms", row.name);
            let (ours, nginx) = (row.ours().p99, row.nginx().p99);
            told(&mut text, ours < goal, &goal_text, &format!("{ours:.1} ms, nginx alone {nginx:.1} ms"));
        }
        let most = megabytes(self.memory.most);
        told(&mut text, most < MEMORY, &format!("memory below {MEMORY} MB"), &format!("{most:.0} MB"));
        text
    }
}

fn told(text: &mut String, holds: bool, goal: &str, found: &str) {
    let _ = writeln!(text, "{} {goal}: {found}", if holds { "holds" } else { "FAILS" });
}

fn times(figures: &Figures) -> String {
    let Figures { p50, p99, cpu, .. } = figures;
    format!("| {p50:.2} ms | {p99:.2} ms | {cpu:.0} µs ")
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn median_figures(figures: impl Iterator<Item = Figures>) -> Figures {
    let figures = figures.collect::<Vec<_>>();
    let of = |part: fn(&Figures) -> f64| median(figures.iter().map(part));
    Figures {
        rate: of(|figures| figures.rate),
        p50: of(|figures| figures.p50),
        p99: of(|figures| figures.p99),
        cpu: of(|figures| figures.cpu),
    }
}

/// The middle one, or what lies between the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values = values.collect::<Vec<_>>();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

/// The machine's processors, and what else they had to do.
fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{count} cores of {}", model.map_or("an unknown processor", |(_, model)| model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }

    #[test]
    fn goals_are_told() {
        let figures = |rate| Figures { rate, p50: 1.0, p99: 9.0, cpu: 60.0 };
        let round = Round { ours: figures(60.0), nginx: figures(100.0), memory: 40_000_000 };
        let row = |connections| Row { name: "by-id", title: "x", calls: 1, connections, rounds: vec![round] };
        let proofs = Proofs { secret: 0.5, known: 0.6, new: 2.0 };
        let report = Report {
            proofs,
            rows: vec![row(1), row(16)],
            skipped: vec![Skipped { title: "y", reason: "404: nothing there".to_owned() }],
            memory: Memory { now: 1, most: 160_000_000 },
            rounds: 1,
            duration: Duration::from_secs(2),
        };
        let expected = "holds by-id, 1 connection(s): at least 0.5 of nginx: 0.60\n\
            holds by-id, 16 connection(s): at least 0.4 of nginx: 0.60\n\
            FAILS page, 1 connection(s): at least 0.4 of nginx: not measured\n\
            FAILS page, 16 connection(s): at least 0.4 of nginx: not measured\n\
            holds by-id, 16 connection(s): p99 below 10 ms: 9.0 ms, nginx alone 9.0 ms\n\
            FAILS memory below 150 MB: 160 MB\n";
        assert_eq!(report.goals(), expected);
        assert!(report.table().contains("| x | 1 | 16 | 60 | **0.60** | 1.00 ms | 9.00 ms | 60 µs | 40 MB | 100 |"));
        assert!(report.notes().contains("y is not measured: 404: nothing there"));
    }
}
