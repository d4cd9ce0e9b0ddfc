use runtime::{Secret, spin::variable};

use super::CredentialSettings;
use crate::cloud::{Cloud, Endpoints};

impl CredentialSettings {
    /// The settings in the component's variables: `tenant_id`, `client_id`, `client_certificate`,
    /// `client_certificate_password`, `federated_token_file`, `client_secret`, `identity_url`, `cloud`, `login_url`,
    /// `graph_url` and `arm_url`.
    ///
    /// # Errors
    ///
    /// A sentence that names the variable that is missing or wrong.
    pub async fn from_variables() -> Result<Self, String> {
        let cloud: Cloud = variable("cloud").await?.parse()?;
        let endpoints = Endpoints::new(
            cloud,
            &variable("login_url").await?,
            &variable("graph_url").await?,
            &variable("arm_url").await?,
        );
        Ok(Self {
            tenant_id: variable("tenant_id").await?,
            client_id: variable("client_id").await?,
            client_certificate: Secret::new(variable("client_certificate").await?),
            client_certificate_password: Secret::new(variable("client_certificate_password").await?),
            federated_token_file: variable("federated_token_file").await?,
            client_secret: Secret::new(variable("client_secret").await?),
            identity_url: variable("identity_url").await?,
            endpoints,
        })
    }
}
