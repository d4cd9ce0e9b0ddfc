//! The head of an HTTP/1 request, held against the grammar before anything else reads it. RFC 9112.
//!
//! What two servers may read differently is refused: who stands before this host must not see other requests than it
//! does. That is stricter than the RFC asks in three places: a line ends with CRLF only (section 2.2), a length is told
//! once and in one way (section 6.3), and `chunked` is the only transfer coding (section 7).

use http::StatusCode;

/// The request line's target, in bytes. RFC 9110 section 4.1 recommends 8000 at least.
pub(super) const TARGET_LIMIT: usize = 8 << 10;

/// A head, in bytes: the certificates that a proxy hands on may fill half of it.
pub(super) const HEAD_LIMIT: usize = 64 << 10;

/// The headers of one request.
pub(super) const HEADER_COUNT: usize = 100;

/// The longest method that is known is 14 bytes long.
const METHOD_LIMIT: usize = 32;

/// Empty lines before a request that are looked over. RFC 9112 section 2.2 asks for one.
const EMPTY_LINES: usize = 2;

/// Why a request is answered without being served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// A sentence for the caller.
    pub(crate) detail: &'static str,
}

impl Refusal {
    pub(super) const fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail }
    }

    pub(super) const fn bad(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

/// How a body is told from the next request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// Until the last chunk.
    Chunked,
}

/// What is known of bytes that begin with a head.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Progress {
    /// The head goes on.
    Partial,
    /// It ends after so many bytes.
    Complete(usize, Framing),
    /// It is none.
    Refused(Refusal),
}

/// Looks at bytes of which the first `seen` have been looked at before, when the head went on.
pub(super) fn read(bytes: &[u8], seen: usize) -> Progress {
    let start = empty_lines(bytes);
    let Some(end) = end(bytes, seen.max(start)) else {
        return unfinished(bytes.get(start..).unwrap_or_default());
    };
    if end > HEAD_LIMIT {
        return Progress::Refused(TOO_LARGE);
    }
    match complete(bytes.get(start..end).unwrap_or_default()) {
        Ok(framing) => Progress::Complete(end, framing),
        Err(refusal) => Progress::Refused(refusal),
    }
}

const TOO_LARGE: Refusal =
    Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers of a request may have at most 65536 bytes");
pub(super) const TARGET_TOO_LONG: Refusal =
    Refusal::new(StatusCode::URI_TOO_LONG, "the path and query of a request may have at most 8192 bytes");
pub(super) const TOO_MANY: Refusal =
    Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "a request may have at most 100 headers");

/// Where the request line begins.
fn empty_lines(bytes: &[u8]) -> usize {
    let pairs = bytes.chunks_exact(2).take(EMPTY_LINES).take_while(|pair| *pair == b"\r\n");
    2 * pairs.count()
}

/// Where the empty line ends that ends the head, however its lines end: what is wrong with them is told later.
fn end(bytes: &[u8], seen: usize) -> Option<usize> {
    let mut from = seen.saturating_sub(3);
    loop {
        let rest = bytes.get(from..)?;
        let feed = from + rest.iter().position(|byte| *byte == b'\n')?;
        match (bytes.get(feed + 1), bytes.get(feed + 2)) {
            (Some(b'\n'), _) => return Some(feed + 2),
            (Some(b'\r'), Some(b'\n')) => return Some(feed + 3),
            _ => from = feed + 1,
        }
    }
}

/// A head that can become none is refused before it is there.
fn unfinished(bytes: &[u8]) -> Progress {
    if bytes.len() > HEAD_LIMIT {
        return Progress::Refused(TOO_LARGE);
    }
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    if line > TARGET_LIMIT + METHOD_LIMIT + " HTTP/1.1 \r".len() {
        return Progress::Refused(TARGET_TOO_LONG);
    }
    Progress::Partial
}

fn complete(head: &[u8]) -> Result<Framing, Refusal> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut next = || match lines.next() {
        None | Some([]) => Ok(None),
        Some(line) => line.strip_suffix(b"\r").map(Some).ok_or(Refusal::bad("a line of the request ends without CR")),
    };
    let is_old = request_line(next()?.unwrap_or_default())?;
    let mut lengths = Lengths::default();
    let mut count = 0;
    while let Some(line) = next()? {
        if line.is_empty() {
            break;
        }
        count += 1;
        if count > HEADER_COUNT {
            return Err(TOO_MANY);
        }
        let (name, value) = header(line)?;
        lengths.add(name, value)?;
    }
    lengths.framing(is_old)
}

/// Whether the version is the old one, 1.0.
fn request_line(line: &[u8]) -> Result<bool, Refusal> {
    const WRONG: Refusal = Refusal::bad("the first line of the request is not METHOD TARGET HTTP/1.1");
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(WRONG);
    };
    if !(1..=METHOD_LIMIT).contains(&method.len()) || !method.iter().copied().all(is_token) {
        return Err(WRONG);
    }
    if target.len() > TARGET_LIMIT {
        return Err(TARGET_TOO_LONG);
    }
    if !target.iter().all(u8::is_ascii_graphic) || target.is_empty() {
        return Err(Refusal::bad("the target of the request has characters that must be percent-encoded"));
    }
    match version {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        _ => Err(WRONG),
    }
}

