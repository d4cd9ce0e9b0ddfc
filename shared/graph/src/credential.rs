mod rewrite;
mod spin;

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use azure_core::{
    credentials::{AccessToken, Secret as AzureSecret, TokenCredential},
    http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport},
    time::Duration as AzureDuration,
};
use azure_identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};
use futures::future::{Either, select};
use runtime::{Clock, Secret, spin::SpinClock};

use crate::error::{Error, Kind};

/// Where the token for Graph comes from.
pub trait Credential {
    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind [`Credential`](crate::Kind::Credential).
    fn token(&self) -> impl Future<Output = Result<Secret, Error>>;
}

impl<T: Credential> Credential for &T {
    fn token(&self) -> impl Future<Output = Result<Secret, Error>> {
        T::token(self)
    }
}

/// Tokens of Microsoft Entra ID: with the application's secret where there is one, else with the managed identity of
/// the machine.
///
/// A token is kept as long as the instance lives, and asked for anew five minutes before its end.
#[derive(Debug)]
pub struct AzureCredential {
    settings: CredentialSettings,
}

/// Who asks for tokens, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialSettings {
    /// The tenant's id or one of its domains.
    pub tenant_id: String,
    /// The application's id; of a managed identity that is assigned by the user, its client id, else empty.
    pub client_id: String,
    /// The application's secret; empty for a managed identity.
    pub client_secret: Secret,
    /// Where Entra ID gives tokens: `https://login.microsoftonline.com`.
    pub login_url: String,
    /// Where the machine gives tokens: `http://169.254.169.254`.
    pub identity_url: String,
    /// What the token is for: `https://graph.microsoft.com`.
    pub graph_url: String,
}

impl AzureCredential {
    /// The credential of `settings`; nothing is asked for yet.
    #[must_use]
    pub const fn new(settings: CredentialSettings) -> Self {
        Self { settings }
    }
}

impl Credential for AzureCredential {
    async fn token(&self) -> Result<Secret, Error> {
        let now = SpinClock.now().timestamp();
        if let Some(token) = kept(&self.settings, now) {
            return Ok(token);
        }
        let token = match select(Box::pin(ask(&self.settings)), Box::pin(SpinClock.sleep(LONGEST_WAIT))).await {
            Either::Left((token, _)) => token.map_err(|error| failed(&self.settings, &error.to_string()))?,
            Either::Right(_) => return Err(failed(&self.settings, "there is no answer in time")),
        };
        let secret = Secret::new(token.token.secret().to_owned());
        let ends = token.expires_on.unix_timestamp();
        let kept = Kept { settings: self.settings.clone(), token: secret.clone(), ends };
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(secret)
    }
}

/// The token that this instance has.
///
/// It is kept here and not by `azure_identity`, whose cache lets one request of an instance wait for another one's lock:
/// a component's tasks cannot wake each other. Two that find no token at the same time ask for one each.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

struct Kept {
    settings: CredentialSettings,
    token: Secret,
    /// In seconds since 1970.
    ends: i64,
}

/// A token is not used in its last seconds, as it has to be good where it arrives.
const MARGIN: i64 = 300;

/// How long asking for a token may take in all, retries included.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

fn kept(settings: &CredentialSettings, now: i64) -> Option<Secret> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.as_ref().filter(|kept| kept.ends - now > MARGIN && kept.settings == *settings).map(|kept| kept.token.clone())
}

async fn ask(settings: &CredentialSettings) -> azure_core::Result<AccessToken> {
    spin::prepare();
    let client = spin::Client::new(&settings.login_url, &settings.identity_url);
    let retry = ExponentialRetryOptions {
        max_retries: 3,
        max_total_elapsed: AzureDuration::seconds(15),
        ..ExponentialRetryOptions::default()
    };
    let client_options = ClientOptions {
        retry: RetryOptions::exponential(retry),
        transport: Some(Transport::new(Arc::new(client))),
        ..ClientOptions::default()
    };
    let credential: Arc<dyn TokenCredential> = if settings.client_secret.is_empty() {
        let user_assigned_id =
            (!settings.client_id.is_empty()).then(|| UserAssignedId::ClientId(settings.client_id.clone()));
        let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options };
        ManagedIdentityCredential::new(Some(options))?
    } else {
        let secret = AzureSecret::new(settings.client_secret.expose().to_owned());
        let options = ClientSecretCredentialOptions { client_options };
        ClientSecretCredential::new(&settings.tenant_id, settings.client_id.clone(), secret, Some(options))?
    };
    credential.get_token(&[&rewrite::scope(&settings.graph_url)], None).await
}

fn failed(settings: &CredentialSettings, reason: &str) -> Error {
    let message = if settings.client_secret.is_empty() {
        format!("no token from the managed identity at {}: {reason}", settings.identity_url)
    } else {
        format!("no token for the application {} from {}: {reason}", settings.client_id, settings.login_url)
    };
    Error::local(Kind::Credential, message)
}
