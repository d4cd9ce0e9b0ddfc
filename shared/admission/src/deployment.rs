//! What the deployment says of its tenants, read once in a while.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use graph::{Cloud, CredentialSettings, Endpoints};
use runtime::{
    Clock, Secret,
    spin::{SpinClock, optional_variable},
};
use trust::{Addresses, Configuration, CredentialChoice, Plain, Tenant};

/// How long an instance uses what it has read, in seconds: so long may a secret that was taken away still be good.
const KEPT: i64 = 10;

/// The longest file that is read, in bytes.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// What the deployment says.
#[derive(Debug)]
pub struct Deployment {
    /// The tenants, and who may call for them.
    pub configuration: Configuration,
    /// How each tenant's application proves itself, by the tenant's name.
    credentials: BTreeMap<String, Arc<CredentialSettings>>,
}

impl Deployment {
    /// What was read a moment ago, or is read now.
    ///
    /// Where it has mistakes since, what was read before is used on, so that a slip of the pen in a file does not turn
    /// everybody away.
    ///
    /// # Errors
    ///
    /// Every mistake, when nothing was read before.
    pub async fn read() -> Result<Arc<Self>, String> {
        static LAST: Mutex<Option<(i64, Arc<Deployment>)>> = Mutex::new(None);
        let now = SpinClock.now().timestamp();
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, last)) = &last
            && (0..KEPT).contains(&(now - at))
        {
            return Ok(Arc::clone(last));
        }
        let read = match (Self::read_now().await, last) {
            (Ok(read), _) => Arc::new(read),
            (Err(mistakes), Some((_, last))) => {
                runtime::log(&format!("configuration=kept reason=\"{mistakes}\""));
                last
            }
            (Err(mistakes), None) => return Err(mistakes),
        };
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&read)));
        Ok(read)
    }

    async fn read_now() -> Result<Self, String> {
        let document = match optional_variable("tenants").await? {
            document if !document.trim().is_empty() => Some(document),
            _ => match optional_variable("tenants_file").await? {
                path if path.trim().is_empty() => None,
                path => Some(file(path.trim())?),
            },
        };
        let configuration = match document {
            Some(document) => Configuration::parse(&document, &file),
            None => Configuration::plain(plain().await?),
        };
        let configuration = configuration.map_err(|mistakes| mistakes.to_string())?;
        Self::of(configuration.with_timer(&optional_variable("timer_token_sha256").await?)?)
    }

    /// What follows from a configuration.
    ///
    /// # Errors
    ///
    /// A sentence when a tenant is in an unknown cloud.
    pub fn of(configuration: Configuration) -> Result<Self, String> {
        let settings = |tenant: &Arc<Tenant>| Ok((tenant.name.clone(), Arc::new(credential(tenant)?)));
        let credentials = configuration.tenants.values().map(settings).collect::<Result<_, String>>()?;
        Ok(Self { configuration, credentials })
    }

    /// How a tenant's application proves itself, and where its Graph is.
    #[must_use]
    pub fn credential(&self, tenant: &Tenant) -> Option<Arc<CredentialSettings>> {
        self.credentials.get(&tenant.name).cloned()
    }
}

/// The text of a file in a directory that the component may read.
fn file(path: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("the file {path} cannot be read: {error}");
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > LONGEST_FILE {
        return Err(format!("the file {path} has {length} bytes, more than {LONGEST_FILE}"));
    }
    std::fs::read_to_string(path).map_err(failed)
}

async fn plain() -> Result<Plain, String> {
    let mut values = BTreeMap::new();
    for name in [
        "tenant_id",
        "cloud",
        "login_url",
        "graph_url",
        "arm_url",
        "identity_url",
        "client_id",
        "client_secret",
        "client_certificate",
        "client_certificate_password",
        "federated_token_file",
        "external_id_property",
        "group_external_id_property",
        "caller_token_sha256",
    ] {
        values.insert(name, optional_variable(name).await?);
    }
    let mut text = |name: &str| values.remove(name).unwrap_or_default();
    Ok(Plain {
        tenant_id: text("tenant_id"),
        cloud: text("cloud"),
        addresses: Addresses {
            login: text("login_url"),
            graph: text("graph_url"),
            arm: text("arm_url"),
            identity: text("identity_url"),
        },
        credential: CredentialChoice {
            client_id: text("client_id"),
            client_secret: Secret::new(text("client_secret")),
            client_certificate: Secret::new(text("client_certificate")),
            client_certificate_password: Secret::new(text("client_certificate_password")),
            federated_token_file: text("federated_token_file"),
        },
        external_id: text("external_id_property"),
        group_external_id: text("group_external_id_property"),
        caller_token_sha256: text("caller_token_sha256"),
    })
}

/// Where the machine gives tokens, where nothing else is said.
const IDENTITY: &str = "http://169.254.169.254";

fn credential(tenant: &Tenant) -> Result<CredentialSettings, String> {
    let cloud: Cloud = tenant.cloud.parse()?;
    let addresses = &tenant.addresses;
    let CredentialChoice {
        client_id,
        client_secret,
        client_certificate,
        client_certificate_password,
        federated_token_file,
    } = tenant.credential.clone();
    let identity_url = if addresses.identity.is_empty() { IDENTITY } else { &addresses.identity };
    Ok(CredentialSettings {
        tenant_id: tenant.tenant_id.clone(),
        client_id,
        client_certificate,
        client_certificate_password,
        federated_token_file,
        client_secret,
        identity_url: identity_url.to_owned(),
        endpoints: Endpoints::new(cloud, &addresses.login, &addresses.graph, &addresses.arm),
    })
}
