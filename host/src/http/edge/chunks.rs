//! Where a body in chunks ends. RFC 9112 section 7.1.
//!
//! The body itself is decoded later; this only finds its end, and holds it against the grammar as strictly as the head.

/// How many digits the size of a chunk may have: more than any body that is let in.
const SIZE_DIGITS: u8 = 8;

/// Chunk extensions and trailers of one body, in bytes. Nobody uses them, and each is read to be thrown away.
const EXTRA_LIMIT: usize = 4 << 10;

/// A body on its way.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    at: At,
    /// Bytes of extensions and trailers so far.
    extra: usize,
}

#[derive(Clone, Copy, Debug, Default)]
enum At {
    /// In front of the size of a chunk.
    #[default]
    Start,
    /// In its digits.
    Size {
        size: u64,
        digits: u8,
    },
    /// In an extension, of which nothing is kept but the size.
    Extension(u64),
    /// Between CR and LF after the size.
    SizeFeed(u64),
    /// In its content, of which so much is left.
    Content(u64),
    /// At the CR, then the LF, after its content.
    ContentReturn,
    ContentFeed,
    /// At the start of a trailer, or of the empty line that ends the body.
    Trailer,
    /// In a trailer.
    InTrailer,
    TrailerFeed,
    /// At the last LF.
    LastFeed,
}

/// The bytes are no chunks.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Malformed;

impl Chunks {
    /// How many of the bytes belong to the body, if it ends with them.
    ///
    /// # Errors
    /// [`Malformed`] when they are no chunks; what was asked before counts as valid.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let mut from = 0;
        while let Some(byte) = bytes.get(from) {
            if let At::Content(left) = self.at {
                let here = left.min((bytes.len() - from) as u64);
                from += usize::try_from(here).unwrap_or(usize::MAX);
                self.at = if here == left { At::ContentReturn } else { At::Content(left - here) };
                continue;
            }
            from += 1;
            match self.next(*byte).ok_or(Malformed)? {
                None => return Ok(Some(from)),
                Some(at) => self.at = at,
            }
        }
        Ok(None)
    }

    /// Where a byte leads: to the end of the body, or on.
    fn next(&mut self, byte: u8) -> Option<Option<At>> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        Some(Some(match (self.at, byte) {
            (At::Start, _) => At::Size { size: digit?, digits: 1 },
            (At::Size { size, .. }, b'\r') | (At::Extension(size), b'\r') => At::SizeFeed(size),
            (At::Size { size, .. }, b';' | b' ' | b'\t') => At::Extension(size),
            (At::Size { size, digits: 0..SIZE_DIGITS }, _) if digit.is_some() => {
                let At::Size { digits, .. } = self.at else { return None };
                At::Size { size: size << 4 | digit?, digits: digits + 1 }
            }
            (At::Extension(size), _) => self.extra(byte, At::Extension(size))?,
            (At::SizeFeed(0), b'\n') | (At::TrailerFeed, b'\n') => At::Trailer,
            (At::SizeFeed(size), b'\n') => At::Content(size),
            (At::ContentReturn, b'\r') => At::ContentFeed,
            (At::ContentFeed, b'\n') => At::Start,
            (At::Trailer, b'\r') => At::LastFeed,
            (At::InTrailer, b'\r') => At::TrailerFeed,
            (At::Trailer | At::InTrailer, _) => self.extra(byte, At::InTrailer)?,
            (At::LastFeed, b'\n') => return Some(None),
            _ => return None,
        }))
    }

    fn extra(&mut self, byte: u8, at: At) -> Option<At> {
        self.extra += 1;
        let is_text = !byte.is_ascii_control() || byte == b'\t';
        (is_text && self.extra <= EXTRA_LIMIT).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let cases: [(&str, Result<Option<usize>, Malformed>); 17] = [
            ("0\r\n\r\n", Ok(Some(5))),
            ("3\r\nabc\r\n0\r\n\r\nGET", Ok(Some(13))),
            ("A;x=y\r\n0123456789\r\n0\r\nT: u\r\n\r\n", Ok(Some(30))),
            ("3\r\nab", Ok(None)),
            ("", Ok(None)),
            ("3\nabc\r\n0\r\n\r\n", Err(Malformed)),
            ("3\r\nabcd\r\n0\r\n\r\n", Err(Malformed)),
            ("3\r\nabc\n0\r\n\r\n", Err(Malformed)),
            ("\r\n", Err(Malformed)),
            ("x\r\n", Err(Malformed)),
            ("-1\r\n", Err(Malformed)),
            ("+1\r\n", Err(Malformed)),
            ("0x1\r\n", Err(Malformed)),
            ("123456789\r\n", Err(Malformed)),
            ("1;\n\r\n", Err(Malformed)),
            ("0\r\n\n", Err(Malformed)),
            ("0\r\nT: u\n\r\n", Err(Malformed)),
        ];
        for (body, expected) in cases {
            assert_eq!(Chunks::default().end(body.as_bytes()), expected, "{body:?}");
            // Byte by byte it is the same.
            let mut chunks = Chunks::default();
            let mut pieces = body.bytes().enumerate().filter_map(|(index, byte)| match chunks.end(&[byte]) {
                Ok(None) => None,
                Ok(Some(_)) => Some(Ok(index + 1)),
                Err(malformed) => Some(Err(malformed)),
            });
            assert_eq!(pieces.next().transpose(), expected, "{body:?}");
        }
        let extensions = format!("1;{}\r\n", "x".repeat(EXTRA_LIMIT + 1));
        assert_eq!(Chunks::default().end(extensions.as_bytes()), Err(Malformed));
    }
}
