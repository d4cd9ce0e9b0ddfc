//! Distinguished names: RFC 4514 as text, X.501 in certificates.

use x509_cert::{
    attr::AttributeTypeAndValue,
    der::{Any, Decode, Tag, Tagged, oid::ObjectIdentifier},
    name::RdnSequence,
};

use crate::hex;

/// A name in the one form that is compared: the types and texts of each relative name, in the certificate's order.
///
/// Texts are compared letter by letter, whatever string type they have in the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Name(Vec<Vec<(ObjectIdentifier, Vec<u8>)>>);

/// The longest name that is read, in characters.
const LONGEST: usize = 1024;

/// What the types of attributes are called, in any letter case: RFC 4519 and RFC 5280 appendix A.1.
///
/// The library has all names of all objects, which are 60 KB in each component.
#[rustfmt::skip]
const TYPES: [(&[&str], &str); 26] = [
    (&["CN", "commonName"], "2.5.4.3"),
    (&["SN", "surname"], "2.5.4.4"),
    (&["serialNumber"], "2.5.4.5"),
    (&["C", "countryName"], "2.5.4.6"),
    (&["L", "localityName"], "2.5.4.7"),
    (&["ST", "stateOrProvinceName"], "2.5.4.8"),
    (&["street", "streetAddress"], "2.5.4.9"),
    (&["O", "organizationName"], "2.5.4.10"),
    (&["OU", "organizationalUnitName"], "2.5.4.11"),
    (&["title"], "2.5.4.12"),
    (&["description"], "2.5.4.13"),
    (&["businessCategory"], "2.5.4.15"),
    (&["postalAddress"], "2.5.4.16"),
    (&["postalCode"], "2.5.4.17"),
    (&["postOfficeBox"], "2.5.4.18"),
    (&["telephoneNumber"], "2.5.4.20"),
    (&["name"], "2.5.4.41"),
    (&["givenName", "GN"], "2.5.4.42"),
    (&["initials"], "2.5.4.43"),
    (&["generationQualifier"], "2.5.4.44"),
    (&["dnQualifier"], "2.5.4.46"),
    (&["pseudonym"], "2.5.4.65"),
    (&["organizationIdentifier"], "2.5.4.97"),
    (&["DC", "domainComponent"], "0.9.2342.19200300.100.1.25"),
    (&["UID", "userId"], "0.9.2342.19200300.100.1.1"),
    (&["emailAddress"], "1.2.840.113549.1.9.1"),
];

impl Name {
    /// Reads `CN=client, O=Contoso`; blanks around a comma do not count.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() || text.len() > LONGEST {
            return None;
        }
        // As text the last relative name comes first.
        let relative = split(text.trim_start(), b',').into_iter().rev().map(|relative| {
            let mut parts = split(relative, b'+').into_iter().map(part).collect::<Option<Vec<_>>>()?;
            parts.sort();
            Some(parts)
        });
        relative.collect::<Option<Vec<_>>>().map(Self)
    }

    /// The name in a certificate; `None` when it is empty or holds what is no text.
    pub(crate) fn of(name: &RdnSequence) -> Option<Self> {
        let text = |part: &AttributeTypeAndValue| is_text(&part.value).then(|| (part.oid, part.value.value().to_vec()));
        let parts = name.0.iter().map(|relative| {
            let mut parts = relative.0.iter().map(text).collect::<Option<Vec<_>>>()?;
            parts.sort();
            Some(parts)
        });
        parts.collect::<Option<Vec<_>>>().filter(|parts| !parts.is_empty()).map(Self)
    }

    /// Whether a certificate has this name.
    pub(crate) fn is(&self, name: &RdnSequence) -> bool {
        Self::of(name).is_some_and(|name| name == *self)
    }
}

fn is_text(value: &Any) -> bool {
    matches!(value.tag(), Tag::PrintableString | Tag::Utf8String | Tag::Ia5String)
}

/// The parts of a text between the separators that no backslash stands before, without the blanks around them.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut rest, mut is_escaped) = (Vec::new(), text, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == separator && !is_escaped {
            let start = text.len() - rest.len();
            if let (Some(part), Some(behind)) = (text.get(start..at), text.get(at + 1..)) {
                parts.push(part);
                rest = behind;
            }
        }
        is_escaped = !is_escaped && byte == b'\\';
    }
    parts.push(rest);
    parts.into_iter().map(trim).collect()
}

/// The text without the blanks around it; the last one stays when it is escaped.
fn trim(text: &str) -> &str {
    let text = text.trim_start_matches(' ');
    let trimmed = text.trim_end_matches(' ');
    let backslashes = trimmed.bytes().rev().take_while(|byte| *byte == b'\\').count();
    if backslashes % 2 == 1 { text.get(..=trimmed.len()).unwrap_or(text) } else { trimmed }
}

/// `CN=client`: a type by its name or its number, and a value.
fn part(text: &str) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let (name, value) = text.split_once('=')?;
    let known = TYPES.iter().find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let oid = ObjectIdentifier::new(known.map_or(name, |(_, number)| number)).ok()?;
    match value.strip_prefix('#') {
        Some(digits) => {
            let value = Any::from_der(&hex::decode_all(digits)?).ok().filter(is_text)?;
            Some((oid, value.value().to_vec()))
        }
        None => Some((oid, unescape(value)?)),
    }
}

/// The value that a text stands for, in UTF-8. RFC 4514 section 2.4.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        value.push(match byte {
            b'\\' => match bytes.next()? {
                special @ (b' ' | b'"' | b'#' | b'=' | b'\\' | b'+' | b',' | b';' | b'<' | b'>') => special,
                digit => hex::byte(digit, bytes.next()?)?,
            },
            plain => plain,
        });
    }
    Some(value)
}
