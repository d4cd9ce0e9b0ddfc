//! Client assertions: signed with the key of a registered certificate, or by a trusted issuer (federation).

use ring::rsa::KeyPair;
use serde_json::Value;

use crate::login::{Refusal, tokens};
use crate::tenant::Tenant;
use crate::{CLIENT_ID, CLIENT_KEY, DOMAIN, FEDERATED_ISSUER, FEDERATED_SUBJECT, TENANT_ID, clock};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const FEDERATED_AUDIENCE: &str = "api://AzureADTokenExchange";

/// Lets a client in that shows a good assertion.
pub(super) fn prove(assertion: &str, kind: &str, realm: &str, tenant: &Tenant) -> Result<(), Refusal> {
    if kind != KIND {
        return Err(invalid(90023, "The value of 'client_assertion_type' is not valid."));
    }
    let Some((header, claims)) = tokens::unverified(assertion) else {
        return Err(invalid(50027, "JWT token is invalid or malformed."));
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let now = clock::now();
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    let from = claims.get("nbf").and_then(Value::as_i64).unwrap_or(now);
    if expires <= now || from > now + 300 {
        return Err(invalid(700_024, "Client assertion is not within its valid time range."));
    }
    if text("iss") != CLIENT_ID {
        return federated(text("iss"), text("sub"), text("aud"));
    }
    if text("sub") != CLIENT_ID {
        return Err(invalid(700_021, "Client assertion 'sub' claim must be the application's id."));
    }
    if !is_realm(text("aud"), realm, tenant) {
        return Err(invalid(700_023, "Client assertion audience claim does not match Realm issuer."));
    }
    let signed = header.get("alg").and_then(Value::as_str) == Some("RS256")
        && KeyPair::from_pkcs8(CLIENT_KEY).is_ok_and(|key| tokens::claims(assertion, key.public()).is_some());
    if signed {
        return Ok(());
    }
    Err(invalid(
        700_027,
        "The certificate with identifier used to sign the client assertion is not registered on application.",
    ))
}

fn federated(issuer: &str, subject: &str, audience: &str) -> Result<(), Refusal> {
    if audience != FEDERATED_AUDIENCE {
        let text =
            format!("No matching federated identity record found for presented assertion audience '{audience}'.");
        return Err(Refusal::new(401, "invalid_client", 700_212, text));
    }
    if issuer != FEDERATED_ISSUER || subject != FEDERATED_SUBJECT {
        let text = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. \
             Assertion Subject: '{subject}'. Assertion Audience: '{audience}'."
        );
        return Err(Refusal::new(401, "invalid_client", 70021, text));
    }
    Ok(())
}

/// An assertion names the token endpoint, or the issuer, it is meant for: this one, or the real one it stands for.
fn is_realm(audience: &str, realm: &str, tenant: &Tenant) -> bool {
    [tenant.origin(), "https://login.microsoftonline.com"].iter().any(|origin| {
        [realm, TENANT_ID, DOMAIN].iter().any(|realm| {
            let base = format!("{origin}/{realm}");
            audience == base
                || ["/oauth2/v2.0/token", "/v2.0", "/"].iter().any(|end| audience == format!("{base}{end}"))
        })
    })
}

fn invalid(number: u32, text: &str) -> Refusal {
    Refusal::new(401, "invalid_client", number, text)
}
