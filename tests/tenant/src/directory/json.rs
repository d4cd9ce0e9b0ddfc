//! Writing JSON straight into a buffer of bytes.

/// Writes a string with its quotes, escaped.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Writes the inside of a string.
pub(crate) fn escaped(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            ' '.. => {
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
            control => out.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes()),
        }
    }
}

/// Writes any value.
pub(crate) fn value(out: &mut Vec<u8>, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => string(out, text),
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

/// Writes a number in decimal, with zeros in front up to `width` digits (at most ten).
pub(crate) fn number(out: &mut Vec<u8>, number: u32, width: usize) {
    let mut digits = [b'0'; 10];
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        if rest == 0 && used >= width.max(1) {
            break;
        }
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
    }
    out.extend_from_slice(digits.get(10 - used..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_a_parser() {
        for text in ["", "plain", "quote\" back\\slash", "tab\t nul\0 é 山田", "O'Brien"] {
            let mut out = Vec::new();
            string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn numbers_are_padded() {
        let cases = [(0, 1, "0"), (0, 3, "000"), (42, 1, "42"), (42, 5, "00042"), (u32::MAX, 1, "4294967295")];
        for (value, width, expected) in cases {
            let mut out = Vec::new();
            number(&mut out, value, width);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
