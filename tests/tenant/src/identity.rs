//! Managed identity: the endpoints of App Service and Functions, and of a virtual machine (IMDS).
//!
//! Source: <https://learn.microsoft.com/azure/app-service/overview-managed-identity>,
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>. How App Service
//! words its errors is not documented; these are the words that Microsoft's client libraries are tested with.

use std::collections::BTreeMap;

use serde_json::json;

use crate::answer::Answer;
use crate::graph::{error, query};
use crate::login::revocation::Credential;
use crate::login::{audience, tokens};
use crate::tenant::{Request, Tenant};
use crate::{CLIENT_ID, IDENTITY_HEADER, clock};

/// One of the endpoints.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    AppService,
    Machine,
}

/// Why there is no token.
enum Refusal {
    /// The header that keeps requests out which somebody smuggled in.
    Header,
    Version,
    Identity,
    NoResource,
    UnknownResource(String),
}

/// Answers `GET /msi/token` and `GET /metadata/identity/oauth2/token`.
pub(crate) fn answer(request: &Request, tenant: &Tenant) -> Answer {
    let endpoint = match request.path.trim_end_matches('/').to_ascii_lowercase().as_str() {
        "/msi/token" => Endpoint::AppService,
        "/metadata/identity/oauth2/token" => Endpoint::Machine,
        _ => return Answer::empty(404),
    };
    if request.method != "GET" {
        return Answer::empty(405);
    }
    endpoint.token(request, tenant).unwrap_or_else(|refusal| endpoint.refuse(&refusal))
}

/// The versions of the instance metadata service that give tokens, of those that clients ask for.
const MACHINE_VERSIONS: [&str; 6] =
    ["2018-02-01", "2018-10-01", "2019-08-01", "2020-06-01", "2021-02-01", "2021-12-13"];

impl Endpoint {
    fn token(self, request: &Request, tenant: &Tenant) -> Result<Answer, Refusal> {
        if !self.lets_in(request) {
            return Err(Refusal::Header);
        }
        let query: BTreeMap<String, String> = query::form(&request.query).into_iter().collect();
        let given = |name: &str| query.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let versions: &[&str] = match self {
            Self::AppService => &["2019-08-01"],
            Self::Machine => &MACHINE_VERSIONS,
        };
        if !given("api-version").is_some_and(|version| versions.contains(&version)) {
            return Err(Refusal::Version);
        }
        // Without an id it is the identity of the machine itself, which here is the same one.
        let is_other = given("client_id").is_some_and(|id| !id.eq_ignore_ascii_case(CLIENT_ID));
        if is_other || tenant.revoked().has(Credential::Identity) {
            return Err(Refusal::Identity);
        }
        let resource = given("resource").ok_or(Refusal::NoResource)?;
        let audience = audience(resource, tenant).ok_or_else(|| Refusal::UnknownResource(resource.to_owned()))?;
        Ok(self.grant(resource, audience, tenant))
    }

    fn lets_in(self, request: &Request) -> bool {
        match self {
            Self::AppService => request.header("x-identity-header") == Some(IDENTITY_HEADER),
            Self::Machine => {
                let wanted = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
                wanted && request.header("x-forwarded-for").is_none()
            }
        }
    }

    fn grant(self, resource: &str, audience: &str, tenant: &Tenant) -> Answer {
        let (access_token, expires) = tokens::issue(tenant, audience);
        let mut body = json!({"access_token": access_token, "client_id": CLIENT_ID, "expires_on": expires.to_string(),
            "resource": resource, "token_type": "Bearer"});
        if let (Some(object), Self::Machine) = (body.as_object_mut(), self) {
            object.insert("expires_in".to_owned(), json!(tenant.options().token_lifetime.to_string()));
            object.insert("ext_expires_in".to_owned(), json!(tenant.options().token_lifetime.to_string()));
            object.insert("not_before".to_owned(), json!(clock::now().to_string()));
        }
        Answer::json(200, &body)
    }

    fn refuse(self, refusal: &Refusal) -> Answer {
        match self {
            Self::AppService => {
                let (status, text) = match refusal {
                    Refusal::Header => (401, "The header X-IDENTITY-HEADER is missing or wrong."),
                    Refusal::Version => (400, "The api-version is missing or not supported."),
                    Refusal::Identity => (
                        400,
                        "No User Assigned or Delegated Managed Identity found for specified \
                         ClientId/ResourceId/PrincipalId.",
                    ),
                    Refusal::NoResource => (400, "The resource is missing."),
                    Refusal::UnknownResource(_) => (500, "An unexpected error occured while fetching the AAD Token."),
                };
                Answer::json(status, &json!({"statusCode": status, "message": text, "correlationId": error::new_id()}))
            }
            Self::Machine => {
                let (error, text) = match refusal {
                    Refusal::Header => ("invalid_request", "Required metadata header not specified".to_owned()),
                    Refusal::Version => (
                        "invalid_request",
                        "Required query variable 'api-version' is missing or not supported".to_owned(),
                    ),
                    Refusal::Identity => ("invalid_request", "Identity not found".to_owned()),
                    Refusal::NoResource => {
                        ("invalid_request", "Required query variable 'resource' is missing".to_owned())
                    }
                    Refusal::UnknownResource(resource) => (
                        "invalid_resource",
                        format!(
                            "AADSTS500011: The resource principal named {resource} was not found in the tenant named \
                             Contoso."
                        ),
                    ),
                };
                Answer::json(400, &json!({"error": error, "error_description": text}))
            }
        }
    }
}
