//! The body of an answer on its way: all of it, or half of it and then nothing.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::answer::Delivery;

/// What of a body is still to be sent.
pub(crate) struct Payload {
    /// The length of the whole, which the headers tell.
    length: u64,
    rest: Bytes,
    end: End,
}

/// What comes after the last byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Proper,
    /// The break, once what was written has had a chance to leave.
    BreakSoon,
    Break,
}

/// The connection is to be closed, although the answer has not arrived, or only a part of it.
#[derive(Debug, thiserror::Error)]
#[error("the tenant was told to break this connection")]
pub(crate) struct Broken;

impl Payload {
    /// A body, delivered in this way.
    pub(crate) fn new(body: Vec<u8>, delivery: Delivery) -> Self {
        let length = body.len() as u64;
        let mut rest = Bytes::from(body);
        if delivery != Delivery::Whole {
            rest.truncate(rest.len() / 2);
        }
        let end = if delivery == Delivery::Whole { End::Proper } else { End::BreakSoon };
        Self { length, rest, end }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.rest)))));
        }
        match this.end {
            End::Proper => Poll::Ready(None),
            End::BreakSoon => {
                this.end = End::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Break => Poll::Ready(Some(Err(Broken))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.end == End::Proper
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
