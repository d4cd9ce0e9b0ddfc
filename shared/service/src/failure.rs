//! From Graph's errors to SCIM's: the one table.

use std::time::Duration;

use graph::Kind;
use scim::Error;
use trust::Forbidden;

/// What a request failed with, and how long the caller should wait before it asks again.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) retry_after: Option<Duration>,
    /// Whether it is the caller's rights that forbid it.
    pub(crate) is_refused: bool,
}

impl Failure {
    /// What the caller may not do: 403.
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self { error: Error::forbidden(detail), retry_after: None, is_refused: true }
    }
}

impl From<Forbidden> for Failure {
    fn from(forbidden: Forbidden) -> Self {
        Self::refused(forbidden.detail)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry_after: None, is_refused: false }
    }
}

impl From<graph::Error> for Failure {
    fn from(error: graph::Error) -> Self {
        let detail = error.to_string();
        let scim = match error.kind {
            Kind::Throttled => Error::too_many_requests(detail),
            Kind::Unavailable | Kind::Transport | Kind::Gone => Error::unavailable(detail),
            Kind::NotFound => Error::not_found(detail),
            Kind::Forbidden => Error::forbidden(detail),
            Kind::Conflict if error.code == "Directory_ConcurrencyViolation" => Error::unavailable(detail),
            Kind::Denied => Error::internal(detail),
            Kind::NotMade => Error::not_implemented(detail),
            Kind::Conflict => Error::uniqueness(detail),
            Kind::BadRequest if error.code == "Request_UnsupportedQuery" => Error::invalid_filter(detail),
            Kind::BadRequest => Error::invalid_value(detail),
            Kind::Unauthorized | Kind::Credential | Kind::InvalidAnswer | Kind::FailedDependency => {
                Error::bad_gateway(detail)
            }
        };
        let waits = matches!(scim.status, 429 | 503);
        let retry_after = waits.then(|| error.retry_after.unwrap_or(Duration::from_secs(5)));
        Self { error: scim, retry_after, is_refused: false }
    }
}
