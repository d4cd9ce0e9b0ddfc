//! What stands between a connection and its HTTP server: it lets only well-formed requests of HTTP/1 through, each
//! head as a whole and in time.
//!
//! In place of a head that is refused the server gets a request of our own, which tells the refusal by a key that nobody
//! else knows. So the answer comes in its place behind those of earlier requests, and in the shape of any other error.
//! HTTP/2 has frames and a strict parser of its own, and passes.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::chunks::Chunks;
use super::head::{self, Framing, Progress, Refusal};

/// How long a head may take from its first byte to its last.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a caller may take nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long, and how much, is read of a caller whose request was not read to its end: closed at once, the connection
/// would take the answer with it.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
const LINGER_LIMIT: usize = 1 << 20;

/// What a connection of HTTP/2 begins with, RFC 9113 section 3.4, up to what looks like the end of a head.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The header by which a refusal is told.
const REFUSED: &str = "x-entra-scim-refused";

/// The refusal of a connection, if there is one: after it there is no other request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(Arc<OnceLock<Refusal>>);

impl Refused {
    /// The refusal, if these headers are those of the request that tells it.
    pub(crate) fn told_by(&self, headers: &HeaderMap) -> Option<Refusal> {
        let refusal = self.0.get()?;
        let key = headers.get(REFUSED)?;
        (key.as_bytes() == key_of_process().as_bytes()).then_some(*refusal)
    }
}

/// A connection behind its gate.
pub(crate) struct Gate<S> {
    stream: S,
    mode: Mode,
    /// What was read and not passed on.
    held: BytesMut,
    /// How much of `held` may be passed on.
    passable: usize,
    /// How much of `held` was looked at.
    seen: usize,
    refused: Refused,
    head_timer: Option<Pin<Box<Sleep>>>,
    write_timer: Option<Pin<Box<Sleep>>>,
    linger: Option<(Pin<Box<Sleep>>, usize)>,
}

/// What comes next.
enum Mode {
    /// The first head, or HTTP/2.
    First,
    /// A head.
    Head,
    /// So much of a body.
    Body(u64),
    /// A body in chunks.
    Chunked(Chunks),
    /// HTTP/2.
    Frames,
    /// Nothing.
    Closed,
}

impl<S> Gate<S> {
    /// `refused` is where the server finds the refusal.
    pub(crate) fn new(stream: S, refused: Refused) -> Self {
        let (held, mode) = (BytesMut::new(), Mode::First);
        let (head_timer, write_timer, linger) = (None, None, None);
        Self { stream, mode, held, passable: 0, seen: 0, refused, head_timer, write_timer, linger }
    }

    /// Looks at what is held for the next head; true if there is something to pass on.
    fn look(&mut self) -> bool {
        if matches!(self.mode, Mode::First) && !self.held.is_empty() {
            let length = self.held.len().min(PREFACE.len());
            if self.held.get(..length) == PREFACE.get(..length) {
                if length == PREFACE.len() {
                    self.mode = Mode::Frames;
                    self.passable = self.held.len();
                }
                return length == PREFACE.len();
            }
        }
        match head::read(&self.held, self.seen) {
            Progress::Partial => {
                self.seen = self.held.len();
                return false;
            }
            Progress::Complete(length, framing) => {
                self.passable = length;
                self.mode = match framing {
                    Framing::Length(length) => Mode::Body(length),
                    Framing::Chunked => Mode::Chunked(Chunks::default()),
                };
            }
            Progress::Refused(refusal) => self.refuse(refusal),
        }
        self.seen = 0;
        self.head_timer = None;
        true
    }

    /// Puts our own request in place of the head.
    fn refuse(&mut self, refusal: Refusal) {
        let _ = self.refused.0.set(refusal);
        let head = format!(
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{REFUSED}: {}\r\n\r\n",
            key_of_process()
        );
        self.held = BytesMut::from(head.as_bytes());
        self.passable = self.held.len();
        self.mode = Mode::Closed;
    }

