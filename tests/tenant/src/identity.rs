//! Managed identity: the endpoints of App Service and of a virtual machine (IMDS).

use std::collections::BTreeMap;

use serde_json::json;

use crate::answer::Answer;
use crate::graph::query::form;
use crate::login::{audience, tokens};
use crate::tenant::{Request, Tenant};
use crate::{CLIENT_ID, IDENTITY_HEADER, clock};

/// Answers `GET /msi/token` and `GET /metadata/identity/oauth2/token`.
pub(crate) fn answer(request: &Request, tenant: &Tenant) -> Answer {
    let path = request.path.trim_end_matches('/').to_ascii_lowercase();
    let (version, ready) = match path.as_str() {
        "/msi/token" => ("2019-08-01", request.header("x-identity-header") == Some(IDENTITY_HEADER)),
        "/metadata/identity/oauth2/token" => {
            ("2018-02-01", request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")))
        }
        _ => return Answer::empty(404),
    };
    if request.method != "GET" {
        return Answer::empty(405);
    }
    if !ready {
        return if version == "2019-08-01" {
            refuse(401, "unauthorized_client", "the header X-IDENTITY-HEADER is missing or wrong")
        } else {
            refuse(400, "invalid_request", "Required metadata header not specified")
        };
    }
    let query: BTreeMap<String, String> = form(&request.query).into_iter().collect();
    if query.get("api-version").map(String::as_str) != Some(version) {
        return refuse(400, "invalid_request", "Required query variable 'api-version' is missing or not supported");
    }
    if query.get("client_id").is_some_and(|id| !id.is_empty() && !id.eq_ignore_ascii_case(CLIENT_ID)) {
        return refuse(400, "invalid_request", "Identity not found");
    }
    let Some(resource) = query.get("resource").filter(|resource| !resource.is_empty()) else {
        return refuse(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    let Some(audience) = audience(resource, tenant) else {
        return refuse(400, "invalid_resource", "AADSTS500011: The resource principal was not found in the tenant");
    };
    let (access_token, expires) = tokens::issue(tenant, audience);
    let mut body = json!({"access_token": access_token, "client_id": CLIENT_ID, "expires_on": expires.to_string(),
        "resource": resource, "token_type": "Bearer"});
    if let (Some(object), "2018-02-01") = (body.as_object_mut(), version) {
        object.insert("expires_in".to_owned(), json!(tenant.options().token_lifetime.to_string()));
        object.insert("ext_expires_in".to_owned(), json!(tenant.options().token_lifetime.to_string()));
        object.insert("not_before".to_owned(), json!(clock::now().to_string()));
    }
    Answer::json(200, &body)
}

fn refuse(status: u16, error: &str, text: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": text}))
}
