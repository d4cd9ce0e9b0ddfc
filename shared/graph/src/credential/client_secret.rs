//! An application that shows its secret.

use std::sync::Arc;

use azure_core::{
    credentials::{Secret, TokenCredential},
    http::ClientOptions,
};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};

use super::CredentialSettings;

pub(super) fn credential(
    settings: &CredentialSettings,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let secret = Secret::new(settings.client_secret.expose().to_owned());
    let options = ClientSecretCredentialOptions { client_options };
    Ok(ClientSecretCredential::new(&settings.tenant_id, settings.client_id.clone(), secret, Some(options))?)
}
