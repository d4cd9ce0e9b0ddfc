//! Who is calling, for which tenant, with which rights; and what is written down of it.
//!
//! A [`Configuration`] is read from one JSON document. [`admit()`] takes what a request shows, its [`Evidence`], and
//! returns the [`Caller`]: a name, a tenant, and [`Rights`] to ask before anything is done. All of it is pure, but that the
//! keys of Entra ID are fetched through [`runtime::Http`].

mod admit;
pub mod audit;
mod certificate;
mod clouds;
mod configuration;
mod hex;
pub mod limit;
mod mistakes;
mod protected;
mod rights;
mod secret;
pub mod simple;
mod strict;
#[cfg(test)]
mod testing;
mod token;

pub use crate::{
    admit::{Caller, Denied, Evidence, Proof, admit},
    certificate::{
        Authority, CertificateRule,
        handed::{APP_SERVICE_HEADER, ENVOY_HEADER, HOST_HEADER},
    },
    configuration::{
        Addresses, AuditChoice, CallerRule, Configuration, CredentialChoice, FrontEnd, FrontEndKind, Limits,
        ONLY_TENANT, Plain, RightsRule, Tenant,
    },
    mistakes::{Mistake, Mistakes},
    protected::{Protected, role_template},
    rights::{AttributeRule, Forbidden, INVENTORY, OPERATIONS, Operation, Path, ROLES, Rights, Role},
    secret::SecretRule,
    token::{KeyStore, PROVISIONING_AUDIENCE, PROVISIONING_SERVICE, TokenRule, Version},
};

use sha2::{Digest, Sha256};

/// The SHA-256 of some texts, one after the other.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}
