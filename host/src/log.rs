//! The host's own log and the lines that components write, both on standard error.

use std::fmt::Arguments;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use chrono::{SecondsFormat, Utc};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// A line longer than this is broken, so that a component cannot make the host keep an endless one.
const LINE_LIMIT: usize = 8192;

/// Writes one line of the host: the time, then `field=value` pairs.
pub(crate) fn host(line: Arguments<'_>) {
    write(format_args!("{} {line}\n", Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)));
}

/// Tells why a command came to nothing, in one line.
pub(crate) fn error(reason: &str) {
    write(format_args!("error: {}\n", one_line(reason)));
}

/// Standard error may be closed; there is no better place to say so.
fn write(line: Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(line);
}

/// A text with its line breaks and quotation marks taken out, for a field of a log line.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "'")
}

/// What a component writes to standard output or standard error: whole lines, with the component's id before them.
#[derive(Clone)]
pub(crate) struct Output {
    id: Arc<str>,
    line: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    /// The output of the component with this id.
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.into(), line: Arc::default() }
    }

    fn write(&self, line: &[u8]) {
        if !line.trim_ascii().is_empty() {
            write(format_args!("{} | {}\n", self.id, printable(line)));
        }
    }

    fn add(&self, bytes: &[u8]) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if *byte != b'\n' {
                line.push(*byte);
            }
            if *byte == b'\n' || line.len() >= LINE_LIMIT {
                self.write(&line);
                line.clear();
            }
        }
    }
}

/// Control characters could move a terminal's cursor and so forge lines of the log.
fn printable(line: &[u8]) -> String {
    plain(&String::from_utf8_lossy(line))
}

/// A text without control characters, for a terminal.
pub(crate) fn plain(text: &str) -> String {
    text.replace(|character: char| character.is_control() && character != '\t', "")
}

impl Drop for Output {
    fn drop(&mut self) {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(&self.line) == 1 {
            self.write(&line);
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.add(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::{one_line, printable};

    #[test]
    fn lines_stay_lines() {
        assert_eq!(one_line("a \"b\"\n  c"), "a 'b' c");
        assert_eq!(printable(b"a\x1b[2Jb\tc\r"), "a[2Jb\tc");
    }
}
