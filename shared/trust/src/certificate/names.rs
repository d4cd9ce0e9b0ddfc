//! Distinguished names: RFC 4514 as text, X.501 in certificates.

use std::str::FromStr;

use x509_cert::{
    attr::AttributeTypeAndValue,
    der::{Tag, Tagged, oid::ObjectIdentifier},
    name::RdnSequence,
};

/// A name in the one form that is compared: the types and texts of each relative name, in the certificate's order.
///
/// Texts are compared letter by letter, whatever string type they have in the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Name(Vec<Vec<(ObjectIdentifier, Vec<u8>)>>);

/// The longest name that is read, in characters.
const LONGEST: usize = 1024;

impl Name {
    /// Reads `CN=client, O=Contoso`; blanks around a comma do not count.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() || text.len() > LONGEST {
            return None;
        }
        let mut tidy = String::with_capacity(text.len());
        let (mut is_escaped, mut is_start) = (false, true);
        for character in text.trim().chars() {
            if is_start && character == ' ' {
                continue;
            }
            is_start = !is_escaped && matches!(character, ',' | '+');
            while is_start && tidy.ends_with(' ') && !tidy.ends_with("\\ ") {
                tidy.pop();
            }
            is_escaped = !is_escaped && character == '\\';
            tidy.push(character);
        }
        Self::of(&RdnSequence::from_str(&tidy).ok()?)
    }

    /// The name in a certificate; `None` when it is empty or holds what is no text.
    pub(crate) fn of(name: &RdnSequence) -> Option<Self> {
        let text = |part: &AttributeTypeAndValue| {
            let is_text = matches!(part.value.tag(), Tag::PrintableString | Tag::Utf8String | Tag::Ia5String);
            is_text.then(|| (part.oid, part.value.value().to_vec()))
        };
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
