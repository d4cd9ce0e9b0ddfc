use std::time::Duration;

use warehouse::Ceiling;

/// The outside world of a job, and its settings.
#[derive(Debug)]
pub struct Context<S, D, C, R> {
    /// Where pages come from.
    pub source: S,
    /// The warehouse's database.
    pub database: D,
    /// What time it is.
    pub clock: C,
    /// What names a run so that no two runs have the same name.
    pub random: R,
    /// Whose inventory, and within which limits.
    pub settings: Settings,
}

/// Whose inventory, and within which limits.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tenant's id.
    pub tenant: String,
    /// How long a tick works when its caller does not say.
    pub budget: Duration,
    /// How many objects a round may mark deleted without a person's word.
    pub ceiling: Ceiling,
}
