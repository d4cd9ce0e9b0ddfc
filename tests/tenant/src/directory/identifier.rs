//! Object ids that carry the row they belong to, so that a million of them need no memory.

/// The id of the object in row `row`: a GUID (version 4 in form) whose first group is the row, shuffled.
pub(crate) fn of_row(row: u32) -> [u8; 36] {
    let high = mix(u64::from(row) ^ 0x5bd1_e995_9d1b_54a3);
    let low = mix(high ^ 0x2545_f491_4f6c_dd1d);
    let first = u128::from(shuffle(row)) << 96;
    let middle = u128::from((high as u32 & 0xffff_0fff) | 0x4000) << 64;
    let last = u128::from((low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000);
    format(first | middle | last)
}

/// The row an id was made for, or `None` for a GUID that was not made by [`of_row`].
pub(crate) fn to_row(id: &str) -> Option<u32> {
    let first = u32::from_str_radix(id.get(..8)?, 16).ok()?;
    let row = unshuffle(first);
    of_row(row).eq_ignore_ascii_case(id.as_bytes()).then_some(row)
}

/// Whether the text has the form of a GUID.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Spreads the bits of a number (the finaliser of SplitMix64).
pub(crate) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Writes a number in the form of a GUID.
#[expect(clippy::indexing_slicing, reason = "the positions are constant and within 36")]
pub(crate) fn format(number: u128) -> [u8; 36] {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut position = 0;
    for shift in (0..32).rev() {
        if matches!(position, 8 | 13 | 18 | 23) {
            position += 1;
        }
        text[position] = HEX[(number >> (shift * 4)) as usize & 15];
        position += 1;
    }
    text
}

const ROUNDS: [u32; 4] = [0x9e37_79b9, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f];

/// A Feistel network over two halves of sixteen bits: every row has its own number, and the way back is the same steps.
fn shuffle(row: u32) -> u32 {
    let (mut left, mut right) = (row >> 16, row & 0xffff);
    for round in ROUNDS {
        (left, right) = (right, left ^ scramble(right, round));
    }
    left << 16 | right
}

fn unshuffle(number: u32) -> u32 {
    let (mut left, mut right) = (number >> 16, number & 0xffff);
    for round in ROUNDS.iter().rev() {
        (left, right) = (right ^ scramble(left, *round), left);
    }
    left << 16 | right
}

fn scramble(half: u32, round: u32) -> u32 {
    (half.wrapping_add(round).wrapping_mul(round | 1) >> 11) & 0xffff
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_has_its_own_id_and_the_id_leads_back() {
        let mut seen = BTreeSet::new();
        for row in (0..5_000).chain([999_999, u32::MAX]) {
            let id = String::from_utf8(of_row(row).to_vec()).unwrap();
            assert!(is_guid(&id), "{id}");
            assert_eq!(to_row(&id), Some(row));
            assert_eq!(to_row(&id.to_uppercase()), Some(row));
            assert!(seen.insert(id));
        }
    }

    #[test]
    fn a_foreign_guid_leads_to_no_row() {
        for id in ["00000000-0000-0000-0000-000000000001", "", "zz", "é3a1c2d4-0000-4000-8000-000000000000"] {
            assert_eq!(to_row(id), None, "{id}");
        }
    }
}
