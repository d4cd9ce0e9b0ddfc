//! Where tokens come from: one file for each way to get one, and one for keeping them.

mod addresses;
mod client_assertion;
mod client_certificate;
mod client_secret;
mod managed_identity;
mod spin;
mod tokens;
mod variables;
mod workload_identity;

use std::{future::Future, sync::Arc, time::Duration};

use azure_core::{
    credentials::{AccessToken, TokenCredential},
    error::ErrorKind,
    http::{ClientOptions, ExponentialRetryOptions, RetryOptions, StatusCode, Transport},
    time::Duration as AzureDuration,
};
use futures::future::{Either, select};
use runtime::{
    Clock, Secret,
    spin::{SpinClock, spawn},
};

use self::tokens::{KEPT, Next};
use crate::{
    cloud::Endpoints,
    error::{Error, Kind},
    operation::Api,
};

/// Where the tokens for Graph and Azure Resource Manager come from.
pub trait Credential {
    /// A token that is good for some minutes at least.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind [`Credential`](crate::Kind::Credential).
    fn token(&self, api: Api) -> impl Future<Output = Result<Secret, Error>>;

    /// Takes in that `token` was refused, so that the next one is another.
    fn refused(&self, api: Api, token: &Secret);
}

impl<T: Credential> Credential for &T {
    fn token(&self, api: Api) -> impl Future<Output = Result<Secret, Error>> {
        T::token(self, api)
    }

    fn refused(&self, api: Api, token: &Secret) {
        T::refused(self, api, token);
    }
}

/// Tokens of Microsoft Entra ID.
///
/// The requests of an instance share a token. It is asked for anew well before its end, by one request, while the others
/// go on with the old one; it is held in memory only.
#[derive(Debug)]
pub struct AzureCredential {
    settings: Arc<CredentialSettings>,
}

/// Who asks for tokens, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialSettings {
    /// The tenant's id or one of its domains.
    pub tenant_id: String,
    /// The application's id; of a managed identity that is assigned by the user, its client id, else empty.
    pub client_id: String,
    /// The application's certificate and private key: PEM, or a PFX file in base64. Empty for none.
    pub client_certificate: Secret,
    /// The password of a PFX.
    pub client_certificate_password: Secret,
    /// The file in which the platform keeps a token of its own that Entra ID trusts; empty for none.
    pub federated_token_file: String,
    /// The application's secret; empty for none.
    pub client_secret: Secret,
    /// Where the machine gives tokens: `http://169.254.169.254`.
    pub identity_url: String,
    /// The cloud's hosts.
    pub endpoints: Endpoints,
}

/// The ways to prove who is asking.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CredentialKind {
    /// The application's certificate.
    ClientCertificate,
    /// A token of another platform, such as Kubernetes.
    WorkloadIdentity,
    /// The application's secret.
    ClientSecret,
    /// The machine itself.
    ManagedIdentity,
}

impl CredentialSettings {
    /// Which proof is used: the strongest one that is set, and the machine's where none is.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        if !self.client_certificate.is_empty() {
            CredentialKind::ClientCertificate
        } else if !self.federated_token_file.is_empty() {
            CredentialKind::WorkloadIdentity
        } else if !self.client_secret.is_empty() {
            CredentialKind::ClientSecret
        } else {
            CredentialKind::ManagedIdentity
        }
    }
}

impl CredentialKind {
    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCertificate => "client certificate",
            Self::WorkloadIdentity => "workload identity",
            Self::ClientSecret => "client secret",
            Self::ManagedIdentity => "managed identity",
        }
    }
}

impl AzureCredential {
    /// The credential of `settings`; nothing is asked for yet.
    #[must_use]
    pub const fn new(settings: Arc<CredentialSettings>) -> Self {
        Self { settings }
    }
}

/// How long asking for a token may take in all, retries included.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often a request looks whether another one has got the token that both need. A component's tasks cannot wake each
/// other, so a lock will not do.
const LOOK: Duration = Duration::from_millis(15);

