//! What is written down: one record for each write, refusal and run, chained by hash.
//!
//! Each [`Link`] carries the hash over the link before it, its own number and its text. Whoever has the chain and knows its
//! last hash from elsewhere (each link is also a line of the log) can tell that nothing was removed, changed or reordered.
//!
//! ```
//! use trust::audit::{self, Hash, Record};
//!
//! let record = Record { caller: "hr".to_owned(), operation: "update".to_owned(), ..Record::default() };
//! let first = audit::chain(&Hash::start("8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34"), 1, &record);
//! let second = audit::chain(&first.hash, 2, &record);
//! let verified = audit::verify("8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34", [&first, &second], Some(&second.hash));
//! assert_eq!(verified.map(|verified| verified.count), Ok(2));
//! ```

mod mask;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::mask::{MASK, is_secret, masked};
use crate::{hash, hex};

/// What is known of one write, refusal or run. Members that say nothing are not written.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Record {
    /// When, RFC 3339.
    pub at: String,
    /// The id of the request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// The tenant's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The caller's name; empty for somebody who was not let in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub caller: String,
    /// How it proved to be who it is: [`Proof`](crate::Proof) as text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proof: String,
    /// From where.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// What was to be done: [`Operation::name`](crate::Operation::name).
    pub operation: String,
    /// To which type of resource, or to which job.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource: String,
    /// To which object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub object: String,
    /// What it changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The ids of Graph's answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub graph_request_ids: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The status of the answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub status: u16,
    /// Why it was refused or failed, or what there is to know of a run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(status: &u16) -> bool {
    *status == 0
}

/// What became of what was asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    #[default]
    Done,
    /// The caller may not do it, or was not let in.
    Refused,
    /// It was tried, and did not work.
    Failed,
    /// Nobody knows: there was no answer in time.
    Unknown,
}

/// One attribute before and after.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// The path of the attribute.
    pub attribute: String,
    /// Its value before, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Its value after; none when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl fmt::Display for crate::Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { sha256 } => write!(formatter, "certificate {sha256}"),
            Self::Token { application, object } if object.is_empty() => write!(formatter, "token {application}"),
            Self::Token { application, object } => write!(formatter, "token {application} {object}"),
            Self::Secret { name } => write!(formatter, "secret {name}"),
            Self::Timer => formatter.write_str("timer"),
        }
    }
}

/// A SHA-256 in the chain; as text 64 digits in lower case.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Where the chain of a tenant begins; no two tenants' begin alike, so that links of one do not fit into another.
    #[must_use]
    pub fn start(tenant_id: &str) -> Self {
        Self(hash(&[b"entra-scim audit 1\0", tenant_id.to_ascii_lowercase().as_bytes()]))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex::decode(text.trim()).map(Self).ok_or("a hash of the audit is 64 hexadecimal digits")
    }
}

/// A record in its place in the chain, as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// Its number; the first one of a tenant is 1.
    pub sequence: u64,
    /// The hash of the link before it, or [`Hash::start`].
    pub previous: Hash,
    /// The record: JSON on one line, in which the members of objects are sorted.
    pub text: String,
    /// The hash over all of that.
    pub hash: Hash,
}

/// The link of a record behind the one whose hash is `previous`. Secret values are masked, and large ones replaced by
/// their hash, whatever the record holds.
#[must_use]
pub fn chain(previous: &Hash, sequence: u64, record: &Record) -> Link {
    let text = mask::text(record);
    Link { sequence, previous: *previous, hash: link_hash(previous, sequence, &text), text }
}

fn link_hash(previous: &Hash, sequence: u64, text: &str) -> Hash {
    Hash(hash(&[&previous.0, &sequence.to_be_bytes(), text.as_bytes()]))
}

/// A chain without a flaw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verified {
    /// How many links it has.
    pub count: u64,
    /// The hash of the last one; [`Hash::start`] when there is none. To be kept elsewhere, to verify with it later.
    pub head: Hash,
}

/// Where a chain does not hold, and what it looks like.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Broken {
    /// A link is not where its number says.
    #[error("record {expected} is missing: where it should be is record {found}; records were removed or reordered")]
    Missing {
        /// The number that should be there.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
    /// A link does not follow the one before it.
    #[error("record {0} does not follow the record before it: one of the two was replaced")]
    Unlinked(u64),
    /// A text is not the one that was written.
    #[error("record {0} was changed after it was written")]
    Changed(u64),
    /// The chain does not contain the head that is known.
    #[error(
        "the chain ends with record {0} and does not contain the hash that is known: records at its end were removed"
    )]
    Truncated(u64),
}

/// Follows the whole chain of a tenant in the order of its numbers. With a `head` known from elsewhere, that hash has to be
/// among its links; without one, a chain that was cut off at its end cannot be told from one that ended there.
///
/// # Errors
///
/// [`Broken`], at the first link that does not hold.
pub fn verify<'a>(
    tenant_id: &str,
    links: impl IntoIterator<Item = &'a Link>,
    head: Option<&Hash>,
) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(tenant_id, head);
    links.into_iter().try_for_each(|link| verifier.take(link))?;
    verifier.finish()
}

/// [`verify`], link by link: for chains that are read in parts.
#[derive(Clone, Debug)]
pub struct Verifier {
    verified: Verified,
    head: Option<Hash>,
    has_head: bool,
}

impl Verifier {
    /// At the beginning of a tenant's chain.
    #[must_use]
    pub fn new(tenant_id: &str, head: Option<&Hash>) -> Self {
        let start = Hash::start(tenant_id);
        let has_head = head.is_none_or(|head| *head == start);
        Self { verified: Verified { count: 0, head: start }, head: head.copied(), has_head }
    }

    /// Takes the next link.
    ///
    /// # Errors
    ///
    /// [`Broken`], when it does not hold.
    pub fn take(&mut self, link: &Link) -> Result<(), Broken> {
        let expected = self.verified.count + 1;
        if link.sequence != expected {
            return Err(Broken::Missing { expected, found: link.sequence });
        }
        if link.previous != self.verified.head {
            return Err(Broken::Unlinked(link.sequence));
        }
        if link_hash(&link.previous, link.sequence, &link.text) != link.hash {
            return Err(Broken::Changed(link.sequence));
        }
        self.has_head |= self.head == Some(link.hash);
        self.verified = Verified { count: expected, head: link.hash };
        Ok(())
    }

    /// The end of the chain.
    ///
    /// # Errors
    ///
    /// [`Broken::Truncated`], when the known head did not come.
    pub fn finish(self) -> Result<Verified, Broken> {
        if self.has_head { Ok(self.verified) } else { Err(Broken::Truncated(self.verified.count)) }
    }
}
