//! The load: so many connections, each with one request after the other, on one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::wire::{Connection, Message};

/// What is sent before the time is taken: connections and instances come about.
const WARM_UP: Duration = Duration::from_millis(250);

/// How long the last requests may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request and the status of its answer.
#[derive(Debug)]
pub(crate) struct Step {
    /// What is sent.
    pub(crate) message: Message,
    /// What must come back.
    pub(crate) status: u16,
}

/// An operation: its requests one after the other. It comes in variants, about one object or another, that take turns.
pub(crate) type Operation = Vec<Vec<Step>>;

/// What came of it.
pub(crate) struct Sample {
    /// Operations a second.
    pub(crate) rate: f64,
    /// How long each took, in order.
    times: Vec<Duration>,
    /// How many there were, with those that were not timed.
    pub(crate) count: usize,
}

impl Sample {
    /// The time that this share of the operations did not exceed.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        // Both are small enough to be exact.
        let place = (share * last as f64).round() as usize;
        self.times.get(place).copied().unwrap_or_default()
    }
}

/// Numbers that no two requests share.
pub(crate) type Numbers = Arc<AtomicU64>;

/// Repeats an operation for so long.
///
/// # Errors
/// When an answer has not the status it should have, or does not come.
pub(crate) async fn measure(
    address: SocketAddr,
    operation: &Arc<Operation>,
    connections: usize,
    duration: Duration,
    numbers: &Numbers,
) -> Result<Sample> {
    let start = Instant::now() + WARM_UP;
    let end = start + duration;
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let (operation, numbers) = (Arc::clone(operation), Arc::clone(numbers));
        workers.spawn(async move { work(address, &operation, &numbers, start, end).await });
    }
    let (mut times, mut count) = (Vec::new(), 0);
    let joined = async {
        while let Some(worker) = workers.join_next().await {
            let (more, all) = worker??;
            times.extend(more);
            count += all;
        }
        Ok::<_, anyhow::Error>(())
    };
    let limit = WARM_UP + duration + PATIENCE;
    timeout(limit, joined).await.with_context(|| format!("there was no answer within {PATIENCE:?}"))??;
    if times.is_empty() {
        bail!("no request was answered within {duration:?}");
    }
    times.sort_unstable();
    Ok(Sample { rate: times.len() as f64 / duration.as_secs_f64(), times, count })
}

/// The work of one connection: how long each operation within the time took, and how many there were in all.
async fn work(
    address: SocketAddr,
    operation: &Operation,
    numbers: &Numbers,
    start: Instant,
    end: Instant,
) -> Result<(Vec<Duration>, usize)> {
    let mut connection = Connection::open(address).await?;
    let (mut times, mut count) = (Vec::new(), 0);
    let mut begun = Instant::now();
    while begun < end {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        for step in variant(operation, number) {
            let status = connection.exchange(&step.message, number).await?;
            if status != step.status {
                let body = connection.body();
                let text = String::from_utf8_lossy(body.get(..500).unwrap_or(&body)).into_owned();
                bail!("{address} answered {status} instead of {}: {text}", step.status);
            }
        }
        count += 1;
        let ended = Instant::now();
        if ended > start && ended <= end {
            times.push(ended - begun);
        }
        begun = ended;
    }
    Ok((times, count))
}

fn variant(operation: &Operation, number: u64) -> &[Step] {
    let count = operation.len().max(1) as u64;
    operation.get((number % count) as usize).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let times = (1..=101).map(Duration::from_millis).collect();
        let sample = Sample { rate: 0.0, times, count: 0 };
        assert_eq!(sample.quantile(0.5), Duration::from_millis(51));
        assert_eq!(sample.quantile(0.99), Duration::from_millis(100));
        assert_eq!(Sample { rate: 0.0, times: vec![], count: 0 }.quantile(0.5), Duration::ZERO);
    }
}
