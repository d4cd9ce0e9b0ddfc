//! What an administrator took away while the tenant ran.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;
use serde::de::Error as _;

/// A way to prove to be the connector's application.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "camelCase")]
pub enum Credential {
    /// The client secret.
    Secret,
    /// The certificate.
    Certificate,
    /// The trust in another issuer's tokens.
    Federation,
    /// The managed identity.
    Identity,
}

/// The order to take something away: a credential, the tokens issued so far, or both.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Revocation {
    pub(crate) credential: Option<Credential>,
    pub(crate) tokens: bool,
}

/// The credentials that count no more.
#[derive(Debug, Default)]
pub(crate) struct Revoked(RwLock<BTreeSet<Credential>>);

impl Revocation {
    /// Reads an order.
    ///
    /// # Errors
    ///
    /// When it is no order, or one for nothing.
    pub(crate) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        let revocation: Self = serde_json::from_slice(body)?;
        if revocation.credential.is_none() && !revocation.tokens {
            return Err(serde_json::Error::custom("give \"credential\", or \"tokens\": true"));
        }
        Ok(revocation)
    }
}

impl Revoked {
    pub(crate) fn add(&self, credential: Credential) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(credential);
    }

    pub(crate) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn has(&self, credential: Credential) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&credential)
    }
}
