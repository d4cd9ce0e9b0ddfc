use std::{future::Future, time::Duration};

use chrono::{DateTime, Utc};

/// What time it is, and how to wait.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}
