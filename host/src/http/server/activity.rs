//! What goes on on a connection, so that one on which nothing does makes room for others.
//!
//! It counts requests, not bytes: who sends a byte a minute, or takes one, has no activity.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How long a connection may be without a request: until the headers of its first are there, and from one to the next.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a caller may take to receive an answer, once it has begun.
pub(super) const RECEIVE_TIMEOUT: Duration = Duration::from_secs(120);

/// The requests of one connection.
#[derive(Clone)]
pub(super) struct Activity(Arc<watch::Sender<Requests>>);

#[derive(Default)]
struct Requests {
    /// By number; the moment is when its answer began.
    open: BTreeMap<u64, Option<Instant>>,
    count: u64,
}

/// A request, until its answer is sent or given up.
pub(super) struct Open {
    activity: Activity,
    number: u64,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }

    /// A request is there.
    pub(super) fn begin(&self) -> Open {
        let mut number = 0;
        self.0.send_modify(|requests| {
            number = requests.count;
            requests.count += 1;
            requests.open.insert(number, None);
        });
        Open { activity: self.clone(), number }
    }

    /// Waits until there has been no request for too long, or a caller does not take its answer.
    pub(super) async fn ended(&self) {
        let mut changes = self.0.subscribe();
        loop {
            let deadline = changes.borrow_and_update().deadline();
            let deadline = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                // The sender is in `self`, so there always is a change to wait for.
                _ = changes.changed() => {}
                () = deadline => return,
            }
        }
    }
}

impl Requests {
    /// A request that is not answered yet has a time limit of its own.
    fn deadline(&self) -> Option<Instant> {
        if self.open.is_empty() {
            return Some(Instant::now() + IDLE_TIMEOUT);
        }
        self.open.values().flatten().min().map(|begun| *begun + RECEIVE_TIMEOUT)
    }
}

impl Open {
    /// Its answer begins.
    pub(super) fn answered(&self) {
        self.activity.0.send_modify(|requests| {
            requests.open.insert(self.number, Some(Instant::now()));
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.activity.0.send_modify(|requests| {
            requests.open.remove(&self.number);
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    /// Whether the connection would be closed within so many seconds.
    async fn ends_within(activity: &Activity, seconds: u64) -> bool {
        timeout(Duration::from_secs(seconds), activity.ended()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_ends_without_requests() {
        let activity = Activity::new();
        assert!(!ends_within(&activity, 59).await);
        assert!(ends_within(&activity, 61).await);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_start_the_time_anew() {
        let activity = Activity::new();
        let ended = tokio::spawn({
            let activity = activity.clone();
            async move { activity.ended().await }
        });
        for _ in 0..10 {
            tokio::task::yield_now().await;
            advance(Duration::from_secs(50)).await;
            drop(activity.begin());
        }
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        advance(Duration::from_secs(61)).await;
        ended.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_taken_in_time() {
        let activity = Activity::new();
        let slow = activity.begin();
        assert!(!ends_within(&activity, 3600).await, "it is not answered yet");
        slow.answered();
        advance(Duration::from_secs(100)).await;
        let other = activity.begin();
        assert!(!ends_within(&activity, 19).await);
        assert!(ends_within(&activity, 2).await, "another request does not help");
        drop((slow, other));
        assert!(!ends_within(&activity, 59).await);
    }
}
