//! The spellings of OData's primitive values.

use serde_json::Value;

/// Reads a text from its beginning.
pub(crate) struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    /// How much is left, in bytes.
    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    /// Takes one byte that fits.
    pub(crate) fn take(&mut self, fits: impl Fn(u8) -> bool) -> bool {
        match self.0 {
            [first, rest @ ..] if fits(*first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes this byte, in the letter case given.
    pub(crate) fn byte(&mut self, byte: u8) -> bool {
        self.take(|one| one == byte)
    }

    /// Takes so many bytes that fit.
    pub(crate) fn exactly(&mut self, count: usize, fits: impl Fn(u8) -> bool + Copy) -> bool {
        (0..count).all(|_| self.take(fits))
    }

    /// Takes all bytes that fit and says how many there were.
    pub(crate) fn all(&mut self, fits: impl Fn(u8) -> bool + Copy) -> usize {
        let before = self.left();
        while self.take(fits) {}
        before - self.left()
    }

    /// Takes all digits and says how many there were.
    pub(crate) fn digits(&mut self) -> usize {
        self.all(|byte| byte.is_ascii_digit())
    }

    /// Takes what fits, or nothing.
    pub(crate) fn optional(&mut self, read: impl Fn(&mut Self) -> bool) {
        let before = self.0;
        if !read(self) {
            self.0 = before;
        }
    }

    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    fn two_digits(&mut self) -> bool {
        self.exactly(2, |byte| byte.is_ascii_digit())
    }

    /// `2026-01-31`
    pub(crate) fn date(&mut self) -> bool {
        self.exactly(4, |byte| byte.is_ascii_digit())
            && self.byte(b'-')
            && self.two_digits()
            && self.byte(b'-')
            && self.two_digits()
    }

    /// `18:30`, `18:30:15` or `18:30:15.25`
    fn time(&mut self) -> bool {
        let has_minutes = self.two_digits() && self.byte(b':') && self.two_digits();
        has_minutes && (!self.byte(b':') || (self.two_digits() && self.fraction()))
    }

    /// Nothing, or `.` with digits.
    fn fraction(&mut self) -> bool {
        !self.byte(b'.') || self.digits() > 0
    }

    /// `Z` or `+01:00`
    pub(crate) fn offset(&mut self) -> bool {
        self.take(|byte| byte.eq_ignore_ascii_case(&b'z'))
            || (self.take(|byte| matches!(byte, b'+' | b'-'))
                && self.two_digits()
                && self.byte(b':')
                && self.two_digits())
    }

    /// `f6ede700-27d0-4c42-bfb9-4dffff43c74a`
    pub(crate) fn guid(&mut self) -> bool {
        let hexadecimal = |byte: u8| byte.is_ascii_hexdigit();
        self.exactly(8, hexadecimal)
            && (0..3).all(|_| self.byte(b'-') && self.exactly(4, hexadecimal))
            && self.byte(b'-')
            && self.exactly(12, hexadecimal)
    }

    /// `P1DT2H`: each part at most once, in this order, and after `T` the parts of a day.
    fn duration(&mut self) -> bool {
        self.byte(b'-');
        if !self.byte(b'P') || !self.amounts(b"YMWD") {
            return false;
        }
        !self.byte(b'T') || self.amounts(b"HMS")
    }

    /// Numbers, each with its unit; only seconds have a fraction.
    fn amounts(&mut self, units: &[u8]) -> bool {
        let mut units = units.iter();
        while self.0.first().is_some_and(u8::is_ascii_digit) {
            self.digits();
            let has_fraction = self.0.first() == Some(&b'.');
            if !self.fraction() {
                return false;
            }
            let Some(unit) = units.find(|unit| self.0.first() == Some(*unit)) else { return false };
            if has_fraction && *unit != b'S' {
                return false;
            }
            self.byte(*unit);
        }
        true
    }
}

pub(crate) fn is_guid(text: &str) -> bool {
    whole(text, |scanner| scanner.guid())
}

/// RFC 3339, where the seconds may be left out.
pub(crate) fn is_date_time(text: &str) -> bool {
    whole(text, |scanner| {
        scanner.date() && scanner.take(|byte| byte.eq_ignore_ascii_case(&b't')) && scanner.time() && scanner.offset()
    })
}

fn is_base64(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte) || byte.is_ascii_whitespace();
    let padding = text.len() - text.trim_end_matches('=').len();
    padding <= 2 && text.trim_end_matches('=').bytes().all(digit)
}

fn whole(text: &str, read: impl Fn(&mut Scanner<'_>) -> bool) -> bool {
    let mut scanner = Scanner::new(text);
    read(&mut scanner) && scanner.is_done()
}

/// Whether a JSON value may stand for a value of a primitive type such as `Edm.Int32`; of a type that is not known
/// here every value is taken.
pub(crate) fn is_primitive(value: &Value, type_name: &str) -> bool {
    let text = |fits: fn(&str) -> bool| value.as_str().is_some_and(fits);
    match type_name {
        "Edm.String" => value.is_string(),
        "Edm.Boolean" => value.is_boolean(),
        "Edm.Byte" => is_integer(value, 8),
        "Edm.Int16" => is_integer(value, 15),
        "Edm.Int32" => is_integer(value, 31),
        "Edm.Int64" => is_integer(value, 63),
        "Edm.Double" | "Edm.Single" | "Edm.Decimal" => is_number(value),
        "Edm.DateTimeOffset" => text(is_date_time),
        "Edm.Date" => text(|text| whole(text, |scanner| scanner.date())),
        "Edm.TimeOfDay" => text(|text| whole(text, |scanner| scanner.time())),
        "Edm.Duration" => text(|text| whole(text, |scanner| scanner.duration())),
        "Edm.Guid" => text(is_guid),
        "Edm.Binary" => text(is_base64),
        _ => true,
    }
}

/// Whether it is a whole number below two to the power of `bits`.
pub(crate) fn is_integer(value: &Value, bits: u32) -> bool {
    let bound = 1_i128 << bits;
    value.as_i64().is_some_and(|number| (-bound..bound).contains(&i128::from(number)))
}

/// JSON has no infinity: OData writes it as text.
pub(crate) fn is_number(value: &Value) -> bool {
    value.is_number() || matches!(value.as_str(), Some("NaN" | "INF" | "-INF"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_the_spelling_of_their_type() {
        let cases = [
            ("Edm.Int32", json!(2_147_483_647), true),
            ("Edm.Int32", json!(2_147_483_648_u64), false),
            ("Edm.Int32", json!(1.0), false),
            ("Edm.Int64", json!(i64::MIN), true),
            ("Edm.Int64", json!(u64::MAX), false),
            ("Edm.Double", json!("INF"), true),
            ("Edm.Double", json!("1"), false),
            ("Edm.DateTimeOffset", json!("2026-01-31T18:30:15.1234567Z"), true),
            ("Edm.DateTimeOffset", json!("2026-01-31T18:30+01:00"), true),
            ("Edm.DateTimeOffset", json!("2026-01-31T18:30:15"), false),
            ("Edm.DateTimeOffset", json!("2026-01-31"), false),
            ("Edm.Date", json!("2026-01-31"), true),
            ("Edm.Date", json!("2026-01-31Z"), false),
            ("Edm.TimeOfDay", json!("18:30:15.5"), true),
            ("Edm.TimeOfDay", json!("18"), false),
            ("Edm.Duration", json!("P1DT2H30.5S"), true),
            ("Edm.Duration", json!("PT1.5H"), false),
            ("Edm.Duration", json!("P1H"), false),
            ("Edm.Duration", json!("PT2M1H"), false),
            ("Edm.Guid", json!("f6ede700-27d0-4c42-bfb9-4dffff43c74a"), true),
            ("Edm.Guid", json!("f6ede700-27d0-4c42-bfb9-4dffff43c74"), false),
            ("Edm.Binary", json!("YWJj/-_+=="), true),
            ("Edm.Binary", json!("a=b"), false),
            ("Edm.Untyped", json!([]), true),
        ];
        for (type_name, value, expected) in cases {
            assert_eq!(is_primitive(&value, type_name), expected, "{value} as {type_name}");
        }
    }
}