/// The name and the value of a header.
fn header(line: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
        return Err(Refusal::bad("a header of the request goes on in another line"));
    }
    let colon =
        line.iter().position(|byte| *byte == b':').ok_or(Refusal::bad("a header of the request has no colon"))?;
    let (name, value) = line.split_at(colon);
    if name.is_empty() || !name.iter().copied().all(is_token) {
        return Err(Refusal::bad("the name of a header has characters that no name may have"));
    }
    let value = value.get(1..).unwrap_or_default();
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(Refusal::bad("the value of a header has control characters"));
    }
    Ok((name, value.trim_ascii()))
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What the headers say of the body's length.
#[derive(Default)]
struct Lengths {
    length: Option<u64>,
    is_chunked: bool,
}

impl Lengths {
    fn add(&mut self, name: &[u8], value: &[u8]) -> Result<(), Refusal> {
        if name.eq_ignore_ascii_case(b"content-length") {
            let is_number = (1..=15).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
            if !is_number || self.length.is_some() {
                return Err(Refusal::bad("Content-Length must be one number, told once"));
            }
            self.length = Some(value.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.is_chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::bad("Transfer-Encoding must be chunked, told once"));
            }
            self.is_chunked = true;
        }
        Ok(())
    }

    fn framing(&self, is_old: bool) -> Result<Framing, Refusal> {
        match (self.length, self.is_chunked) {
            (_, true) if is_old => Err(Refusal::bad("Transfer-Encoding is not of HTTP/1.0")),
            (Some(_), true) => Err(Refusal::bad("a request has either Content-Length or Transfer-Encoding")),
            (None, true) => Ok(Framing::Chunked),
            (length, false) => Ok(Framing::Length(length.unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status(head: &str) -> u16 {
        match read(head.as_bytes(), 0) {
            Progress::Refused(refusal) => refusal.status.as_u16(),
            Progress::Partial => 0,
            Progress::Complete(length, _) => {
                assert_eq!(length, head.len(), "{head:?}");
                200
            }
        }
    }

    #[test]
    fn heads() {
        let many = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
        let target = |length: usize| format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(length - 1));
        let cases = [
            ("GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Tab: a\tb\r\n\r\n".to_owned(), 200),
            ("\r\nGET / HTTP/1.0\r\n\r\n".to_owned(), 200),
            ("GET / HTTP/1.1\r\nHost: ä\r\n\r\n".to_owned(), 200),
            ("GET / HTTP/1.1\r\nHost: a\r\n".to_owned(), 0),
            ("G".to_owned(), 0),
            (String::new(), 0),
            ("\r\n\r\n\r\n\r\n".to_owned(), 400),
            ("GET  / HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1 \r\n\r\n".to_owned(), 400),
            ("GET /\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/2.0\r\n\r\n".to_owned(), 400),
            ("GET / http/1.1\r\n\r\n".to_owned(), 400),
            ("G<T / HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET /ä HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET /\0 HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET /a\tb HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\nHost: a\n\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nHost\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\n: a\r\n\r\n".to_owned(), 400),
            ("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n".to_owned(), 400),
            (many(HEADER_COUNT), 200),
            (many(HEADER_COUNT + 1), 431),
            (target(TARGET_LIMIT), 200),
            (target(TARGET_LIMIT + 1), 414),
            (format!("GET /{}", "a".repeat(TARGET_LIMIT + 100)), 414),
            (format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(HEAD_LIMIT)), 431),
            (format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(HEAD_LIMIT)), 431),
        ];
        for (head, expected) in cases {
            assert_eq!(status(&head), expected, "{:?}", head.get(..100).unwrap_or(&head));
        }
    }

    #[test]
    fn a_length_is_told_once() {
        let cases: [(&[&str], Result<Framing, u16>); 16] = [
            (&[], Ok(Framing::Length(0))),
            (&["Content-Length: 12"], Ok(Framing::Length(12))),
            (&["content-length:007 "], Ok(Framing::Length(7))),
            (&["Transfer-Encoding: Chunked"], Ok(Framing::Chunked)),
            (&["Content-Length: 1", "Content-Length: 1"], Err(400)),
            (&["Content-Length: 1", "Content-Length: 2"], Err(400)),
            (&["Content-Length: 1, 1"], Err(400)),
            (&["Content-Length: +1"], Err(400)),
            (&["Content-Length: -1"], Err(400)),
            (&["Content-Length: 0x1"], Err(400)),
            (&["Content-Length:"], Err(400)),
            (&["Content-Length: 9999999999999999999"], Err(400)),
            (&["Content-Length: 1", "Transfer-Encoding: chunked"], Err(400)),
            (&["Transfer-Encoding: chunked", "Content-Length: 1"], Err(400)),
            (&["Transfer-Encoding: gzip, chunked"], Err(400)),
            (&["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], Err(400)),
        ];
        for (headers, expected) in cases {
            let head = format!("POST / HTTP/1.1\r\n{}\r\n\r\n", headers.join("\r\n"));
            let head = head.replace("\r\n\r\n\r\n", "\r\n\r\n");
            let found = match read(head.as_bytes(), 0) {
                Progress::Complete(_, framing) => Ok(framing),
                Progress::Refused(refusal) => Err(refusal.status.as_u16()),
                Progress::Partial => panic!("{head:?} is whole"),
            };
            assert_eq!(found, expected, "{headers:?}");
        }
        assert_eq!(status("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(noise in prop::collection::vec(prop::sample::select(b"G /:\r\naH1.".to_vec()), 0..80)) {
            let mut bytes = b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec();
            bytes.extend(noise);
            let whole = read(&bytes, 0);
            let mut seen = 0;
            let pieces = (0..=bytes.len()).find_map(|length| {
                let progress = read(&bytes[..length], seen);
                seen = length;
                (progress != Progress::Partial).then_some(progress)
            });
            prop_assert_eq!(whole, pieces.unwrap_or(Progress::Partial));
        }
    }
}
