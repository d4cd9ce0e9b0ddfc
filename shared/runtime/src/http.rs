use std::{future::Future, time::Duration};

use bytes::Bytes;

/// Sends one HTTP request and reads the whole answer.
pub trait Http {
    /// The answer, of any status; its body is bounded by the implementation.
    ///
    /// # Errors
    ///
    /// [`HttpError`] when there is no answer: refused by the host, no connection, cut off, too large.
    fn send(&self, request: http::Request<Bytes>) -> impl Future<Output = Result<http::Response<Bytes>, HttpError>>;
}

/// How long an answer may be waited for: an extension of the request, which the implementation keeps to. Without one it
/// has its own limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeout(pub Duration);

impl<T: Http> Http for &T {
    fn send(&self, request: http::Request<Bytes>) -> impl Future<Output = Result<http::Response<Bytes>, HttpError>> {
        T::send(self, request)
    }
}

/// Why there is no answer to an HTTP request.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HttpError {
    /// The host does not let this component call the target.
    #[error("the host refused the call to {0}: list it in allowed_outbound_hosts of the component")]
    Denied(String),
    /// The connection could not be made or broke; the request may or may not have arrived.
    #[error("no answer from {target}: {reason}")]
    NoAnswer {
        /// Scheme, host and port that were called.
        target: String,
        /// What the host says about it.
        reason: String,
    },
    /// The answer is larger than what a component reads.
    #[error("the answer from {target} is larger than {limit} bytes")]
    TooLarge {
        /// Scheme, host and port that were called.
        target: String,
        /// The bound, in bytes.
        limit: usize,
    },
}
