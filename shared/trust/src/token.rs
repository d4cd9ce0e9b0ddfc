//! Tokens of Entra ID: what they claim, and whether it is so.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-tokens>,
//! <https://learn.microsoft.com/entra/identity-platform/claims-validation>, RFC 7515, RFC 7519, RFC 8725.

pub(crate) mod claims;
pub(crate) mod easy_auth;
mod jwt;
mod keys;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::BTreeSet;

pub use self::keys::KeyStore;
pub(crate) use self::{claims::Claims, verify::verify};

/// The application id of the Entra provisioning service.
///
/// Source: <https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups>.
pub const PROVISIONING_SERVICE: &str = "00000014-0000-0000-c000-000000000000";

/// The audience of the provisioning service's tokens for applications that are not in the gallery.
pub const PROVISIONING_AUDIENCE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/// The version of a token's format.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// `1.0`, from `sts.windows.net`.
    V1,
    /// `2.0`, from the login.
    V2,
}

/// Which tokens are a caller's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenRule {
    /// Whom they are for, letter by letter: `api://…` or an application id.
    pub audiences: BTreeSet<String>,
    /// The applications that may ask for them, ids in lower case; empty for each one that has a role.
    pub applications: BTreeSet<String>,
    /// The formats that are taken.
    pub versions: BTreeSet<Version>,
    /// Whether tokens that were given to a user are taken too.
    pub users: bool,
}

impl TokenRule {
    /// Whether a verified token is one of these.
    pub(crate) fn takes(&self, claims: &Claims) -> bool {
        self.audiences.contains(&claims.audience)
            && self.versions.contains(&claims.version)
            && (self.applications.is_empty() || self.applications.contains(&claims.application))
            && (self.users || !claims.is_user)
    }
}

/// Whether a bearer token is a signed one, and no secret: it has three parts (RFC 7515 section 7.1), of which the first
/// begins as JSON does in base64.
pub(crate) fn is_one(bearer: &str) -> bool {
    bearer.starts_with("eyJ") && bearer.bytes().filter(|byte| *byte == b'.').count() == 2
}
