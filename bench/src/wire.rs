//! Just enough of HTTP/1.1 to load a server: requests made beforehand, and answers read to their end but not understood.

use std::net::SocketAddr;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What stands in a request where a running number goes. It is a number itself, so that it goes wherever one does.
pub(crate) const MARKER: u64 = 90_817_263;

/// How many digits it has.
const DIGITS: usize = 8;

/// How much is read at once, and the largest answer, in bytes.
const READ_SIZE: usize = 256 << 10;
const ANSWER_LIMIT: usize = 64 << 20;

/// A request in the bytes of the wire.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    /// Where the running number goes.
    places: Vec<usize>,
}

impl Message {
    /// A request; the length of its body is added to its headers.
    pub(crate) fn new(method: &str, target: &str, headers: &[(String, String)], body: &str) -> Self {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method != "GET" {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        let places = text.match_indices(&MARKER.to_string()).map(|(place, _)| place).collect();
        Self { bytes: text.into_bytes(), places }
    }

    /// The request with a number in its places.
    fn write(&self, number: u64, output: &mut Vec<u8>) {
        output.clear();
        output.extend_from_slice(&self.bytes);
        if self.places.is_empty() {
            return;
        }
        let number = format!("{number:0DIGITS$}");
        for place in &self.places {
            let there = output.get_mut(*place..place + DIGITS).filter(|there| there.len() == number.len());
            if let Some(there) = there {
                there.copy_from_slice(number.as_bytes());
            }
        }
    }
}

/// A connection, kept from request to request.
pub(crate) struct Connection {
    stream: TcpStream,
    output: Vec<u8>,
    input: Vec<u8>,
    body: Range<usize>,
    is_chunked: bool,
}

impl Connection {
    /// Connects to a server on this machine.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, output: Vec::new(), input: Vec::new(), body: 0..0, is_chunked: false })
    }

    /// Sends a request, reads the whole answer and gives its status.
    pub(crate) async fn exchange(&mut self, message: &Message, number: u64) -> Result<u16> {
        message.write(number, &mut self.output);
        self.stream.write_all(&self.output).await?;
        self.input.clear();
        let mut head = None;
        loop {
            if self.input.len() > ANSWER_LIMIT {
                bail!("an answer is larger than {ANSWER_LIMIT} bytes");
            }
            self.input.reserve(READ_SIZE);
            if self.stream.read_buf(&mut self.input).await? == 0 {
                bail!("the server closed the connection in the middle of an answer");
            }
            if head.is_none() {
                head = Head::read(&self.input)?;
            }
            let Some(Head { status, length, body }) = &head else { continue };
            let end = match length {
                Some(length) => body.checked_add(*length).filter(|end| self.input.len() >= *end),
                None => chunks(&self.input, *body)?.map(|(end, _)| end),
            };
            if let Some(end) = end {
                self.is_chunked = length.is_none();
                self.body = *body..end;
                return Ok(*status);
            }
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> Vec<u8> {
        let body = match chunks(&self.input, self.body.start) {
            Ok(Some((_, content))) if self.is_chunked => content,
            _ => vec![self.body.clone()],
        };
        body.into_iter().filter_map(|range| self.input.get(range)).collect::<Vec<_>>().concat()
    }
}

/// What of the head of an answer says where it ends.
struct Head {
    status: u16,
    /// None when the body comes in chunks.
    length: Option<usize>,
    /// Where the body starts.
    body: usize,
}

impl Head {
    /// None while the head is not whole.
    fn read(input: &[u8]) -> Result<Option<Self>> {
        let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = input.get(..end).map(String::from_utf8_lossy).unwrap_or_default();
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let Some(status) = status else { bail!("the answer is not HTTP/1.1: {text}") };
        let mut length = Some(0);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = None;
            }
        }
        // RFC 9112 section 6.3: they have no body, whatever their headers say.
        let length = if matches!(status, 204 | 304) { Some(0) } else { length };
        Ok(Some(Self { status, length, body: end + 4 }))
    }
}

/// Where a body in chunks ends, and where its content is; None while it is not whole. RFC 9112 section 7.1, no trailers.
fn chunks(input: &[u8], start: usize) -> Result<Option<(usize, Vec<Range<usize>>)>> {
    let (mut place, mut content) = (start, Vec::new());
    loop {
        let rest = input.get(place..).unwrap_or_default();
        let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else { return Ok(None) };
        let digits = rest.get(..line).map(String::from_utf8_lossy).unwrap_or_default();
        let size = usize::from_str_radix(digits.split(';').next().unwrap_or_default().trim(), 16)
            .with_context(|| format!("a chunk has no size: {digits}"))?;
        let from = place + line + 2;
        let Some(end) = from.checked_add(size).and_then(|end| end.checked_add(2)).filter(|end| input.len() >= *end)
        else {
            return Ok(None);
        };
        if size == 0 {
            return Ok(Some((end, content)));
        }
        content.push(from..from + size);
        place = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_their_places() {
        let message = Message::new("POST", "/a", &[("x".to_owned(), MARKER.to_string())], &format!("<{MARKER}>"));
        let mut output = Vec::new();
        message.write(42, &mut output);
        let expected = "POST /a HTTP/1.1\r\nhost: localhost\r\nx: 00000042\r\ncontent-length: 10\r\n\r\n<00000042>";
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }

    #[test]
    fn heads_tell_the_length() {
        let check = |text: &str, expected: Option<(u16, Option<usize>)>| {
            let head = Head::read(text.as_bytes()).unwrap();
            assert_eq!(head.map(|head| (head.status, head.length)), expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nabc", Some((200, Some(7))));
        check("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Some((200, None)));
        check("HTTP/1.1 204 No Content\r\n\r\n", Some((204, Some(0))));
        check("HTTP/1.1 200 OK\r\n", None);
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        assert_eq!(chunks(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", 0).unwrap(), Some((24, vec![3..6, 15..17])));
        assert_eq!(chunks(b"3\r\nabc\r\n0\r\n", 0).unwrap(), None);
        assert!(chunks(b"x\r\n\r\n", 0).is_err());
    }
}