    /// Lets as much of bytes pass as belongs to the body, and gives the number of them.
    fn body(mode: &mut Mode, bytes: &[u8]) -> io::Result<usize> {
        let (length, is_end) = match mode {
            Mode::Body(left) => {
                let length = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= length as u64;
                (length, *left == 0)
            }
            Mode::Chunked(chunks) => match chunks.end(bytes) {
                Ok(end) => (end.unwrap_or(bytes.len()), end.is_some()),
                Err(_) => {
                    *mode = Mode::Closed;
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the chunks of the body are malformed"));
                }
            },
            _ => (bytes.len(), false),
        };
        if is_end {
            *mode = Mode::Head;
        }
        Ok(length)
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Passes on what is held and may be.
    fn pass(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.passable.min(buffer.remaining());
        buffer.put_slice(self.held.get(..length).unwrap_or_default());
        self.held.advance(length);
        self.passable -= length;
        if self.held.is_empty() {
            // An idle connection keeps no memory.
            self.held = BytesMut::new();
        }
    }

    /// Reads on for a head. False if there is no more to read.
    fn poll_head(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<bool>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if polled.is_pending() {
            if !self.held.is_empty() {
                let timer = self.head_timer.get_or_insert_with(|| Box::pin(sleep(HEAD_TIMEOUT)));
                ready!(timer.as_mut().poll(context));
                self.head_timer = None;
                self.refuse(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the headers of the request came too slowly"));
                return Poll::Ready(Ok(true));
            }
            return Poll::Pending;
        }
        ready!(polled)?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        let is_end = read.is_empty();
        self.held.extend_from_slice(read);
        buffer.set_filled(before);
        Poll::Ready(Ok(!is_end))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            if this.passable > 0 {
                this.pass(buffer);
                return Poll::Ready(Ok(()));
            }
            match this.mode {
                // An end would be taken for a caller who is gone and needs no answer. The answer closes the connection.
                Mode::Closed => return Poll::Pending,
                Mode::Body(0) => this.mode = Mode::Head,
                Mode::First | Mode::Head => {
                    let is_new = this.held.len() > this.seen;
                    if is_new && this.look() {
                        continue;
                    }
                    if !ready!(this.poll_head(context, buffer))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Mode::Body(_) | Mode::Chunked(_) | Mode::Frames if !this.held.is_empty() => {
                    this.passable = Self::body(&mut this.mode, &this.held)?;
                }
                Mode::Body(_) | Mode::Chunked(_) | Mode::Frames => {
                    let before = buffer.filled().len();
                    ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
                    let read = buffer.filled().get(before..).unwrap_or_default();
                    let length = Self::body(&mut this.mode, read)?;
                    // What follows the body is the next head.
                    this.held.extend_from_slice(read.get(length..).unwrap_or_default());
                    buffer.set_filled(before + length);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Gate<S> {
    /// Cuts off who takes nothing for too long.
    fn in_time<T>(
        timer: &mut Option<Pin<Box<Sleep>>>,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            *timer = None;
            return polled;
        }
        let timer = timer.get_or_insert_with(|| Box::pin(sleep(WRITE_TIMEOUT)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Reads on for a while, if the caller may still be sending.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let is_read = matches!(self.mode, Mode::First | Mode::Head | Mode::Frames | Mode::Body(0));
        if is_read && self.held.is_empty() {
            return Poll::Ready(());
        }
        let (timer, left) = self.linger.get_or_insert_with(|| (Box::pin(sleep(LINGER_TIMEOUT)), LINGER_LIMIT));
        let mut scratch = [0; 4096];
        while timer.as_mut().poll(context).is_pending() && *left > 0 {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => *left = left.saturating_sub(buffer.filled().len()),
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        Self::in_time(&mut this.write_timer, context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        Self::in_time(&mut this.write_timer, context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.stream).poll_flush(context);
        Self::in_time(&mut this.write_timer, context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        self.poll_linger(context).map(Ok)
    }
}

/// What strangers cannot know.
fn key_of_process() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let random = || RandomState::new().build_hasher().finish();
        format!("{:016x}{:016x}", random(), random())
    })
}

#[cfg(test)]
mod tests;
