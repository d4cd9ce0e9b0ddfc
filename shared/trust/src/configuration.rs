//! What a deployment says of its tenants: where they are, who may call for each, and within which bounds.

mod fields;
mod read;
mod rules;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use runtime::Secret;

use crate::{
    certificate::CertificateRule,
    clouds, hex,
    mistakes::Mistakes,
    protected::Protected,
    rights::{Rights, Role},
    secret::SecretRule,
    token::TokenRule,
};

/// The name of the tenant that a deployment without a document has.
pub const ONLY_TENANT: &str = "default";

/// Every tenant of a deployment, and who may hand on a caller's identity.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The tenant of a path that names none.
    pub default: Option<Arc<Tenant>>,
    /// All tenants by name, the default one among them.
    pub tenants: BTreeMap<String, Arc<Tenant>>,
    /// What stands between the callers and the service.
    pub front_end: FrontEnd,
}

/// One tenant of Microsoft Entra ID, and what may be done to it from here.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// What paths call it.
    pub name: String,
    /// Its id, or one of its domains where no caller shows tokens of Entra ID.
    pub tenant_id: String,
    /// Microsoft's cloud: `global`, `usgov-l4`, `usgov-l5` or `china`.
    pub cloud: String,
    /// Where Microsoft is, where it is not where the cloud says.
    pub addresses: Addresses,
    /// How the connector proves itself to Microsoft.
    pub credential: CredentialChoice,
    /// The Graph property that holds a user's `externalId`; empty for the usual directory extension.
    pub external_id: String,
    /// The same for groups.
    pub group_external_id: String,
    /// Who may call.
    pub callers: Vec<CallerRule>,
    /// What may not be changed, whoever asks.
    pub protected: Protected,
    /// How much may be asked.
    pub limits: Limits,
    /// What is written down.
    pub audit: AuditChoice,
}

/// Addresses that replace those of the cloud; empty ones replace nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Addresses {
    /// Where Entra ID gives tokens and tells its keys.
    pub login: String,
    /// Microsoft Graph.
    pub graph: String,
    /// Azure Resource Manager.
    pub arm: String,
    /// Where the machine gives tokens of its managed identity.
    pub identity: String,
}

/// How the connector proves itself: what is empty is not used.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CredentialChoice {
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Secret,
    /// The application's certificate and private key: PEM, or a PFX file in base64.
    pub client_certificate: Secret,
    /// The password of a PFX.
    pub client_certificate_password: Secret,
    /// The file with a token of the platform.
    pub federated_token_file: String,
}

/// A caller: a name, the ways to prove to be it, and what it may do.
#[derive(Clone, Debug)]
pub struct CallerRule {
    /// Its name in logs and in the audit.
    pub name: String,
    /// Certificates that are its own.
    pub certificates: Vec<CertificateRule>,
    /// Which tokens of Entra ID are its own.
    pub tokens: Option<TokenRule>,
    /// Secrets that are its own.
    pub secrets: Vec<SecretRule>,
    /// What it may do.
    pub rights: RightsRule,
    /// Whether it is the host's own timer.
    pub(crate) is_timer: bool,
}

/// Where a caller's rights come from.
#[derive(Clone, Debug)]
pub enum RightsRule {
    /// From the configuration.
    Fixed(Arc<Rights>),
    /// From the app roles in the token, within what the configuration allows.
    Roles(Arc<Rights>),
}

/// What stands between the callers and the service, and so may say who they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FrontEnd {
    /// Its kind, which tells the header that it writes.
    pub kind: FrontEndKind,
    /// Where its requests come from.
    pub networks: Vec<IpNet>,
    /// Whether it is App Service with authentication switched on, whose word on tokens is taken.
    pub easy_auth: bool,
}

/// The kinds of front ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FrontEndKind {
    /// None: our own host ends TLS; `host`.
    #[default]
    Host,
    /// Azure App Service, which writes `X-ARR-ClientCert`; `app-service`.
    AppService,
    /// Envoy and what is made of it, which write `X-Forwarded-Client-Cert`; `envoy`.
    Envoy,
}

impl FrontEnd {
    /// Whether a request from this address comes from the front end.
    #[must_use]
    pub fn is_from(&self, address: Option<IpAddr>) -> bool {
        let address = address.map(|address| address.to_canonical());
        address.is_some_and(|address| self.networks.iter().any(|network| network.contains(&address)))
    }
}

/// How much a tenant and a caller may ask; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// Requests a second to the tenant, in the long run.
    pub requests_per_second: u32,
    /// Requests to the tenant at once, after a time of rest.
    pub burst: u32,
    /// Requests a second of one caller, in the long run.
    pub caller_requests_per_second: u32,
    /// Requests of one caller at once, after a time of rest.
    pub caller_burst: u32,
    /// Requests to the tenant under way at the same time.
    pub concurrent: u32,
}

impl Limits {
    /// What holds where a document says nothing: four times what the provisioning service may send
    /// (<https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups>).
    pub const USUAL: Self = Self {
        requests_per_second: 100,
        burst: 400,
        caller_requests_per_second: 50,
        caller_burst: 200,
        concurrent: 64,
    };
}

/// What is written down of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AuditChoice {
    /// Whether the old values are written beside the new ones, at the cost of a read in the same call.
    pub old_values: bool,
}

impl Default for AuditChoice {
    fn default() -> Self {
        Self { old_values: true }
    }
}

