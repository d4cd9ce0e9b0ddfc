//! Secret tokens: salted hashes, each with a name, an end and source networks.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::{hash, hex};

/// The longest secret that is looked at, in bytes.
pub(crate) const LONGEST_SECRET: usize = 1024;

/// The longest salt, in bytes.
const LONGEST_SALT: usize = 128;

/// A secret that a caller may show, known by its hash.
#[derive(Clone)]
pub struct SecretRule {
    /// Its name in logs and in the audit.
    pub name: String,
    salt: String,
    sha256: [u8; 32],
    /// From when on it counts no more.
    pub until: Option<DateTime<Utc>>,
    /// From where it may be shown; empty for anywhere.
    pub networks: Vec<IpNet>,
}

impl SecretRule {
    /// A secret by its hash: `salt:hex`, the SHA-256 of the salt's text followed by the secret, or `hex` without a salt.
    ///
    /// # Errors
    ///
    /// A sentence that says what to give.
    pub fn new(name: &str, hash: &str) -> Result<Self, String> {
        let (salt, digits) = hash.rsplit_once(':').unwrap_or(("", hash));
        let sha256 = hex::decode(digits).filter(|_| salt.len() <= LONGEST_SALT);
        let Some(sha256) = sha256 else {
            return Err(format!(
                "the hash of a secret is 64 hexadecimal digits, before them a salt of at most {LONGEST_SALT} characters \
                 and a colon: give what `printf %s SALT TOKEN | sha256sum` prints, as SALT:DIGITS"
            ));
        };
        Ok(Self { name: name.to_owned(), salt: salt.to_owned(), sha256, until: None, networks: Vec::new() })
    }

    /// Whether both are the same secret under the same salt.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.salt == other.salt
    }

    /// Whether it is this one, and counts now and from there. All three are looked at in any case.
    pub(crate) fn is_shown(&self, secret: &[u8], address: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let is_same = hex::is_same(&hash(&[self.salt.as_bytes(), secret]), &self.sha256);
        let is_valid = self.until.is_none_or(|until| now < until);
        is_same & is_valid & is_from(&self.networks, address)
    }
}

/// Whether the address is in one of the networks; without networks it may be any.
fn is_from(networks: &[IpNet], address: Option<IpAddr>) -> bool {
    let address = address.map(|address| address.to_canonical());
    networks.is_empty() || address.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
}

/// The work of comparing with a secret, for the ones that a tenant does not have.
pub(crate) fn compare_in_vain(secret: &[u8]) {
    let nobodys = [0_u8; 32];
    std::hint::black_box(hex::is_same(&hash(&[b"salt", secret]), &nobodys));
}

impl std::fmt::Debug for SecretRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, until, networks, .. } = self;
        write!(formatter, "SecretRule {{ name: {name:?}, until: {until:?}, networks: {networks:?}, .. }}")
    }
}
