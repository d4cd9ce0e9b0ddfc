//! Bytes as hexadecimal digits, and comparisons that take the same time wherever two differ.

/// The bytes in lower-case digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Exactly `N` bytes in digits of either case; `None` when the text is anything else.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() == 2 * N { decode_all(text)?.try_into().ok() } else { None }
}

/// As many bytes as there are pairs of digits; `None` when the text is anything else.
pub(crate) fn decode_all(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { byte(*high, *low) } else { None }).collect()
}

/// The byte of two digits.
pub(crate) fn byte(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether two texts of bytes are the same; only their lengths show in the time it takes.
pub(crate) fn is_same(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |difference, (left, right)| difference | (left ^ right));
    std::hint::black_box(difference) == 0 && left.len() == right.len()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, is_same};

    #[test]
    fn ok_digits_of_both_cases_are_read_and_small_ones_written() {
        assert_eq!(decode::<2>("0aFf"), Some([10, 255]));
        assert_eq!(encode(&[10, 255]), "0aff");
        for wrong in ["", "0a", "0aff0", "0aff00", "0agg", "é0a", "+1+1"] {
            assert_eq!(decode::<2>(wrong), None, "{wrong}");
        }
        assert!(is_same(b"a", b"a") && !is_same(b"a", b"b") && !is_same(b"a", b"ab") && is_same(b"", b""));
    }
}
