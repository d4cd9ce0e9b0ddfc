//! The identity of the machine: App Service and Functions where they say so in the environment, else IMDS.
//!
//! Source: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview>.

use std::sync::Arc;

use azure_core::{credentials::TokenCredential, http::ClientOptions};
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};

use super::CredentialSettings;

pub(super) fn credential(
    settings: &CredentialSettings,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let user_assigned_id =
        (!settings.client_id.is_empty()).then(|| UserAssignedId::ClientId(settings.client_id.clone()));
    let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}
