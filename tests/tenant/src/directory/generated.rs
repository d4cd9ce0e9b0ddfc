//! Users that are computed instead of stored: user `n` is always the same person.

use crate::DOMAIN;
use crate::directory::identifier;
use crate::directory::json::{escaped, number};

mod words;
mod writers;

pub(crate) use writers::{extension, writer};

use words::{DEPARTMENTS, GIVEN_NAMES, Name, OFFICES, Office, SURNAMES, TITLES};

/// Writes one property of a person as JSON.
pub(crate) type Writer = fn(&Person, &mut Vec<u8>);

/// One generated user; everything else follows from the number.
pub(crate) struct Person {
    row: u32,
    given: &'static Name,
    surname: &'static Name,
    office: &'static Office,
    department: &'static str,
    title: &'static str,
    shape: Shape,
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Member,
    Synchronised,
    Guest,
}

impl Person {
    /// The user of a row.
    pub(crate) fn new(row: u32) -> Self {
        let seed = identifier::mix(u64::from(row) + 1);
        let shape = match row % 20 {
            7 => Shape::Guest,
            1 | 4 | 11 | 14 => Shape::Synchronised,
            _ => Shape::Member,
        };
        Self {
            row,
            given: pick(&GIVEN_NAMES, seed),
            surname: pick(&SURNAMES, seed >> 12),
            office: pick(&OFFICES, seed >> 24),
            department: *pick(&DEPARTMENTS, seed >> 36),
            title: *pick(&TITLES, seed >> 44),
            shape,
            seed,
        }
    }

    /// The row of the person's manager: a tree in which everyone has up to twelve reports.
    pub(crate) fn manager(row: u32) -> Option<u32> {
        (row > 0).then(|| (row - 1) / 12)
    }

    /// The row whose user has (or, for a guest, is invited by) this principal name or address.
    pub(crate) fn row_of_address(address: &str) -> Option<u32> {
        let local = address.split(['@', '_']).next()?;
        let digits = local.trim_start_matches(|character: char| !character.is_ascii_digit());
        digits.parse().ok()
    }

    /// Writes `userPrincipalName` without quotes; it is ASCII and needs no escaping.
    pub(crate) fn principal_name(&self, out: &mut Vec<u8>) {
        self.alias(out);
        if self.shape == Shape::Guest {
            out.extend_from_slice(b"_fabrikam.com#EXT#");
        }
        out.push(b'@');
        out.extend_from_slice(DOMAIN.as_bytes());
    }

    /// Whether the person has an address, and writes it without quotes.
    pub(crate) fn mail(&self, out: &mut Vec<u8>) -> bool {
        if self.row % 40 == 33 {
            return false;
        }
        self.alias(out);
        out.push(b'@');
        let domain = if self.shape == Shape::Guest { "fabrikam.com" } else { DOMAIN };
        out.extend_from_slice(domain.as_bytes());
        true
    }

    fn alias(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.given.ascii.as_bytes());
        out.push(b'.');
        out.extend_from_slice(self.surname.ascii.as_bytes());
        number(out, self.row, 1);
    }

    fn display_name(&self, out: &mut Vec<u8>) {
        escaped(out, self.given.text);
        out.push(b' ');
        escaped(out, self.surname.text);
    }

    fn phone(&self, out: &mut Vec<u8>, line: u32) {
        out.push(b'"');
        out.extend_from_slice(self.office.dial.as_bytes());
        out.extend_from_slice(b" 555 ");
        number(out, line, 2);
        number(out, self.row % 100_000, 5);
        out.push(b'"');
    }

    /// A time in the past, at `hour`; `shift` picks which bits of the seed it is made of.
    fn date_time(&self, out: &mut Vec<u8>, shift: u32, hour: &str) {
        let bits = (self.seed >> shift) as u32 & 0xffff;
        out.extend_from_slice(b"\"20");
        number(out, 8 + bits % 17, 2);
        out.push(b'-');
        number(out, 1 + bits / 17 % 12, 2);
        out.push(b'-');
        number(out, 1 + bits / 204 % 28, 2);
        out.push(b'T');
        out.extend_from_slice(hour.as_bytes());
        out.extend_from_slice(b"Z\"");
    }

    fn only(&self, shape: Shape, out: &mut Vec<u8>, write: impl FnOnce(&Self, &mut Vec<u8>)) {
        if self.shape == shape { write(self, out) } else { out.extend_from_slice(b"null") }
    }
}

#[expect(clippy::indexing_slicing, reason = "the remainder is within the list, and no list is empty")]
fn pick<T, const N: usize>(list: &'static [T; N], seed: u64) -> &'static T {
    &list[(seed & 0xfff) as usize % N]
}
