//! Client certificates: by thumbprint, or by subject and the authority that signed them.

mod authority;
pub(crate) mod handed;
mod names;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use sha1::{Digest, Sha1};
use x509_cert::{
    der::Decode,
    ext::pkix::ExtendedKeyUsage,
    time::{Time, Validity},
};

pub use self::authority::Authority;
pub(crate) use self::names::Name;
use crate::{hash, hex};

/// The largest certificate that is read, in bytes of DER.
pub(crate) const LARGEST: usize = 16 * 1024;

/// A certificate that is a caller's.
#[derive(Clone, Debug)]
pub struct CertificateRule {
    /// How it is known.
    pub(crate) by: By,
    /// From when on it counts no more, whatever it says itself.
    pub until: Option<DateTime<Utc>>,
}

impl CertificateRule {
    /// Whether both are about the same certificate.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.by, &other.by) {
            (By::Sha1(left), By::Sha1(right)) => left == right,
            (By::Sha256(left), By::Sha256(right)) => left == right,
            (By::Subject { subject, authority }, By::Subject { subject: other, authority: of_other }) => {
                subject == other && authority.is_same(of_other)
            }
            _ => false,
        }
    }
}

/// How a certificate is known.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// By its SHA-1 thumbprint, as Windows and Azure show it.
    Sha1([u8; 20]),
    /// By its SHA-256 thumbprint.
    Sha256([u8; 32]),
    /// By its subject, when this authority signed it.
    Subject { subject: Name, authority: Box<Authority> },
}

/// A client's certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    sha1: [u8; 20],
    sha256: [u8; 32],
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads DER; `None` when it is no certificate, or one with anything behind it.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        if der.len() > LARGEST {
            return None;
        }
        let parsed = x509_cert::Certificate::from_der(der).ok()?;
        Some(Self { sha1: Sha1::digest(der).into(), sha256: hash(&[der]), parsed })
    }

    /// Its SHA-256 thumbprint.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(&self.sha256)
    }

    /// Whether it is valid at that moment; a certificate tells its time to the second and gets no grace.
    pub(crate) fn is_valid(&self, now: DateTime<Utc>) -> bool {
        is_within(&self.parsed.tbs_certificate.validity, now)
    }

    /// Whether clients may use it: it says so, or says nothing of uses. RFC 5280 section 4.2.1.12.
    fn is_for_clients(&self) -> bool {
        const CLIENT: &str = "1.3.6.1.5.5.7.3.2";
        const ANY: &str = "2.5.29.37.0";
        match self.parsed.tbs_certificate.get::<ExtendedKeyUsage>() {
            Ok(Some((_, uses))) => uses.0.iter().any(|usage| [CLIENT, ANY].contains(&usage.to_string().as_str())),
            Ok(None) => true,
            Err(_) => false,
        }
    }
}

fn is_within(validity: &Validity, now: DateTime<Utc>) -> bool {
    let seconds = |time: &Time| time.to_unix_duration().as_secs();
    u64::try_from(now.timestamp())
        .is_ok_and(|now| seconds(&validity.not_before) <= now && now <= seconds(&validity.not_after))
}

/// Whether a certificate is the one of a rule, and counts now.
pub(crate) fn is(certificate: &Certificate, rule: &CertificateRule, now: DateTime<Utc>) -> bool {
    certificate.is_valid(now)
        && rule.until.is_none_or(|until| now < until)
        && match &rule.by {
            By::Sha1(thumbprint) => hex::is_same(&certificate.sha1, thumbprint),
            By::Sha256(thumbprint) => hex::is_same(&certificate.sha256, thumbprint),
            By::Subject { subject, authority } => {
                subject.is(&certificate.parsed.tbs_certificate.subject)
                    && certificate.is_for_clients()
                    && authority.signed(&certificate.parsed, now)
            }
        }
}
