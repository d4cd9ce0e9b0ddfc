#![doc = include_str!("../README.md")]

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
