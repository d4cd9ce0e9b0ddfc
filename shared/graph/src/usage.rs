use std::time::Duration;

/// What the work of a client came to so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// HTTP exchanges, those that failed included; a batch is one.
    pub calls: u32,
    /// Resource units, as Graph says or else as documented.
    pub units: u32,
    /// Calls that were made again.
    pub repeats: u32,
    /// The time from sending a call to having its answer, in sum.
    pub graph: Duration,
    /// The time spent waiting for the quota or before a repeat.
    pub waited: Duration,
}

impl Usage {
    /// The value of a `Server-Timing` header, in milliseconds.
    ///
    /// ```
    /// let usage = graph::Usage { calls: 2, units: 3, ..graph::Usage::default() };
    /// assert_eq!(usage.server_timing(), r#"graph;dur=0.0;desc="2 calls, 3 units, 0 repeats", wait;dur=0.0"#);
    /// ```
    #[must_use]
    pub fn server_timing(&self) -> String {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        format!(
            r#"graph;dur={:.1};desc="{} calls, {} units, {} repeats", wait;dur={:.1}"#,
            milliseconds(self.graph),
            self.calls,
            self.units,
            self.repeats,
            milliseconds(self.waited),
        )
    }
}
