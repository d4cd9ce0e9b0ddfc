//! A body on its way in, within its bounds.

use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::http::answer::error;

/// The body of one request, in bytes.
pub(super) const BODY_LIMIT: u64 = 8 << 20;

/// How long a body may be waited for at first, and how many bytes a second must come in the long run.
const GRACE: Duration = Duration::from_secs(10);
const SLOWEST: u64 = 1 << 10;

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Fault {
    /// Nothing.
    None,
    TooLong,
    TooSlow,
    Malformed,
}

impl Fault {
    pub(super) fn of(number: u8) -> Self {
        [Self::TooLong, Self::TooSlow, Self::Malformed]
            .into_iter()
            .find(|fault| *fault as u8 == number)
            .unwrap_or(Self::None)
    }

    pub(super) fn answer(self) -> Response<WasiBody> {
        let (status, detail) = match self {
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "the body of a request may have at most 8388608 bytes"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body of the request came too slowly"),
            Self::None | Self::Malformed => (StatusCode::BAD_REQUEST, "the chunks of the body are malformed"),
        };
        error(status, detail)
    }
}

/// A body that breaks off when it is too long or too slow.
pub(super) struct Bounded<B = Incoming> {
    body: B,
    received: u64,
    fault: Arc<AtomicU8>,
    /// For how long the body was waited for in all, and since when it is now.
    waited: Duration,
    since: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B> Bounded<B> {
    /// What is wrong with the body will be told in `fault`.
    pub(super) fn new(body: B, fault: Arc<AtomicU8>) -> Self {
        Self { body, received: 0, fault, waited: Duration::ZERO, since: None }
    }

    fn breaks(&self, fault: Fault, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.fault.store(fault as u8, Ordering::Relaxed);
        Poll::Ready(Some(Err(error)))
    }

    /// Ready when it was waited for too long. Only the caller's own time counts, not that in which nobody reads.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let allowed = (GRACE + Duration::from_secs(self.received / SLOWEST)).saturating_sub(self.waited);
        let (_, timer) = self.since.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + allowed)))
        });
        timer.as_mut().poll(context)
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for Bounded<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            ready!(self.poll_patience(context));
            return self.breaks(Fault::TooSlow, Error::ConnectionReadTimeout);
        };
        if let Some((since, _)) = self.since.take() {
            self.waited += since.elapsed();
        }
        match frame {
            None => Poll::Ready(None),
            Some(Ok(frame)) => {
                self.received += frame.data_ref().map_or(0, |data| data.remaining() as u64);
                if self.received > BODY_LIMIT {
                    return self.breaks(Fault::TooLong, Error::HttpRequestBodySize(Some(BODY_LIMIT)));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) if is_malformed(&error) => self.breaks(Fault::Malformed, Error::HttpProtocolError),
            Some(Err(_)) => Poll::Ready(Some(Err(Error::ConnectionTerminated))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether the gate let no more of the body through.
fn is_malformed(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidData)
}