impl Credential for AzureCredential {
    async fn token(&self, api: Api) -> Result<Secret, Error> {
        loop {
            let now = SpinClock.now().timestamp_millis();
            // Not in the match itself: the lock would be held for as long as its arms take.
            let next = KEPT.lock().next(&self.settings, api, now);
            match next {
                Next::Use(token) => return Ok(token),
                Next::Wait => SpinClock.sleep(LOOK).await,
                Next::Failed(error) => return Err(error),
                Next::Ask(old) => {
                    // Beside the request, which may be given up while others wait for the token.
                    let settings = Arc::clone(&self.settings);
                    spawn(async move {
                        let asked = ask(&settings, api).await;
                        KEPT.lock().answered(&settings, api, asked, SpinClock.now().timestamp_millis());
                    });
                    if let Some(old) = old {
                        return Ok(old);
                    }
                }
            }
        }
    }

    fn refused(&self, api: Api, token: &Secret) {
        KEPT.lock().refused(&self.settings, api, token);
    }
}

/// A token and its end, in milliseconds since 1970.
pub(crate) type Asked = Result<(Secret, i64), Error>;

async fn ask(settings: &CredentialSettings, api: Api) -> Asked {
    let asked = select(Box::pin(ask_azure(settings, api)), Box::pin(SpinClock.sleep(LONGEST_WAIT))).await;
    let failed = |kind: Kind, reason: &str| Error::local(kind, failure(settings, reason));
    match asked {
        Either::Left((Ok(token), _)) => {
            let ends = token.expires_on.unix_timestamp() * 1000;
            Ok((Secret::new(token.token.secret().to_owned()), ends))
        }
        Either::Left((Err(error), _)) => Err(failed(kind(&error), &error.to_string())),
        Either::Right(_) => Err(failed(Kind::Unavailable, "there is no answer in time")),
    }
}

/// Whether asking again may help.
fn kind(error: &azure_core::Error) -> Kind {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<azure_core::Error>() {
            match error.kind() {
                ErrorKind::Io => return Kind::Unavailable,
                ErrorKind::HttpResponse { status, .. }
                    if status.is_server_error() || *status == StatusCode::TooManyRequests =>
                {
                    return Kind::Unavailable;
                }
                _ => {}
            }
        }
        cause = error.source();
    }
    Kind::Credential
}

async fn ask_azure(settings: &CredentialSettings, api: Api) -> azure_core::Result<AccessToken> {
    spin::prepare();
    let options = client_options(settings);
    let credential: Arc<dyn TokenCredential> = match settings.kind() {
        CredentialKind::ClientCertificate => client_certificate::credential(settings, options)?,
        CredentialKind::WorkloadIdentity => workload_identity::credential(settings, options)?,
        CredentialKind::ClientSecret => client_secret::credential(settings, options)?,
        CredentialKind::ManagedIdentity => managed_identity::credential(settings, options)?,
    };
    credential.get_token(&[&addresses::scope(&settings.endpoints, api)], None).await
}

fn client_options(settings: &CredentialSettings) -> ClientOptions {
    let retry = ExponentialRetryOptions {
        max_retries: 3,
        max_total_elapsed: AzureDuration::seconds(15),
        ..ExponentialRetryOptions::default()
    };
    let client = spin::Client::new(&settings.endpoints.login, &settings.identity_url);
    ClientOptions {
        retry: RetryOptions::exponential(retry),
        transport: Some(Transport::new(Arc::new(client))),
        ..ClientOptions::default()
    }
}

/// What to tell, and what to look at.
fn failure(settings: &CredentialSettings, reason: &str) -> String {
    let CredentialSettings { client_id, endpoints, identity_url, federated_token_file, .. } = settings;
    let login = &endpoints.login;
    match settings.kind() {
        CredentialKind::ClientCertificate => {
            format!("no token for the application {client_id} by its certificate from {login}: {reason}")
        }
        CredentialKind::WorkloadIdentity => {
            format!("no token for the application {client_id} by {federated_token_file} from {login}: {reason}")
        }
        CredentialKind::ClientSecret => {
            format!("no token for the application {client_id} by its secret from {login}: {reason}")
        }
        CredentialKind::ManagedIdentity => format!("no token from the managed identity at {identity_url}: {reason}"),
    }
}
