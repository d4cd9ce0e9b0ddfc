//! Entra's login: tokens for the application, the keys they are signed with, and where to find both.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::graph::query::form;
use crate::tenant::{Request, Tenant};
use crate::{CLIENT_ID, CLIENT_SECRET, DOMAIN, EXPIRED_CLIENT_SECRET, SECOND_TENANT_ID, TENANT_ID, clock};

mod assertion;
pub(crate) mod callers;
mod certificates;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod revocation;
pub(crate) mod tokens;

use revocation::Credential;

/// A refusal in Entra's words: the status, OAuth's error, the number after `AADSTS`, and the text.
pub(crate) struct Refusal {
    status: u16,
    error: &'static str,
    number: u32,
    text: String,
}

/// The logins of the clouds: what assertions are for when they are not for this tenant's own address.
const LOGINS: [&str; 4] = [
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://login.chinacloudapi.cn",
];

/// Graph, in each of the clouds, and by the id of its application.
const GRAPHS: [&str; 5] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

/// What else a token can be asked for: Azure Resource Manager in each of the clouds, and some services.
const OTHERS: [&str; 8] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.usgovcloudapi.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.chinacloudapi.cn",
    "https://management.core.chinacloudapi.cn",
    "https://vault.azure.net",
    "https://database.windows.net",
];

/// Answers `/{tenant}/...`.
pub(crate) fn answer(request: &Request, tenant: &Tenant) -> Answer {
    let segments: Vec<&str> = request.path.trim_start_matches('/').splitn(2, '/').collect();
    let (realm, rest) = match segments.as_slice() {
        [realm, rest] => (*realm, rest.trim_start_matches("v2.0/")),
        _ => return Answer::empty(404),
    };
    match (request.method.as_str(), rest) {
        ("POST", "oauth2/v2.0/token") => match token(realm, request, tenant) {
            Ok(body) => Answer::json(200, &body).with("cache-control", "no-store, no-cache").with("pragma", "no-cache"),
            Err(refusal) => refusal.answer(),
        },
        ("GET", "discovery/v2.0/keys" | "discovery/keys") => Answer::json(200, &tenant.tokens().keys().tell()),
        ("GET", ".well-known/openid-configuration") => Answer::json(200, &configuration(tenant)),
        (_, "oauth2/v2.0/token" | "discovery/v2.0/keys" | ".well-known/openid-configuration") => Answer::empty(405),
        _ => Answer::empty(404),
    }
}

/// The audience of a token for a resource, or `None` when the tenant knows no such resource.
pub(crate) fn audience<'a>(resource: &str, tenant: &'a Tenant) -> Option<&'a str> {
    let resource = resource.trim_end_matches('/');
    GRAPHS.into_iter().chain(OTHERS).chain([tenant.origin()]).find(|known| *known == resource)
}

/// Whether a token with this audience is one for Graph.
pub(crate) fn is_graph(audience: &str, tenant: &Tenant) -> bool {
    GRAPHS.contains(&audience) || audience == tenant.origin()
}

fn token(realm: &str, request: &Request, tenant: &Tenant) -> Result<Value, Refusal> {
    if ![TENANT_ID, SECOND_TENANT_ID, DOMAIN].contains(&realm) {
        let text = format!("Tenant '{realm}' not found. Check to make sure you have the correct tenant ID.");
        return Err(Refusal::new(400, "invalid_request", 90002, text));
    }
    let form: BTreeMap<String, String> = form(&String::from_utf8_lossy(&request.body)).into_iter().collect();
    let wanted = |name: &str| {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        form.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refusal::new(400, "invalid_request", 900_144, text))
    };
    let grant_type = wanted("grant_type")?;
    if grant_type != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant_type}'.");
        return Err(Refusal::new(400, "unsupported_grant_type", 70003, text));
    }
    let client_id = wanted("client_id")?;
    if !client_id.eq_ignore_ascii_case(CLIENT_ID) {
        let text = format!("Application with identifier '{client_id}' was not found in the directory 'Contoso'.");
        return Err(Refusal::new(400, "unauthorized_client", 700_016, text));
    }
    let audience = scope_audience(wanted("scope")?, tenant)?;
    prove(&form, tenant)?;
    let (access_token, _) = tokens::issue(tenant, audience);
    let lifetime = tenant.options().token_lifetime;
    Ok(
        json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": access_token}),
    )
}

fn scope_audience<'a>(scope: &str, tenant: &'a Tenant) -> Result<&'a str, Refusal> {
    let Some(resource) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::new(400, "invalid_scope", 70011, text));
    };
    audience(resource, tenant).ok_or_else(|| {
        let text = format!("The resource principal named {resource} was not found in the tenant named Contoso.");
        Refusal::new(400, "invalid_resource", 500_011, text)
    })
}

/// Lets a client in that shows its secret, or an assertion.
fn prove(form: &BTreeMap<String, String>, tenant: &Tenant) -> Result<(), Refusal> {
    if let Some(assertion) = form.get("client_assertion") {
        let kind = form.get("client_assertion_type").map_or("", String::as_str);
        return assertion::prove(assertion, kind, tenant);
    }
    match form.get("client_secret") {
        Some(secret) if secret == CLIENT_SECRET && !tenant.revoked().has(Credential::Secret) => Ok(()),
        Some(secret) if secret == EXPIRED_CLIENT_SECRET => {
            let text = format!(
                "The provided client secret keys for app '{CLIENT_ID}' are expired. Visit the Azure portal to create \
                 new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for \
                 added security: https://aka.ms/certCreds."
            );
            Err(Refusal::new(401, "invalid_client", 7_000_222, text))
        }
        Some(_) => {
            let text = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{CLIENT_ID}'."
            );
            Err(Refusal::new(401, "invalid_client", 7_000_215, text))
        }
        None => {
            let text = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' \
                        grant type.";
            Err(Refusal::new(401, "invalid_client", 7_000_216, text))
        }
    }
}

fn configuration(tenant: &Tenant) -> Value {
    let base = format!("{}/{TENANT_ID}", tenant.origin());
    json!({
        "issuer": format!("{base}/v2.0"), "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"], "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com", "msgraph_host": "graph.microsoft.com",
    })
}

impl Refusal {
    pub(crate) fn new(status: u16, error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { status, error, number, text: text.into() }
    }

    /// The answer in the shape of Entra's token endpoint.
    fn answer(self) -> Answer {
        let id = crate::graph::error::new_id();
        let time = clock::now_text().replace('T', " ");
        let description =
            format!("AADSTS{}: {} Trace ID: {id} Correlation ID: {id} Timestamp: {time}", self.number, self.text);
        let body = json!({"error": self.error, "error_description": description, "error_codes": [self.number],
            "timestamp": time, "trace_id": id, "correlation_id": id,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number)});
        Answer::json(self.status, &body)
    }
}
