//! A token that is asked for by showing another one, already made.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use azure_core::{
    credentials::TokenCredential,
    http::{ClientMethodOptions, ClientOptions},
};
use azure_identity::{ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions};

use super::CredentialSettings;

pub(super) fn credential(
    settings: &CredentialSettings,
    assertion: String,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let options = ClientAssertionCredentialOptions { client_options };
    let (tenant, client) = (settings.tenant_id.clone(), settings.client_id.clone());
    Ok(ClientAssertionCredential::new(tenant, client, Made(assertion), Some(options))?)
}

struct Made(String);

impl fmt::Debug for Made {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Made(..)")
    }
}

#[async_trait]
impl ClientAssertion for Made {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.clone())
    }
}