/// A deployment without a document: what its plain variables say.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    /// The tenant's id or one of its domains.
    pub tenant_id: String,
    /// Microsoft's cloud.
    pub cloud: String,
    /// Addresses that replace those of the cloud.
    pub addresses: Addresses,
    /// How the connector proves itself.
    pub credential: CredentialChoice,
    /// The Graph property that holds a user's `externalId`.
    pub external_id: String,
    /// The same for groups.
    pub group_external_id: String,
    /// The hash of the token of the caller `caller`, who may do everything: `salt:hex` or `hex`; empty for none.
    pub caller_token_sha256: String,
}

impl Configuration {
    /// Reads a document; `file` gives the text of a file that the document names.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], all of them.
    ///
    /// ```
    /// let hash = "0a3666a0710c08aa6d0de92ce72beeb5b93124cce1bf3701c9d6cdeb543cb73e";
    /// let document = format!(r#"{{ "default": "contoso", "tenants": {{ "contoso": {{
    ///     "tenant_id": "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34",
    ///     "callers": {{ "hr": {{ "secrets": [{{ "name": "2026", "sha256": "{hash}" }}], "rights": ["Scim.Write"] }} }}
    /// }} }} }}"#);
    /// let configuration = trust::Configuration::parse(&document, &|path| Err(format!("no file {path}")))?;
    /// assert_eq!(configuration.tenant(None).map(|tenant| tenant.name.as_str()), Some("contoso"));
    /// assert!(configuration.tenant(Some("fabrikam")).is_none());
    /// # Ok::<(), trust::Mistakes>(())
    /// ```
    pub fn parse(document: &str, file: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, Mistakes> {
        read::read(document, file)
    }

    /// The one tenant, named [`ONLY_TENANT`], of a deployment without a document; it has no limits.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], whose pointers are the names of the variables.
    pub fn plain(plain: Plain) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        if clouds::find(&plain.cloud).is_none() {
            mistakes.add("cloud", fields::unknown_cloud());
        }
        let mut callers = Vec::new();
        if !plain.caller_token_sha256.trim().is_empty() {
            match SecretRule::new("caller", plain.caller_token_sha256.trim()) {
                Ok(secret) => callers.push(CallerRule::of_secret("caller", secret, Rights::of(&[Role::Admin]), false)),
                Err(problem) => mistakes.add("caller_token_sha256", problem),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let tenant = Arc::new(Tenant {
            name: ONLY_TENANT.to_owned(),
            tenant_id: plain.tenant_id,
            cloud: clouds::find(&plain.cloud).map_or("global", |cloud| cloud.name).to_owned(),
            addresses: plain.addresses,
            credential: plain.credential,
            external_id: plain.external_id,
            group_external_id: plain.group_external_id,
            callers,
            protected: Protected::default(),
            limits: Limits::default(),
            audit: AuditChoice::default(),
        });
        let tenants = BTreeMap::from([(tenant.name.clone(), Arc::clone(&tenant))]);
        Ok(Self { default: Some(tenant), tenants, front_end: FrontEnd::default() })
    }

    /// Lets the host's own timer run jobs in every tenant, by the hash of its token; an empty one lets no timer in.
    ///
    /// # Errors
    ///
    /// A sentence, when the hash is none.
    pub fn with_timer(mut self, token_sha256: &str) -> Result<Self, String> {
        let hash = token_sha256.trim();
        if hash.is_empty() {
            return Ok(self);
        }
        let secret = SecretRule::new("timer", hash)?;
        let rule = CallerRule::of_secret("timer", secret, Rights::of(&[Role::InventoryRun]), true);
        for tenant in self.tenants.values_mut() {
            let mut with = Tenant::clone(tenant);
            with.callers.push(rule.clone());
            *tenant = Arc::new(with);
        }
        self.default = self.default.and_then(|tenant| self.tenants.get(&tenant.name).cloned());
        Ok(self)
    }

    /// The tenant that a path names, or the default one when it names none.
    #[must_use]
    pub fn tenant(&self, name: Option<&str>) -> Option<&Arc<Tenant>> {
        name.map_or(self.default.as_ref(), |name| self.tenants.get(name))
    }

    /// The most secrets that a tenant has: as many hashes are computed for each request, whatever tenant it names.
    pub(crate) fn most_secrets(&self) -> usize {
        self.tenants.values().map(|tenant| tenant.secrets()).max().unwrap_or_default()
    }
}

impl Tenant {
    /// Where Entra ID gives tokens and tells its keys, without a slash at the end.
    #[must_use]
    pub fn login(&self) -> &str {
        let own = self.addresses.login.trim().trim_end_matches('/');
        // The variable's default is the login of the usual cloud: it says nothing of another cloud.
        if own.is_empty() || own == clouds::CLOUDS[0].login { self.cloud().login } else { own }
    }

    pub(crate) fn cloud(&self) -> &'static clouds::Cloud {
        clouds::find(&self.cloud).unwrap_or(&clouds::CLOUDS[0])
    }

    pub(crate) fn secrets(&self) -> usize {
        self.callers.iter().map(|caller| caller.secrets.len()).sum()
    }

    /// What identifies the tenant wherever something is kept that must never be another's: its login and its id.
    #[must_use]
    pub fn key(&self) -> String {
        hex::encode(&crate::hash(&[self.login().as_bytes(), &[0], self.tenant_id.to_ascii_lowercase().as_bytes()]))
    }
}

impl CallerRule {
    pub(crate) fn of_secret(name: &str, secret: SecretRule, rights: Rights, is_timer: bool) -> Self {
        let (certificates, tokens) = (Vec::new(), None);
        let rights = RightsRule::Fixed(Arc::new(rights));
        Self { name: name.to_owned(), certificates, tokens, secrets: vec![secret], rights, is_timer }
    }
}
